/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "valised/store_core.h"
#include "wire/parent.h"

/*
 * Answers to asks.  An ask is open from the moment it came until its answer is held; what
 * comes later for it is dropped.  So a piece of work that fails after it has replied, or whose
 * questions are still on their way, cannot answer twice.
 */

/* docs/format/station.md; what is not here is 503: the fault is the station's. */
static const struct {
	int fail;
	uint16_t status;
} statuses[] = {
	{FAIL_FORMAT, 400},
	{FAIL_TRUNCATED, 400},
	{FAIL_VERSION, 400},
	{FAIL_LIMIT, 400},
	{FAIL_SUITE, 400},
	{FAIL_SIGNATURE, 401},
	{FAIL_SIGNER, 401},
	{FAIL_TIMEOUT, 401},
	{FAIL_REFUSED, 403},
	{FAIL_ABSENT, 404},
	{FAIL_EXISTS, 409},
	{FAIL_MISMATCH, 409},
	{FAIL_SPACE, 507},
};

uint16_t
store_status_of(int fail)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i].fail == fail)
			return statuses[i].status;
	return 503;
}

int
store_because(struct store *s, int r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(s->because, sizeof s->because, format, args);
	va_end(args);
	return r;
}

static struct open_ask *
find(const struct store *s, uint64_t number)
{
	for (size_t i = 0; i < s->ask_count; i++)
		if (s->asks[i].number == number)
			return &s->asks[i];
	return NULL;
}

bool
store_ask_is_open(const struct store *s, uint64_t number)
{
	return find(s, number) != NULL;
}

/* FAIL_REFUSED: the number is in use; FAIL_AGAIN: too many at once. */
int
store_ask_open(struct store *s, uint64_t number)
{
	if (store_ask_is_open(s, number))
		return FAIL_REFUSED;
	if (s->ask_count == STORE_ASKS_MAX)
		return FAIL_AGAIN;
	s->asks[s->ask_count++] =
		(struct open_ask){.number = number, .since_ms = s->now_ms};
	return 0;
}

static void
close_ask(struct store *s, struct open_ask *ask)
{
	*ask = s->asks[--s->ask_count];
}

static bool
is_permitted(enum role to, uint8_t type, size_t body_len)
{
	if (to == ROLE_FRONT)
		return front_may(ROLE_STORE, type, body_len);
	if (to == ROLE_CUSTODY)
		return vault_may(ROLE_STORE, type, body_len);
	return parent_may(ROLE_STORE, type, body_len);
}

int
store_hold(struct store *s, enum role to, const struct wire_message *head,
	const struct codec *codec, const void *message)
{
	struct buf body;

	buf_init(&body, WIRE_BODY_MAX);
	if (codec != NULL)
		codec_write(codec, message, &body);
	if (buf_error(&body) == 0 && !is_permitted(to, head->type, body.len))
		body.error = FAIL_LIMIT;
	return held_put(&s->held, to, head->type, head->number, &body);
}

int
store_notify(struct store *s, uint8_t precedence, uint64_t number)
{
	const struct wire_message head = {.type = PARENT_NOTIFY};
	const struct parent_notify notify = {.precedence = precedence, .number = number};

	return store_hold(s, ROLE_PARENT, &head, &parent_notify_codec, &notify);
}

/* The message is written to `text`, a post_error, and that into a front_reply. */
static int
write_error(int r, struct rd why, struct buf *text, struct buf *out)
{
	struct post_error error = {.fail = (uint8_t)-r, .text = why};
	struct front_reply reply = {.status = store_status_of(r)};

	if (why.len == 0)
		error.text = rd_of(fail_text(r), strlen(fail_text(r)));
	if (error.text.len > STORE_WHY_MAX)
		error.text.len = STORE_WHY_MAX;
	buf_clear(text);
	buf_clear(out);
	codec_write(&post_error_codec, &error, text);
	reply.body = rd_of(text->data, text->len);
	codec_write(&front_reply_codec, &reply, out);
	if (buf_error(text) != 0)
		return buf_error(text);
	return buf_error(out);
}

/*
 * An error promises nothing, so it may leave before a commit.  The buffers were grown at the
 * start: whoever asked is told also when there is no memory.
 */
void
store_ask_emit_error(struct store *s, uint64_t number, int r, struct rd why)
{
	struct wire_message m = {.type = FRONT_REPLY, .number = number};

	CHECK(r < 0 && write_error(r, why, &s->error_body, &s->error_reply) == 0);
	m.body = rd_of(s->error_reply.data, s->error_reply.len);
	s->figures[FIGURE_REFUSED]++;
	s->plan.out.emit(s->plan.out.ctx, ROLE_FRONT, &m);
}

void
store_ask_fail(struct store *s, uint64_t number, int r, struct rd why)
{
	struct open_ask *ask = find(s, number);

	if (ask == NULL)
		return;
	close_ask(s, ask);
	store_ask_error(s, number, r, why);
}

/* Held, when it can be, so that answers leave in order. */
void
store_ask_error(struct store *s, uint64_t number, int r, struct rd why)
{
	struct buf text, body;

	buf_init(&text, s->error_body.max);
	buf_init(&body, s->error_reply.max);
	if (write_error(r, why, &text, &body) == 0 &&
		held_put(&s->held, ROLE_FRONT, FRONT_REPLY, number, &body) == 0)
		s->figures[FIGURE_REFUSED]++;
	else
		store_ask_emit_error(s, number, r, why);
	buf_done(&text);
	buf_done(&body);
}

int
store_refuse(struct store *s, uint64_t number, int fail, const char *why)
{
	store_ask_fail(s, number, fail, rd_of(why, strlen(why)));
	return 0;
}

int
store_reply(
	struct store *s, uint64_t number, const struct codec *codec, const void *message)
{
	const struct wire_message head = {.type = FRONT_REPLY, .number = number};
	struct front_reply reply = {.status = 200};
	struct open_ask *ask = find(s, number);
	struct buf body;
	int r;

	if (ask == NULL)
		return 0;
	buf_init(&body, FRONT_HTTP_MAX);
	if (codec != NULL)
		codec_write(codec, message, &body);
	reply.body = rd_of(body.data, body.len);
	if ((r = buf_error(&body)) == 0)
		r = store_hold(s, ROLE_FRONT, &head, &front_reply_codec, &reply);
	if (r == 0)
		close_ask(s, ask);
	buf_done(&body);
	return r;
}

/* Whoever asked has given up long since; the number must not stay in use for ever. */
void
store_asks_expire(struct store *s)
{
	static const char why[] = "this took too long; try again";

	for (size_t i = s->ask_count; i-- > 0;) {
		const struct open_ask *ask = &s->asks[i];

		if (s->now_ms - ask->since_ms >= STORE_ASK_WAIT_MS)
			store_ask_fail(
				s, ask->number, FAIL_AGAIN, rd_of(why, sizeof why - 1));
	}
}
