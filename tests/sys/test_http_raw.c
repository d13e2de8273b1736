/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_rig.h"
#include "sys/clock.h"
#include "sys/http_head.h"

/* Byte for byte, with a blocking socket, against a server in a thread of its own. */

static struct rig rig;

static void
start(void)
{
	assert_int_equal(rig_open_local(&rig), 0);
	rig_run(&rig);
}

static void
finish(void)
{
	rig_stop(&rig);
	rig_close(&rig);
}

/* Send, read until the other side closes or nothing comes for the socket's time. */
static size_t
exchange(int fd, const char *text, size_t len, char *ret_answer, size_t answer_max)
{
	size_t got = 0;
	ssize_t n;

	/* A server that has refused may be gone before we have said everything. */
	(void)!send(fd, text, len, MSG_NOSIGNAL);
	while (got < answer_max - 1 &&
		(n = recv(fd, ret_answer + got, answer_max - 1 - got, 0)) > 0)
		got += (size_t)n;
	ret_answer[got] = '\0';
	return got;
}

/* The status of the answer; 0 when the connection was closed without one, -1 for neither. */
static int
status_after(const char *text, size_t len)
{
	char answer[512] = "";
	int fd = rig_connect(&rig, 5000), status = 0;
	ssize_t n;

	(void)!send(fd, text, len, MSG_NOSIGNAL);
	n = recv(fd, answer, sizeof answer - 1, 0);
	if (n > 0)
		assert_int_equal(sscanf(answer, "HTTP/1.1 %3d ", &status), 1);
	close(fd);
	return n < 0 ? -1 : status;
}

static int
status_of(const char *text)
{
	return status_after(text, strlen(text));
}

