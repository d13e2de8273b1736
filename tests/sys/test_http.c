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
#include "http_rig.h"
#include "sys/clock.h"
#include "sys/http_accept.h"
#include "sys/http_client.h"

/* Server and client share one loop here; what happens is therefore the same at every run. */
struct talk {
	struct rig rig;
	struct tls *tls;
	struct http_client *client;
	struct http_call call;
	unsigned timeout_ms; /* 0: 5 s */
	int left;	     /* requests still to be sent */
	int answers, r;
	unsigned status;
	size_t len;
	uint8_t first;
};

static void
on_done(void *arg, int r, unsigned status, struct rd body)
{
	struct talk *t = arg;

	t->answers++;
	t->r = r;
	t->status = status;
	t->len = body.len;
	t->first = body.len > 0 ? body.ptr[0] : 0;
	if (r == 0 && --t->left > 0 && http_client_send(t->client, &t->call) == 0)
		return;
	loop_stop(t->rig.loop);
}

static int
open_talk(struct talk *t, const uint8_t *seed, size_t server_key)
{
	struct http_target target = {.host = "127.0.0.1",
		.body_max = HTTP_CHUNK_MAX,
		.timeout_ms = t->timeout_ms > 0 ? t->timeout_ms : 5000,
		.idle_ms = 5000};
	int r;

	t->client = NULL;
	if ((r = tls_new(TLS_CLIENT, seed, rig_pin(server_key), &t->tls)) != 0)
		return r;
	target.port = t->rig.port;
	target.tls = t->tls;
	return http_client_new(t->rig.loop, &target, &t->client);
}

static void
close_talk(struct talk *t)
{
	http_client_free(t->client);
	tls_free(t->tls);
}

static int
ask(struct talk *t, const char *method, const char *path, struct rd body, int times)
{
	int r;

	t->call = (struct http_call){
		.method = method, .path = path, .body = body, .done = on_done, .arg = t};
	t->left = times;
	t->answers = 0;
	t->r = FAIL_AGAIN;
	if ((r = http_client_send(t->client, &t->call)) != 0)
		return r;
	if ((r = loop_run(t->rig.loop)) != 0)
		return r;
	return t->r;
}

static void
test_conversation(void **state)
{
	struct talk t = {.timeout_ms = 0};
	uint8_t *chunk = NULL;

	(void)state;
	rig_prepare(&t.rig);
	assert_int_equal(rig_open_tls(&t.rig, rig_pin(1)), 0);
	assert_int_equal(open_talk(&t, rig_seeds[1], 0), 0);
	assert_int_equal(ask(&t, "POST", "/echo", rd_of("hello", 5), 1), 0);
	assert_int_equal(t.status, 200);
	assert_int_equal(t.len, 5);
	assert_int_equal(t.first, 'h');
	assert_true(t.rig.has_peer);
	assert_memory_equal(t.rig.peer, rig_keys[1], TLS_KEY_LEN);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), 0);
	assert_int_equal(t.len, 4);

	/* A whole chunk there and back; one byte more is too much. */
	assert_int_equal(mem_new(&chunk, HTTP_CHUNK_MAX + 1), 0);
	memset(chunk, 'c', HTTP_CHUNK_MAX + 1);
	assert_int_equal(ask(&t, "POST", "/echo", rd_of(chunk, HTTP_CHUNK_MAX), 1), 0);
	assert_int_equal(t.status, 200);
	assert_int_equal(t.len, HTTP_CHUNK_MAX);
	assert_int_equal(
		ask(&t, "PUT", "/chunk/ab/0", rd_of(chunk, HTTP_CHUNK_MAX), 1), 0);
	assert_int_equal(
		ask(&t, "POST", "/echo", rd_of(chunk, HTTP_CHUNK_MAX + 1), 1), 0);
	assert_int_equal(t.status, 413);

	/* What is not served. */
	assert_int_equal(ask(&t, "GET", "/echo", rd_of("", 0), 1), 0);
	assert_int_equal(t.status, 405);
	assert_int_equal(ask(&t, "GET", "/chunk/", rd_of("", 0), 1), 0);
	assert_int_equal(t.status, 404);
	assert_int_equal(ask(&t, "GET", "/statusx", rd_of("", 0), 1), 0);
	assert_int_equal(t.status, 404);
	assert_int_equal(http_client_send(t.client,
				 &(struct http_call){.method = "GET",
					 .path = "/a b",
					 .done = on_done,
					 .arg = &t}),
		FAIL_USAGE);
	mem_free(chunk);
	close_talk(&t);
	rig_close(&t.rig);
}

