/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/normal_impl.h"

#include <string.h>

/*
 * 32 bytes at a time.  VPSHUFB looks up 16 entries, so three tables stand for the three rows
 * of ASCII that hold what stays: digits (3x), letters up to O (4x, 6x), letters from P (5x,
 * 7x).  PEXT closes the gaps, eight bytes at a time.
 *
 * Dropped words are found as in normal_avx512.c, by the low halves of their first four letters.
 */
#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2")))

enum { STEP = 32, LOOK_AHEAD = 3 };

struct tables {
	__m256i digits, letters, letters_p;
	__m256i head[NORMAL_HEAD];
};

TARGET static __m256i
twice(const uint8_t entries[16])
{
	__m128i half;

	memcpy(&half, entries, sizeof half);
	return _mm256_broadcastsi128_si256(half);
}

TARGET static struct tables
tables_of(const struct normal_cursor *c)
{
	const uint8_t *ascii = c->n->ascii[c->view];
	struct tables t = {.digits = twice(ascii + 0x30),
		.letters = twice(ascii + 0x60),
		.letters_p = twice(ascii + 0x70)};

	for (size_t place = 0; place < NORMAL_HEAD; place++) {
		uint8_t fits[16] = {0};

		for (size_t word = 0; word < NORMAL_DROPPED; word++)
			fits[normal_dropped[word][place] & 15] |= (uint8_t)(1u << word);
		t.head[place] = twice(fits);
	}
	return t;
}

TARGET static inline __m256i
load(const uint8_t *p)
{
	__m256i x;

	memcpy(&x, p, sizeof x);
	return x;
}

TARGET static inline __m256i
low_halves(__m256i x)
{
	return _mm256_and_si256(x, _mm256_set1_epi8(15));
}

TARGET static inline uint32_t
candidates(const struct tables *t, const uint8_t *p)
{
	__m256i fit = _mm256_shuffle_epi8(t->head[0], low_halves(load(p)));

	fit = _mm256_and_si256(
		fit, _mm256_shuffle_epi8(t->head[1], low_halves(load(p + 1))));
	fit = _mm256_and_si256(
		fit, _mm256_shuffle_epi8(t->head[2], low_halves(load(p + 2))));
	fit = _mm256_and_si256(
		fit, _mm256_shuffle_epi8(t->head[3], low_halves(load(p + 3))));
	return ~(uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(fit, _mm256_setzero_si256()));
}

/* Where a character of U+2000 to U+203F begins; see normal_avx512.c. */
TARGET static inline uint32_t
punctuation(__m256i x, const uint8_t *p)
{
	__m256i first = _mm256_cmpeq_epi8(x, _mm256_set1_epi8((char)0xe2));
	__m256i second = _mm256_cmpeq_epi8(load(p + 1), _mm256_set1_epi8((char)0x80));
	__m256i third = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0xc0), load(p + 2));

	return (uint32_t)_mm256_movemask_epi8(
		_mm256_and_si256(_mm256_and_si256(first, second), third));
}

/* The normalised characters, 0 where nothing stays (bytes from 0x80 on included). */
TARGET static inline __m256i
look_up(const struct tables *t, __m256i x)
{
	__m256i low = low_halves(x);
	__m256i row = _mm256_and_si256(x, _mm256_set1_epi8((char)0xd0));
	__m256i is_digit =
		_mm256_cmpeq_epi8(_mm256_and_si256(x, _mm256_set1_epi8((char)0xf0)),
			_mm256_set1_epi8(0x30));
	__m256i is_letter = _mm256_cmpeq_epi8(row, _mm256_set1_epi8(0x40));
	__m256i is_letter_p = _mm256_cmpeq_epi8(row, _mm256_set1_epi8(0x50));
	__m256i y = _mm256_and_si256(is_digit, _mm256_shuffle_epi8(t->digits, low));

	y = _mm256_or_si256(
		y, _mm256_and_si256(is_letter, _mm256_shuffle_epi8(t->letters, low)));
	return _mm256_or_si256(
		y, _mm256_and_si256(is_letter_p, _mm256_shuffle_epi8(t->letters_p, low)));
}

/* Write the bytes of y whose bit in keep is set. */
TARGET static inline uint8_t *
compress(uint8_t *out, __m256i y, uint32_t keep)
{
	uint64_t part[4];

	memcpy(part, &y, sizeof part);
	for (size_t i = 0; i < 4; i++) {
		uint64_t bits = keep >> 8 * i & 0xff;
		/* One byte 0xff for each bit that is set. */
		uint64_t mask = _pdep_u64(bits, UINT64_C(0x0101010101010101)) * 0xff;
		uint64_t packed = _pext_u64(part[i], mask);

		memcpy(out, &packed, sizeof packed);
		out += __builtin_popcountll(bits);
	}
	return out;
}

TARGET void
normal_avx2(struct normal_cursor *c)
{
	struct tables t = tables_of(c);

	while (c->at < c->to && c->len - c->at >= STEP + LOOK_AHEAD) {
		const uint8_t *p = c->text + c->at;
		size_t count = c->to - c->at < STEP ? c->to - c->at : STEP;
		uint32_t valid = _bzhi_u32(UINT32_MAX, (unsigned)count);
		__m256i x = load(p), y = look_up(&t, x);
		uint32_t wide = (uint32_t)_mm256_movemask_epi8(x);
		uint32_t gone = count > 2
			? punctuation(x, p) & _bzhi_u32(UINT32_MAX, (unsigned)count - 2)
			: 0;
		uint32_t keep = ~(uint32_t)_mm256_movemask_epi8(
			_mm256_cmpeq_epi8(y, _mm256_setzero_si256()));
		uint32_t before = c->at > 0 && normal_is_word_byte(p[-1]) ? 1 : 0;
		uint32_t starts = keep & ~(keep << 1 | before);
		uint32_t look = ((wide & ~(gone | gone << 1 | gone << 2)) |
					(candidates(&t, p) & starts)) &
			valid;

		_mm_prefetch((const char *)p + 1024, _MM_HINT_T0);
		if (look != 0) {
			count = (size_t)_tzcnt_u32(look);
			valid = _bzhi_u32(UINT32_MAX, (unsigned)count);
		}
		c->out = compress(c->out, y, keep & valid);
		for (uint32_t bits = keep & valid; c->start != NULL && bits != 0;
			bits &= bits - 1)
			*c->start++ = (uint32_t)c->at + _tzcnt_u32(bits);
		c->at += count;
		if (look != 0)
			normal_step(c);
	}
}
#endif
