/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SEGMENT_MERGE_H
#define LEAK_SEGMENT_MERGE_H
/*
 * segment_merge: several segments into one, without what was removed.
 *
 * The documents keep their order, by segment and within it, so that the result is the same
 * bytes as a segment built anew from the documents that are left.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/segment.h"
#include "leak/segment_write.h"

enum { SEGMENT_MERGE_MAX = 1024 };

struct segment_merge_in {
	const struct segment *segment;
	const uint8_t *dead; /* one byte a document, not 0 = removed; NULL: none is */
};

/* FAIL_FORMAT when an entry of a segment belongs to no document; FAIL_LIMIT. */
MUST int segment_merge(const struct segment_merge_in *in, size_t count,
	uint64_t key_check, struct segment_sink *sink);

#endif
