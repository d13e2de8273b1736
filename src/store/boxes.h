/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_BOXES_H
#define STORE_BOXES_H
/*
 * boxes: a page of an inbox (by addressee) or of a sent box (by author), newest first.
 *
 * A page is one walk along an index, whatever stands behind it: its time depends on the rows
 * of the page, not on those of the register.
 *
 *   inbox   whole documents that reached this addressee: delivered or later, not refused
 *   open    of these the ones that wait for an acknowledgement
 *   sent    documents of ours by this author, whatever their state
 *
 * Errors  store/db.h.
 */
#include "cable/delivery.h"
#include "envelope/core.h"
#include "store/db.h"

struct boxes_row {
	uint64_t number;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	struct rd originator;
	struct rd label;
	struct rd summary; /* sealed */
	uint8_t role;	   /* 0 in the sent box */
	uint8_t precedence;
	uint8_t type;
	enum delivery state; /* sent: the least advanced addressee's */
	uint64_t due_s;
	uint64_t dtg_s;
	uint64_t reply_by_s;
	uint64_t len;
	uint64_t kept_s;
};

enum boxes_kind { BOXES_IN, BOXES_OPEN, BOXES_SENT };

struct boxes_page {
	enum boxes_kind kind;
	const uint8_t *lookup; /* HASH_LEN: of the addressee, or of the author */
	uint64_t before;       /* numbers below this; DB_INT_MAX: from the newest */
	uint32_t max;
};

/* The callback may not call the database; anything but 0 ends the page with that. */
typedef int boxes_row_fn(void *ctx, const struct boxes_row *row);
MUST int boxes_each(
	struct db *db, const struct boxes_page *page, boxes_row_fn *each, void *ctx);

#endif
