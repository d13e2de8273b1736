/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DELIVERIES_H
#define STORE_DELIVERIES_H
/*
 * deliveries: the addressees of a document, how far each has come, and their receipts.
 *
 * An address lies in the row sealed, and is found by a keyed hash of it (`lookup`); both are
 * made by valised/store_rows.h.  The row also has the number of its document, so that a page
 * of somebody's inbox is one walk along an index.
 *
 * The states and their moves are those of cable/delivery.h, and no other is ever written:
 * deliveries_move() asks delivery_may() and changes the row only if it still has the state
 * that was asked about.  Which event moves what: docs/format/store.md.
 *
 * Clock   clock_s is when the due clock looks at an addressee; 0: it waits for nothing more.
 *         A final state has no clock.
 * Errors  store/db.h; FAIL_ABSENT: no such document or addressee; FAIL_REFUSED: no such move.
 */
#include "cable/delivery.h"
#include "cable/receipt.h"
#include "envelope/core.h"
#include "store/db.h"

enum deliveries_role { DELIVERIES_ACTION = 1, DELIVERIES_INFO = 2 };

struct deliveries_key {
	const uint8_t *document_id; /* CORE_DOCUMENT_ID_LEN */
	const uint8_t *lookup;	    /* HASH_LEN */
};

struct deliveries_row {
	enum deliveries_role role;
	uint8_t precedence;
	enum delivery state;
	uint64_t due_s;	    /* 0: none */
	uint64_t clock_s;   /* 0: none */
	uint64_t changed_s; /* when the state was reached */
	struct rd sealed;   /* the address; empty in what deliveries_get() returns */
};

/* FAIL_EXISTS: this document has this addressee. */
MUST int deliveries_put(struct db *db, const struct deliveries_key *key,
	const struct deliveries_row *row);
MUST int deliveries_get(
	struct db *db, const struct deliveries_key *key, struct deliveries_row *ret_row);

/* clock_s as it shall be afterwards; ignored (0) for a final state. */
struct deliveries_step {
	enum delivery to;
	uint64_t clock_s;
	uint64_t now_s;
};
MUST int deliveries_move(struct db *db, const struct deliveries_key *key,
	const struct deliveries_step *step);

/* In the order in which they were put; the callback may not call the database. */
typedef int deliveries_row_fn(
	void *ctx, const uint8_t lookup[HASH_LEN], const struct deliveries_row *row);
MUST int deliveries_each(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	deliveries_row_fn *each, void *ctx);

/* The addressee whose clock is the first to have run out at now_s.  FAIL_ABSENT. */
struct deliveries_overdue {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t lookup[HASH_LEN];
};
MUST int deliveries_next_overdue(
	struct db *db, uint64_t now_s, struct deliveries_overdue *ret_overdue);

/* When the next clock runs out; UINT64_MAX: none runs. */
MUST int deliveries_soonest(struct db *db, uint64_t *ret_at_s);

/* Set the clock and nothing else. */
MUST int deliveries_set_clock(
	struct db *db, const struct deliveries_key *key, uint64_t clock_s);

struct deliveries_receipt {
	struct deliveries_key key;
	uint8_t kind;	 /* enum receipt_kind */
	struct rd bytes; /* sealed */
	uint64_t kept_s;
};

/* FAIL_EXISTS: one of this kind for this addressee is there; the first one counts. */
MUST int deliveries_put_receipt(struct db *db, const struct deliveries_receipt *receipt);

/* In the order in which they were kept. */
typedef int deliveries_receipt_fn(
	void *ctx, const uint8_t lookup[HASH_LEN], struct rd bytes);
MUST int deliveries_each_receipt(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], deliveries_receipt_fn *each,
	void *ctx);

#endif
