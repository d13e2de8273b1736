/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_CABLES_H
#define VALISED_STORE_CABLES_H
/*
 * store_cables: documents as the store role handles them, for its cables and its openings.
 *
 * Rows that tell who wrote to whom, or about what, lie sealed on the disk (store_rows.h): the
 * header, reference and title, each address, receipts, and what is queued for members.  What
 * is found by its address is found by a keyed hash of it.
 *
 * Files  store_cables.c          the routes, what is kept in memory
 *        store_cables_check.c    may this envelope be sent: rules of the originator
 *        store_cables_accept.c   envelopes taken from officers
 *        store_cables_arrive.c   envelopes and chunks that come from members or files
 *        store_cables_row.c      rows made from an envelope, and read back
 *        store_cables_send.c     SEND, KEEP, "kept", "not kept"
 *        store_cables_queue.c    the queue to members
 *        store_cables_box.c      inbox and sent box
 *        store_cables_read.c     documents and chunks for those who may have them
 *        store_cables_state.c    receipts and clocks move the addressees
 *
 * Errors  FAIL_ABSENT: no such document (or addressee) here; FAIL_AGAIN: the keys are not open
 *         yet; FAIL_ALTERED: a row was changed on the disk; those of store/db.h.
 */
#include "cable/delivery.h"
#include "envelope/header.h"
#include "store/deliveries.h"
#include "store/documents.h"
#include "valised/store_impl.h"

/* A document with its parts, opened.  Everything points into `bytes`. */
struct store_document {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	struct documents_found found;
	struct header header;
	struct rd header_bytes;
	struct rd trailer;
	struct rd send;	  /* SEND; empty before custody has made it */
	struct rd enrols; /* list of post_enrol: of the trailer's signers */
	struct rd sealed; /* V as custody sealed it; empty where it is not ours */
	struct buf bytes;
};

MUST int store_document_load(struct store *s,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct store_document **ret_document);
void store_document_free(struct store_document *document);

/* The document that a request names, by id or by number. */
MUST int store_document_which(struct store *s, const struct post_which *which,
	uint8_t ret_document_id[CORE_DOCUMENT_ID_LEN]);

/*
 * May this officer of ours have the document?  An addressee that was not refused, himself or
 * by a desk that directory and credential both name; its author; or a later reader.
 * FAIL_ABSENT if not: who may not have it does not learn that it is here.
 */
MUST int store_document_may_read(struct store *s, const struct store_credential *officer,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);

/* Is it a document of ours, by this officer, or by one he shares a desk with today? */
MUST int store_document_may_act(struct store *s, const struct store_credential *officer,
	const struct store_document *document);

/* Append the KEEP of a document whose SEND is here. */
MUST int store_document_keep(const struct store_document *document, struct buf *out);

/* One addressee. */
struct store_addressee {
	char text[ADDRESS_MAX + 1]; /* "PT/ana.silva" */
	struct rd address;	    /* points to text */
	struct rd member;
	struct rd name;
	enum deliveries_role role;
	uint8_t precedence;
	enum delivery state;
	uint64_t due_s; /* 0: none */
	uint64_t changed_s;
};

struct store_addressees {
	size_t count;
	struct store_addressee *items;
};

/*
 * All of a document of ours; of another's those of our own member.  In the order in which the
 * cable names them, action before info.
 */
MUST int store_addressees_load(struct store *s,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct store_addressees *ret_addressees);
void store_addressees_done(struct store_addressees *addressees);

/* FAIL_REFUSED when delivery_may() says so. */
MUST int store_addressee_move(struct store *s,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], struct rd address,
	enum delivery to, uint64_t now_ms);

/* A later reader becomes an addressee for information, so that the document shows in his
 * inbox; delivered.  FAIL_EXISTS. */
MUST int store_addressee_add(struct store *s,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], struct rd address,
	uint64_t now_ms);

/* Keep a signed receipt; one that is there already is no error. */
MUST int store_receipt_keep(
	struct store *s, const struct receipt *receipt, struct rd bytes, uint64_t now_ms);

/* The names by which an officer is addressed today: his own, then his desks. */
enum { STORE_NAMES_MAX = DESKS_MAX + 1 };
struct store_names {
	size_t count;
	struct rd
		names[STORE_NAMES_MAX]; /* live as long as the directory and credential */
};
void store_names_of(struct store *s, const struct store_credential *officer,
	struct store_names *ret_names);

#endif
