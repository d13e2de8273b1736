/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_impl.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "store/station.h"

/*
 * The routing: what front, the parent and the network do, without any of them.  Messages are
 * handed over in the order in which they were said; a station that is down loses calls.
 */

_Noreturn void
sim_fail(const char *why)
{
	fail_check(why, __FILE__, __LINE__);
}

static int
fill(struct rng *rng, void *out, size_t len)
{
	struct sim_rng *self = (struct sim_rng *)rng;
	uint8_t hash[HASH_LEN], *at = out;

	while (len > 0) {
		size_t n = len < HASH_LEN ? len : HASH_LEN;

		self->block++;
		hash_sha256(&self->block, sizeof self->block, hash);
		memcpy(at, hash, n);
		at += n;
		len -= n;
	}
	return 0;
}

static void
put(struct sim_queue *queue, enum role from, const struct wire_message *message)
{
	struct sim_message *item;

	CHECK(queue->count < SIM_MESSAGES_MAX);
	item = &queue->items[(queue->first + queue->count++) % SIM_MESSAGES_MAX];
	item->from = from;
	buf_init(&item->bytes, WIRE_HEAD_LEN + WIRE_BODY_MAX);
	wire_write(message, &item->bytes);
	CHECK(buf_error(&item->bytes) == 0);
}

static bool
take(struct sim_queue *queue, struct sim_message *ret_message)
{
	if (queue->count == 0)
		return false;
	*ret_message = queue->items[queue->first];
	queue->first = (queue->first + 1) % SIM_MESSAGES_MAX;
	queue->count--;
	return true;
}

/* What front says. */

void
sim_put_front(struct sim_station *station, uint8_t type, uint64_t number,
	const struct codec *codec, const void *message)
{
	struct wire_message m = {.type = type, .number = number};
	struct buf body;

	buf_init(&body, WIRE_BODY_MAX);
	codec_write(codec, message, &body);
	CHECK(buf_error(&body) == 0);
	m.body = rd_of(body.data, body.len);
	CHECK(front_may(ROLE_FRONT, type, body.len));
	put(&station->to_store, ROLE_FRONT, &m);
	buf_done(&body);
}

uint64_t
sim_wait_for(struct sim *sim, size_t at, size_t caller, uint64_t caller_number)
{
	for (size_t i = 0; i < sizeof sim->waits / sizeof sim->waits[0]; i++)
		if (sim->waits[i].number == 0) {
			sim->waits[i] = (struct sim_wait){.number = ++sim->next_number,
				.at = at,
				.caller = caller,
				.caller_number = caller_number};
			return sim->next_number;
		}
	sim_fail("too many asks at once");
}

static void
put_result(struct sim_station *caller, uint64_t number, const struct front_result *result)
{
	sim_put_front(caller, FRONT_RESULT, number, &front_result_codec, result);
}

static void
call(struct sim_station *from, const struct wire_message *m)
{
	struct front_result unreachable = {
		.outcome = FRONT_UNREACHABLE, .body = rd_of("", 0)};
	struct sim *sim = from->sim;
	struct front_call c;
	uint8_t key[SIGN_PUBLIC_LEN];

	CHECK(codec_parse_whole(&front_call_codec, m->body, &c) == 0);
	sim->calls++;
	(void)snprintf(sim->last_path, sizeof sim->last_path, "%.*s", (int)c.path.len,
		(const char *)c.path.ptr);
	for (size_t i = 0; i < sim->station_count; i++) {
		struct sim_station *to = &sim->stations[i];
		struct front_ask ask = {
			.source = FRONT_PEER, .path = c.path, .body = c.body};
		uint8_t own[SIGN_PUBLIC_LEN];

		sign_public(own_station_seed(to->keys, STATION_TLS), key);
		if (memcmp(key, c.tls, sizeof key) != 0 || to->is_down || from->is_down)
			continue;
		sign_public(own_station_seed(from->keys, STATION_TLS), own);
		ask.peer = rd_of(own, sizeof own);
		sim_put_front(to, FRONT_ASK, sim_wait_for(sim, i, from->at, m->number),
			&front_ask_codec, &ask);
		return;
	}
	put_result(from, m->number, &unreachable);
}

static void
reply_to_client(struct sim *sim, const struct front_reply *reply)
{
	sim->status = reply->status;
	buf_clear(&sim->reply);
	buf_bytes(&sim->reply, reply->body.ptr, reply->body.len);
	CHECK(buf_error(&sim->reply) == 0);
}

