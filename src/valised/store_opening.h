/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_OPENING_H
#define VALISED_STORE_OPENING_H
/*
 * store_opening: what the files about openings share.
 *
 *   store_opening.c          the routes; helpers; who has opened a document of ours
 *   store_opening_keep.c     custodian: shares are taken; originator: KEPTs are counted
 *   store_opening_rules.c    may this person, this station have that label now?
 *   store_opening_ask.c      REQUEST read and proven
 *   store_opening_open.c     answered as originator or as custodian
 *   store_opening_relay.c    passed on to who is, for an officer of ours
 *   store_opening_judge.c    may this addressee of ours have what arrived?
 *   store_opening_receipt.c  delivered, refused, read, acknowledged: signed and sent home
 *   store_opening_ack.c      who may acknowledge; receipts of other members
 *   store_opening_recall.c   RECALL and DESTROY
 *   store_opening_grant.c    later readers
 *
 * Order  the rules here are for clear words and early refusals; custody checks again whatever a
 *        signature can prove before a key leaves it.  What only rows can tell (recalled, held,
 *        revoked, the number of a copy) is decided here.
 * Rows   An enrolment that came with a request is kept although the request is refused: the
 *        time since then is what makes it count.  So refusals after that go out by
 *        store_refuse(), which undoes nothing.
 */
#include "base/text.h"
#include "base/time.h"
#include "custody/opening.h"
#include "envelope/grant.h"
#include "store/objects.h"
#include "store/openings.h"
#include "valised/store_cables.h"

enum {
	OPENING_WHY_MAX = RECEIPT_TEXT_MAX,
	OPENING_AGAIN_S = 30, /* what is owed is looked at again */
};

/* A refusal in one line of words; empty: none was said. */
struct opening_why {
	char text[OPENING_WHY_MAX + 1];
};

