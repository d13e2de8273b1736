/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/store.h"

#include <string.h>

#include "base/mem.h"
#include "valised/store_core.h"

/*
 * Messages come in, each is worked off behind a mark in the open transaction, and what the
 * work has to say is held until the commit.  The order of the steps is the whole of the
 * promise: rows, commit, words.
 */

int
store_new(const struct store_plan *plan, struct store **ret_store)
{
	struct store *s = NULL;
	int r;

	if ((r = mem_new(&s, sizeof *s)) != 0)
		return r;
	s->plan = *plan;
	buf_init(&s->error_body, STORE_WHY_MAX + 16);
	buf_init(&s->error_reply, STORE_WHY_MAX + 64);
	if (buf_extend(&s->error_body, s->error_body.max) == NULL ||
		buf_extend(&s->error_reply, s->error_reply.max) == NULL ||
		(r = mem_new_array(&s->asks, STORE_ASKS_MAX, sizeof *s->asks)) != 0 ||
		(r = caller_new(s)) != 0 || (r = people_new(s)) != 0) {
		store_free(s);
		return r != 0 ? r : FAIL_NOMEM;
	}
	*ret_store = s;
	return 0;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	held_clear(&s->held);
	store_questions_free(s);
	held_clear(&s->held);
	if (db_is_in_transaction(s->plan.db))
		db_abort(s->plan.db);
	for (size_t i = 0; i < STORE_PARTS; i++)
		mem_free(s->parts[i]);
	people_free(s->people);
	caller_free(s->caller);
	secret_free(s->ready_bytes);
	buf_done(&s->error_body);
	buf_done(&s->error_reply);
	mem_free(s->asks);
	mem_free(s);
}

/* Common ground. */

struct db *
store_db(struct store *s)
{
	return s->plan.db;
}

struct rng *
store_rng(struct store *s)
{
	return s->plan.rng;
}

const struct store_plan *
store_plan_of(const struct store *s)
{
	return &s->plan;
}

const struct vault_ready *
store_ready(const struct store *s)
{
	return s->ready.member.len > 0 ? &s->ready : NULL;
}

int
store_state(struct store *s, enum store_part part, size_t size, void *ret_ptr)
{
	void *ptr = s->parts[part];
	int r;

	if (ptr == NULL && (r = mem_new(&ptr, size)) != 0)
		return r;
	s->parts[part] = ptr;
	memcpy(ret_ptr, &ptr, sizeof ptr);
	return 0;
}

/* Asks. */

static const struct store_route *
find_route(const struct front_ask *front)
{
	static const struct store_routes *const all[] = {&store_people_routes,
		&store_cables_routes, &store_opening_routes, &store_grams_routes,
		&store_queries_routes};
	static const unsigned who[] = {
		[FRONT_CLIENT] = STORE_OPEN | STORE_OFFICER | STORE_ENROLLER,
		[FRONT_PEER] = STORE_MEMBER,
		[FRONT_ADMIN] = STORE_ADMIN,
	};

	for (size_t t = 0; t < sizeof all / sizeof all[0]; t++)
		for (size_t i = 0; i < all[t]->count; i++) {
			const struct store_route *route = &all[t]->routes[i];

			if ((route->who & who[front->source]) != 0 &&
				strlen(route->path) == front->path.len &&
				memcmp(route->path, front->path.ptr, front->path.len) ==
					0)
				return route;
		}
	return NULL;
}

struct asking {
	struct front_ask front;
	uint64_t number;
};

static int
member_calls(struct store *s, struct rd tls, struct store_ask *ask)
{
	int r;

	if ((r = caller_of_member(s, tls, ask)) != 0)
		return r;
	return store_cables_heard(
		s, store_roster(s)->members[ask->member].name, s->now_ms);
}

static int
ask_work(struct store *s, void *ctx)
{
	const struct asking *asking = ctx;
	const struct front_ask *front = &asking->front;
	const struct store_route *route = find_route(front);
	struct store_ask ask = {.number = asking->number,
		.who = STORE_OPEN,
		.path = front->path,
		.body = front->body,
		.now_ms = s->now_ms};
	int r = 0;

	if (s->ready.member.len == 0)
		return store_because(s, FAIL_AGAIN, "the station is starting");
	if (route == NULL)
		return store_because(s, FAIL_ABSENT, "there is no such path");
	if (front->source == FRONT_ADMIN)
		ask.who = STORE_ADMIN;
	else if (front->source == FRONT_PEER)
		r = member_calls(s, front->peer, &ask);
	else if ((route->who & STORE_OPEN) == 0)
		r = caller_of_client(s, front->body, &ask);
	if (r != 0)
		return r;
	if ((route->who & ask.who) == 0)
		return store_because(s, FAIL_REFUSED, "this is not for such a key");
	return route->handle(s, &ask);
}

static int
handle_ask(struct store *s, const struct wire_message *m)
{
	struct asking asking = {.number = m->number};
	int r;

	if (codec_parse_whole(&front_ask_codec, m->body, &asking.front) != 0)
		return FAIL_REFUSED;
	s->figures[FIGURE_ASKS]++;
	if ((r = store_ask_open(s, m->number)) == FAIL_AGAIN) {
		static const char why[] = "the station is busy";

		store_ask_error(s, m->number, r, rd_of(why, sizeof why - 1));
		return 0;
	}
	if (r == 0)
		(void)store_work(s, ask_work, &asking, m->number);
	return r;
}

/* Answers. */

