/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/*
 * Answers are held in an array that is there from the start, so that work which was done can
 * always be answered; one for which memory is short becomes an error of its own.
 */

enum { MS = 1000, DAY_S = 24 * 3600, TURN_AGAIN_S = 60, BODY_MAX = 5 << 20 };
enum { FRAME_LEN = 1 + 2 + VAULT_WHY_MAX + 4 };

static vault_handler_fn *const handlers[] = {
	[VAULT_ROSTER] = vault_handle_roster,
	[VAULT_TICK] = vault_handle_tick,
	[VAULT_SIGN_DIRECTORY] = vault_handle_sign_directory,
	[VAULT_SEND] = vault_handle_send,
	[VAULT_KEEP] = vault_handle_keep,
	[VAULT_AUTHORISE] = vault_handle_authorise,
	[VAULT_SHARE] = vault_handle_share,
	[VAULT_SIGN_RECEIPT] = vault_handle_sign_receipt,
	[VAULT_SIGN_RECALL] = vault_handle_sign_recall,
	[VAULT_COUNT_GRANT] = vault_handle_count_grant,
	[VAULT_DESTROY] = vault_handle_destroy,
	[VAULT_FOUND] = vault_handle_found,
};

const uint8_t *
vault_tls_seed(const struct own_station *station)
{
	return own_station_seed(station, STATION_TLS);
}

const uint8_t *
vault_seed(const struct vault *v, enum own_station_seed which)
{
	return own_station_seed(v->plan.station, which);
}

int
vault_because(struct vault *v, int r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(v->why, sizeof v->why, format, args);
	va_end(args);
	return r;
}

uint16_t
vault_suite(const struct vault *v)
{
	const struct roster *roster = v->pins.now.roster;

	return roster != NULL ? roster->require_suite : SUITE_1;
}

int
vault_turn(struct vault *v)
{
	int r;

	/* A clock that was ahead for a while must not put the next turn off for as long. */
	if (v->now_s < v->turn_at_s && v->turn_at_s - v->now_s <= DAY_S)
		return 0;
	/* Turning writes all files anew: what was not durable so far is answered for first. */
	if ((r = vault_idle(v)) != 0)
		return r;
	v->turn_fail = r = state_turn(v->state, vault_suite(v), v->now_s);
	if (r != 0) {
		v->turn_at_s = v->now_s + TURN_AGAIN_S;
		return r;
	}
	v->turn_at_s = (v->now_s / DAY_S + 1) * DAY_S;
	return 0;
}

/* Held answers. */

static int
hold_ready(struct vault *v)
{
	struct vault_held *held = &v->held[0];
	struct vault_ready ready = {.member = v->own.name,
		.domain = v->own.domain,
		.url = v->own.url,
		.tls = v->own.tls,
		.log = v->own.log,
		.witness = v->own.witness,
		.sign = v->own.sign,
		.roster = v->pins.now.hash,
		.unlocked_by = (uint8_t)v->plan.unlocked_by};
	uint8_t row_key[VAULT_KEY_LEN];
	int r;

	if ((r = vault_derive(vault_seed(v, STATION_UNLOCK), "rows", row_key)) != 0)
		return r;
	ready.row_key = row_key;
	*held = (struct vault_held){.type = VAULT_READY};
	buf_init(&held->body, BODY_MAX);
	codec_write(&vault_ready_codec, &ready, &held->body);
	mem_wipe(row_key, sizeof row_key);
	v->held_count = 1;
	return buf_error(&held->body);
}

static void
drop_held(struct vault *v)
{
	for (size_t i = 0; i < v->held_count; i++)
		buf_done(&v->held[i].body);
	v->held_count = 0;
}

/* Let one out; the frame's memory was set aside, so an error can always be told. */
static void
let_out(struct vault *v, struct vault_held *held)
{
	struct wire_message message = {.type = held->type, .number = held->number};
	struct vault_done done = {.fail = (uint8_t)-held->fail,
		.why = rd_of(held->why, strlen(held->why)),
		.body = rd_of(held->body.data, held->fail == 0 ? held->body.len : 0)};
	struct buf frame;

	if (held->type == VAULT_READY) {
		message.body = rd_of(held->body.data, held->body.len);
		v->plan.out.emit(v->plan.out.ctx, &message);
		return;
	}
	buf_init(&frame, BODY_MAX);
	if (done.body.len > 0) {
		codec_write(&vault_done_codec, &done, &frame);
		if (buf_error(&frame) != 0)
			done = (struct vault_done){.fail = (uint8_t)-buf_error(&frame)};
		else
			message.body = rd_of(frame.data, frame.len);
	}
	if (done.body.len == 0) {
		buf_clear(&v->frame);
		codec_write(&vault_done_codec, &done, &v->frame);
		CHECK(buf_error(&v->frame) == 0);
		message.body = rd_of(v->frame.data, v->frame.len);
	}
	v->plan.out.emit(v->plan.out.ctx, &message);
	buf_done(&frame);
}

