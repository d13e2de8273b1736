/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../sys/http_rig.h"
#include "sys/clock.h"

/*
 * An attacker who can reach a station's port and says 10,000 things that are nearly right: as
 * plain HTTP on a Unix socket, as a broken ClientHello, and as HTTP within a good handshake.
 *
 * Must hold  the server lives; no connection lasts 5 s; nothing is handed over that an
 *            oracle of its own, which shares no code with the parser, calls wrong; memory
 *            stays flat.
 * Shown      a service with a planted fault (it serves TRACE) is caught by the same run.
 */

enum { PLAIN = 8000, HELLOS = 1500, WITHIN = 500, MESSAGE_MAX = 1024, HANG_MS = 5000 };

struct message {
	size_t len;
	uint8_t bytes[MESSAGE_MAX];
};

/* xorshift64: the run is the same every time. */
static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static size_t
pick(size_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % below);
}

static const char *const good[] = {
	"GET /status HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
	"PUT /chunk/00ff/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX-A: b\r\n\r\nabc",
	"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
};
static const char *const pieces[] = {"\r\n", "\n", "\r", ":", " ", "\t", "Host: b\r\n",
	"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
	"Content-Length: -1\r\n", "\r\n\r\n", "%00", "/../", "HTTP/1.1", "HTTP/1.0",
	"Expect: 100-continue\r\n", "\xff\xfe", "99999999999999999999", " folded\r\n"};
static const char *const methods[] = {"get", "GEt", "HEAD", "TRACE", "CONNECT", "DELETE",
	"OPTIONS", "G", "GETGET", "\x01"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
cut(struct message *m, size_t at, size_t len)
{
	memmove(m->bytes + at, m->bytes + at + len, m->len - at - len);
	m->len -= len;
}

static void
insert(struct message *m, size_t at, const void *ptr, size_t len)
{
	if (m->len + len > MESSAGE_MAX)
		return;
	memmove(m->bytes + at + len, m->bytes + at, m->len - at);
	memcpy(m->bytes + at, ptr, len);
	m->len += len;
}

static void
mutate(struct message *m)
{
	uint8_t copy[64];
	size_t at = pick(m->len), len = 1 + pick(m->len - at);

	switch (pick(6)) {
	case 0:
		m->bytes[at] ^= (uint8_t)(1U << pick(8));
		break;
	case 1:
		m->bytes[at] = (uint8_t)pick(256);
		break;
	case 2:
		if (len < m->len)
			cut(m, at, len > 16 ? 1 + len % 16 : len);
		break;
	case 3:
		len = len > sizeof copy ? sizeof copy : len;
		memcpy(copy, m->bytes + at, len);
		insert(m, pick(m->len), copy, len);
		break;
	case 4:
		insert(m, at, pieces[pick(COUNT(pieces))], 1);
		break;
	default: {
		const char *piece = pieces[pick(COUNT(pieces))];

		insert(m, at, piece, strlen(piece));
	}
	}
}

static void
make_request(struct message *m)
{
	const char *text = good[pick(COUNT(good))];
	size_t changes = pick(4);

	m->len = strlen(text);
	memcpy(m->bytes, text, m->len);
	if (pick(8) == 0) {
		const char *method = methods[pick(COUNT(methods))];

		cut(m, 0, (size_t)(strchr(text, ' ') - text));
		insert(m, 0, method, strlen(method));
	}
	while (changes-- > 0)
		mutate(m);
}

/* One field of the oracle; false: no such request may be served. */
static bool
may_have_field(const char *line, size_t len, unsigned *hosts, unsigned *lengths)
{
	*hosts += len >= 5 && strncasecmp(line, "host:", 5) == 0;
	if (len >= 18 && strncasecmp(line, "transfer-encoding:", 18) == 0)
		return false;
	if (len >= 15 && strncasecmp(line, "content-length:", 15) == 0) {
		(*lengths)++;
		for (size_t i = 15; i < len; i++) {
			if (strchr("0123456789 \t", line[i]) == NULL)
				return false;
		}
	}
	return line[0] != ' ' && line[0] != '\t' && memchr(line, ':', len) != NULL;
}

static bool
may_begin(const char *line, size_t len)
{
	return (len == 20 && memcmp(line, "GET /status HTTP/1.1", 20) == 0) ||
		(len == 19 && memcmp(line, "POST /echo HTTP/1.1", 19) == 0) ||
		(len > 20 && memcmp(line, "PUT /chunk/", 11) == 0 &&
			memcmp(line + len - 9, " HTTP/1.1", 9) == 0 &&
			memchr(line + 11, ' ', len - 11) == line + len - 9);
}

static bool
is_printable(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (line[i] != '\t' && (line[i] < ' ' || line[i] > '~'))
			return false;
	}
	return true;
}

