/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_IMPL_H
#define VALISED_STORE_IMPL_H
/*
 * store_impl: what the files of the store role share.
 *
 *   store.c          routes, marks, held output, questions and their continuations
 *   store_caller.c   who asks: signatures of clients, members by their tls key
 *   store_people.c   roster, directories, credentials, orders, desks (store_people.h)
 *   store_cables.c   envelopes in and out, the register, the queue to members
 *   store_grams.c    what waits for the own index hosts
 *   store_queries.c  what allies ask them, and their answers
 *   store_opening.c  custody of others' shares, openings, receipts, grants, recalls
 *
 * A route's handler works in the open transaction behind a mark.  It returns 0 after it has
 * called store_reply() or has asked something and will reply in the continuation; else a
 * FAIL_*, which undoes its rows and is answered as post_error with store_because()'s sentence.
 * A continuation runs behind a mark of its own, under the same rules.
 */
#include <stdbool.h>

#include "member/credential.h"
#include "member/directory.h"
#include "member/enrol.h"
#include "member/roster.h"
#include "valised/store.h"
#include "wire/codec.h"
#include "wire/post.h"
#include "wire/vault.h"

/* Somebody with a credential, at any member, as this station knows it. */
struct store_credential {
	uint8_t hash[HASH_LEN];
	struct rd enrol;
	struct credential credential; /* points into enrol */
	uint64_t since_s;	      /* first kept here */
	bool is_first;		      /* in the member's first directory */
	bool is_revoked;
};

enum store_who {
	STORE_OPEN = 1,	    /* /c/1/, no wrapping */
	STORE_OFFICER = 2,  /* /c/1/, a credential of ours, valid, not revoked */
	STORE_ENROLLER = 4, /* /c/1/, an enrol key of ours */
	STORE_MEMBER = 8,   /* /p/1/, a member of the roster */
	STORE_ADMIN = 16,   /* /a/1/ */
};

/* One request, unwrapped and proven to be from whom it says. */
struct store_ask {
	uint64_t number;
	enum store_who who;
	struct rd path;
	struct rd body;
	const struct store_credential *officer; /* STORE_OFFICER */
	size_t member;				/* STORE_MEMBER: index in the roster */
	uint64_t now_ms;
};

typedef int store_handler_fn(struct store *s, const struct store_ask *ask);

struct store_route {
	const char *path;
	unsigned who; /* store_who, one or more */
	store_handler_fn *handle;
};

/* Each of these files has one table. */
struct store_routes {
	const struct store_route *routes;
	size_t count;
};
extern const struct store_routes store_people_routes;
extern const struct store_routes store_cables_routes;
extern const struct store_routes store_opening_routes;
extern const struct store_routes store_grams_routes;
extern const struct store_routes store_queries_routes;

/*
 * Answer 200 with a message; codec NULL: an empty body.  Exactly once for each ask; what comes
 * after the first answer (of an ask that failed meanwhile) is let drop and is no error.
 */
MUST int store_reply(
	struct store *s, uint64_t number, const struct codec *codec, const void *message);

/* Answer with an error now; the rows written so far stay. */
MUST int store_refuse(struct store *s, uint64_t number, int fail, const char *why);