/* What another station answered when it was not 200. */
static void
answer_error(struct rd body, struct store_answer *answer)
{
	struct post_error error;

	if (codec_parse_whole(&post_error_codec, body, &error) != 0 ||
		error.fail > -FAIL_TOO_BIG) {
		answer->r = FAIL_FORMAT;
		return;
	}
	answer->r = -(int)error.fail;
	answer->why = error.text;
}

static int
handle_result(struct store *s, const struct wire_message *m)
{
	static const char *const whys[] = {"",
		"the other member's station cannot be reached",
		"the other member's station does not answer in time",
		"the other member's station answers what nobody can read"};
	struct store_answer answer = {.why = rd_of("", 0), .now_ms = s->now_ms};
	struct front_result result;

	if (codec_parse_whole(&front_result_codec, m->body, &result) != 0)
		return FAIL_REFUSED;
	s->figures[FIGURE_CALLS]++;
	answer.body = result.body;
	if (result.outcome != FRONT_ANSWERED) {
		answer.r = FAIL_CLOSED;
		answer.why = rd_of(whys[result.outcome], strlen(whys[result.outcome]));
	} else {
		answer.status = result.status;
		if (result.status != 200)
			answer_error(result.body, &answer);
	}
	if (answer.r != 0)
		s->figures[FIGURE_CALLS_FAILED]++;
	return store_question_answer(s, m->number, true, &answer);
}

static int
handle_done(struct store *s, const struct wire_message *m)
{
	struct store_answer answer = {.now_ms = s->now_ms};
	struct vault_done done;

	if (codec_parse_whole(&vault_done_codec, m->body, &done) != 0)
		return FAIL_REFUSED;
	answer.r = -(int)done.fail;
	answer.why = done.why;
	answer.body = done.body;
	return store_question_answer(s, m->number, false, &answer);
}

static int
start_work(struct store *s, void *ctx)
{
	int *r = ctx;

	return *r = people_start(s);
}

static int
handle_ready(struct store *s, const struct wire_message *m)
{
	int r;

	if (s->ready.member.len > 0)
		return FAIL_REFUSED;
	if ((r = secret_new(m->body.len, &s->ready_bytes)) != 0)
		return r;
	memcpy(s->ready_bytes->bytes, m->body.ptr, m->body.len);
	if (codec_parse_whole(&vault_ready_codec,
		    rd_of(s->ready_bytes->bytes, s->ready_bytes->len), &s->ready) != 0)
		return FAIL_REFUSED;
	people_forget(s, true);
	r = FAIL_AGAIN;
	(void)store_work(s, start_work, &r, 0);
	return r;
}

static int
handle_front(struct store *s, const struct wire_message *m)
{
	return m->type == FRONT_ASK ? handle_ask(s, m) : handle_result(s, m);
}

static int
handle_custody(struct store *s, const struct wire_message *m)
{
	return m->type == VAULT_READY ? handle_ready(s, m) : handle_done(s, m);
}

/* Also what a work before has left to be done. */
static void
set_time(struct store *s, uint64_t now_ms)
{
	s->now_ms = now_ms;
	if (s->start_ms == 0)
		s->start_ms = now_ms;
}

int
store_handle(struct store *s, enum role from, struct rd message, uint64_t now_ms)
{
	struct wire_message m;
	int r;

	set_time(s, now_ms);
	if (wire_parse(message, &m) != 0 || (from != ROLE_FRONT && from != ROLE_CUSTODY))
		return FAIL_REFUSED;
	if (!(from == ROLE_FRONT ? front_may(from, m.type, m.body.len)
				 : vault_may(from, m.type, m.body.len)))
		return FAIL_REFUSED;
	r = from == ROLE_FRONT ? handle_front(s, &m) : handle_custody(s, &m);
	if (r != 0)
		return r;
	/* A lost transaction is closed at once, and what is held stays bounded. */
	if (s->is_lost || s->held.count >= STORE_HELD_MAX ||
		s->held.len >= STORE_HELD_LEN_MAX)
		return store_idle(s, now_ms);
	return db_is_dead(s->plan.db) ? store_idle(s, now_ms) : 0;
}

/* The clock. */

struct ticking {
	int (*tick)(struct store *s, uint64_t now_ms, uint64_t *next_ms);
	uint64_t next_ms;
	int r;
};

static int
tick_work(struct store *s, void *ctx)
{
	struct ticking *t = ctx;

	return t->r = t->tick(s, s->now_ms, &t->next_ms);
}

/* What failed, whatever for, is asked again soon. */
int
store_tick(struct store *s, uint64_t now_ms, uint64_t *ret_next_ms)
{
	static int (*const ticks[])(struct store *, uint64_t, uint64_t *) = {
		store_people_tick, store_cables_tick, store_opening_tick};
	uint64_t next_ms = now_ms + STORE_TICK_MAX_MS;

	set_time(s, now_ms);
	store_asks_expire(s);
	store_questions_late(s);
	for (size_t i = 0; store_ready(s) != NULL && i < 3; i++) {
		struct ticking t = {
			.tick = ticks[i], .next_ms = next_ms, .r = FAIL_AGAIN};

		(void)store_work(s, tick_work, &t, 0);
		if (t.r != 0 && t.next_ms > now_ms + STORE_TICK_MS)
			t.next_ms = now_ms + STORE_TICK_MS;
		next_ms = t.next_ms;
	}
	if (store_show_figures(s) != 0 || s->late_count > 0)
		next_ms = now_ms + STORE_TICK_MS;
	*ret_next_ms = next_ms;
	return db_is_dead(s->plan.db) ? store_idle(s, now_ms) : 0;
}