/* The oracle: line by line, in another way than the parser, and rather too generous. */
static bool
may_be_served(const struct message *m)
{
	const char *at = (const char *)m->bytes, *end = at + m->len;
	unsigned hosts = 0, lengths = 0;
	bool is_first = true;

	for (;;) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		size_t len;

		if (lf == NULL || lf == at || lf[-1] != '\r')
			return false;
		len = (size_t)(lf - at) - 1;
		if (!is_printable(at, len))
			return false;
		if (len == 0 && !is_first)
			return hosts == 1 && lengths <= 1;
		if (is_first ? !may_begin(at, len)
			     : !may_have_field(at, len, &hosts, &lengths))
			return false;
		is_first = false;
		at = lf + 1;
	}
}

/* What a run has seen. */
struct tally {
	long served, refused, false_accepts, hangs;
};

static bool
is_hanging(int fd)
{
	uint64_t begun_ms = clock_monotonic_ms();
	char answer[4096];

	while (recv(fd, answer, sizeof answer, 0) > 0)
		;
	return clock_monotonic_ms() - begun_ms >= HANG_MS;
}

static void
count(struct tally *t, const struct message *m, long served, bool is_hang)
{
	t->served += served;
	t->refused += served == 0;
	t->hangs += is_hang;
	if (served > 1 || (served == 1 && (m == NULL || !may_be_served(m))))
		t->false_accepts++;
}

