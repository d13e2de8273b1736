/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_FILTER_H
#define LEAK_FILTER_H
/*
 * filter: a blocked Bloom filter over gram hashes: "certainly not here", in one cache line.
 *
 * Block   64 bytes, chosen by the upper bits of the hash, so that a merge fills the filter from
 *         front to back.  Within it `probes` bits, from a multiplicative mix of the hash.
 * Kinds   scout  one gram in eight (FILTER_SCOUT_MASK), 11 bits each, 4 probes: 0.7 % pass
 *         dense  all grams, 5 bits each, 3 probes: about 10 % pass, on to the segment
 *         Together 6.4 bits a gram: below 1 KiB for a document of 10 KiB.
 * Source  Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007.
 *
 * The bytes are the caller's, 64-byte aligned for speed only.
 */
#include <stdbool.h>
#include <stdint.h>

#include "leak/gram.h"

enum {
	FILTER_BLOCK = 64,
	FILTER_SCOUT_MASK = 7,
	FILTER_SCOUT_BITS = 11,
	FILTER_SCOUT_PROBES = 4,
	FILTER_DENSE_BITS = 5,
	FILTER_DENSE_PROBES = 3,
};

struct filter {
	const uint8_t *bytes;
	uint64_t blocks; /* >= 1 */
};

/* Blocks for so many grams; at least one. */
uint64_t filter_blocks(uint64_t grams, unsigned bits_per_gram);

void filter_put(uint8_t *bytes, uint64_t blocks, unsigned probes, uint64_t hash);

static inline bool
filter_is_scout(uint64_t hash)
{
	return (hash & FILTER_SCOUT_MASK) == 0;
}

/* The block of a hash of GRAM_HASH_BITS, below `blocks`. */
static inline uint64_t
filter_block_of(uint64_t hash, uint64_t blocks)
{
	__extension__ unsigned __int128 product = (unsigned __int128)hash * blocks;

	return (uint64_t)(product >> GRAM_HASH_BITS);
}

static inline uint64_t
filter_mix(uint64_t hash)
{
	return hash * UINT64_C(0x9e3779b97f4a7c15);
}

static inline void
filter_prefetch(const struct filter *f, uint64_t hash)
{
	__builtin_prefetch(f->bytes + filter_block_of(hash, f->blocks) * FILTER_BLOCK);
}

static inline bool
filter_has(const struct filter *f, unsigned probes, uint64_t hash)
{
	const uint8_t *block = f->bytes + filter_block_of(hash, f->blocks) * FILTER_BLOCK;
	uint64_t mix = filter_mix(hash);
	unsigned is_set = 1;

	for (unsigned i = 0; i < probes; i++) {
		unsigned bit = (unsigned)(mix >> (55 - 9 * i)) & 511;

		is_set &= (unsigned)block[bit >> 3] >> (bit & 7);
	}
	return is_set & 1;
}

#endif