/* The sentence for the FAIL_* that the handler is about to return; returns r. */
int store_because(struct store *s, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * What is called with the answer.  ctx was allocated with mem_new by the asker; done frees it.
 * r: 0, or FAIL_* (also when the question could not be let out); why: a sentence, may be empty.
 */
struct store_answer {
	int r;
	uint16_t status; /* of a call; 0 when nobody answered */
	struct rd why;
	struct rd body;
	uint64_t now_ms;
};
typedef int store_done_fn(struct store *s, void *ctx, const struct store_answer *answer);

/*
 * Ask custody (enum vault_type).  Or post to a member's station, below /p/1/.  When this
 * returns an error nothing was asked and ctx is still the caller's.
 * What a continuation returns as FAIL_* is answered to `number` (0: to nobody).
 */
struct store_question {
	uint64_t number; /* the ask that waits for this, or 0 */
	store_done_fn *done;
	void *ctx;
};
MUST int store_vault(struct store *s, enum vault_type type, const struct codec *codec,
	const void *message, const struct store_question *question);
MUST int store_call(struct store *s, size_t member, const char *path, struct rd body,
	const struct store_question *question);

/* Common ground. */
struct db *store_db(struct store *s);
struct rng *store_rng(struct store *s);
const struct store_plan *store_plan_of(const struct store *s);

/*
 * What a part remembers besides its rows: `size` zeroed bytes, made when they are first asked
 * for and freed with the store.  Nothing in it may need freeing, or survive a crash.
 */
enum store_part { STORE_CABLES, STORE_OPENING, STORE_PARTS };
MUST int store_state(struct store *s, enum store_part part, size_t size, void *ret_ptr);

/* Run the `notify` hook after the commit: a cable has come for an officer here. */
MUST int store_notify(struct store *s, uint8_t precedence, uint64_t number);

/* For /metrics: a document was accepted, in the transaction that is open. */
void store_count_accepted(struct store *s);

/* NULL before custody said READY.  Its own name: ready->member. */
const struct vault_ready *store_ready(const struct store *s);

/* NULL before `join`. */
const struct roster *store_roster(const struct store *s);

/* The roster of this hash if it still counts: the newest, or for 1 h the one before; or NULL. */
const struct roster *store_roster_of(
	struct store *s, const uint8_t hash[HASH_LEN], uint64_t now_ms);

/* The newest verified directory of a member, or NULL. */
const struct directory *store_directory(const struct store *s, struct rd member);

/* FAIL_ABSENT.  Lives until the next change of people. */
MUST int store_credential_find(struct store *s, const uint8_t hash[HASH_LEN],
	const struct store_credential **ret_credential);

/* The same for an ENROL object that came with a message: kept from now on if it is new. */
MUST int store_credential_learn(struct store *s, struct rd enrol, uint64_t now_ms,
	const struct store_credential **ret_credential);

/* Append a vault_enrol of this credential. */
void store_credential_proof(const struct store_credential *credential, struct buf *out);

/* Is this person, desk or member held, for documents of `originator`? */
MUST bool store_is_held(
	struct store *s, struct rd originator, const struct store_credential *credential);

/*
 * The queue to members.  urgency: 0..3 as precedence, 4 for what keeps the community safe
 * (orders, rosters).  document: the id, or NULL.  bytes are the body of the call, but for
 * `announce`, which is written anew from the rows each time (bytes empty).
 */
struct store_outgoing {
	struct rd member;
	const char *path;
	uint8_t urgency;
	const uint8_t *document_id;
	struct rd bytes;
};
MUST int store_outgoing_put(
	struct store *s, const struct store_outgoing *outgoing, uint64_t now_ms);

/*
 * Call whom something waits for, one call a member.  store_idle() runs it before the commit,
 * so that what a handler has put into the queue leaves with the same commit as its rows.
 */
MUST int store_cables_pump(struct store *s, uint64_t now_ms);

/* A member has called us: it is there, and what waits for it is due. */
MUST int store_cables_heard(struct store *s, struct rd member, uint64_t now_ms);

/* What each part does when the clock moves; *next_ms is lowered, never raised. */
MUST int store_people_tick(struct store *s, uint64_t now_ms, uint64_t *next_ms);
MUST int store_cables_tick(struct store *s, uint64_t now_ms, uint64_t *next_ms);
MUST int store_opening_tick(struct store *s, uint64_t now_ms, uint64_t *next_ms);

/*
 * Between cables and openings.
 *   arrived   an envelope for an addressee of ours is whole: judge each addressee, make signed
 *             receipts (delivered, refused), queue them home (path "receipt"); at the
 *             originator itself too.  number: 0, for the ask has its answer already
 *   answered  what came back for an `outgoing` row of these paths: keep (KEPT), receipt, grant
 */
MUST int store_opening_arrived(
	struct store *s, const uint8_t document_id[16], uint64_t number, uint64_t now_ms);
MUST int store_opening_answered(struct store *s, struct rd path, struct rd member,
	const uint8_t *document_id, struct rd body, uint64_t now_ms);

/* A receipt about a document of ours, verified and kept here, moves the addressee's state,
 * through the states between where one was overtaken: kept, (delivered, read,) acknowledged.
 * One that is there already: 0.  FAIL_SIGNATURE, FAIL_ABSENT. */
MUST int store_cables_receipt(struct store *s, struct rd receipt, uint64_t now_ms);

/* t KEPTs of a document of ours are here: deliver it.  Called again for each later one. */
MUST int store_cables_kept(
	struct store *s, const uint8_t document_id[16], uint64_t now_ms);

#endif
