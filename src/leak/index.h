/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_INDEX_H
#define LEAK_INDEX_H
/*
 * index: the segments of one compartment as one thing to look grams up in.
 *
 * Pure: the segments are mapped, and the list of removed documents is kept, by whoever opened
 * the directory (store/indexdir.h).  Documents are numbered through all parts in their order.
 * Read-only, for any number of threads.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/gram.h"
#include "leak/segment.h"

enum { INDEX_PARTS_MAX = 64 };

struct index_part {
	struct segment segment;
	const uint8_t *dead; /* one byte a document, not 0 = removed; NULL: none is */
	uint32_t first_doc;
};

struct index {
	struct gram_key key;
	struct index_part part[INDEX_PARTS_MAX];
	size_t parts;
	uint32_t docs; /* removed ones included */
};

void index_init(struct index *index, const struct gram_key *key);

/* Append an opened segment.  FAIL_LIMIT. */
MUST int index_add(
	struct index *index, const struct segment *segment, const uint8_t *dead);

/* Document `doc` < index->docs and the segment that holds it. */
MUST int index_doc(const struct index *index, uint32_t doc,
	const struct segment **ret_segment, struct segment_doc *ret_doc);

/* The first part whose scout filter passes a scout gram; false when none does. */
static inline bool
index_scouts(const struct index *index, uint64_t hash)
{
	for (size_t i = 0; i < index->parts; i++) {
		if (filter_has(&index->part[i].segment.scout, FILTER_SCOUT_PROBES, hash))
			return true;
	}
	return false;
}

#endif