static void
reply(struct sim_station *from, const struct wire_message *m)
{
	struct sim *sim = from->sim;
	struct front_reply r;

	CHECK(codec_parse_whole(&front_reply_codec, m->body, &r) == 0);
	for (size_t i = 0; i < sizeof sim->waits / sizeof sim->waits[0]; i++) {
		struct sim_wait wait = sim->waits[i];
		struct front_result result = {
			.outcome = FRONT_ANSWERED, .status = r.status, .body = r.body};

		if (wait.number != m->number)
			continue;
		CHECK(wait.at == from->at);
		sim->waits[i].number = 0;
		if (wait.is_gone)
			return;
		if (wait.caller < SIM_STATIONS)
			put_result(
				&sim->stations[wait.caller], wait.caller_number, &result);
		else if (wait.number == sim->client_number)
			reply_to_client(sim, &r);
		return;
	}
	sim_fail("an answer that nobody waits for");
}

static void
emit_store(void *ctx, enum role to, const struct wire_message *m)
{
	struct sim_station *station = ctx;

	if (station->is_ending)
		return;
	if (to == ROLE_CUSTODY) {
		CHECK(vault_may(ROLE_STORE, m->type, m->body.len));
		put(&station->to_vault, ROLE_STORE, m);
		return;
	}
	if (to != ROLE_FRONT)
		return;
	CHECK(front_may(ROLE_STORE, m->type, m->body.len));
	if (m->type == FRONT_REPLY)
		reply(station, m);
	else if (m->type == FRONT_CALL)
		call(station, m);
}

static void
emit_vault(void *ctx, const struct wire_message *m)
{
	struct sim_station *station = ctx;

	CHECK(vault_may(ROLE_CUSTODY, m->type, m->body.len));
	put(&station->to_store, ROLE_CUSTODY, m);
}

/* Running. */

static void
handle(struct sim_station *station, const struct sim_message *m)
{
	struct sim *sim = station->sim;
	int r;

	if (sim->fail_at >= 0)
		mem_fail_after(sim->fail_at, true);
	r = store_handle(
		station->store, m->from, rd_of(m->bytes.data, m->bytes.len), sim->now_ms);
	if (sim->fail_at >= 0) {
		sim->failed += mem_failed_count();
		mem_fail_never();
	}
	CHECK(r == 0);
}

static void
say_busy(struct sim_station *station, const struct sim_message *m)
{
	const struct vault_done done = {.fail = -FAIL_AGAIN,
		.why = address_of("custody is busy"),
		.body = rd_of("", 0)};
	struct wire_message asked, answer = {.type = VAULT_DONE};
	struct buf body;

	buf_init(&body, 1024);
	CHECK(wire_parse(rd_of(m->bytes.data, m->bytes.len), &asked) == 0);
	codec_write(&vault_done_codec, &done, &body);
	answer.number = asked.number;
	answer.body = rd_of(body.data, body.len);
	put(&station->to_store, ROLE_CUSTODY, &answer);
	buf_done(&body);
}

/* Counts the messages until somebody is to be killed. */
static bool
is_killed(struct sim *sim)
{
	if (sim->kill_in == 0 || --sim->kill_in > 0)
		return false;
	sim_kill(sim, sim->kill_at);
	return true;
}

static bool
run_station(struct sim_station *station)
{
	uint64_t now_ms = station->sim->now_ms;
	struct sim_message m;
	bool is_any = false;

	while (!is_killed(station->sim) && take(&station->to_vault, &m)) {
		if (station->is_custody_busy)
			say_busy(station, &m);
		else
			CHECK(vault_handle(station->vault,
				      rd_of(m.bytes.data, m.bytes.len), now_ms) == 0);
		buf_done(&m.bytes);
		is_any = true;
	}
	CHECK(vault_idle(station->vault) == 0);
	while (!is_killed(station->sim) && take(&station->to_store, &m)) {
		handle(station, &m);
		buf_done(&m.bytes);
		is_any = true;
	}
	CHECK(store_idle(station->store, now_ms) == 0);
	return is_any;
}

static bool
is_quiet(const struct sim *sim)
{
	for (size_t i = 0; i < sim->station_count; i++)
		if (sim->stations[i].to_store.count + sim->stations[i].to_vault.count > 0)
			return false;
	return true;
}

void
sim_settle(struct sim *sim)
{
	long rounds = 0;

	do {
		for (size_t i = 0; i < sim->station_count; i++)
			(void)run_station(&sim->stations[i]);
		CHECK(++rounds < 10000);
	} while (!is_quiet(sim));
}

void
sim_run(struct sim *sim)
{
	uint64_t next_ms;

	sim_settle(sim);
	for (size_t i = 0; i < sim->station_count; i++)
		CHECK(store_tick(sim->stations[i].store, sim->now_ms, &next_ms) == 0);
	sim_settle(sim);
}

