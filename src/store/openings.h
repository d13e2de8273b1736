/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_OPENINGS_H
#define STORE_OPENINGS_H
/*
 * openings: who was let into which document; who keeps its shares; what was recalled.
 *
 *   asked -> answered      a row of an opening: the copy is numbered when it is asked for, the
 *                          answer is put in before anybody gets it
 *
 * One REQUEST is a row for each role that this station has in it: its originator, a custodian
 * of the document, the home of the officer.  Copies are numbered from 1 for each document; an
 * officer has one number, whatever the device and however often it is opened.
 * Nothing refers to `document`: a custodian need not hold the envelope, and a recall may come
 * before it.
 *
 * Errors  store/db.h; FAIL_EXISTS, FAIL_ABSENT.
 */
#include "crypto/hash.h"
#include "envelope/core.h"
#include "store/db.h"

enum openings_role {
	OPENINGS_ORIGINATOR = 1,
	OPENINGS_CUSTODIAN = 2,
	OPENINGS_HOME = 3,
};

struct openings_key {
	const uint8_t *request_hash; /* HASH_LEN */
	enum openings_role role;
};

struct openings_row {
	struct openings_key key;
	const uint8_t *document_id;	/* CORE_DOCUMENT_ID_LEN */
	const uint8_t *credential_hash; /* HASH_LEN */
	struct rd member;
	struct rd officer;
	struct rd device;
	uint32_t copy;
	uint64_t time_s;
	struct rd answer; /* empty: asked */
};

MUST int openings_put(struct db *db, const struct openings_row *row);

/* Asked to answered; a later answer to the same request takes the place of the first. */
MUST int openings_answer(struct db *db, const struct openings_key *key, struct rd answer);

/* Append the answer, which may be empty. */
MUST int openings_get(struct db *db, const struct openings_key *key, struct buf *answer,
	uint32_t *ret_copy);

struct openings_officer {
	const uint8_t *document_id; /* CORE_DOCUMENT_ID_LEN */
	struct rd member;
	struct rd officer;
};

/* The number of this officer's copy, or the next free one; at the originator. */
MUST int openings_copy(
	struct db *db, const struct openings_officer *who, uint32_t *ret_copy);

/* Has this officer been answered, in any role of ours?  FAIL_ABSENT: no. */
MUST int openings_was_opened(struct db *db, const struct openings_officer *who);

/* Answered openings at the originator, oldest first; no call of the database from within. */
typedef int openings_fn(void *ctx, const struct openings_row *row);
MUST int openings_each(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	openings_fn *each, void *ctx);

/* A KEPT: of a custodian to us, or our own as custodian. */
struct openings_kept {
	const uint8_t *document_id; /* CORE_DOCUMENT_ID_LEN */
	struct rd member;
	uint8_t number; /* of the share */
	struct rd kept; /* custody/kept.h */
	uint64_t kept_s;
};

MUST int openings_put_kept(struct db *db, const struct openings_kept *kept);
MUST int openings_get_kept(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct rd member, struct buf *out);

/* By the number of the share. */
typedef int openings_kept_fn(void *ctx, const struct openings_kept *kept);
MUST int openings_each_kept(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], openings_kept_fn *each,
	void *ctx);

/* The document of an envelope that is here. */
MUST int openings_find_envelope(struct db *db, const uint8_t envelope_hash[HASH_LEN],
	uint8_t ret_document_id[CORE_DOCUMENT_ID_LEN]);

/* A RECALL or DESTROY counts for a document of the member that signed it, and no other. */
struct openings_recall {
	const uint8_t *document_id; /* CORE_DOCUMENT_ID_LEN */
	struct rd member;
	uint8_t kind; /* 1 recall, 2 destroy: custody/recall.h */
	struct rd recall;
	uint64_t kept_s;
};

MUST int openings_put_recall(struct db *db, const struct openings_recall *recall);

/* Append the object of that kind. */
MUST int openings_get_recall(
	struct db *db, const struct openings_recall *which, struct buf *out);

/*
 * What custody still has to do: receipts of an arrival (credential hash: zeros) or of a reading,
 * wiping a key (all ones).
 * The row is put when the first is asked for and goes with the last, so that what a crash or
 * a custody that was busy has left is taken up again.
 */
struct openings_owed {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t credential_hash[HASH_LEN];
};

/* To be looked at from at_s on; one that is there gets another time. */
MUST int openings_put_owed(
	struct db *db, const struct openings_owed *owed, uint64_t at_s);
MUST int openings_done_owed(struct db *db, const struct openings_owed *owed);

/* The one that has waited longest at now_s.  FAIL_ABSENT. */
MUST int openings_due_owed(struct db *db, uint64_t now_s, struct openings_owed *ret_owed);

/* When the next one is due; UINT64_MAX: none is owed. */
MUST int openings_soonest_owed(struct db *db, uint64_t *ret_at_s);

#endif
