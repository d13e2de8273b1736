/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/gram_impl.h"

#include <string.h>

#include "leak/gram.h"

/*
 * As gram_avx512.c with eight lanes.  There is no compress: PEXT picks the numbers of the lanes
 * that are selected out of one word of eight bytes.
 */
#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2")))

enum { LANES = 8, VALUES = GRAM_BATCH + 8 * LANES };

TARGET static inline __m256i
at(const uint32_t *v, size_t i)
{
	__m256i x;

	memcpy(&x, v + i, sizeof x);
	return x;
}

TARGET static inline void
put(uint32_t *v, size_t i, __m256i x)
{
	memcpy(v + i, &x, sizeof x);
}

/* The eight overlapping groups of four bytes from p on. */
TARGET static inline __m256i
groups(const uint8_t *p)
{
	const __m256i spread = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4,
		5, 6, 0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6);
	__m128i low, high;

	memcpy(&low, p, sizeof low);
	memcpy(&high, p + 4, sizeof high);
	return _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
}

TARGET static void
fill_products(const uint8_t *chars, size_t values, uint32_t *product)
{
	const __m256i c = _mm256_set1_epi32((int)GRAM_C);

	for (size_t i = 0; i < values; i += LANES)
		put(product, i, _mm256_mullo_epi32(groups(chars + i), c));
}

TARGET static void
fill_orders(const uint32_t *product, size_t values, uint32_t *v)
{
	for (size_t i = 0; i < values; i += LANES) {
		__m256i b = at(product, i + 4);

		b = _mm256_or_si256(_mm256_slli_epi32(b, 15), _mm256_srli_epi32(b, 17));
		put(v, i, _mm256_xor_si256(at(product, i), b));
	}
}

/* four[i] = least of v[i .. i + 4). */
TARGET static void
fill_runs(const uint32_t *v, size_t values, uint32_t *four)
{
	for (size_t i = 0; i < values; i += LANES)
		put(four, i,
			_mm256_min_epu32(_mm256_min_epu32(at(v, i), at(v, i + 1)),
				_mm256_min_epu32(at(v, i + 2), at(v, i + 3))));
}

/* The numbers of the lanes whose bit is set, closed up to the front. */
TARGET static inline __m256i
lanes_of(uint32_t bits)
{
	uint64_t mask = _pdep_u64(bits, UINT64_C(0x0101010101010101)) * 0xff;
	uint64_t packed = _pext_u64(UINT64_C(0x0706050403020100), mask);

	return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)packed));
}

TARGET size_t
gram_select_avx2(const uint8_t *chars, size_t count, uint32_t *ret_at)
{
	_Alignas(32) uint32_t v[VALUES] GRAM_SCRATCH;
	_Alignas(32) uint32_t four[VALUES] GRAM_SCRATCH;
	_Alignas(32) uint32_t product[VALUES] GRAM_SCRATCH;
	size_t found = 0;

	if (count == 0)
		return 0;
	fill_products(chars, count + GRAM_WINDOW + 3 + 2 * LANES, product);
	fill_orders(product, count + GRAM_WINDOW - 1 + LANES, v);
	fill_runs(v, count + GRAM_WINDOW - 1, four);
	for (size_t i = 0; i < count; i += LANES) {
		unsigned left = count - i < LANES ? (unsigned)(count - i) : LANES;
		__m256i first = at(v, i), last = at(v, i + GRAM_WINDOW - 1);
		__m256i low =
			_mm256_min_epu32(_mm256_min_epu32(at(four, i), at(four, i + 4)),
				_mm256_min_epu32(at(four, i + 8), last));
		__m256i hit = _mm256_or_si256(
			_mm256_cmpeq_epi32(low, first), _mm256_cmpeq_epi32(low, last));
		uint32_t bits = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(hit)) &
			((1u << left) - 1);

		put(ret_at, found,
			_mm256_add_epi32(
				lanes_of(bits), _mm256_set1_epi32((int)(uint32_t)i)));
		found += (size_t)__builtin_popcount(bits);
	}
	return found;
}
#endif
