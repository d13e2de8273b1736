/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DELIVERIES_H
#define STORE_DELIVERIES_H
/*
 * deliveries: envelopes on their way to members, and the receipts that come back.
 *
 * The states and their moves are those of cable/delivery.h, and no other is ever written:
 * deliveries_move() asks delivery_may() and changes the row only if it still has the state
 * that was asked about.  Which event moves what: docs/format/store.md.
 *
 * next_try_s 0 means that nothing is to be tried; a final state has no next try.
 *
 * Errors  store/db.h; FAIL_ABSENT: no such document or delivery; FAIL_REFUSED: no such move.
 */
#include "cable/delivery.h"
#include "cable/receipt.h"
#include "envelope/core.h"
#include "store/db.h"

struct deliveries_key {
	const uint8_t *document_id; /* CORE_DOCUMENT_ID_LEN */
	struct rd member;
};

struct deliveries_row {
	enum delivery state;
	uint64_t tries;
	uint64_t next_try_s;
	uint64_t due_s; /* 0: none */
};

/* tries is 0 in a new row, whatever the row says. */
MUST int deliveries_put(struct db *db, const struct deliveries_key *key,
	const struct deliveries_row *row);
MUST int deliveries_get(
	struct db *db, const struct deliveries_key *key, struct deliveries_row *ret_row);

/* next_try_s is ignored (0) for a final state. */
MUST int deliveries_move(struct db *db, const struct deliveries_key *key,
	enum delivery to, uint64_t next_try_s);

/* One more try was made; when is the next? */
MUST int deliveries_tried(
	struct db *db, const struct deliveries_key *key, uint64_t next_try_s);

/* Those whose time has come, longest waiting first, at most max. */
typedef int deliveries_waiting_fn(void *ctx, const struct deliveries_key *key);
MUST int deliveries_waiting(struct db *db, uint64_t now_s, uint32_t max,
	deliveries_waiting_fn *each, void *ctx);

struct deliveries_receipt {
	const uint8_t *document_id;
	struct rd addressee;
	uint8_t kind; /* enum receipt_kind */
	struct rd bytes;
	uint64_t kept_s;
};

/* FAIL_EXISTS: one of this kind for this addressee is there; the first one counts. */
MUST int deliveries_put_receipt(struct db *db, const struct deliveries_receipt *receipt);

/* In the order in which they were kept. */
typedef int deliveries_receipt_fn(void *ctx, struct rd receipt);
MUST int deliveries_each_receipt(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], deliveries_receipt_fn *each,
	void *ctx);

#endif
