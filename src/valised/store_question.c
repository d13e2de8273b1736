/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/store_core.h"

/*
 * A question's number carries its place in its low bits, so that an answer is found at once,
 * and a running number above them, so that an answer to an older question is not taken for
 * one to the newer in the same place.
 */

static const struct rd no_text = {(const uint8_t *)"", 0};

static struct question *
place_of(struct store *s, uint64_t number)
{
	size_t i = number & (STORE_QUESTIONS_MAX - 1);

	if (number == 0 || i >= s->question_places || s->questions[i].number != number)
		return NULL;
	return &s->questions[i];
}

static int
make_places(struct store *s)
{
	size_t more = s->question_places == 0 ? 64 : 2 * s->question_places;
	int r;

	if (s->question_places == STORE_QUESTIONS_MAX)
		return store_because(s, FAIL_AGAIN, "the station is busy");
	r = mem_grow(&s->questions, s->question_places * sizeof *s->questions,
		more * sizeof *s->questions);
	if (r == 0)
		s->question_places = more;
	return r;
}

/* A free place, taken. */
static int
take_place(struct store *s, const struct store_question *asked,
	struct question **ret_question)
{
	size_t i = 0;
	int r;

	if (s->question_count == s->question_places && (r = make_places(s)) != 0)
		return r;
	while (s->questions[i].number != 0)
		i++;
	s->questions[i] = (struct question){
		.number = ++s->next_number * STORE_QUESTIONS_MAX + i, .asked = *asked};
	s->question_count++;
	*ret_question = &s->questions[i];
	return 0;
}

static void
give_place(struct store *s, struct question *q)
{
	s->late_count -= q->late != 0;
	*q = (struct question){0};
	s->question_count--;
}

struct asking {
	enum role to;
	uint8_t type;
	const struct codec *codec;
	const void *message;
	size_t member;
};

/* Hold the message that asks; when it cannot be held, nothing was asked. */
static int
ask(struct store *s, const struct asking *a, const struct store_question *asked)
{
	struct wire_message head = {.type = a->type};
	struct question *q = NULL;
	int r;

	if (s->failing != 0)
		return s->failing;
	if ((r = take_place(s, asked, &q)) != 0)
		return r;
	q->is_call = a->to == ROLE_FRONT;
	q->member = a->member;
	head.number = q->number;
	r = store_hold(s, a->to, &head, a->codec, a->message);
	if (r != 0)
		give_place(s, q);
	return r;
}

int
store_vault(struct store *s, enum vault_type type, const struct codec *codec,
	const void *message, const struct store_question *question)
{
	const struct asking a = {.to = ROLE_CUSTODY,
		.type = (uint8_t)type,
		.codec = codec,
		.message = message};

	if (s->ready.member.len == 0)
		return store_because(s, FAIL_AGAIN, "the station is starting");
	return ask(s, &a, question);
}

int
store_call(struct store *s, size_t member, const char *path, struct rd body,
	const struct store_question *question)
{
	const struct roster *roster = store_roster(s);
	struct front_call call = {.path = rd_of(path, strlen(path)),
		.body = body,
		.timeout_ms = STORE_CALL_MS};
	const struct asking a = {.to = ROLE_FRONT,
		.type = FRONT_CALL,
		.codec = &front_call_codec,
		.message = &call,
		.member = member};

	CHECK(roster != NULL && member < roster->member_count);
	call.tls = roster->members[member].tls;
	call.url = roster->members[member].url;
	return ask(s, &a, question);
}

struct answering {
	uint64_t number;
	const struct store_answer *answer;
};

static int
answer_work(struct store *s, void *ctx)
{
	const struct answering *a = ctx;
	struct question *q = place_of(s, a->number);
	struct store_question asked = q->asked;

	give_place(s, q);
	return asked.done(s, asked.ctx, a->answer);
}

/*
 * When there is no transaction to be had, the continuation cannot run: what it writes would
 * be lost.  It hears that it failed as soon as there is one.
 */
static void
answer_question(
	struct store *s, const struct question *q, const struct store_answer *answer)
{
	struct answering a = {.number = q->number, .answer = answer};
	struct question *late;

	if (store_work(s, answer_work, &a, q->asked.number))
		return;
	late = place_of(s, a.number);
	CHECK(late != NULL);
	s->late_count += late->late == 0;
	late->late = answer->r != 0 ? answer->r : FAIL_AGAIN;
}

void
store_questions_late(struct store *s)
{
	for (size_t i = 0; s->late_count > 0 && i < s->question_places; i++) {
		const struct store_answer answer = {.r = s->questions[i].late,
			.why = no_text,
			.body = no_text,
			.now_ms = s->now_ms};

		if (answer.r != 0)
			answer_question(s, &s->questions[i], &answer);
	}
}

int
store_question_answer(
	struct store *s, uint64_t number, bool is_call, const struct store_answer *answer)
{
	const struct question *q = place_of(s, number);

	if (q == NULL || q->is_call != is_call || q->late != 0)
		return FAIL_REFUSED;
	if (answer->status != 0)
		people_contact(s, q->member);
	answer_question(s, q, answer);
	return 0;
}

void
store_question_drop(struct store *s, const struct held_item *item, int r, bool is_silent)
{
	const struct store_answer answer = {
		.r = r, .why = no_text, .body = no_text, .now_ms = s->now_ms};
	struct question *q = place_of(s, item->number);

	CHECK(q != NULL);
	if (is_silent)
		q->asked.number = 0;
	answer_question(s, q, &answer);
}

/* The end: each continuation frees what it has, or, where nothing can be written, is freed. */
void
store_questions_free(struct store *s)
{
	const struct store_answer answer = {
		.r = FAIL_CLOSED, .why = no_text, .body = no_text, .now_ms = s->now_ms};

	s->failing = FAIL_CLOSED;
	for (size_t i = 0; i < s->question_places; i++) {
		struct question *q = &s->questions[i];

		if (q->number == 0)
			continue;
		q->asked.number = 0;
		answer_question(s, q, &answer);
		mem_free(q->asked.ctx);
	}
	mem_free(s->questions);
	s->questions = NULL;
}
