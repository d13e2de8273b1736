/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_CORE_H
#define VALISED_STORE_CORE_H
/*
 * store_core: the state of the store role, for its core and for the files of people.
 *
 *   store.c           messages in, routes, the clock
 *   store_work.c      work behind marks, commit, output
 *   store_question.c  what was asked of custody and of members, and who waits for it
 *   store_reply.c     answers, errors, and the asks that are still open
 *   store_figures.c   what /metrics shows
 *   store_caller.c    who asks (clients, members, administrator)
 *   store_people*.c   rosters, directories, credentials, orders, desks
 *
 * The parts that deal with documents see store_impl.h alone.
 */
#include "crypto/secret.h"
#include "valised/store_held.h"
#include "valised/store_impl.h"

enum {
	STORE_QUESTIONS_MAX = 4096, /* a power of two: the low bits of a number */
	STORE_ASKS_MAX = 1024,
	STORE_ASK_WAIT_MS = 300 * 1000,
	STORE_WHY_MAX = 1024,
	STORE_HELD_MAX = 512,
	STORE_HELD_LEN_MAX = 8 << 20,
	STORE_CALL_MS = 60 * 1000,
	STORE_TICK_MS = 1000,
	STORE_TICK_MAX_MS = 60 * 1000,
};

struct question {
	uint64_t number; /* of the message; 0: the place is free */
	bool is_call;
	size_t member; /* of a call: its place in the roster */
	int late;      /* it could not be answered yet; with this it will be */
	struct store_question asked;
};

struct open_ask {
	uint64_t number;
	uint64_t since_ms;
};

/* What /metrics shows of the core. */
enum store_figure {
	FIGURE_ACCEPTED,
	FIGURE_ASKS,
	FIGURE_REFUSED,
	FIGURE_CALLS,
	FIGURE_CALLS_FAILED,
	FIGURE_COMMITS,
	FIGURE_COMMITS_FAILED,
	FIGURES
};

struct caller;
struct people;

struct store {
	struct store_plan plan;
	uint64_t now_ms;
	uint64_t start_ms; /* of the first message or tick */

	struct held held;
	struct question *questions; /* STORE_QUESTIONS_MAX, made as they are needed */
	size_t question_places;
	size_t question_count;
	size_t late_count;
	uint64_t next_number;
	struct open_ask *asks; /* STORE_ASKS_MAX */
	size_t ask_count;

	char because[STORE_WHY_MAX + 1];
	bool is_lost; /* the open transaction can only be given up */
	int failing;  /* a commit failed: nothing new can be asked, for this reason */
	struct buf error_body,
		error_reply; /* grown at the start: errors need no memory */

	struct secret *ready_bytes;
	struct vault_ready ready; /* member.len 0: not yet */
	struct caller *caller;
	struct people *people;
	void *parts[STORE_PARTS]; /* store_state() */

	uint64_t figures[FIGURES];
	uint64_t figures_shown[FIGURES];
	uint64_t figures_ms;
};

/*
 * store_work.c: one piece of work behind a mark, with its failure rules.  false: there was no
 * transaction to be had, and the work was not called.
 */
typedef int store_work_fn(struct store *s, void *ctx);
bool store_work(struct store *s, store_work_fn *work, void *ctx, uint64_t ask_number);

/* store_reply.c */
MUST int store_ask_open(struct store *s, uint64_t number);
MUST bool store_ask_is_open(const struct store *s, uint64_t number);
void store_ask_fail(struct store *s, uint64_t number, int r, struct rd why);
void store_ask_error(struct store *s, uint64_t number, int r, struct rd why);
void store_ask_emit_error(struct store *s, uint64_t number, int r, struct rd why);
void store_asks_expire(struct store *s);
uint16_t store_status_of(int fail);
MUST int store_hold(struct store *s, enum role to, const struct wire_message *head,
	const struct codec *codec, const void *message);

/* store_question.c: the answer to a question is here; FAIL_REFUSED: nobody asked it. */
MUST int store_question_answer(struct store *s, uint64_t number, bool is_call,
	const struct store_answer *answer);

/* What was held and will not be let out: questions fail to who asked. */
void store_question_drop(
	struct store *s, const struct held_item *item, int r, bool is_silent);
void store_questions_late(struct store *s);
void store_questions_free(struct store *s);

/* store_figures.c */
MUST int store_show_figures(struct store *s);

/* store_caller.c */
MUST int caller_new(struct store *s);
void caller_free(struct caller *c);

/* Fill who, officer, member, body of the ask; number, path, now_ms are there already. */
MUST int caller_of_client(struct store *s, struct rd body, struct store_ask *ask);
MUST int caller_of_member(struct store *s, struct rd tls, struct store_ask *ask);

/* store_people.c */
MUST int people_new(struct store *s);
void people_free(struct people *p);

/* Custody is ready: load everything, tell custody and front. */
MUST int people_start(struct store *s);

/* Before a commit: what the work before has made necessary. */
MUST int people_pump(struct store *s);

/* A member answered us, or asked. */
void people_contact(struct store *s, size_t member);

/* The rows of the work (is_all: of the transaction) are gone: if people were changed in it,
 * what is in memory is read anew before it is used. */
void people_forget(struct store *s, bool is_all);
MUST int people_refresh(struct store *s);

/* Our own entry: of the roster, else of the founding file, else NULL. */
const struct entry *people_own_entry(const struct store *s);

#endif
