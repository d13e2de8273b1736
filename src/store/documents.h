/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DOCUMENTS_H
#define STORE_DOCUMENTS_H
/*
 * documents: the envelopes on this station, and what is still to be done for them.
 *
 *   arriving -> whole      when a row stands for each of its chunks (store/chunks.h)
 *
 * `number` is the running number of this station's register.  It is given once, in the
 * transaction that makes the row, and never again.  Whoever puts a row has parsed the envelope
 * and sealed what must not lie open on a disk: summary, header (valised/store_rows.h).
 *
 * Work    what the station owes its own documents: SEND from custody, t KEPTs in time.
 * Errors  store/db.h.  FAIL_EXISTS: this document, envelope or number is there.
 *         FAIL_ABSENT: there is no such document.
 */
#include "crypto/hash.h"
#include "envelope/addressing.h"
#include "envelope/core.h"
#include "store/db.h"

enum { DOCUMENTS_CHUNK_LEN = 1 << 20 };

enum documents_state { DOCUMENTS_ARRIVING = 0, DOCUMENTS_WHOLE = 1 };

enum documents_work {
	DOCUMENTS_WORK_NONE = 0,
	DOCUMENTS_WORK_SEND = 1, /* custody is to make SEND */
	DOCUMENTS_WORK_KEPT = 2, /* custodians are to answer KEPT */
};

struct documents_row {
	const uint8_t *document_id;   /* CORE_DOCUMENT_ID_LEN */
	const uint8_t *envelope_hash; /* HASH_LEN */
	uint64_t number;
	bool is_ours; /* the originator is this member */
	struct rd originator;
	const uint8_t *author; /* HASH_LEN: lookup of the first signer's address */
	struct rd label;
	struct rd core;
	struct rd summary; /* sealed: reference, title, author */
	uint8_t type;	   /* enum message_type */
	uint8_t urgency;   /* the highest precedence */
	uint64_t dtg_s;
	uint64_t reply_by_s; /* 0: none */
	uint64_t len;	     /* of the body: all between header and trailer */
	uint64_t expiry_s;   /* 0: none */
	uint64_t kept_s;
};

struct documents_part {
	struct rd header; /* sealed */
	struct rd trailer;
	struct rd send;	  /* SEND, or empty */
	struct rd enrols; /* of the trailer's signers */
};

/* Both rows.  The document is arriving, also one without any chunk. */
MUST int documents_put(struct db *db, const struct documents_row *row,
	const struct documents_part *part);

struct documents_found {
	enum documents_state state;
	bool is_ours;
	uint8_t envelope_hash[HASH_LEN];
	uint8_t author[HASH_LEN];
	uint64_t number;
	uint8_t urgency;
	uint64_t len;
	uint64_t chunk_count;
	uint64_t expiry_s;
	uint64_t kept_s;
	uint64_t dtg_s;
	uint64_t reply_by_s;
};

/* Append the core, unless core is NULL. */
MUST int documents_get(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct buf *core, struct documents_found *ret_found);

MUST int documents_numbered(
	struct db *db, uint64_t number, uint8_t ret_document_id[CORE_DOCUMENT_ID_LEN]);

/*
 * Append header (sealed), trailer, send, enrols and V (as custody sealed it) as one vector of
 * 4 length bytes each, in this order.
 */
MUST int documents_get_part(
	struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN], struct buf *out);

/* What custody made when the document was sent. */
MUST int documents_put_send(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], struct rd send,
	struct rd sealed);

/* Arriving to whole.  FAIL_AGAIN while a chunk is missing. */
MUST int documents_complete(
	struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);

/* The document and all that hangs on it. */
MUST int documents_forget(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);

/* What is owed next, and when it is to be looked at. */
MUST int documents_set_work(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], enum documents_work work,
	uint64_t at_s);

struct documents_due {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	enum documents_work work; /* NONE: its expiry has come */
	uint64_t at_s;
};

/* All that custody is still to make SEND for, now: a process that starts has asked nothing. */
MUST int documents_send_again(struct db *db, uint64_t now_s);

/*
 * SEND: the most urgent document, then the one that waits longest.  KEPT: whose time for
 * KEPTs is over.  End: whose expiry has come.  FAIL_ABSENT.
 * Each is told again until documents_set_work() or documents_end().
 */
MUST int documents_next_send(
	struct db *db, uint64_t now_s, struct documents_due *ret_due);
MUST int documents_next_kept(
	struct db *db, uint64_t now_s, struct documents_due *ret_due);
MUST int documents_next_end(struct db *db, uint64_t now_s, struct documents_due *ret_due);
MUST int documents_end(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);

/* When one of these has something to tell (of SEND, the most urgent); UINT64_MAX: never. */
MUST int documents_soonest(struct db *db, uint64_t *ret_at_s);

#endif