int
vault_idle(struct vault *v)
{
	int r = state_commit(v->state, v->now_s);

	for (size_t i = 0; i < v->held_count; i++) {
		struct vault_held *held = &v->held[i];

		if (r != 0 && held->fail == 0 && held->type == VAULT_DONE) {
			held->fail = r;
			(void)snprintf(held->why, sizeof held->why,
				"keys cannot be made durable: %s", fail_text(r));
		}
		let_out(v, held);
	}
	drop_held(v);
	/* Store has been told; only a disk in an unknown state ends the process. */
	return r == FAIL_CLOSED ? r : 0;
}

/* Life. */

static int
open_files(struct vault *v)
{
	struct state_plan plan = {.unlock = vault_seed(v, STATION_UNLOCK),
		.disk = v->plan.disk,
		.second = v->plan.second,
		.rng = v->plan.rng};
	int r;

	if ((r = state_open(&plan, v->now_s, &v->state)) != 0 ||
		(r = pins_load(&v->pins, v->state)) != 0)
		return r;
	return 0;
}

int
vault_new(const struct vault_plan *plan, uint64_t now_ms, struct vault **ret_vault)
{
	struct vault *v = NULL;
	int r;

	if ((r = mem_new(&v, sizeof *v)) != 0)
		return r;
	v->plan = *plan;
	v->now_s = now_ms / MS;
	own_station_entry(plan->station, &v->own);
	v->member = v->own.name;
	buf_init(&v->frame, FRAME_LEN);
	/* The memory of the longest DONE without a body, once and for all. */
	if (buf_extend(&v->frame, FRAME_LEN) == NULL) {
		r = buf_error(&v->frame);
		goto out;
	}
	if ((r = mem_new_array(&v->held, VAULT_HELD_MAX, sizeof *v->held)) != 0 ||
		(r = open_files(v)) != 0 || (r = vault_turn(v)) != 0 ||
		(r = hold_ready(v)) != 0)
		goto out;
	*ret_vault = v;
	v = NULL;
out:
	vault_free(v);
	return r;
}

void
vault_free(struct vault *v)
{
	if (v == NULL)
		return;
	if (v->held != NULL)
		drop_held(v);
	mem_free(v->held);
	mem_free(v->answered);
	buf_done(&v->frame);
	pins_done(&v->pins);
	state_free(v->state);
	mem_free(v);
}

bool
vault_second_failed(const struct vault *v)
{
	return state_second_failed(v->state);
}

bool
vault_was_cut(const struct vault *v)
{
	return state_was_cut(v->state);
}

static void
work_off(struct vault *v, const struct wire_message *message)
{
	struct vault_held *held = &v->held[v->held_count++];

	*held = (struct vault_held){.type = VAULT_DONE, .number = message->number};
	buf_init(&held->body, BODY_MAX);
	v->why[0] = '\0';
	held->fail = handlers[message->type](v, message->body, &held->body);
	if (held->fail == 0)
		held->fail = buf_error(&held->body);
	if (held->fail == 0)
		return;
	buf_clear(&held->body);
	if (v->why[0] == '\0')
		(void)snprintf(v->why, sizeof v->why, "%s", fail_text(held->fail));
	memcpy(held->why, v->why, sizeof held->why);
}

int
vault_handle(struct vault *v, struct rd message, uint64_t now_ms)
{
	struct wire_message m;
	int r;

	if (wire_parse(message, &m) != 0 || !vault_may(ROLE_STORE, m.type, m.body.len))
		return FAIL_REFUSED;
	CHECK(m.type < sizeof handlers / sizeof handlers[0] && handlers[m.type] != NULL);
	v->now_s = now_ms / MS;
	if (v->held_count == VAULT_HELD_MAX && (r = vault_idle(v)) != 0)
		return r;
	/* TICK tells when this fails; nobody else is kept waiting for it. */
	if (vault_turn(v) == FAIL_CLOSED)
		return FAIL_CLOSED;
	work_off(v, &m);
	return 0;
}
