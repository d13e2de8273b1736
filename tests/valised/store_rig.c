/* SPDX-License-Identifier: Apache-2.0 */
#include "store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../member/community.h"
#include "../member/people.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "store/station.h"

/* The doubles: one rig at a time, so that the parts left out find it. */
static struct rig *current;

static const struct store_route no_routes[] = {{"nothing", STORE_OPEN, NULL}};
const struct store_routes store_cables_routes = {no_routes, 0};
const struct store_routes store_opening_routes = {no_routes, 0};
const struct store_routes store_grams_routes = {no_routes, 0};

int
store_cables_heard(struct store *s, struct rd member, uint64_t now_ms)
{
	(void)s;
	(void)member;
	(void)now_ms;
	return 0;
}

int
store_cables_pump(struct store *s, uint64_t now_ms)
{
	(void)s;
	(void)now_ms;
	return 0;
}

int
store_cables_tick(struct store *s, uint64_t now_ms, uint64_t *next_ms)
{
	(void)s;
	(void)now_ms;
	(void)next_ms;
	return 0;
}

int
store_opening_tick(struct store *s, uint64_t now_ms, uint64_t *next_ms)
{
	return store_cables_tick(s, now_ms, next_ms);
}

int
store_outgoing_put(struct store *s, const struct store_outgoing *out, uint64_t now_ms)
{
	struct rig_outgoing *o = &current->outgoing[current->outgoing_count];

	(void)s;
	(void)now_ms;
	if (current->outgoing_r != 0)
		return current->outgoing_r;
	assert_true(current->outgoing_count < RIG_MAX);
	assert_true(out->member.len < sizeof o->member);
	memset(o, 0, sizeof *o);
	memcpy(o->member, out->member.ptr, out->member.len);
	memcpy(o->path, out->path, strlen(out->path));
	o->urgency = out->urgency;
	buf_init(&o->bytes, FRONT_HTTP_MAX);
	buf_bytes(&o->bytes, out->bytes.ptr, out->bytes.len);
	if (buf_error(&o->bytes) != 0)
		return buf_error(&o->bytes);
	current->outgoing_count++;
	return 0;
}

struct rd
rig_bytes(const struct buf *b)
{
	assert_int_equal(buf_error(b), 0);
	return rd_of(b->data != NULL ? b->data : (const uint8_t *)"", b->len);
}

static int
count_up(struct rng *rng, void *out, size_t len)
{
	static uint64_t n;
	uint8_t *at = out;

	(void)rng;
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(++n * 0x9e3779b97f4a7c15 >> 56);
	return 0;
}

/* A test that refuses memory does not want to refuse it to the rig. */
static void
emit(void *ctx, enum role to, const struct wire_message *message)
{
	struct rig *rig = ctx;
	struct rig_message *m = &rig->messages[rig->message_count];

	assert_true(rig->message_count < RIG_MAX);
	assert_true(to == ROLE_FRONT
			? front_may(ROLE_STORE, message->type, message->body.len)
			: vault_may(ROLE_STORE, message->type, message->body.len));
	*m = (struct rig_message){
		.to = to, .type = message->type, .number = message->number};
	m->body.max = WIRE_BODY_MAX;
	m->body.data = test_malloc(message->body.len + 1);
	if (message->body.len > 0)
		memcpy(m->body.data, message->body.ptr, message->body.len);
	m->body.len = message->body.len;
	rig->message_count++;
}

void
rig_forget(struct rig *rig)
{
	for (size_t i = 0; i < rig->message_count; i++)
		test_free(rig->messages[i].body.data);
	for (size_t i = 0; i < rig->outgoing_count; i++)
		buf_done(&rig->outgoing[i].bytes);
	rig->message_count = 0;
	rig->outgoing_count = 0;
}

size_t
rig_queued(const struct rig *rig, const char *member, const char *path)
{
	size_t count = 0;

	for (size_t i = 0; i < rig->outgoing_count; i++)
		count += strcmp(rig->outgoing[i].member, member) == 0 &&
			strcmp(rig->outgoing[i].path, path) == 0;
	return count;
}

size_t
rig_said(const struct rig *rig, enum role to, uint8_t type)
{
	size_t count = 0;

	for (size_t i = 0; i < rig->message_count; i++)
		count += rig->messages[i].to == to && rig->messages[i].type == type;
	return count;
}

int
rig_say(struct rig *rig, enum role from, uint8_t type, uint64_t number,
	const struct codec *codec, const void *message)
{
	struct wire_message m = {.type = type, .number = number};
	struct buf body, bytes;
	int r;

	buf_init(&body, WIRE_BODY_MAX);
	buf_init(&bytes, WIRE_BODY_MAX + WIRE_HEAD_LEN);
	if (codec != NULL)
		codec_write(codec, message, &body);
	m.body = rd_of(body.data, body.len);
	wire_write(&m, &bytes);
	assert_int_equal(buf_error(&body), 0);
	assert_int_equal(buf_error(&bytes), 0);
	if (rig->fail_after >= 0)
		mem_fail_after(rig->fail_after, true);
	r = store_handle(rig->store, from, rd_of(bytes.data, bytes.len), rig->now_ms);
	if (rig->fail_after >= 0) {
		(void)!store_idle(rig->store, rig->now_ms);
		rig->failed += mem_failed_count();
		mem_fail_never();
		rig->fail_after = -1;
	}
	buf_done(&body);
	buf_done(&bytes);
	return r;
}

