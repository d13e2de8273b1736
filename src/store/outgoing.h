/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_OUTGOING_H
#define STORE_OUTGOING_H
/*
 * outgoing: what must reach a member, until it is answered 200 or refused for good.
 *
 *   put -> next -> [ later -> next ]* -> done
 *
 * For each member the most urgent row comes first, and of these the oldest.  A row that is to
 * be tried later does not hold up the others.
 *
 * Errors  store/db.h; FAIL_ABSENT: nothing waits.
 */
#include "envelope/core.h"
#include "store/db.h"

enum { OUTGOING_URGENCY_MAX = 4, OUTGOING_PATH_MAX = 16 };

struct outgoing_row {
	struct rd member;
	struct rd path;
	uint8_t urgency;	    /* 0..3 as precedence, 4 before all of them */
	const uint8_t *document_id; /* CORE_DOCUMENT_ID_LEN, or NULL */
	struct rd bytes;	    /* sealed; or empty */
	uint64_t next_try_s;
};

MUST int outgoing_put(struct db *db, const struct outgoing_row *row);

struct outgoing_found {
	uint64_t id;
	uint8_t urgency;
	uint64_t tries;
	bool has_document;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	char path[OUTGOING_PATH_MAX + 1];
};

/* The row to be tried now.  bytes are appended. */
MUST int outgoing_next(struct db *db, struct rd member, uint64_t now_s, struct buf *bytes,
	struct outgoing_found *ret_found);

/* It was tried in vain. */
MUST int outgoing_later(struct db *db, uint64_t id, uint64_t next_try_s);

/* All that is put off is due at now_s: a process starts, or the clock was put back. */
MUST int outgoing_again(struct db *db, uint64_t now_s);

/* The same for one member. */
MUST int outgoing_heard(struct db *db, struct rd member, uint64_t now_s);

MUST int outgoing_done(struct db *db, uint64_t id);

/* When something for this member is to be tried; UINT64_MAX: nothing waits. */
MUST int outgoing_soonest(struct db *db, struct rd member, uint64_t *ret_at_s);

MUST int outgoing_count(struct db *db, uint64_t *ret_count);

#endif