/* Say it and return r.  What is too long is cut between two characters. */
int opening_refuse(struct opening_why *why, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Answer with why->text, rows stay; without a text r is returned, and rows are undone. */
MUST int opening_answer_refusal(
	struct store *s, uint64_t number, int r, const struct opening_why *why);

/* Handler of a continuation's failed answer: the sentence is passed on. */
MUST int opening_failed(struct store *s, const struct store_answer *answer);

MUST bool opening_same(struct rd a, struct rd b);
MUST bool opening_is_among(const struct store_names *names, struct rd name);
MUST bool opening_is_us(struct store *s, struct rd member);

/* The entry of a member in the roster; FAIL_ABSENT, FAIL_AGAIN before `join`. */
MUST int opening_entry(struct store *s, struct rd member, const struct entry **ret_entry);

/* "PT/ana.silva" */
struct opening_name {
	char text[ADDRESS_MAX + 1];
	struct rd rd; /* points to text */
};
void opening_name_of(const struct credential *credential, struct opening_name *ret_name);

/* "2026-11-22T10:30:00Z" */
struct opening_time {
	char text[TIME_TEXT_MAX];
};
struct opening_time opening_time_of(uint64_t s);

/* Learn each of a list of post_enrol; append to proofs, when there is one, a vault_enrol of each. */
MUST int opening_learn(
	struct store *s, struct rd enrols, uint64_t now_ms, struct buf *proofs);

/* The credential of these bytes, known here; FAIL_ABSENT. */
MUST int opening_credential(struct store *s, struct rd credential,
	const struct store_credential **ret_credential);

/* Queue a signed object (post_object) for a member. */
struct opening_post {
	struct rd member;
	const char *path;
	uint8_t urgency;
	const uint8_t *document_id;
	struct rd object;
};
MUST int opening_post(struct store *s, const struct opening_post *post, uint64_t now_ms);

/*
 * Rules.  All answer 0; FAIL_REFUSED, FAIL_AGAIN or FAIL_SIGNER with the sentence; or another error.
 *   standing  valid, not revoked, old enough, not held by us for documents of originator
 *   cleared   the label, for the credential and for the ceiling of its member's station
 *   alive     the document is not recalled, destroyed or expired
 *   barred, ended   of these, what an order or a recall can change from one moment to the next
 */
MUST int opening_standing(struct store *s, const struct store_credential *credential,
	struct rd originator, uint64_t now_s, struct opening_why *why);
MUST int opening_cleared(struct store *s, const struct credential *credential,
	struct rd label, struct opening_why *why);
struct opening_of {
	const uint8_t *document_id;
	struct rd originator;
};
MUST int opening_barred(struct store *s, const struct store_credential *credential,
	struct rd originator, struct opening_why *why);
MUST int opening_ended(
	struct store *s, const struct opening_of *of, struct opening_why *why);
MUST int opening_alive(struct store *s, const struct core *core, uint64_t now_s,
	struct opening_why *why);

/* May the one make the other a later reader of this document of ours? */
struct opening_sides {
	const struct store_credential *granter;
	const struct store_credential *reader;
};
MUST int opening_grantable(struct store *s, const struct store_document *document,
	const struct opening_sides *sides, uint64_t now_s, struct opening_why *why);

/* The two halves of cleared. */
MUST int opening_cleared_person(
	const struct credential *credential, struct rd label, struct opening_why *why);
MUST int opening_cleared_station(
	const struct entry *entry, struct rd label, struct opening_why *why);

/* A REQUEST with what came beside it, parsed; everything points into the body. */
struct opening_ask {
	struct rd body; /* post_open */
	struct post_open open;
	struct opening_request request;
	struct opening_evidence evidence;
	uint8_t request_hash[HASH_LEN];
	uint8_t credential_hash[HASH_LEN];
	const struct store_credential *credential; /* after opening_ask_prove() */
};

MUST int opening_ask_parse(struct rd body, struct opening_ask *ret_ask);

/* The device signed it and it is good now; its own member passes it on. */
MUST int opening_ask_prove(struct store *s, struct opening_ask *ask, struct rd member,
	uint64_t now_ms, struct opening_why *why);

/* It asks for this envelope, in words that fit its core. */
MUST int opening_ask_fits(const struct opening_ask *ask, const struct core *core,
	const uint8_t envelope_hash[HASH_LEN], struct opening_why *why);

/* Is this credential a reader: an R slot (r_hash: of all of them), or a GRANT that counts? */
struct opening_readers {
	const struct core *core;
	const uint8_t *envelope_hash;
	const uint8_t *r_hash;
};
MUST int opening_ask_is_reader(struct store *s, const struct opening_ask *ask,
	const struct opening_readers *readers, struct opening_why *why);

/* One opening that is being answered. */
struct opening {
	uint64_t number;
	enum openings_role role;
	uint8_t request_hash[HASH_LEN];
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t credential_hash[HASH_LEN];
	bool is_own_officer; /* of this station: a read receipt may be due */
	char member[ADDRESS_MEMBER_MAX +
		1]; /* the originator; passed on: who was asked */
};

/* How the asking came in. */
struct opening_incoming {
	uint64_t number;
	struct rd member; /* whose officer asks */
	bool is_own_officer;
	uint64_t now_ms;
};

struct openings_key opening_key_of(const struct opening *o);

/* Answer a request here, as originator or custodian. */
MUST int opening_here(
	struct store *s, const struct opening_incoming *in, struct opening_ask *ask);

/* The reply; for an officer of ours also what follows from it. */
MUST int opening_reply(struct store *s, const struct opening *o,
	const struct post_opened *opened, uint64_t now_ms);

/*
 * Receipts.  Read: for each address of ours that this officer reads for and that nobody has
 * read yet.  Errors are of the asking; nobody waits for the receipts.
 */
MUST int opening_receipts_read(struct store *s, const struct store_credential *officer,
	const uint8_t document_id[16], uint64_t now_ms);

/* Read where it still lacks, then acknowledged; the ask is answered when all are kept. */
MUST int opening_receipts_acknowledge(
	struct store *s, const struct store_ask *ask, const struct post_ack *ack);

/* How an addressee of ours stands to a document that has come. */
struct opening_verdict {
	uint8_t kind;	/* RECEIPT_DELIVERED or RECEIPT_REFUSED */
	uint8_t answer; /* enum receipt_refused */
	struct opening_why why;
};
MUST int opening_judge(struct store *s, const struct store_document *document,
	struct rd name, uint64_t now_s, struct opening_verdict *ret_verdict);

/* Handlers; see the table in store_opening.c. */
int opening_handle_keep(struct store *s, const struct store_ask *ask);
int opening_handle_open(struct store *s, const struct store_ask *ask);
int opening_handle_relay(struct store *s, const struct store_ask *ask);
int opening_handle_ack(struct store *s, const struct store_ask *ask);
int opening_handle_receipt(struct store *s, const struct store_ask *ask);
int opening_handle_end(struct store *s, const struct store_ask *ask);
int opening_handle_ended(struct store *s, const struct store_ask *ask);
int opening_handle_grant(struct store *s, const struct store_ask *ask);
int opening_handle_granted(struct store *s, const struct store_ask *ask);

/* Ask custody once more to wipe the key of a document that is destroyed. */
MUST int opening_wipe(struct store *s, const uint8_t document_id[16], uint64_t now_ms);

/* What stands for that among what is owed: no credential has this hash. */
void opening_wipe_mark(uint8_t ret_hash[HASH_LEN]);

/* KEPT of a member for a document of ours. */
MUST int opening_kept(struct store *s, struct rd member, const uint8_t document_id[16],
	struct rd body, uint64_t now_ms);

#endif