/* Custody. */

static void
answer_keys(struct rig *rig, uint64_t number)
{
	struct vault_keys keys = {.is_changed = 1, .text = rd_of("", 0)};
	struct vault_done done = {.why = rd_of("", 0)};
	struct buf list, body;
	uint64_t week = rig->now_ms / 1000 / 604800;

	buf_init(&list, 8192);
	for (uint64_t i = 0; i < 2; i++) {
		struct vault_key key = {.suite = SUITE_1,
			.from_s = (week + i) * 604800,
			.wiped_s = (week + i + 3) * 604800};
		struct kem_public public_key;
		uint8_t seed[32];
		char purpose[32];

		(void)snprintf(purpose, sizeof purpose, "custody %llu",
			(unsigned long long)(week + i));
		people_seed(rig->member, "station", purpose, seed);
		assert_int_equal(kem_public_of_seed(SUITE_1, seed, &public_key), 0);
		key.key = rd_of(public_key.bytes, public_key.len);
		codec_write(&vault_key_codec, &key, &list);
	}
	buf_init(&body, 8192);
	keys.keys = rig_bytes(&list);
	codec_write(&vault_keys_codec, &keys, &body);
	done.body = rig_bytes(&body);
	assert_int_equal(
		rig_say(rig, ROLE_CUSTODY, VAULT_DONE, number, &vault_done_codec, &done),
		0);
	buf_done(&list);
	buf_done(&body);
}

static void
answer_signature(struct rig *rig, const struct rig_message *m)
{
	struct vault_done done = {.why = rd_of("", 0)};
	struct vault_note text, reply;
	char name[64];
	uint8_t seed[32];
	struct buf note, body;

	assert_int_equal(
		codec_parse_whole(&vault_note_codec, rig_bytes(&m->body), &text), 0);
	people_seed(rig->member, "station", "sign", seed);
	(void)snprintf(name, sizeof name, "%s/sign", rig->member);
	buf_init(&note, NOTE_BYTES_MAX);
	buf_init(&body, NOTE_BYTES_MAX);
	assert_int_equal(note_text_write(text.note.ptr, text.note.len, &note), 0);
	assert_int_equal(note_sign(text.note.ptr, text.note.len, name, seed, &note), 0);
	reply.note = rig_bytes(&note);
	codec_write(&vault_note_codec, &reply, &body);
	done.body = rig_bytes(&body);
	assert_int_equal(rig_say(rig, ROLE_CUSTODY, VAULT_DONE, m->number,
				 &vault_done_codec, &done),
		0);
	buf_done(&note);
	buf_done(&body);
}

static void
answer(struct rig *rig, const struct rig_message *m)
{
	struct vault_done done = {.why = rd_of("", 0), .body = rd_of("", 0)};

	if (m->type == rig->refused) {
		done.fail = (uint8_t)-rig->refusal;
		done.why = rd_of("as the test says", 16);
	} else if (m->type == VAULT_TICK) {
		answer_keys(rig, m->number);
		return;
	} else if (m->type == VAULT_SIGN_DIRECTORY) {
		answer_signature(rig, m);
		return;
	}
	assert_int_equal(rig_say(rig, ROLE_CUSTODY, VAULT_DONE, m->number,
				 &vault_done_codec, &done),
		0);
}

void
rig_custody(struct rig *rig)
{
	for (size_t i = 0; i < rig->message_count; i++) {
		struct rig_message *m = &rig->messages[i];

		if (m->to != ROLE_CUSTODY || m->is_answered || rig->is_mute)
			continue;
		m->is_answered = true;
		answer(rig, m);
	}
}

/* A database that fails says so here too; tests that want that look at the answers. */
static void
ignore(int r)
{
	(void)r;
}

void
rig_settle(struct rig *rig)
{
	uint64_t next_ms;
	size_t count;

	do {
		count = rig->message_count;
		ignore(store_idle(rig->store, rig->now_ms));
		rig_custody(rig);
		ignore(store_tick(rig->store, rig->now_ms, &next_ms));
		ignore(store_idle(rig->store, rig->now_ms));
	} while (rig->message_count != count);
}

/* Life. */

int
rig_new(struct rig *rig)
{
	const struct store_plan plan = {.db = rig->db,
		.chunks_dir = "chunks",
		.rng = &rig->rng,
		.try_again_s_max = 60,
		.out = {emit, rig}};

	return store_new(&plan, &rig->store);
}

