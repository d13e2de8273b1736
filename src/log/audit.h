/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_AUDIT_H
#define LOG_AUDIT_H
/*
 * audit: a whole log read again, entry by entry, against its head.
 *
 *   every bundle     its entries hash to the level 0 tile beside it
 *   every tile       each hash of level n + 1 is the root of a full tile of level n
 *   the root         computed from the entries alone, is the head's
 *
 * It does not compare roots only: a file edited on the disk shows, wherever it is and whether or
 * not the others were made to fit (immudb issue 2063 is what comes of comparing roots).  Memory
 * does not grow with the log.
 *
 * Where files come from is the caller's: a directory, an HTTP server, memory in tests.
 * Errors  FAIL_MISMATCH and `where`, `what` in the result; FAIL_ABSENT a file is not there;
 *         FAIL_FORMAT; those of the reader.
 */
#include "log/checkpoint.h"
#include "log/proof.h"
#include "log/tile.h"

enum {
	AUDIT_FILE_MAX = TILE_WIDTH * (TILE_ENTRY_MAX + 2),
	AUDIT_LEVELS = TILE_LEVEL_MAX + 1
};

/* Fill an empty buffer with a file of the log, "tile/0/000"; a partial one may be answered by
 * the full one.  FAIL_ABSENT. */
struct audit_source {
	int (*read)(void *ctx, const char *path, struct buf *ret_bytes);
	void *ctx;
	/* May be NULL.  Each entry, in order: who wants to see them. */
	int (*entry)(void *ctx, uint64_t index, struct rd entry);
	void (*progress)(void *ctx, uint64_t done);
};

struct audit_result {
	char where[TILE_PATH_MAX]; /* the file that does not fit; empty: the head */
	const char *what;	   /* a constant: "an entry differs from its tile" */
	uint64_t entries;
	uint64_t tiles;
	/* The tree of the first old_size entries, for an older head. */
	uint8_t old_root[HASH_LEN];
};

/* old_size: of an older head that must be a part of this one; 0: none. */
MUST int audit_run(const struct audit_source *source, const struct checkpoint *head,
	uint64_t old_size, struct audit_result *ret_result);

#endif
