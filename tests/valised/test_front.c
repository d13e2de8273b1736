/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "crypto/sign.h"
#include "sys/channel.h"
#include "sys/disk.h"
#include "sys/http_accept.h"
#include "sys/http_client.h"
#include "sys/peer.h"
#include "valised/front.h"
#include "valised/front_calls.h"
#include "wire/post.h"

/*
 * Front with a store that is this test: on one loop there are front, the other end of its
 * channel, and clients.  Key 0 is the station's, key 1 a member's, key 2 nobody's.
 */
enum { KEYS = 3, MESSAGE_MAX = WIRE_HEAD_LEN + WIRE_BODY_MAX, SPIN_MS = 5000 };

static uint8_t seeds[KEYS][32], keys[KEYS][32];

struct rig {
	struct loop *loop;
	struct front *front;
	struct channel *store;
	struct loop_event *give_up;
	int listen_fd, admin_fd;
	uint16_t port;
	char dir[64], path[96], url[64];
	/* The last thing that store heard. */
	size_t heard;
	uint8_t type;
	uint64_t number;
	struct front_ask ask;
	struct front_result result;
	struct buf bytes; /* keeps what ask and result point to */
	bool is_mute;	  /* do not answer an ASK */
	/* What a client got. */
	bool is_done;
	int r;
	unsigned status;
	struct buf answer;
	/* The end of front. */
	bool is_ended;
	int end;
};

static void
tell(struct rig *g, uint8_t type, uint64_t number, const struct codec *codec,
	const void *message)
{
	struct buf out;

	buf_init(&out, MESSAGE_MAX);
	buf_u8(&out, type);
	buf_u64(&out, number);
	codec_write(codec, message, &out);
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(channel_send(g->store, rd_of(out.data, out.len)), 0);
	buf_done(&out);
}

static void
on_message(void *arg, struct rd bytes)
{
	struct front_reply reply = {.status = 200, .body = rd_of("answer", 6)};
	struct rig *g = arg;
	struct wire_message m;

	buf_clear(&g->bytes);
	buf_bytes(&g->bytes, bytes.ptr, bytes.len);
	assert_int_equal(wire_parse(rd_of(g->bytes.data, g->bytes.len), &m), 0);
	assert_true(front_may(ROLE_FRONT, m.type, m.body.len));
	g->heard++;
	g->type = m.type;
	g->number = m.number;
	if (m.type == FRONT_ASK)
		assert_int_equal(codec_parse_whole(&front_ask_codec, m.body, &g->ask), 0);
	else
		assert_int_equal(
			codec_parse_whole(&front_result_codec, m.body, &g->result), 0);
	if (m.type == FRONT_ASK && !g->is_mute)
		tell(g, FRONT_REPLY, m.number, &front_reply_codec, &reply);
	else
		loop_stop(g->loop);
}

static void
on_idle(void *arg)
{
	(void)arg;
}

static void
on_closed(void *arg, int r)
{
	struct rig *g = arg;

	(void)r;
	loop_stop(g->loop);
}

static void
on_ended(void *arg, int r)
{
	struct rig *g = arg;

	g->is_ended = true;
	g->end = r;
	loop_stop(g->loop);
}

static void
on_give_up(void *arg)
{
	fail_msg("nothing happened for too long (%p)", arg);
}

static void
spin(struct rig *g)
{
	assert_int_equal(loop_timer_set(g->give_up, SPIN_MS), 0);
	assert_int_equal(loop_run(g->loop), 0);
	loop_timer_clear(g->give_up);
}

