/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/gram_impl.h"

#include "leak/gram.h"

/*
 * Sixteen positions at a time.  The values go through a small array that stays in the first
 * cache, so that a window of 13 is three loads for runs of four and two more: the least of
 * [i, i+13) is that of the runs at i, i+4, i+8 and the value at i+12.
 *
 * A last part shorter than a vector computes values of bytes behind the text (GRAM_SLACK) and
 * masks them away.
 */
#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET                                                                           \
	__attribute__((                                                                  \
		target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2")))

enum { LANES = 16, VALUES = GRAM_BATCH + 6 * LANES };

TARGET static inline __m512i
at(const uint32_t *v, size_t i)
{
	return _mm512_loadu_si512(v + i);
}

TARGET static void
fill_products(const uint8_t *chars, size_t values, uint32_t *product)
{
	const __m512i c = _mm512_set1_epi32((int)GRAM_C);
	uint8_t spread[64];
	__m512i groups;

	for (size_t i = 0; i < sizeof spread; i++)
		spread[i] = (uint8_t)(i / 4 + i % 4);
	groups = _mm512_loadu_si512(spread);
	for (size_t i = 0; i < values; i += LANES) {
		__m512i x = _mm512_castsi256_si512(
			_mm256_loadu_si256((const __m256i_u *)(chars + i)));

		_mm512_storeu_si512(product + i,
			_mm512_mullo_epi32(_mm512_permutexvar_epi8(groups, x), c));
	}
}

TARGET static void
fill_orders(const uint32_t *product, size_t values, uint32_t *v)
{
	for (size_t i = 0; i < values; i += LANES)
		_mm512_storeu_si512(v + i,
			_mm512_xor_si512(at(product, i),
				_mm512_rol_epi32(at(product, i + 4), 15)));
}

/* four[i] = least of v[i .. i + 4). */
TARGET static void
fill_runs(const uint32_t *v, size_t values, uint32_t *four)
{
	for (size_t i = 0; i < values; i += LANES)
		_mm512_storeu_si512(four + i,
			_mm512_min_epu32(_mm512_min_epu32(at(v, i), at(v, i + 1)),
				_mm512_min_epu32(at(v, i + 2), at(v, i + 3))));
}

TARGET size_t
gram_select_avx512(const uint8_t *chars, size_t count, uint32_t *ret_at)
{
	_Alignas(64) uint32_t v[VALUES] GRAM_SCRATCH;
	_Alignas(64) uint32_t four[VALUES] GRAM_SCRATCH;
	_Alignas(64) uint32_t product[VALUES] GRAM_SCRATCH;
	const __m512i step =
		_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	size_t found = 0;

	if (count == 0)
		return 0;
	fill_products(chars, count + GRAM_WINDOW + 3 + LANES, product);
	fill_orders(product, count + GRAM_WINDOW - 1, v);
	fill_runs(v, count + GRAM_WINDOW - 1, four);
	for (size_t i = 0; i < count; i += LANES) {
		size_t left = count - i < LANES ? count - i : LANES;
		__mmask16 valid = _cvtu32_mask16((1u << left) - 1);
		__m512i first = at(v, i), last = at(v, i + GRAM_WINDOW - 1);
		__m512i low =
			_mm512_min_epu32(_mm512_min_epu32(at(four, i), at(four, i + 4)),
				_mm512_min_epu32(at(four, i + 8), last));
		__mmask16 hit = _kand_mask16(valid,
			_kor_mask16(_mm512_cmpeq_epu32_mask(low, first),
				_mm512_cmpeq_epu32_mask(low, last)));
		__m512i places =
			_mm512_add_epi32(step, _mm512_set1_epi32((int)(uint32_t)i));

		_mm512_storeu_si512(
			ret_at + found, _mm512_maskz_compress_epi32(hit, places));
		found += (size_t)__builtin_popcount(_cvtmask16_u32(hit));
	}
	return found;
}
#endif