static void
test_keep_alive(void **state)
{
	struct talk t = {.timeout_ms = 0};
	uint64_t begun_ms;

	(void)state;
	rig_prepare(&t.rig);
	assert_int_equal(rig_open_tls(&t.rig, rig_pin(1)), 0);
	assert_int_equal(open_talk(&t, rig_seeds[1], 0), 0);
	begun_ms = clock_monotonic_ms();
	assert_int_equal(ask(&t, "POST", "/echo", rd_of("again", 5), 1000), 0);
	assert_int_equal(t.answers, 1000);
	assert_int_equal(atomic_load(&t.rig.handled), 1000);
	assert_int_equal(http_server_connections(t.rig.server), 1);
	/* 40 ms each would be the delayed acknowledgement that TCP_NODELAY prevents. */
	assert_true(clock_monotonic_ms() - begun_ms < 20000);
	print_message("1000 requests over TLS: %u ms\n",
		(unsigned)(clock_monotonic_ms() - begun_ms));
	close_talk(&t);
	rig_close(&t.rig);
}

static void
test_pins(void **state)
{
	struct talk t = {.timeout_ms = 0};

	(void)state;
	rig_prepare(&t.rig);
	assert_int_equal(rig_open_tls(&t.rig, rig_pin(1)), 0);
	/* Not the server we know; a client it does not know. */
	assert_int_equal(open_talk(&t, rig_seeds[1], 2), 0);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), FAIL_CLOSED);
	close_talk(&t);
	assert_int_equal(open_talk(&t, rig_seeds[2], 0), 0);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), FAIL_CLOSED);
	close_talk(&t);
	assert_int_equal(atomic_load(&t.rig.handled), 0);
	/* One that shows no key is served as nobody. */
	assert_int_equal(open_talk(&t, NULL, 0), 0);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), 0);
	assert_int_equal(t.status, 200);
	assert_false(t.rig.has_peer);
	close_talk(&t);

	/* A new roster cuts off a connection that stands. */
	assert_int_equal(open_talk(&t, rig_seeds[1], 0), 0);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), 0);
	assert_int_equal(t.status, 200);
	assert_int_equal(tls_set_pins(t.rig.tls, rig_pin(2)), 0);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), 0);
	assert_int_equal(t.status, 403);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), FAIL_CLOSED);
	assert_int_equal(atomic_load(&t.rig.handled), 2);
	close_talk(&t);
	rig_close(&t.rig);
}

static void
answer_late(void *arg)
{
	rig_answer_late(arg);
}

static void
go_away(void *arg)
{
	struct talk *t = arg;

	http_client_free(t->client);
	t->client = NULL;
}

static void
stop_loop(void *arg)
{
	struct talk *t = arg;

	loop_stop(t->rig.loop);
}

static void
test_late_answers(void **state)
{
	struct loop_event *answer = NULL, *leave = NULL, *stop = NULL;
	struct talk t = {.timeout_ms = 0};

	(void)state;
	rig_prepare(&t.rig);
	t.rig.limits.answer_ms = 200;
	assert_int_equal(rig_open_tls(&t.rig, rig_pin(1)), 0);
	assert_int_equal(open_talk(&t, rig_seeds[1], 0), 0);
	assert_int_equal(loop_timer_new(t.rig.loop, answer_late, &t.rig, &answer), 0);
	assert_int_equal(loop_timer_new(t.rig.loop, go_away, &t, &leave), 0);
	assert_int_equal(loop_timer_new(t.rig.loop, stop_loop, &t, &stop), 0);
	assert_int_equal(loop_timer_set(answer, 50), 0);
	assert_int_equal(ask(&t, "GET", "/late", rd_of("", 0), 1), 0);
	assert_int_equal(t.status, 202);
	assert_int_equal(t.first, 'l');

	/* Too late: the client hears of it, and the answer goes nowhere. */
	assert_int_equal(ask(&t, "GET", "/late", rd_of("", 0), 1), 0);
	assert_int_equal(t.status, 504);
	assert_non_null(t.rig.late);
	rig_answer_late(&t.rig);

	/* The client is gone before the answer comes. */
	t.call.path = "/late";
	assert_int_equal(http_client_send(t.client, &t.call), 0);
	assert_int_equal(http_client_send(t.client, &t.call), FAIL_AGAIN);
	assert_int_equal(loop_timer_set(leave, 30), 0);
	assert_int_equal(loop_timer_set(answer, 60), 0);
	assert_int_equal(loop_timer_set(stop, 90), 0);
	t.answers = 0;
	assert_int_equal(loop_run(t.rig.loop), 0);
	assert_int_equal(t.answers, 0);
	assert_null(t.rig.late);
	assert_int_equal(http_server_connections(t.rig.server), 0);
	loop_event_free(answer);
	loop_event_free(leave);
	loop_event_free(stop);
	close_talk(&t);
	rig_close(&t.rig);
}