int
rig_open(struct rig *rig)
{
	static const uint8_t row_key[32] = {1};
	struct vault_ready ready = {.row_key = row_key,
		.roster = rig->custody_roster,
		.unlocked_by = VAULT_BY_FILE};
	struct entry e;
	int r;

	if ((r = rig_new(rig)) != 0)
		return r;
	community_entry(rig->member, &e);
	ready.member = e.name;
	ready.domain = e.domain;
	ready.url = e.url;
	ready.tls = e.tls;
	ready.log = e.log;
	ready.witness = e.witness;
	ready.sign = e.sign;
	return rig_say(rig, ROLE_CUSTODY, VAULT_READY, 0, &vault_ready_codec, &ready);
}

void
rig_begin_with(struct rig *rig, const char *member, struct db *db)
{
	memset(rig, 0, sizeof *rig);
	current = rig;
	rig->db = db;
	rig->member = member;
	rig->now_ms = RIG_NOW_MS;
	rig->fail_after = -1;
	rig->rng.fill = count_up;
	assert_int_equal(rig_open(rig), 0);
	rig_settle(rig);
}

void
rig_begin(struct rig *rig, const char *member)
{
	struct db *db = NULL;

	assert_int_equal(station_open(db_sqlite(), NULL, 1, &db), 0);
	rig_begin_with(rig, member, db);
}

void
rig_end(struct rig *rig)
{
	store_free(rig->store);
	rig_forget(rig);
	db_close(rig->db);
}

void
rig_restart(struct rig *rig)
{
	store_free(rig->store);
	rig_forget(rig);
	rig->store = NULL;
	assert_int_equal(rig_open(rig), 0);
	rig_settle(rig);
}

/* Asking. */

struct rig_reply
rig_reply_to(const struct rig *rig, uint64_t number)
{
	struct rig_reply reply = {.body = rd_of("", 0)};
	struct front_reply front;
	struct post_error error;
	size_t count = 0;

	for (size_t i = 0; i < rig->message_count; i++) {
		const struct rig_message *m = &rig->messages[i];

		if (m->to != ROLE_FRONT || m->type != FRONT_REPLY || m->number != number)
			continue;
		count++;
		assert_int_equal(codec_parse_whole(
					 &front_reply_codec, rig_bytes(&m->body), &front),
			0);
		reply.status = front.status;
		reply.body = front.body;
	}
	assert_true(count <= 1);
	if (count == 0 || reply.status == 200)
		return reply;
	assert_int_equal(codec_parse_whole(&post_error_codec, reply.body, &error), 0);
	reply.fail = -(int)error.fail;
	(void)snprintf(reply.text, sizeof reply.text, "%.*s", (int)error.text.len,
		(const char *)error.text.ptr);
	return reply;
}

void
rig_write_ask(struct rig *rig, const struct rig_asking *asking, struct buf *out)
{
	struct wire_message m = {.type = FRONT_ASK, .number = ++rig->number};
	struct front_ask ask = {.source = asking->source,
		.peer = rd_of("", 0),
		.path = rd_of(asking->path, strlen(asking->path))};
	struct entry e;
	struct buf body, bytes;

	if (asking->peer != NULL) {
		community_entry(asking->peer, &e);
		ask.peer = rd_of(e.tls, sizeof e.tls);
	}
	buf_init(&body, FRONT_HTTP_MAX);
	buf_init(&bytes, WIRE_BODY_MAX);
	if (asking->codec != NULL)
		codec_write(asking->codec, asking->message, &body);
	ask.body = rig_bytes(&body);
	codec_write(&front_ask_codec, &ask, &bytes);
	m.body = rig_bytes(&bytes);
	wire_write(&m, out);
	assert_int_equal(buf_error(out), 0);
	buf_done(&body);
	buf_done(&bytes);
}

int
rig_put(struct rig *rig, const struct rig_asking *asking)
{
	struct buf bytes;
	int r;

	buf_init(&bytes, WIRE_BODY_MAX);
	rig_write_ask(rig, asking, &bytes);
	r = store_handle(rig->store, ROLE_FRONT, rig_bytes(&bytes), rig->now_ms);
	buf_done(&bytes);
	return r;
}

struct rig_reply
rig_ask(struct rig *rig, const struct rig_asking *asking)
{
	assert_int_equal(rig_put(rig, asking), 0);
	assert_int_equal(rig_reply_to(rig, rig->number).status, 0);
	rig_settle(rig);
	return rig_reply_to(rig, rig->number);
}

struct rig_reply
rig_open_ask(
	struct rig *rig, const char *path, const struct codec *codec, const void *message)
{
	return rig_ask(
		rig, &(struct rig_asking){FRONT_CLIENT, NULL, path, codec, message});
}

struct rig_reply
rig_admin(
	struct rig *rig, const char *path, const struct codec *codec, const void *message)
{
	return rig_ask(
		rig, &(struct rig_asking){FRONT_ADMIN, NULL, path, codec, message});
}

struct rig_reply
rig_peer(struct rig *rig, const char *peer, const char *path, const struct codec *codec,
	const void *message)
{
	return rig_ask(rig, &(struct rig_asking){FRONT_PEER, peer, path, codec, message});
}
