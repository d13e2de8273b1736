/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_CABLES_IMPL_H
#define VALISED_STORE_CABLES_IMPL_H
/*
 * store_cables_impl: what the files store_cables*.c share.  Not for other files; those that
 * answer openings see store_cables.h.
 */
#include "envelope/addressing.h"
#include "envelope/trailer.h"
#include "store/chunks.h"
#include "store/outgoing.h"
#include "valised/store_cables.h"
#include "valised/store_rows.h"

enum {
	CABLES_MISSING_MAX = 64,  /* told in one answer */
	CABLES_SENDING_MAX = 128, /* questions to custody at a time */
	CABLES_BUSY = 2, /* documents of one commit from which on accepting goes first */
	CABLES_BUSY_MS = 100,	 /* between questions to custody then */
	CABLES_ASK_AGAIN_S = 30, /* custody has not answered: ask again */
	CABLES_KEPT_S = 60,	 /* from SEND until "not kept" */
	CABLES_WORK_MAX = 256,	 /* rows that one tick moves */
	CABLES_KEEP_URGENCY_MIN = 1,
	CABLES_VERIFIED_MAX = 64,
	CABLES_HEARD_MS = 1000, /* between two times that rows are made due by a call */
	CABLES_BACK_MS = 2000,	/* so far back a clock may slip unnoticed */
};

/* The way to one member. */
struct cables_line {
	char member[ADDRESS_MEMBER_MAX + 1];
	bool is_busy;	   /* a call is out */
	uint32_t failures; /* calls in a row that nobody answered */
	uint64_t next_ms;  /* no call before */
	bool has_put_off;  /* rows, since they were made due the last time */
	uint64_t heard_ms; /* when they were */
	bool is_quiet;	   /* nothing is due before quiet_ms: looked at */
	uint64_t quiet_ms;
	uint64_t row; /* outgoing row whose document lacks chunks there; 0: none */
	size_t missing_count;
	uint32_t missing[CABLES_MISSING_MAX];
};

/* An enrolment whose signatures were verified under the roster of this serial. */
struct cables_verified {
	uint8_t hash[HASH_LEN]; /* of the credential */
	uint32_t serial;	/* 0: free */
};

/* What is kept in memory (store_state); all of it may be forgotten at any time. */
struct cables {
	bool is_started;
	uint64_t last_ms;  /* of the last tick */
	size_t sending;	   /* questions to custody on their way */
	size_t accepted;   /* documents of ours since the last pump */
	uint64_t asked_ms; /* custody, the last time */
	uint64_t busy_ms;  /* when many came, the last time */
	size_t verified_next;
	struct cables_verified verified[CABLES_VERIFIED_MAX];
	size_t line_count;
	struct cables_line lines[ROSTER_MEMBERS_MAX];
};

MUST int cables_of(struct store *s, struct cables **ret_cables);

/* An envelope as it came, parsed and proven to be of one piece. */
struct cables_envelope {
	struct post_document post;
	struct header header;
	struct addressing addressing;
	struct trailer trailer;
	uint8_t hash[HASH_LEN];
};

/* Parse the body of announce or receive: canonical, not solo, lengths agree. */
MUST int cables_envelope_new(
	struct store *s, struct rd body, struct cables_envelope **ret_envelope);
void cables_envelope_free(struct cables_envelope *envelope);

/* Is it here already?  FAIL_EXISTS: another one is, under its id. */
MUST int cables_envelope_known(
	struct store *s, const struct cables_envelope *envelope, bool *ret_is_known);

/* The highest precedence that it has for anybody. */
uint8_t cables_urgency(const struct addressing *addressing);

/* How its rows are put. */
struct cables_put {
	bool is_ours;
	enum delivery state; /* of each addressee */
	struct rd enrols;    /* of the trailer's signers */
	uint64_t now_ms;
};

/*
 * All rows: number, document, part, addressees (of a document of others: those of our
 * member), body if it came with it.  *ret_is_whole: nothing is missing.
 */
MUST int cables_put(struct store *s, const struct cables_envelope *envelope,
	const struct cables_put *put, bool *ret_is_whole);

/* May this be sent, by this officer, by the rules of roster and directories? */
MUST int cables_check_send(struct store *s, const struct store_ask *ask,
	const struct cables_envelope *envelope);

/* Does this enrolment count today?  Says why not. */
MUST int cables_check_counts(
	struct store *s, const struct store_credential *credential, uint64_t now_ms);

/* Append a post_enrol of each of the trailer's signers; all of them are known here. */
MUST int cables_enrols(struct store *s, const struct trailer *trailer, struct buf *out);

/*
 * Answer how much of a document is here; missing chunks are looked for from `from` on.
 * Receipts go with it to its originator, and to officers of ours.
 */
MUST int cables_reply_arrival(struct store *s, const struct store_ask *ask,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], uint64_t from);

/* Whole now: tell those who wait for it.  Ours: to be sent.  Of others: to be judged. */
MUST int cables_whole(struct store *s, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	bool is_ours, uint64_t now_ms);

struct chunks cables_chunks(struct store *s);

/* Ask custody for SENDs; move what had no KEPTs in time. */
MUST int cables_send_pump(struct store *s, uint64_t now_ms);
MUST int cables_unkept(struct store *s, uint64_t now_ms);

/* Non-receipts and expiries. */
MUST int cables_clocks(struct store *s, uint64_t now_ms);

/* The queue: when is the next try? */
MUST int cables_queue_soonest(struct store *s, uint64_t *next_ms);

/*
 * Does an error pass by itself (memory, space, somebody busy)?  Any other is that of one row,
 * which is put off, so that it holds up no other.
 */
bool cables_is_passing(int r);

/* Is it us? */
bool cables_is_us(struct store *s, struct rd member);
bool cables_same(struct rd a, struct rd b);

/* "receipt" and so on: columns of sealed rows. */
extern const char cables_column_header[];
extern const char cables_column_summary[];
extern const char cables_column_address[];
extern const char cables_column_receipt[];
extern const char cables_column_outgoing[];

/* Routes. */
store_handler_fn cables_handle_number;
store_handler_fn cables_handle_announce;
store_handler_fn cables_handle_announced;
store_handler_fn cables_handle_receive;
store_handler_fn cables_handle_chunk;
store_handler_fn cables_handle_inbox;
store_handler_fn cables_handle_document;
store_handler_fn cables_handle_chunk_get;
store_handler_fn cables_handle_state;

#endif