static void
test_client_limits(void **state)
{
	struct http_target target = {
		.host = "127.0.0.1", .body_max = 10, .timeout_ms = 100, .idle_ms = 20};
	struct talk t = {.timeout_ms = 0};
	uint16_t port = 0;
	int silent = -1;

	(void)state;
	rig_prepare(&t.rig);
	assert_int_equal(rig_open_tls(&t.rig, rig_pin(1)), 0);
	assert_int_equal(tls_new(TLS_CLIENT, rig_seeds[1], rig_pin(0), &t.tls), 0);
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), FAIL_REFUSED);
	target.tls = t.tls;
	target.port = t.rig.port;
	target.host = "station.example";
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), FAIL_USAGE);
	target.host = "abcdefghijklmnop.ONION.";
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), FAIL_REFUSED);
	target.host = "127.0.0.1";
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), 0);
	assert_int_equal(ask(&t, "POST", "/echo", rd_of("0123456789", 10), 1), 0);
	assert_int_equal(
		ask(&t, "POST", "/echo", rd_of("0123456789a", 11), 1), FAIL_LIMIT);
	assert_int_equal(ask(&t, "GET", "/late", rd_of("", 0), 1), FAIL_TIMEOUT);
	rig_answer_late(&t.rig);
	http_client_free(t.client);

	/* Somebody listens and says nothing; nobody listens at all. */
	assert_int_equal(http_accept_listen("127.0.0.1", 0, &silent, &port), 0);
	target.port = port;
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), 0);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), FAIL_TIMEOUT);
	close(silent);
	assert_int_equal(ask(&t, "GET", "/status", rd_of("", 0), 1), FAIL_CLOSED);
	close_talk(&t);
	rig_close(&t.rig);
}

/* A host by its name; one that does not exist; the socket of this machine. */
static void
test_names(void **state)
{
	struct http_target target = {
		.body_max = 1000, .timeout_ms = 3000, .idle_ms = 3000};
	struct talk t = {.timeout_ms = 0};
	struct names *names = NULL;
	uint8_t key[TLS_KEY_LEN];

	(void)state;
	rig_prepare(&t.rig);
	assert_int_equal(rig_open_tls(&t.rig, rig_pin(1)), 0);
	assert_int_equal(names_new(t.rig.loop, &names), 0);
	assert_int_equal(tls_new_first_use(&t.tls), 0);
	target.tls = t.tls;
	target.port = t.rig.port;
	target.host = "localhost";
	target.names = names;
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), 0);
	assert_int_equal(http_client_peer(t.client, key), FAIL_ABSENT);
	assert_int_equal(ask(&t, "POST", "/echo", rd_of("hello", 5), 3), 0);
	assert_int_equal(t.answers, 3);
	assert_int_equal(http_client_peer(t.client, key), 0);
	assert_memory_equal(key, rig_keys[0], TLS_KEY_LEN);
	http_client_free(t.client);
	/* Given up while it is being looked up: nobody is told. */
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), 0);
	assert_int_equal(http_client_send(t.client, &t.call), 0);
	http_client_free(t.client);
	target.host = "no-such-host.invalid";
	target.timeout_ms = 300;
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), 0);
	t.r = ask(&t, "GET", "/status", rd_of("", 0), 1);
	assert_true(t.r == FAIL_CLOSED || t.r == FAIL_TIMEOUT);
	close_talk(&t);
	names_free(names);
	rig_close(&t.rig);

	rig_prepare(&t.rig);
	assert_int_equal(rig_open_local(&t.rig), 0);
	target = (struct http_target){.unix_path = t.rig.path,
		.body_max = 1000,
		.timeout_ms = 3000,
		.idle_ms = 3000};
	t.tls = NULL;
	assert_int_equal(http_client_new(t.rig.loop, &target, &t.client), 0);
	assert_int_equal(ask(&t, "POST", "/echo", rd_of("hello", 5), 2), 0);
	assert_int_equal(http_client_peer(t.client, key), FAIL_ABSENT);
	close_talk(&t);
	rig_close(&t.rig);
}

