/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "crypto/sign.h"
#include "sys/disk.h"
#include "sys/http.h"
#include "sys/http_accept.h"
#include "valised/front_calls.h"

/*
 * Calls to a member whose station is a server of this test, which answers, or holds its answer
 * back and is ended.  Key 0 is ours, key 1 the member's.
 */
static uint8_t seeds[2][32], keys[2][32];

struct rig {
	struct loop *loop;
	struct tls *tls;
	struct http_server *server;
	struct http_answer *held;
	struct front_calls *calls;
	int fd;
	uint16_t port;
	char url[64];
	bool is_holding;
	size_t asked, told;
	uint64_t number;
	uint8_t outcome;
};

static const struct http_route routes[] = {{"POST", "/p/1/"}};

static void
on_request(void *arg, const struct http_request *request, struct http_answer *answer)
{
	struct rig *g = arg;

	g->asked++;
	assert_memory_equal(request->peer, keys[0], TLS_KEY_LEN);
	if (!g->is_holding) {
		http_answer(answer, 200, rd_of("well", 4));
		return;
	}
	g->held = answer;
	loop_stop(g->loop);
}

static void
on_result(void *arg, uint64_t number, const struct front_result *result)
{
	struct rig *g = arg;

	g->told++;
	g->number = number;
	g->outcome = result->outcome;
	loop_stop(g->loop);
}

static void
serve(struct rig *g)
{
	struct http_limits limits = http_limits_usual();
	struct http_service service = {
		.routes = routes, .routes_count = 1, .handle = on_request, .arg = g};

	assert_int_equal(
		http_server_new(g->loop, g->fd, g->tls, &limits, &service, &g->server),
		0);
}

/* The member's station ends, with whatever is under way, and another one takes its place. */
static void
serve_anew(struct rig *g)
{
	http_server_free(g->server);
	if (g->held != NULL)
		http_answer(g->held, 200, rd_of("", 0));
	g->held = NULL;
	g->is_holding = false;
	serve(g);
}

static void
open_rig(struct rig *g)
{
	struct front_calls_plan plan = {.seed = seeds[0], .result = on_result, .arg = g};
	struct tls_pins pins = {(const uint8_t(*)[TLS_KEY_LEN])keys, 1};

	*g = (struct rig){.fd = -1};
	assert_int_equal(loop_new(&g->loop), 0);
	assert_int_equal(tls_new(TLS_SERVER, seeds[1], pins, &g->tls), 0);
	assert_int_equal(http_accept_listen("127.0.0.1", 0, &g->fd, &g->port), 0);
	(void)snprintf(g->url, sizeof g->url, "https://127.0.0.1:%u", g->port);
	serve(g);
	plan.loop = g->loop;
	assert_int_equal(front_calls_new(&plan, &g->calls), 0);
}

static void
close_rig(struct rig *g)
{
	front_calls_free(g->calls);
	http_server_free(g->server);
	if (g->held != NULL)
		http_answer(g->held, 200, rd_of("", 0));
	tls_free(g->tls);
	loop_free(g->loop);
	disk_close(g->fd);
}

static int
post(struct rig *g, uint64_t number)
{
	struct front_call call = {.tls = keys[1],
		.url = rd_of(g->url, strlen(g->url)),
		.path = rd_of("keep", 4),
		.body = rd_of("share", 5),
		.timeout_ms = 3000};

	return front_calls_post(g->calls, number, &call);
}

static void
run(struct rig *g)
{
	assert_int_equal(loop_run(g->loop), 0);
}

/* A kept connection that dies is no failure of the member: the call goes once more. */
static void
test_kept_connection(void **state)
{
	struct rig g;

	(void)state;
	open_rig(&g);
	assert_int_equal(post(&g, 1), 0);
	run(&g);
	assert_int_equal(g.outcome, FRONT_ANSWERED);
	g.is_holding = true;
	assert_int_equal(post(&g, 2), 0);
	run(&g);
	assert_int_equal(g.asked, 2);
	serve_anew(&g);
	run(&g);
	assert_int_equal(g.told, 2);
	assert_int_equal(g.number, 2);
	assert_int_equal(g.outcome, FRONT_ANSWERED);
	assert_int_equal(g.asked, 3);
	close_rig(&g);
}

/* On a connection that never answered it is one: told at once, not tried again. */
static void
test_new_connection(void **state)
{
	struct rig g;

	(void)state;
	open_rig(&g);
	g.is_holding = true;
	assert_int_equal(post(&g, 1), 0);
	run(&g);
	serve_anew(&g);
	run(&g);
	assert_int_equal(g.told, 1);
	assert_int_equal(g.outcome, FRONT_UNREACHABLE);
	assert_int_equal(g.asked, 1);
	assert_int_equal(front_calls_count(g.calls), 0);
	close_rig(&g);
}

/* In line, in order, one at a time; the fifth is not taken. */
static void
test_line(void **state)
{
	struct rig g;

	(void)state;
	open_rig(&g);
	for (uint64_t n = 1; n <= FRONT_CALLS_WAITING; n++)
		assert_int_equal(post(&g, n), 0);
	assert_int_equal(post(&g, 9), FAIL_AGAIN);
	assert_int_equal(front_calls_count(g.calls), FRONT_CALLS_WAITING);
	for (uint64_t n = 1; n <= FRONT_CALLS_WAITING; n++) {
		run(&g);
		assert_int_equal(g.number, n);
		assert_int_equal(g.asked, n);
	}
	/* Given up with some in line: nobody is told. */
	assert_int_equal(post(&g, 10), 0);
	assert_int_equal(post(&g, 11), 0);
	close_rig(&g);
	assert_int_equal(g.told, FRONT_CALLS_WAITING);
}

/* More members than there are places: an idle one goes. */
static void
test_many_members(void **state)
{
	struct front_call call = {.url = rd_of("https://127.0.0.1:1", 19),
		.path = rd_of("keep", 4),
		.body = rd_of("", 0),
		.timeout_ms = 1000};
	uint8_t key[FRONT_KEY_LEN] = {0};
	struct rig g;

	(void)state;
	open_rig(&g);
	call.tls = key;
	for (unsigned i = 0; i < FRONT_CALLS_MEMBERS; i++) {
		key[0] = (uint8_t)i;
		assert_int_equal(front_calls_post(g.calls, i, &call), 0);
	}
	key[0] = FRONT_CALLS_MEMBERS;
	assert_int_equal(front_calls_post(g.calls, 100, &call), FAIL_AGAIN);
	while (g.told < FRONT_CALLS_MEMBERS)
		run(&g);
	assert_int_equal(front_calls_post(g.calls, 100, &call), 0);
	run(&g);
	assert_int_equal(g.number, 100);
	close_rig(&g);
}

static void
test_want_of_memory(void **state)
{
	struct rig g;
	long n;
	int r = FAIL_NOMEM;

	(void)state;
	open_rig(&g);
	for (n = 0; n < 100 && r != 0; n++) {
		mem_fail_after(n, true);
		r = post(&g, 1);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM || r == FAIL_IO);
		assert_int_equal(front_calls_count(g.calls), r == 0 ? 1 : 0);
	}
	assert_true(n > 2 && n < 100);
	run(&g);
	assert_int_equal(g.outcome, FRONT_ANSWERED);
	close_rig(&g);
}

static int
set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_init(), 0);
	for (size_t i = 0; i < 2; i++) {
		memset(seeds[i], (int)i + 1, sizeof seeds[i]);
		sign_public(seeds[i], keys[i]);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_connection),
		cmocka_unit_test(test_new_connection),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_many_members),
		cmocka_unit_test(test_want_of_memory),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