void
sim_pass(struct sim *sim, uint64_t ms)
{
	sim->now_ms += ms;
	sim_run(sim);
}

/* Making and ending. */

static void
queue_done(struct sim_queue *queue)
{
	struct sim_message m;

	while (take(queue, &m))
		buf_done(&m.bytes);
}

static void
start_roles(struct sim_station *s)
{
	struct sim *sim = s->sim;
	struct vault_plan vault = {.station = s->keys,
		.unlocked_by = VAULT_BY_PASSPHRASE,
		.disk = sim_disk(s),
		.rng = &sim->rng.rng,
		.out = {emit_vault, s}};
	struct store_plan store = {.db = s->db,
		.chunks_dir = s->chunks_dir[0] != '\0' ? s->chunks_dir : NULL,
		.rng = &sim->rng.rng,
		.try_again_s_max = 60,
		.out = {emit_store, s}};

	due_settings_init(&store.due);
	CHECK(vault_new(&vault, sim->now_ms, &s->vault) == 0);
	CHECK(store_new(&store, &s->store) == 0);
}

void
sim_station_start(struct sim *sim, size_t at, const char *name, const char *chunks_dir)
{
	struct sim_station *s = &sim->stations[at];
	char url[64], domain[32];

	*s = (struct sim_station){.sim = sim, .at = at, .name = name};
	(void)snprintf(domain, sizeof domain, "%c%c.example", name[0] + 32, name[1] + 32);
	(void)snprintf(url, sizeof url, "https://%s", domain);
	CHECK(own_station_new(name, domain, url, &sim->rng.rng, &s->keys) == 0);
	if (chunks_dir != NULL) {
		(void)snprintf(
			s->chunks_dir, sizeof s->chunks_dir, "%s/%s", chunks_dir, name);
		CHECK(mkdir(s->chunks_dir, 0700) == 0);
	}
	CHECK(station_open(db_sqlite(), NULL, sim->now_ms / 1000, &s->db) == 0);
	start_roles(s);
}

/* Whoever asked it, or was asked by it. */
static void
drop_waits(struct sim *sim, size_t at)
{
	const struct front_result gone = {
		.outcome = FRONT_UNREACHABLE, .body = rd_of("", 0)};

	for (size_t i = 0; i < sizeof sim->waits / sizeof sim->waits[0]; i++) {
		struct sim_wait *wait = &sim->waits[i];
		uint64_t number = wait->number;

		if (number == 0)
			continue;
		if (wait->at != at) {
			wait->is_gone = wait->is_gone || wait->caller == at;
			continue;
		}
		wait->number = 0;
		if (wait->is_gone || wait->caller == at)
			continue;
		if (wait->caller < SIM_STATIONS)
			put_result(
				&sim->stations[wait->caller], wait->caller_number, &gone);
		else if (number == sim->client_number)
			sim->status = SIM_NO_ANSWER;
	}
}

void
sim_kill(struct sim *sim, size_t at)
{
	struct sim_station *s = &sim->stations[at];

	sim->kills++;
	s->is_ending = true;
	store_free(s->store);
	vault_free(s->vault);
	s->is_ending = false;
	queue_done(&s->to_store);
	queue_done(&s->to_vault);
	drop_waits(sim, at);
	start_roles(s);
}

void
sim_kill_later(struct sim *sim, size_t at, size_t messages)
{
	sim->kill_at = at;
	sim->kill_in = messages;
}

static void
station_end(struct sim_station *s)
{
	store_free(s->store);
	vault_free(s->vault);
	db_close(s->db);
	own_station_free(s->keys);
	queue_done(&s->to_store);
	queue_done(&s->to_vault);
	for (size_t i = 0; i < SIM_FILES_MAX; i++)
		buf_done(&s->files[i].bytes);
}

struct sim *
sim_begin(void)
{
	struct sim *sim = NULL;

	CHECK(crypto_init() == 0);
	CHECK(mem_new(&sim, sizeof *sim) == 0);
	sim->now_ms = SIM_START_S * 1000;
	sim->rng.rng.fill = fill;
	sim->fail_at = -1;
	sim->station_count = SIM_STATIONS;
	buf_init(&sim->reply, FRONT_HTTP_MAX);
	return sim;
}

void
sim_free(struct sim *sim)
{
	for (size_t i = 0; i < sim->station_count; i++)
		station_end(&sim->stations[i]);
	for (size_t i = 0; i < sim->officer_count; i++)
		buf_done(&sim->officers[i].enrol);
	buf_done(&sim->reply);
	mem_free(sim);
}
