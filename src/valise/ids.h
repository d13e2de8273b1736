/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_IDS_H
#define VALISE_IDS_H
/*
 * ids: which document of an open index has an id.
 *
 * A table of hashes with open addressing; ids themselves stay in the mapped segments.  Ids that
 * wait for the next commit are known by their hash alone: a false one costs an early commit.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "store/indexdir.h"

struct ids_slot {
	uint64_t hash; /* 0: empty */
	uint32_t doc;  /* IDS_PENDING: waits for the commit */
};

struct ids {
	const struct indexdir *d;
	struct ids_slot *slot;
	size_t count, cap;
};

/* All living documents.  FAIL_FORMAT when a segment is damaged. */
MUST int ids_load(struct ids *ids, const struct indexdir *d);
void ids_done(struct ids *ids);

bool ids_find(const struct ids *ids, const char *id, size_t len, uint32_t *ret_doc);

MUST int ids_note_pending(struct ids *ids, const char *id, size_t len);
bool ids_is_pending(const struct ids *ids, const char *id, size_t len);

#endif