static void
test_refusals(void **state)
{
	static const struct {
		int status;
		const char *text;
	} cases[] = {
		{200, "GET /status HTTP/1.1\r\nHost: a\r\n\r\n"},
		{200, "GET /status HTTP/1.1\r\nhost:a \r\nX-Y:\t z\r\n\r\n"},
		{200, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"},
		{400, "GET /status HTTP/1.1\r\n\r\n"},
		{400, "GET /status HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
		{400, "GET /status HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"},
		{400, "GET /status HTTP/1.1\r\nHost : a\r\n\r\n"},
		{400, "GET /status HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"},
		{400, "GET /status HTTP/1.1\r\nHost: a\rb\r\n\r\n"},
		{400, "GET  /status HTTP/1.1\r\nHost: a\r\n\r\n"},
		{400, "GET /status HTTP/1.1 \r\nHost: a\r\n\r\n"},
		{400, " GET /status HTTP/1.1\r\nHost: a\r\n\r\n"},
		{400, "\r\nGET /status HTTP/1.1\r\nHost: a\r\n\r\n"},
		{400, "GET /%73tatus HTTP/1.1\r\nHost: a\r\n\r\n"},
		{400, "GET http://a/status HTTP/1.1\r\nHost: a\r\n\r\n"},
		{400, "GET /status\r\n\r\n"},
		{400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nok"},
		{400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -2\r\n\r\nok"},
		{400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\nok"},
		{400,
			"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
			"Content-Length: 2\r\n\r\nok"},
		{413,
			"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: "
			"1048577\r\n\r\n"},
		{413,
			"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: "
			"9999999999\r\n\r\n"},
		{400,
			"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: "
			"99999999999\r\n\r\n"},
		{501,
			"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
			"chunked\r\n\r\n"},
		{505, "GET /status HTTP/1.0\r\nHost: a\r\n\r\n"},
		{505, "GET /status HTTP/2.0\r\nHost: a\r\n\r\n"},
		{404, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"},
		{404, "GET /status/ HTTP/1.1\r\nHost: a\r\n\r\n"},
		{405, "get /status HTTP/1.1\r\nHost: a\r\n\r\n"},
		{405, "DELETE /status HTTP/1.1\r\nHost: a\r\n\r\n"},
		{0, "GET /status HTTP/1.1\r\nHost: a\r\n\r\nGET /status HTTP/1.1\r\n"},
	};

	(void)state;
	rig_prepare(&rig);
	start();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int status = status_of(cases[i].text);

		if (status != cases[i].status)
			print_error("case %zu: %d\n", i, status);
		assert_int_equal(status, cases[i].status);
	}
	/* Only the first three were handed over, and perhaps the one before the pipelined. */
	assert_true(atomic_load(&rig.handled) >= 3 && atomic_load(&rig.handled) <= 4);
	finish();
}

static void
test_head_limits(void **state)
{
	static char text[HTTP_HEAD_MAX + 64];
	int len;

	(void)state;
	rig_prepare(&rig);
	start();
	/* Exactly the maximum, and one byte more. */
	for (int more = 0; more <= 1; more++) {
		len = snprintf(
			text, sizeof text, "GET /status HTTP/1.1\r\nHost: a\r\nX: ");
		memset(text + len, 'x', sizeof text - (size_t)len);
		memcpy(text + HTTP_HEAD_MAX - 4 + more, "\r\n\r\n", 4);
		assert_int_equal(status_after(text, (size_t)(HTTP_HEAD_MAX + more)),
			more == 0 ? 200 : 431);
	}
	/* No end in sight. */
	memset(text, 'x', sizeof text);
	assert_int_equal(status_after(text, sizeof text), 431);

	/* 64 fields with Host, and one more. */
	for (int more = 0; more <= 1; more++) {
		len = snprintf(text, sizeof text, "GET /status HTTP/1.1\r\nHost: a\r\n");
		for (int i = 1; i < HTTP_HEAD_FIELDS_MAX + more; i++)
			len += snprintf(
				text + len, sizeof text - (size_t)len, "A: b\r\n");
		(void)snprintf(text + len, sizeof text - (size_t)len, "\r\n");
		assert_int_equal(status_of(text), more == 0 ? 200 : 431);
	}
	finish();
}

/* After a refusal the client can read why, even while it is still sending; then it is closed. */
static void
test_refused_is_closed(void **state)
{
	static const char head[] =
		"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n";
	static char body[2000000];
	char answer[512];
	uint64_t begun_ms;
	int fd;

	(void)state;
	rig_prepare(&rig);
	rig.limits.linger_ms = 200;
	start();
	fd = rig_connect(&rig, 3000);
	assert_int_equal(send(fd, head, sizeof head - 1, MSG_NOSIGNAL), sizeof head - 1);
	begun_ms = clock_monotonic_ms();
	assert_true(exchange(fd, body, sizeof body, answer, sizeof answer) > 0);
	assert_true(clock_monotonic_ms() - begun_ms < 2000);
	assert_memory_equal(answer, "HTTP/1.1 413 ", 13);
	assert_non_null(strstr(answer, "Connection: close\r\n"));
	close(fd);
	assert_int_equal(atomic_load(&rig.handled), 0);
	finish();
}

/* Seconds until the server closes a connection that says so many of these bytes, one by one. */
static uint64_t
drip(const char *text, size_t count, unsigned pause_ms)
{
	uint64_t begun_ms = clock_monotonic_ms();
	int fd = rig_connect(&rig, 3000);
	char c;

	for (size_t i = 0; i < count; i++) {
		if (send(fd, text + i, 1, MSG_NOSIGNAL) != 1)
			break;
		usleep(pause_ms * 1000);
	}
	assert_int_equal(recv(fd, &c, 1, 0) > 0, 0);
	close(fd);
	return clock_monotonic_ms() - begun_ms;
}

static void
test_slow_clients(void **state)
{
	static const char post[] =
		"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n"
		"............................................................";
	uint64_t ms;

	(void)state;
	rig_prepare(&rig);
	rig.limits.head_ms = 200;
	rig.limits.body_ms = 300;
	rig.limits.idle_ms = 150;
	start();
	/* Nothing; half a request; a steady drip, which must not win time. */
	ms = drip("", 0, 0);
	assert_true(ms >= 190 && ms < 1500);
	ms = drip(post, 20, 0);
	assert_true(ms >= 190 && ms < 1500);
	ms = drip(post, sizeof post - 1, 20);
	assert_true(ms >= 190 && ms < 1500);
	/* The head at once, the body in drips. */
	{
		char answer[64];
		int fd = rig_connect(&rig, 3000);

		ms = clock_monotonic_ms();
		assert_int_equal(exchange(fd, post, 60, answer, sizeof answer), 0);
		ms = clock_monotonic_ms() - ms;
		assert_true(ms >= 290 && ms < 1500);
		close(fd);
	}
	/* Idle after an answer. */
	{
		char answer[512];
		int fd = rig_connect(&rig, 3000);

		ms = clock_monotonic_ms();
		assert_true(exchange(fd, "GET /status HTTP/1.1\r\nHost: a\r\n\r\n", 33,
				    answer, sizeof answer) > 0);
		ms = clock_monotonic_ms() - ms;
		assert_true(ms >= 140 && ms < 1500);
		close(fd);
	}
	assert_int_equal(atomic_load(&rig.handled), 1);
	finish();
}

static void
test_many_connections(void **state)
{
	int fds[4];
	char c;

	(void)state;
	rig_prepare(&rig);
	rig.limits.connections_max = 3;
	start();
	for (size_t i = 0; i < 4; i++)
		fds[i] = rig_connect(&rig, 500);
	/* The fourth is closed at once; the others still wait for a request. */
	assert_int_equal(recv(fds[3], &c, 1, 0), 0);
	assert_int_equal(recv(fds[0], &c, 1, MSG_DONTWAIT), -1);
	close(fds[3]);
	/* One goes without a word, another in the middle of a request: their places are free. */
	assert_int_equal(send(fds[0], "POST /echo HTTP", 15, MSG_NOSIGNAL), 15);
	close(fds[0]);
	close(fds[1]);
	usleep(50000);
	assert_int_equal(status_of("GET /status HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
	close(fds[2]);
	finish();
}

/* All places are taken by those who wait for a next request: the oldest of them goes. */
static void
test_places(void **state)
{
	static const char words[] = "GET /status HTTP/1.1\r\nHost: a\r\n\r\n";
	char bytes[512];
	int fds[3];

	(void)state;
	rig_prepare(&rig);
	rig.limits.connections_max = 2;
	start();
	for (size_t i = 0; i < 3; i++) {
		fds[i] = rig_connect(&rig, 2000);
		assert_int_equal(send(fds[i], words, sizeof words - 1, MSG_NOSIGNAL),
			(ssize_t)sizeof words - 1);
		assert_true(recv(fds[i], bytes, sizeof bytes, 0) > 0);
		assert_memory_equal(bytes, "HTTP/1.1 200", 12);
	}
	assert_int_equal(recv(fds[0], bytes, 1, 0), 0);
	assert_int_equal(recv(fds[1], bytes, 1, MSG_DONTWAIT), -1);
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	finish();
}

static void
test_expect(void **state)
{
	static const char head[] =
		"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
		"Expect: 100-continue\r\n\r\n";
	char answer[512];
	int fd;

	(void)state;
	rig_prepare(&rig);
	start();
	fd = rig_connect(&rig, 300);
	assert_int_equal(exchange(fd, head, sizeof head - 1, answer, sizeof answer), 25);
	assert_string_equal(answer, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_true(exchange(fd, "ok", 2, answer, sizeof answer) > 2);
	assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
	close(fd);
	finish();
}

static void
test_answer_heads(void **state)
{
	static const struct {
		int r;
		const char *text;
	} cases[] = {
		{0, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"},
		{0, "HTTP/1.1 204 \r\n\r\n"},
		{FAIL_FORMAT, "HTTP/1.1 200\r\n\r\n"},
		{FAIL_FORMAT, "HTTP/1.1 2000 OK\r\n\r\n"},
		{FAIL_FORMAT, "HTTP/1.1 099 OK\r\n\r\n"},
		{FAIL_FORMAT, "HTTP/1.1 2x0 OK\r\n\r\n"},
		{FAIL_VERSION, "HTTP/1.0 200 OK\r\n\r\n"},
		{FAIL_UNSUPPORTED,
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{FAIL_FORMAT, "HTTP/1.1 200 OK\r\n\r\nmore"},
		{FAIL_FORMAT, "HTTP/1.1 200 OK\r\n"},
	};
	struct http_head h;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(
			http_head_answer(rd_of(cases[i].text, strlen(cases[i].text)), &h),
			cases[i].r);
	assert_string_equal(http_head_reason(413), "Content Too Large");
	assert_string_equal(http_head_reason(299), "Answer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_head_limits),
		cmocka_unit_test(test_refused_is_closed),
		cmocka_unit_test(test_slow_clients),
		cmocka_unit_test(test_many_connections),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_expect),
		cmocka_unit_test(test_answer_heads),
	};

	rig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
