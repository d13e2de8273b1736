/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/gram_impl.h"

#include <string.h>

#include "leak/gram.h"

/*
 * As gram_avx512.c with eight lanes.  There is no compress: the places are written one by one
 * from the bit mask; two of 13 are selected, so the loop runs little more than once a vector.
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
fill_orders(const uint8_t *chars, size_t values, uint32_t *v)
{
	const __m256i c1 = _mm256_set1_epi32((int)GRAM_C1);
	const __m256i c2 = _mm256_set1_epi32((int)GRAM_C2);
	const __m256i c3 = _mm256_set1_epi32((int)GRAM_C3);

	for (size_t i = 0; i < values; i += LANES) {
		__m256i a = _mm256_mullo_epi32(groups(chars + i), c1);
		__m256i b = _mm256_mullo_epi32(groups(chars + i + 4), c2);
		__m256i h = _mm256_xor_si256(a,
			_mm256_or_si256(
				_mm256_slli_epi32(b, 15), _mm256_srli_epi32(b, 17)));

		h = _mm256_xor_si256(h, _mm256_srli_epi32(h, 15));
		put(v, i, _mm256_mullo_epi32(h, c3));
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

TARGET size_t
gram_select_avx2(const uint8_t *chars, size_t count, uint32_t *ret_at)
{
	_Alignas(32) uint32_t v[VALUES] GRAM_SCRATCH;
	_Alignas(32) uint32_t four[VALUES] GRAM_SCRATCH;
	size_t found = 0;

	if (count == 0)
		return 0;
	fill_orders(chars, count + GRAM_WINDOW - 1 + LANES, v);
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

		for (; bits != 0; bits &= bits - 1)
			ret_at[found++] = (uint32_t)i + _tzcnt_u32(bits);
	}
	return found;
}
#endif
