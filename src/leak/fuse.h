/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_FUSE_H
#define LEAK_FUSE_H
/*
 * fuse: a set of 64-bit hashes that answers "perhaps" or "no", wrong once in 2^FUSE_BITS.
 *
 * A binary fuse filter (Graf, Lemire: Binary Fuse Filters, 2022): each member has three cells
 * in three neighbouring segments; the exclusive or of the three is its fingerprint.  A member
 * always answers yes; anything else does so with probability 2^-7, whatever the set holds and
 * however large it is.  That exactness is why it stands here and no Bloom filter: the leak
 * budget (docs/ALLIES.md) counts 7 bits for each member.
 *
 * Cells     (segments + 2) << segment_bits, FUSE_BITS bits each, little-endian, packed.
 *           About 8.2 bits for each member of a large set.
 * Fill      cells that no member needs are filled from a key that does not travel: known
 *           filling would tell cells without members, and so more than 7 bits.
 * Limits    FUSE_MEMBERS_MAX.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "crypto/shorthash.h"
#include "leak/bits.h"

enum {
	FUSE_BITS = 7,
	FUSE_SEGMENT_BITS_MAX = 18,
	FUSE_SEGMENT_BITS_MIN = 2,
	FUSE_TRIES_MAX = 100,
};

#define FUSE_MEMBERS_MAX  (UINT32_C(1) << 28)
#define FUSE_SEGMENTS_MAX (UINT32_C(1) << 27)

struct fuse {
	const uint8_t *cells; /* BITS_SLACK readable bytes follow them */
	uint64_t seed;
	uint32_t segments; /* >= 1 */
	uint8_t segment_bits;
};

/* Bytes of the packed cells; 0 when the shape is not one that is built. */
uint64_t fuse_bytes(const struct fuse *f);

/*
 * Build the filter of `count` different hashes.  The cells are appended to `out`, and what
 * describes them goes to *ret_fuse, whose cells are not set.  FAIL_LIMIT, FAIL_NOMEM;
 * FAIL_FORMAT when hashes repeat.
 */
MUST int fuse_build(const uint64_t *hash, size_t count,
	const uint8_t fill_key[SHORTHASH_KEY_LEN], struct buf *out,
	struct fuse *ret_fuse);

struct fuse_place {
	uint64_t cell[3];
	unsigned print;
};

static inline struct fuse_place
fuse_place(const struct fuse *f, uint64_t hash)
{
	uint64_t h = hash + f->seed, cells = (uint64_t)f->segments << f->segment_bits;
	uint64_t mask = (UINT64_C(1) << f->segment_bits) - 1;
	struct fuse_place p;

	/* The finaliser of MurmurHash3: each seed gives an independent choice of cells. */
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	__extension__ unsigned __int128 product = (unsigned __int128)h * cells;
	p.cell[0] = (uint64_t)(product >> 64);
	p.cell[1] = (p.cell[0] + mask + 1) ^ (h >> 18 & mask);
	p.cell[2] = (p.cell[0] + 2 * (mask + 1)) ^ (h & mask);
	p.print = (unsigned)(h * UINT64_C(0x9e3779b97f4a7c15) >> (64 - FUSE_BITS));
	return p;
}

static inline bool
fuse_has(const struct fuse *f, uint64_t hash)
{
	struct fuse_place p = fuse_place(f, hash);
	uint64_t v = p.print;

	for (size_t i = 0; i < 3; i++)
		v ^= bits_get(f->cells, p.cell[i] * FUSE_BITS, FUSE_BITS);
	return v == 0;
}

#endif
