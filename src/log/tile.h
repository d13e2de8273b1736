/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_TILE_H
#define LOG_TILE_H
/*
 * tile: how a log is served and kept as immutable files.
 *
 *   tile/LEVEL/INDEX[.p/WIDTH]     WIDTH (1..256) hashes: those of the full subtrees of
 *                                  256^LEVEL leaves, from number 256 * INDEX on
 *   tile/entries/INDEX[.p/WIDTH]   a bundle: WIDTH entries, each u16 length and bytes
 *
 * INDEX is written in groups of three digits, all but the last behind 'x': 1234067 is
 * x001/x234/067.  A full tile never changes; a partial one stands for one size of the log.
 *
 * Source  C2SP tlog-tiles v0.1.0.
 * Errors  FAIL_FORMAT a path or a bundle that is none; FAIL_ABSENT no such tile at this size.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"

enum {
	TILE_WIDTH = 256,
	TILE_LEVEL_MAX = 7, /* 256^8 > 2^63 */
	TILE_LEN = TILE_WIDTH * HASH_LEN,
	TILE_ENTRY_MAX = 65535,
	TILE_PATH_MAX = 64,
};

struct tile {
	bool is_entries; /* a bundle; level 0 */
	uint8_t level;
	uint64_t index;
	uint16_t width; /* 1..TILE_WIDTH */
};

/* "tile/0/x001/234" and back; the one spelling only. */
void tile_path(const struct tile *tile, char ret_path[TILE_PATH_MAX]);
MUST int tile_parse(struct rd path, struct tile *ret_tile);

/* The tile of a level that holds the subtree hash `number`, as wide as the log of this size
 * has it.  FAIL_ABSENT. */
MUST int tile_at(uint64_t size, uint8_t level, uint64_t number, struct tile *ret_tile);

/* Does a log of this size have that tile, full or as wide as it was at an earlier size? */
bool tile_exists(const struct tile *tile, uint64_t size);

/* The subtree of 2^height leaves: its hash from a tile's bytes, joining upwards in it. */
struct tile_place {
	uint8_t level;	/* of the tile */
	uint64_t index; /* of the tile */
	unsigned first; /* hash in the tile */
	unsigned count; /* a power of two: so many of them are joined */
};
void tile_place_of(unsigned height, uint64_t index, struct tile_place *ret_place);

/* FAIL_ABSENT when the tile is too narrow. */
MUST int tile_hash(
	struct rd bytes, const struct tile_place *place, uint8_t ret_hash[HASH_LEN]);

/* One entry off a bundle; append one to it. */
MUST int tile_take_entry(struct rd *bundle, struct rd *ret_entry);
void tile_put_entry(struct rd entry, struct buf *bundle);

#endif