static void
open_rig(struct rig *g)
{
	struct channel_user user = {
		.message = on_message, .idle = on_idle, .closed = on_closed, .arg = g};
	struct front_plan plan = {.seed = seeds[0], .ended = on_ended, .arg = g};
	int ends[2];

	*g = (struct rig){.end = 1};
	buf_init(&g->bytes, MESSAGE_MAX);
	buf_init(&g->answer, MESSAGE_MAX);
	(void)snprintf(g->dir, sizeof g->dir, "/tmp/valise-front-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	(void)snprintf(g->path, sizeof g->path, "%s/admin", g->dir);
	assert_int_equal(peer_listen(g->path, &g->admin_fd), 0);
	assert_int_equal(http_accept_listen("127.0.0.1", 0, &g->listen_fd, &g->port), 0);
	(void)snprintf(g->url, sizeof g->url, "https://127.0.0.1:%u", g->port);
	assert_int_equal(loop_new(&g->loop), 0);
	assert_int_equal(loop_timer_new(g->loop, on_give_up, g, &g->give_up), 0);
	assert_int_equal(channel_pair(ends), 0);
	assert_int_equal(channel_new(g->loop, ends[0], MESSAGE_MAX, &user, &g->store), 0);
	plan.loop = g->loop;
	plan.listen_fd = g->listen_fd;
	plan.admin_fd = g->admin_fd;
	plan.store_fd = ends[1];
	assert_int_equal(front_new(&plan, &g->front), 0);
}

static void
close_rig(struct rig *g)
{
	front_free(g->front);
	channel_free(g->store);
	loop_event_free(g->give_up);
	loop_free(g->loop);
	disk_close(g->listen_fd);
	disk_close(g->admin_fd);
	(void)unlink(g->path);
	(void)rmdir(g->dir);
	buf_done(&g->bytes);
	buf_done(&g->answer);
}

static void
pin_member(struct rig *g)
{
	struct front_pins pins = {.keys = rd_of(keys[1], FRONT_KEY_LEN)};

	tell(g, FRONT_PINS, 0, &front_pins_codec, &pins);
}

static void
on_done(void *arg, int r, unsigned status, struct rd body)
{
	struct rig *g = arg;

	g->is_done = true;
	g->r = r;
	g->status = status;
	buf_clear(&g->answer);
	buf_bytes(&g->answer, body.ptr, body.len);
	loop_stop(g->loop);
}

/* One request on a connection of its own; who: a key, or -1 for none, -2 for the local socket. */
static void
request(struct rig *g, int who, const char *path, struct rd body)
{
	uint8_t pin[1][TLS_KEY_LEN];
	struct http_target target = {.host = "127.0.0.1",
		.port = g->port,
		.body_max = FRONT_HTTP_MAX,
		.timeout_ms = SPIN_MS,
		.idle_ms = SPIN_MS};
	struct http_call call = {.method = strcmp(path, "/metrics") == 0 ? "GET" : "POST",
		.path = path,
		.body = body,
		.done = on_done,
		.arg = g};
	struct http_client *client = NULL;
	struct tls *tls = NULL;

	memcpy(pin[0], keys[0], sizeof pin[0]);
	if (who == -2)
		target.unix_path = g->path;
	else
		assert_int_equal(
			tls_new(TLS_CLIENT, who < 0 ? NULL : seeds[who],
				(struct tls_pins){(const uint8_t(*)[TLS_KEY_LEN])pin, 1},
				&tls),
			0);
	target.tls = tls;
	assert_int_equal(http_client_new(g->loop, &target, &client), 0);
	g->is_done = false;
	assert_int_equal(http_client_send(client, &call), 0);
	while (!g->is_done && !g->is_ended && !(g->is_mute && g->heard > 0))
		spin(g);
	http_client_free(client);
	tls_free(tls);
}

static bool
asked(const struct rig *g, enum front_source source, const char *path)
{
	return g->type == FRONT_ASK && g->ask.source == source &&
		strncmp((const char *)g->ask.path.ptr, path, g->ask.path.len) == 0;
}

static bool
answered(const struct rig *g, const char *text)
{
	return g->r == 0 && g->answer.len == strlen(text) &&
		memcmp(g->answer.data, text, g->answer.len) == 0;
}

static void
test_doors(void **state)
{
	struct front_reply reply = {.status = 200, .body = rd_of("", 0)};
	struct rig g;

	(void)state;
	open_rig(&g);
	request(&g, -1, "/c/1/station", rd_of("", 0));
	assert_true(asked(&g, FRONT_CLIENT, "station"));
	assert_int_equal(g.ask.peer.len, 0);
	assert_true(answered(&g, "answer"));
	request(&g, -2, "/a/1/status", rd_of("body", 4));
	assert_true(asked(&g, FRONT_ADMIN, "status"));
	assert_int_equal(g.ask.body.len, 4);
	assert_true(answered(&g, "answer"));
	/* Each door has its own paths. */
	request(&g, -1, "/a/1/status", rd_of("", 0));
	assert_int_equal(g.status, 404);
	request(&g, -1, "/metrics", rd_of("", 0));
	assert_int_equal(g.status, 404);
	request(&g, -2, "/c/1/station", rd_of("", 0));
	assert_int_equal(g.status, 404);
	assert_int_equal(g.heard, 2);
	/* Twice the same answer: the second is one that nobody asked for. */
	tell(&g, FRONT_REPLY, g.number, &front_reply_codec, &reply);
	spin(&g);
	assert_true(g.is_ended);
	assert_int_equal(g.end, FAIL_REFUSED);
	close_rig(&g);
}

static void
test_members(void **state)
{
	struct post_error error;
	struct rig g;

	(void)state;
	open_rig(&g);
	/* Before there is a roster nobody is a member. */
	request(&g, 1, "/p/1/keep", rd_of("", 0));
	assert_int_equal(g.r, FAIL_CLOSED);
	pin_member(&g);
	request(&g, 1, "/p/1/keep", rd_of("share", 5));
	assert_true(asked(&g, FRONT_PEER, "keep"));
	assert_int_equal(g.ask.peer.len, FRONT_KEY_LEN);
	assert_memory_equal(g.ask.peer.ptr, keys[1], FRONT_KEY_LEN);
	/* A member is a client too, and nobody in particular then. */
	request(&g, 1, "/c/1/station", rd_of("", 0));
	assert_true(asked(&g, FRONT_CLIENT, "station"));
	assert_int_equal(g.ask.peer.len, 0);
	/* Nobody's key, and no key. */
	g.heard = 0;
	request(&g, 2, "/p/1/keep", rd_of("", 0));
	assert_int_equal(g.r, FAIL_CLOSED);
	request(&g, -1, "/p/1/keep", rd_of("", 0));
	assert_int_equal(g.status, 403);
	assert_int_equal(codec_parse_whole(&post_error_codec,
				 rd_of(g.answer.data, g.answer.len), &error),
		0);
	assert_int_equal(error.fail, -FAIL_REFUSED);
	assert_int_equal(g.heard, 0);
	close_rig(&g);
}

static void
test_limits(void **state)
{
	static const char long_path[] =
		"/c/1/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	uint8_t *large = NULL;
	struct rig g;

	(void)state;
	open_rig(&g);
	request(&g, -1, long_path, rd_of("", 0));
	assert_int_equal(g.status, 404);
	assert_int_equal(mem_new(&large, FRONT_HTTP_MAX + 1), 0);
	request(&g, -1, "/c/1/announce", rd_of(large, FRONT_HTTP_MAX + 1));
	/* Refused by its head; the client may still be writing when the answer comes. */
	assert_true(g.r == FAIL_CLOSED || g.status == 413);
	assert_int_equal(g.heard, 0);
	request(&g, -1, "/c/1/announce", rd_of(large, FRONT_HTTP_MAX));
	assert_int_equal(g.status, 200);
	assert_int_equal(g.heard, 1);
	mem_free(large);
	/* Requests to be enrolled are anybody's: so many a minute. */
	for (int i = 0; i < FRONT_ENROL_MAX; i++) {
		request(&g, -1, "/c/1/enrol", rd_of("", 0));
		assert_int_equal(g.status, 200);
	}
	request(&g, -1, "/c/1/enrol", rd_of("", 0));
	assert_int_equal(g.status, 503);
	request(&g, -1, "/c/1/enrolled", rd_of("", 0));
	assert_int_equal(g.status, 200);
	close_rig(&g);
}

static void
test_figures(void **state)
{
	struct front_figures figures = {.text = rd_of("valise_store_asks 7\n", 20)};
	struct rig g;

	(void)state;
	open_rig(&g);
	tell(&g, FRONT_FIGURES, 0, &front_figures_codec, &figures);
	request(&g, -1, "/c/1/station", rd_of("", 0));
	request(&g, -2, "/metrics", rd_of("", 0));
	assert_int_equal(g.status, 200);
	buf_u8(&g.answer, 0);
	assert_non_null(strstr((const char *)g.answer.data, "valise_store_asks 7\n"));
	assert_non_null(
		strstr((const char *)g.answer.data, "valise_front_requests_total 1\n"));
	close_rig(&g);
}

static void
call_self(struct rig *g, uint64_t number, const uint8_t *key, const char *path)
{
	struct front_call call = {.tls = key,
		.url = rd_of(g->url, strlen(g->url)),
		.path = rd_of(path, strlen(path)),
		.body = rd_of("body", 4),
		.timeout_ms = 2000};

	tell(g, FRONT_CALL, number, &front_call_codec, &call);
}

/* Until the RESULT with this number has come. */
static void
wait_result(struct rig *g, uint64_t number)
{
	do
		spin(g);
	while (!(g->type == FRONT_RESULT && g->number == number));
}

static void
test_calls(void **state)
{
	struct front_pins pins = {.keys = rd_of(keys[0], FRONT_KEY_LEN)};
	struct rig g;

	(void)state;
	open_rig(&g);
	/* The member that is called is this very station: it pins its own key. */
	tell(&g, FRONT_PINS, 0, &front_pins_codec, &pins);
	call_self(&g, 7, keys[0], "keep");
	wait_result(&g, 7);
	assert_int_equal(g.result.outcome, FRONT_ANSWERED);
	assert_int_equal(g.result.status, 200);
	assert_int_equal(g.result.body.len, 6);
	/* Four in line, none under way yet; three more are not taken.  Seven results, four asks. */
	g.heard = 0;
	for (uint64_t n = 11; n <= 17; n++)
		call_self(&g, n, keys[0], "keep");
	while (g.heard < 7 + 4)
		spin(&g);
	assert_int_equal(g.heard, 7 + 4);
	/* Another key than the one that is there; nobody at all; an address that is none. */
	call_self(&g, 21, keys[2], "keep");
	wait_result(&g, 21);
	assert_int_equal(g.result.outcome, FRONT_UNREACHABLE);
	(void)snprintf(g.url, sizeof g.url, "https://127.0.0.1:1");
	call_self(&g, 22, keys[0], "keep");
	wait_result(&g, 22);
	assert_int_equal(g.result.outcome, FRONT_UNREACHABLE);
	(void)snprintf(g.url, sizeof g.url, "http://127.0.0.1");
	call_self(&g, 23, keys[0], "keep");
	wait_result(&g, 23);
	assert_int_equal(g.result.outcome, FRONT_UNREACHABLE);
	(void)snprintf(g.url, sizeof g.url, "https://aaaaaaaaaaaaaaaa.onion");
	call_self(&g, 24, keys[0], "keep");
	wait_result(&g, 24);
	assert_int_equal(g.result.outcome, FRONT_UNREACHABLE);
	close_rig(&g);
}

/* A member that says nothing: the call's own time, not the connection's. */
static void
test_silent_member(void **state)
{
	struct rig g;
	uint16_t port = 0;
	int silent = -1;

	(void)state;
	open_rig(&g);
	assert_int_equal(http_accept_listen("127.0.0.1", 0, &silent, &port), 0);
	(void)snprintf(g.url, sizeof g.url, "https://127.0.0.1:%u", port);
	call_self(&g, 5, keys[1], "keep");
	wait_result(&g, 5);
	assert_int_equal(g.result.outcome, FRONT_TIMED_OUT);
	close_rig(&g);
	disk_close(silent);
}

/* What store may not say ends front, and with it the station: each with one line in the log. */
static void
refused(const char *bytes, size_t len)
{
	struct rig g;

	open_rig(&g);
	assert_int_equal(channel_send(g.store, rd_of(bytes, len)), 0);
	spin(&g);
	assert_true(g.is_ended);
	assert_int_equal(g.end, FAIL_REFUSED);
	close_rig(&g);
}

static void
test_what_store_may_not_say(void **state)
{
	static const char head[] = "\x00\x00\x00\x00\x00\x00\x00\x01";
	char bytes[64];
	struct rig g;

	(void)state;
	refused("", 0 + 1);		/* type 0, cut */
	refused("\x02\x00\x00\x00", 4); /* cut within the number */
	for (int type = 0; type < 256; type++) {
		/* ASK and RESULT are ours to say; 7 and more do not exist. */
		if (type >= FRONT_REPLY && type <= FRONT_FIGURES && type != FRONT_RESULT)
			continue;
		bytes[0] = (char)type;
		memcpy(bytes + 1, head, 8);
		refused(bytes, 9);
	}
	/* An answer that nobody asked for; bodies that are none. */
	refused("\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc8\x00\x00\x00\x00", 15);
	refused("\x02\x00\x00\x00\x00\x00\x00\x04\x01\x00\xc8\x00\x00\x00\x00", 15);
	refused("\x03\x00\x00\x00\x00\x00\x00\x00\x01zz", 11);
	refused("\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01k", 12);
	refused("\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05k", 12);

	/* Too long a frame is seen by the channel. */
	open_rig(&g);
	channel_free(g.store);
	g.store = NULL;
	spin(&g);
	assert_int_equal(g.end, FAIL_CLOSED);
	close_rig(&g);
}

/* The client goes away before store answers: the answer goes nowhere, and nothing else happens. */
static void
test_client_leaves(void **state)
{
	struct front_reply reply = {.status = 200, .body = rd_of("", 0)};
	struct rig g;

	(void)state;
	open_rig(&g);
	g.is_mute = true;
	request(&g, -1, "/c/1/open", rd_of("", 0));
	assert_false(g.is_done);
	g.is_mute = false;
	tell(&g, FRONT_REPLY, g.number, &front_reply_codec, &reply);
	request(&g, -1, "/c/1/station", rd_of("", 0));
	assert_true(answered(&g, "answer"));
	assert_false(g.is_ended);
	close_rig(&g);
}

static void
test_stop(void **state)
{
	struct rig g;

	(void)state;
	open_rig(&g);
	request(&g, -1, "/c/1/station", rd_of("", 0));
	front_stop(g.front);
	front_stop(g.front);
	while (!g.is_ended)
		spin(&g);
	assert_int_equal(g.end, 0);
	close_rig(&g);
}

static void
test_want_of_memory(void **state)
{
	struct front_plan plan = {.seed = seeds[0], .ended = on_ended};
	struct front *front = NULL;
	struct rig g;
	int ends[2];
	long n;

	(void)state;
	open_rig(&g);
	assert_int_equal(channel_pair(ends), 0);
	plan.loop = g.loop;
	plan.listen_fd = g.listen_fd;
	plan.admin_fd = g.admin_fd;
	plan.store_fd = ends[1];
	for (n = 0; n < 1000; n++) {
		int r;

		mem_fail_after(n, true);
		r = front_new(&plan, &front);
		mem_fail_never();
		if (r == 0)
			break;
		assert_true(r == FAIL_NOMEM || r == FAIL_IO);
		assert_null(front);
	}
	print_message("%ld points of failure\n", n);
	assert_true(n >= 10);
	front_free(front);
	disk_close(ends[0]);
	close_rig(&g);
}

static int
set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_init(), 0);
	for (size_t i = 0; i < KEYS; i++) {
		memset(seeds[i], (int)i + 1, sizeof seeds[i]);
		sign_public(seeds[i], keys[i]);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doors),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_silent_member),
		cmocka_unit_test(test_what_store_may_not_say),
		cmocka_unit_test(test_client_leaves),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_want_of_memory),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