static void
attack_plain(struct rig *rig, int times, struct tally *t)
{
	struct message m;

	for (int i = 0; i < times; i++) {
		long before = atomic_load(&rig->handled);
		int fd = rig_connect(rig, HANG_MS);
		bool is_hang;

		make_request(&m);
		(void)!send(fd, m.bytes, m.len, MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		is_hang = is_hanging(fd);
		close(fd);
		count(t, &m, atomic_load(&rig->handled) - before, is_hang);
	}
}

/* A true ClientHello to break. */
static void
make_hello(struct tls *client, struct message *m)
{
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	SSL *session = NULL;
	int n;

	assert_int_equal(tls_session_new(client, &session), 0);
	SSL_set_bio(session, in, out);
	(void)SSL_do_handshake(session);
	n = BIO_read(out, m->bytes, (int)sizeof m->bytes);
	assert_true(n > 100);
	m->len = (size_t)n;
	tls_session_free(session);
	ERR_clear_error();
}

static void
attack_hello(struct rig *rig, struct tls *client, int times, struct tally *t)
{
	struct message hello, m;

	make_hello(client, &hello);
	for (int i = 0; i < times; i++) {
		long before = atomic_load(&rig->handled);
		int fd = rig_connect_tcp(rig, HANG_MS);
		bool is_hang;

		if (i % 4 == 0)
			make_request(&m);
		else
			m = hello;
		for (size_t n = 1 + pick(4); n > 0; n--)
			mutate(&m);
		(void)!send(fd, m.bytes, m.len, MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		is_hang = is_hanging(fd);
		close(fd);
		count(t, NULL, atomic_load(&rig->handled) - before, is_hang);
	}
}

static void
attack_within(struct rig *rig, struct tls *client, int times, struct tally *t)
{
	struct message m;
	char answer[4096];

	for (int i = 0; i < times; i++) {
		long before = atomic_load(&rig->handled);
		uint64_t begun_ms = clock_monotonic_ms();
		int fd = rig_connect_tcp(rig, HANG_MS);
		SSL *session = NULL;

		make_request(&m);
		assert_int_equal(tls_session_new(client, &session), 0);
		assert_int_equal(SSL_set_fd(session, fd), 1);
		if (SSL_do_handshake(session) == 1 &&
			SSL_write(session, m.bytes, (int)m.len) > 0 &&
			shutdown(fd, SHUT_WR) == 0) {
			while (SSL_read(session, answer, sizeof answer) > 0)
				;
		}
		tls_session_free(session);
		ERR_clear_error();
		close(fd);
		count(t, &m, atomic_load(&rig->handled) - before,
			clock_monotonic_ms() - begun_ms >= HANG_MS);
	}
}

static long
resident_pages(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long size = 0, resident = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
	(void)fclose(file);
	return resident;
}

/* 4 MiB is noise; a leak of one request in ten would show.  Sanitizers keep freed memory. */
static void
check_flat(long before)
{
#ifndef __SANITIZE_ADDRESS__
	assert_true(resident_pages() - before < 1024);
#else
	(void)before;
#endif
}

static void
test_plain(void **state)
{
	struct tally t = {0};
	struct rig rig;
	long before;

	(void)state;
	rig_prepare(&rig);
	rig.limits.linger_ms = 100;
	assert_int_equal(rig_open_local(&rig), 0);
	rig_run(&rig);
	attack_plain(&rig, 500, &t);
	before = resident_pages();
	attack_plain(&rig, PLAIN - 500, &t);
	check_flat(before);
	print_message("plain: %ld served, %ld refused, %ld false, %ld hung\n", t.served,
		t.refused, t.false_accepts, t.hangs);
	assert_int_equal(t.false_accepts, 0);
	assert_int_equal(t.hangs, 0);
	/* Both happen, or the run says nothing. */
	assert_true(t.served > 500 && t.refused > 3000);
	rig_stop(&rig);
	rig_close(&rig);
}

static void
test_tls(void **state)
{
	struct tls *client = NULL;
	struct tally hello = {0}, within = {0};
	struct rig rig;
	long before = 0;

	(void)state;
	rig_prepare(&rig);
	rig.limits.linger_ms = 100;
	assert_int_equal(rig_open_tls(&rig, rig_pin(1)), 0);
	assert_int_equal(tls_new(TLS_CLIENT, rig_seeds[1], rig_pin(0), &client), 0);
	rig_run(&rig);
	attack_hello(&rig, client, 200, &hello);
	attack_within(&rig, client, 100, &within);
	before = resident_pages();
	attack_hello(&rig, client, HELLOS - 200, &hello);
	attack_within(&rig, client, WITHIN - 100, &within);
	check_flat(before);
	print_message("hellos: %ld served, %ld hung; within: %ld served, %ld refused, "
		      "%ld hung\n",
		hello.served, hello.hangs, within.served, within.refused, within.hangs);
	assert_int_equal(hello.served + hello.hangs, 0);
	assert_int_equal(within.false_accepts + within.hangs, 0);
	assert_true(within.served > 20 && within.refused > 20);
	rig_stop(&rig);
	rig_close(&rig);
	tls_free(client);
}

/* The same attack against a service that serves what it should not. */
static void
test_planted(void **state)
{
	static const struct http_route careless[] = {{"POST", "/echo"},
		{"TRACE", "/status"}, {"PUT", "/chunk/"}, {"GET", "/status"}};
	struct tally t = {0};
	struct rig rig;

	(void)state;
	rig_prepare(&rig);
	rig.limits.linger_ms = 100;
	rig.service.routes = careless;
	rig.service.routes_count = COUNT(careless);
	assert_int_equal(rig_open_local(&rig), 0);
	rig_run(&rig);
	attack_plain(&rig, 4000, &t);
	print_message("planted: %ld false accepts seen\n", t.false_accepts);
	assert_true(t.false_accepts > 0);
	rig_stop(&rig);
	rig_close(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_planted),
	};

	rig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