/* What lies here of all bodies is bounded; small ones still pass when large ones do not. */
static void
test_bodies_max(void **state)
{
	enum { MAX = 100000 };
	struct talk t = {.timeout_ms = 0};
	static uint8_t bytes[MAX];

	(void)state;
	rig_prepare(&t.rig);
	t.rig.limits.bodies_max = MAX;
	assert_int_equal(rig_open_tls(&t.rig, rig_pin(1)), 0);
	assert_int_equal(open_talk(&t, rig_seeds[1], 0), 0);
	assert_int_equal(ask(&t, "POST", "/echo", rd_of(bytes, MAX - MAX / 4 + 1), 1), 0);
	assert_int_equal(t.status, 503);
	close_talk(&t);
	assert_int_equal(open_talk(&t, rig_seeds[1], 0), 0);
	assert_int_equal(
		ask(&t, "POST", "/echo", rd_of(bytes, MAX - MAX / 4 - 500), 5), 0);
	assert_int_equal(t.status, 200);
	assert_int_equal(t.len, MAX - MAX / 4 - 500); /* the head counts too */
	assert_int_equal(ask(&t, "POST", "/echo", rd_of(bytes, HTTP_BODY_SMALL), 5), 0);
	assert_int_equal(t.status, 200);
	/* The door closes: what stands is served once more, then nobody. */
	http_server_close_door(t.rig.server);
	assert_int_equal(ask(&t, "POST", "/echo", rd_of("x", 1), 1), FAIL_CLOSED);
	close_talk(&t);
	rig_close(&t.rig);
}

static void
test_listening(void **state)
{
	struct rig rig;
	uint16_t port = 0, other = 0;
	int fd = -1, second = -1;

	(void)state;
	rig_prepare(&rig);
	assert_int_equal(loop_new(&rig.loop), 0);
	assert_int_equal(http_accept_listen("localhost", 0, &fd, &port), FAIL_USAGE);
	assert_int_equal(http_accept_listen("127.0.0.1", 0, &fd, &port), 0);
	assert_true(port != 0);
	assert_int_equal(
		http_accept_listen("127.0.0.1", port, &second, &other), FAIL_EXISTS);
	/* Plain text never on the network. */
	assert_int_equal(http_server_new(rig.loop, fd, NULL, &rig.limits, &rig.service,
				 &rig.server),
		FAIL_REFUSED);
	close(fd);
	rig_close(&rig);
}

/* A conversation with the n-th allocation refused: fails or works, and never hangs or leaks. */
static int
short_of_memory(long n, bool is_once, long *ret_failed)
{
	struct talk t = {.client = NULL};
	int r;

	rig_prepare(&t.rig);
	t.timeout_ms = 300;
	t.rig.limits.head_ms = t.rig.limits.body_ms = t.rig.limits.write_ms = 300;
	mem_fail_after(n, is_once);
	if ((r = rig_open_tls(&t.rig, rig_pin(1))) != 0)
		goto out;
	if ((r = open_talk(&t, rig_seeds[1], 0)) == 0)
		r = ask(&t, "POST", "/echo", rd_of("hello", 5), 2);
	if (r == 0 && (t.status != 200 || t.len != 5))
		r = FAIL_MISMATCH;
	close_talk(&t);
	rig_close(&t.rig);
out:
	*ret_failed = mem_failed_count();
	mem_fail_never();
	return r;
}

/* Once, and from then on for good. */
static void
test_want_of_memory(void **state)
{
	(void)state;
	for (int is_once = 0; is_once <= 1; is_once++) {
		long n = 0, failed = 1;

		for (; failed > 0 && n < 1000; n++) {
			int r = short_of_memory(n, is_once == 1, &failed);

			assert_true(r != FAIL_MISMATCH && r != FAIL_FORMAT);
			assert_true(r == 0 || failed > 0);
		}
		assert_true(n > 50 && n < 1000);
		print_message("%ld points of failure\n", n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversation),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_late_answers),
		cmocka_unit_test(test_client_limits),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bodies_max),
		cmocka_unit_test(test_listening),
		cmocka_unit_test(test_want_of_memory),
	};

	rig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
