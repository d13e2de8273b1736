/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_GRAM_H
#define LEAK_GRAM_H
/*
 * gram: which stretches of 20 normalised characters stand for a text, and their keyed hash.
 *
 * Selection  closed syncmers (Edgar 2021, PeerJ 9:e10805), k = 20, s = 8: of the 13 stretches
 *            of 8 characters inside a gram, the one with the least order value is the first or
 *            the last.  Whether a gram is selected depends on its own characters alone, so an
 *            edit elsewhere never unselects it.  Of any 12 consecutive grams at least one is
 *            selected: any GRAM_GUARANTEE characters in common have a gram in common.  Two of
 *            13 are selected: one gram for every 6.5 characters.
 * Order      a fixed 32-bit mix of the 8 characters, the same for all keys, so that the choice
 *            of grams says nothing about a key.
 * Hash       38 bits of a keyed universal hash (multiply and fold, four secret 64-bit words).
 *            Indexes with different keys cannot be joined.  It is not a pseudorandom function:
 *            whoever has an index has its key beside it, and the dense index is the text.
 * Guard      grams that say little (digits, repetition) are not registered.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/cpu.h"

enum {
	GRAM_K = 20,
	GRAM_S = 8,
	GRAM_WINDOW = GRAM_K - GRAM_S + 1,	  /* 13 */
	GRAM_GUARANTEE = 2 * GRAM_K - GRAM_S - 1, /* 31 */
	GRAM_HASH_BITS = 38,
	GRAM_KEY_LEN = 32,
	GRAM_SLACK = 64,   /* readable bytes that must follow the characters */
	GRAM_BATCH = 4096, /* start positions looked at in one call */
};

#define GRAM_HASH_MAX ((UINT64_C(1) << GRAM_HASH_BITS) - 1)

struct gram_key {
	uint64_t word[4];
};

/* The words are the 32 bytes, little-endian. */
void gram_key_parse(const uint8_t bytes[GRAM_KEY_LEN], struct gram_key *ret_key);

/*
 * Positions of the selected grams that start in chars[0 .. count), where at least
 * count + GRAM_K - 1 characters are there, and GRAM_SLACK readable bytes after those.
 * count <= GRAM_BATCH; ret_at has room for GRAM_BATCH + 16.  Returns how many.
 */
size_t gram_select(
	enum cpu_kind cpu, const uint8_t *chars, size_t count, uint32_t *ret_at);

/* Hash of the gram at chars[0 .. GRAM_K), 0 .. GRAM_HASH_MAX. */
static inline uint64_t gram_hash(const struct gram_key *key, const uint8_t *chars);

/*
 * Does the gram say enough to be registered?  Not with fewer than 6 different characters, nor
 * with one that fills more than half, nor with more than 60 % digits.  `plain` is its plain
 * view, GRAM_K characters.
 */
bool gram_is_telling(const uint8_t *plain);

/* Load n <= 8 bytes as a little-endian number. */
static inline uint64_t
gram_load(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

/* Both halves of a 128-bit product, folded. */
static inline uint64_t
gram_fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t
gram_hash(const struct gram_key *key, const uint8_t *chars)
{
	uint64_t h = gram_fold(gram_load(chars, 8) ^ key->word[0],
		gram_load(chars + 8, 8) ^ key->word[1]);

	h = gram_fold(h ^ key->word[2], gram_load(chars + 16, 4) ^ key->word[3]);
	return h >> (64 - GRAM_HASH_BITS);
}

#endif
