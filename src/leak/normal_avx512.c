/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/normal_impl.h"

/*
 * 64 bytes at a time: one table look-up over all of ASCII (VPERMI2B) turns bytes into
 * characters or 0, and VPCOMPRESSB closes the gaps.
 *
 * Dropped words: for each of their first four letters a table of 64 (letters alias with other
 * bytes there, which costs a look and never a mistake) says for which words the letter fits;
 * the four answers, read at neighbouring positions, are joined by AND.  Whatever is left at a
 * word start is handed to normal_step().
 */
#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET                                                                           \
	__attribute__((                                                                  \
		target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2")))

enum { STEP = 64, LOOK_AHEAD = 3 };

struct tables {
	__m512i low, high;
	__m512i head[NORMAL_HEAD];
};

TARGET static struct tables
tables_of(const struct normal_cursor *c)
{
	const uint8_t *ascii = c->n->ascii[c->view];
	struct tables t = {
		.low = _mm512_loadu_si512(ascii), .high = _mm512_loadu_si512(ascii + 64)};

	for (size_t place = 0; place < NORMAL_HEAD; place++) {
		uint8_t fits[64] = {0};

		for (size_t word = 0; word < NORMAL_DROPPED; word++) {
			uint8_t lower = (uint8_t)normal_dropped[word][place];

			fits[lower & 63] |= (uint8_t)(1u << word);
			fits[(lower - 32) & 63] |= (uint8_t)(1u << word);
		}
		t.head[place] = _mm512_loadu_si512(fits);
	}
	return t;
}

/* Where one of the dropped words may begin. */
TARGET static inline uint64_t
candidates(const struct tables *t, __m512i x, const uint8_t *p)
{
	__m512i fit = _mm512_permutexvar_epi8(x, t->head[0]);

	fit = _mm512_and_si512(
		fit, _mm512_permutexvar_epi8(_mm512_loadu_si512(p + 1), t->head[1]));
	fit = _mm512_and_si512(
		fit, _mm512_permutexvar_epi8(_mm512_loadu_si512(p + 2), t->head[2]));
	fit = _mm512_and_si512(
		fit, _mm512_permutexvar_epi8(_mm512_loadu_si512(p + 3), t->head[3]));
	return _cvtmask64_u64(_mm512_test_epi8_mask(fit, fit));
}

/*
 * Where a character of U+2000 to U+203F begins: quotation marks, dashes, spaces, which all go.
 * In English text they are nearly all there is outside ASCII.
 */
TARGET static inline uint64_t
punctuation(__m512i x, const uint8_t *p)
{
	__m512i last = _mm512_loadu_si512(p + 2);

	return _cvtmask64_u64(_mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8((char)0xe2))) &
		_cvtmask64_u64(_mm512_cmpeq_epi8_mask(
			_mm512_loadu_si512(p + 1), _mm512_set1_epi8((char)0x80))) &
		_cvtmask64_u64(
			_mm512_cmplt_epi8_mask(last, _mm512_set1_epi8((char)0xc0)));
}

/* The offsets of the bytes whose bit in keep is set. */
TARGET static inline void
put_starts(struct normal_cursor *c, uint64_t keep)
{
	const __m512i step =
		_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

	for (size_t i = 0; i < STEP; i += 16) {
		uint32_t bits = (uint32_t)(keep >> i) & 0xffff;
		__m512i at = _mm512_add_epi32(
			step, _mm512_set1_epi32((int)(uint32_t)(c->at + i)));

		_mm512_storeu_si512(
			c->start, _mm512_maskz_compress_epi32(_cvtu32_mask16(bits), at));
		c->start += __builtin_popcount(bits);
	}
}

TARGET void
normal_avx512(struct normal_cursor *c)
{
	struct tables t = tables_of(c);

	while (c->at < c->to && c->len - c->at >= STEP + LOOK_AHEAD) {
		const uint8_t *p = c->text + c->at;
		size_t count = c->to - c->at < STEP ? c->to - c->at : STEP;
		uint64_t valid = _bzhi_u64(UINT64_MAX, (unsigned)count);
		__m512i x = _mm512_loadu_si512(p);
		__m512i y = _mm512_permutex2var_epi8(t.low, x, t.high);
		uint64_t wide = _cvtmask64_u64(_mm512_movepi8_mask(x));
		uint64_t gone = count > 2
			? punctuation(x, p) & _bzhi_u64(UINT64_MAX, (unsigned)count - 2)
			: 0;
		uint64_t keep = _cvtmask64_u64(_mm512_test_epi8_mask(y, y)) & ~wide;
		uint64_t before = c->at > 0 && normal_is_word_byte(p[-1]) ? 1 : 0;
		uint64_t starts = keep & ~(keep << 1 | before);
		uint64_t look = ((wide & ~(gone | gone << 1 | gone << 2)) |
					(candidates(&t, x, p) & starts)) &
			valid;

		/* Text comes from memory once; asking early hides most of the way. */
		_mm_prefetch((const char *)p + 1024, _MM_HINT_T0);
		if (look != 0) {
			count = (size_t)_tzcnt_u64(look);
			valid = _bzhi_u64(UINT64_MAX, (unsigned)count);
		}
		keep &= valid;
		_mm512_storeu_si512(
			c->out, _mm512_maskz_compress_epi8(_cvtu64_mask64(keep), y));
		c->out += __builtin_popcountll(keep);
		if (c->start != NULL)
			put_starts(c, keep);
		c->at += count;
		if (look != 0)
			normal_step(c);
	}
}
#endif
