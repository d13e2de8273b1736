/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_MANIFEST_H
#define LEAK_MANIFEST_H
/*
 * manifest: which segments an index consists of, and which documents in them are removed.
 *
 *   size  field            integers big-endian (base/rd.h)
 *      8  magic            "VALISEIM"
 *      2  version          MANIFEST_VERSION
 *      8  generation       raised by each change
 *      8  next             number of the next segment file
 *      8  key check        segment_key_check() of the index's key
 *      4  segments         n
 *   24 n  number u64 | length u64 | checksum u64
 *      8  removed          m
 *   12 m  segment number u64 | document u32       ascending
 *      8  checksum of everything before
 *
 * It is replaced as a whole; whatever is not named in it does not belong to the index.
 * Errors  FAIL_TRUNCATED, FAIL_FORMAT, FAIL_VERSION, FAIL_ALTERED, FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "leak/index.h"

enum { MANIFEST_VERSION = 1, MANIFEST_BYTES_MAX = 512 * 1024 * 1024 };

struct manifest_segment {
	uint64_t number, len, sum;
};

struct manifest_dead {
	uint64_t segment; /* its number */
	uint32_t doc;
};

struct manifest {
	uint64_t generation, next, key_check;
	size_t segments;
	struct manifest_segment segment[INDEX_PARTS_MAX];
	size_t dead_count, dead_cap;
	struct manifest_dead *dead;
};

void manifest_done(struct manifest *m);

MUST int manifest_parse(const uint8_t *ptr, size_t len, struct manifest *ret_manifest);
void manifest_write(const struct manifest *m, struct buf *out);

/* Note a removal, in its place; doing it twice changes nothing. */
MUST int manifest_kill(struct manifest *m, uint64_t segment, uint32_t doc);

/* Append a segment; FAIL_LIMIT. */
MUST int manifest_append(struct manifest *m, const struct manifest_segment *segment);

/* Replace segments [from, segments) by one; removals in them are forgotten. */
void manifest_replace(struct manifest *m, size_t from, const struct manifest_segment *by);

/*
 * Which segments should be joined now: those from the returned index on; `segments` when none.
 * Each older segment is to be at least four times as large as all newer ones together, so that
 * a document is copied only a few times in its life; below four segments nothing is joined.
 */
size_t manifest_join_from(const struct manifest *m);

#endif
