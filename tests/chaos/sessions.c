/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sessions: an attacker who may speak to a running station, and says what is wrong.
 *
 *   chaos_sessions PORT ADMIN_SOCKET COUNT [SEED]
 *
 * Six kinds in turn: bytes that are no TLS; a ClientHello that is cut or altered; a connection
 * that says nothing; HTTP that is none, within TLS; requests in good form whose bodies are
 * wrong, to every path of both doors, with signatures that are none; and the same on the
 * administrator's socket, with bodies that no message permits.
 *
 * Must hold  every request in good form is answered, and none of them with 200 but the two
 *            whose body says nothing (station, the administrator's pending); no session
 *            lasts longer than 10 s; after each hundred the station still says who it is.
 * Prints     "sessions=N answered=N refused=N", and each fault; exit 1 when there was one.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../wire/messages.h"
#include "crypto/crypto.h"
#include "sys/clock.h"
#include "sys/tls.h"

enum {
	BYTES_MAX = 16384,
	SESSION_MS = 10000,
	KINDS = 6,
	ALIVE_EACH = 100,
	FAULTS_MAX = 20
};

static const char *const paths[] = {"/c/1/station", "/c/1/enrol", "/c/1/enrolled",
	"/c/1/pending", "/c/1/enrol-sign", "/c/1/order", "/c/1/roster", "/c/1/directory",
	"/c/1/number", "/c/1/announce", "/c/1/receive", "/c/1/chunk", "/c/1/inbox",
	"/c/1/document", "/c/1/chunk-get", "/c/1/open", "/c/1/ack", "/c/1/state",
	"/c/1/recall", "/c/1/destroy", "/c/1/grant", "/c/1/holders", "/p/1/roster",
	"/p/1/directory", "/p/1/keep", "/p/1/announce", "/p/1/chunk", "/p/1/receipt",
	"/p/1/open", "/p/1/grant", "/p/1/recall", "/p/1/destroy", "/p/1/order",
	"/c/1/nothing", "/c/2/inbox", "/"};
static const char *const admin_paths[] = {"/a/1/pending", "/a/1/found", "/a/1/join",
	"/a/1/desk", "/a/1/nothing", "/c/1/inbox"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t seed = 1;
static uint16_t port;
static const char *admin_socket;
static struct tls *tls;
static unsigned answered, refused, faults;

static size_t
draw(size_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % below);
}

static void
fault(const char *what, const char *where, int status)
{
	if (faults++ < FAULTS_MAX)
		(void)printf("fault: %s: %s (%d)\n", where, what, status);
}

static void
draw_bytes(struct buf *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_u8(out, (uint8_t)draw(256));
}

/* A message of some table with drawn values: good to the parser, and means nothing. */
static void
draw_message(struct buf *out)
{
	static uint8_t pool[BYTES_MAX];
	_Alignas(16) uint8_t message[MESSAGE_SIZE_MAX] = {0};
	const struct codec *codec = messages[draw(MESSAGES)].codec;

	for (size_t i = 0; i < sizeof pool; i++)
		pool[i] = (uint8_t)draw(256);
	for (size_t i = 0; i < codec->count; i++) {
		const struct codec_field *f = &codec->fields[i];
		void *at = message + f->offset;
		size_t span = f->max - f->min < 300 ? f->max - f->min : 300;
		uint64_t v = f->min + draw(span + 1);

		if (f->type >= CODEC_V8)
			*(struct rd *)at = rd_of(pool, (size_t)v);
		else if (f->type == CODEC_FIXED)
			*(const uint8_t **)at = pool + draw(64);
		else if (f->type == CODEC_U8)
			*(uint8_t *)at = (uint8_t)v;
		else if (f->type == CODEC_U16)
			*(uint16_t *)at = (uint16_t)v;
		else if (f->type == CODEC_U32)
			*(uint32_t *)at = (uint32_t)v;
		else
			*(uint64_t *)at = draw(2) == 0 ? v : clock_now_ms() / 1000;
	}
	codec_write(codec, message, out);
	if (draw(3) == 0 && out->len > 0)
		out->data[draw(out->len)] ^= (uint8_t)(1 + draw(255));
}

/* Sometimes wrapped as an officer's request, by a key that nobody has. */
static void
draw_body(struct buf *out)
{
	struct buf inner;
	uint8_t junk[64];

	buf_init(&inner, BYTES_MAX);
	if (draw(4) == 0)
		draw_bytes(&inner, draw(600));
	else
		draw_message(&inner);
	for (size_t i = 0; i < sizeof junk; i++)
		junk[i] = (uint8_t)draw(256);
	if (draw(2) == 0)
		codec_write(&post_signed_codec,
			&(struct post_signed){.version = 1,
				.key_kind = (uint8_t)(1 + draw(2)),
				.key_id = junk,
				.time_s = clock_now_ms() / 1000,
				.nonce = junk,
				.body = rd_of(inner.data, inner.len),
				.signature = junk},
			out);
	else
		buf_bytes(out, inner.data, inner.len);
	buf_done(&inner);
}

static void
limit_time(int fd)
{
	const struct timeval limit = {.tv_sec = SESSION_MS / 1000};

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int
connect_port(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		(void)close(fd);
		fd = -1;
	}
	if (fd >= 0)
		limit_time(fd);
	return fd;
}

static int
connect_admin(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(to.sun_path, sizeof to.sun_path, "%s", admin_socket);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		(void)close(fd);
		fd = -1;
	}
	if (fd >= 0)
		limit_time(fd);
	return fd;
}

/* The status of an answer; 0 when there was none. */
static int
status_of(const char *answer, size_t len)
{
	return len > 12 && memcmp(answer, "HTTP/1.1 ", 9) == 0
		? (int)strtol(answer + 9, NULL, 10)
		: 0;
}

/* Say this within a good handshake; the status of what comes back. */
static int
say_tls(const struct buf *bytes)
{
	char answer[4096];
	struct ssl_st *session = NULL;
	int fd = connect_port(), status = 0, n;

	if (fd < 0)
		return -1;
	if (tls_session_new(tls, &session) == 0 && SSL_set_fd(session, fd) == 1 &&
		SSL_connect(session) == 1 &&
		(bytes->len == 0 ||
			SSL_write(session, bytes->data, (int)bytes->len) > 0) &&
		(n = SSL_read(session, answer, sizeof answer)) > 0)
		status = status_of(answer, (size_t)n);
	tls_session_free(session);
	ERR_clear_error();
	(void)close(fd);
	return status;
}

enum manner { WAITS, HANGS_UP };

static int
say_plain(int fd, const struct buf *bytes, enum manner manner)
{
	char answer[4096];
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	if (bytes->len > 0)
		(void)!send(fd, bytes->data, bytes->len, MSG_NOSIGNAL);
	if (manner == HANGS_UP)
		(void)shutdown(fd, SHUT_WR);
	n = recv(fd, answer, sizeof answer, 0);
	(void)close(fd);
	return n > 0 ? status_of(answer, (size_t)n) : 0;
}

static void
put_request(struct buf *out, const char *path, const struct buf *body)
{
	buf_printf(out,
		"POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
		"Content-Length: %zu\r\n\r\n",
		path, body->len);
	buf_bytes(out, body->data, body->len);
}

/* A true ClientHello, without a server. */
static void
put_hello(struct buf *out)
{
	BIO *in = BIO_new(BIO_s_mem()), *bio = BIO_new(BIO_s_mem());
	struct ssl_st *session = NULL;
	uint8_t bytes[4096];
	int n;

	CHECK(tls_session_new(tls, &session) == 0);
	SSL_set_bio(session, in, bio);
	(void)SSL_do_handshake(session);
	n = BIO_read(bio, bytes, (int)sizeof bytes);
	CHECK(n > 0);
	buf_bytes(out, bytes, (size_t)n);
	tls_session_free(session);
	ERR_clear_error();
}

static void
no_tls(struct buf *bytes)
{
	draw_bytes(bytes, 1 + draw(2000));
	if (say_plain(connect_port(), bytes, HANGS_UP) != 0)
		fault("answered", "bytes that are no TLS", 0);
}

static void
half_handshake(struct buf *bytes)
{
	put_hello(bytes);
	if (draw(2) == 0)
		bytes->len = draw(bytes->len);
	else
		for (size_t n = 1 + draw(4); n > 0; n--)
			bytes->data[draw(bytes->len)] ^= (uint8_t)(1 + draw(255));
	if (say_plain(connect_port(), bytes, HANGS_UP) > 0)
		fault("answered", "half a handshake", 0);
}

static void
silence(struct buf *bytes)
{
	if (say_plain(connect_port(), bytes, HANGS_UP) < 0)
		fault("no connection", "silence", -1);
}

static void
no_http(struct buf *bytes)
{
	static const char *const pieces[] = {"POST ", "GET ", "/c/1/inbox", " HTTP/1.1",
		"\r\n", "\n", "Content-Length: 7\r\n", "Content-Length: -7\r\n",
		"Transfer-Encoding: chunked\r\n", "Host: a\r\n", "\r\n\r\n", "\x00\xff"};

	for (size_t n = 1 + draw(9); n > 0; n--)
		buf_text(bytes, pieces[draw(COUNT(pieces))]);
	buf_text(bytes, "\r\n\r\n");
	if (say_tls(bytes) == 200)
		fault("served", "HTTP that is none", 200);
}

/* The two whose body says nothing: nobody looks at it. */
static bool
is_open(const char *path)
{
	return strcmp(path, "/c/1/station") == 0 || strcmp(path, "/a/1/pending") == 0;
}

static void
judge(int status, const char *path)
{
	answered += status > 0;
	refused += status >= 400 && status < 600;
	if (status <= 0)
		fault("no answer", path, status);
	else if (status == 500 || (status == 200 && !is_open(path)))
		fault("must not be", path, status);
}

static void
wrong_request(struct buf *bytes)
{
	const char *path = paths[draw(COUNT(paths))];
	struct buf body;

	buf_init(&body, BYTES_MAX);
	draw_body(&body);
	put_request(bytes, path, &body);
	buf_done(&body);
	judge(say_tls(bytes), path);
}

static void
wrong_admin(struct buf *bytes)
{
	const char *path = admin_paths[draw(COUNT(admin_paths))];
	struct buf body;

	buf_init(&body, BYTES_MAX);
	draw_bytes(&body, 1 + draw(900));
	if (draw(4) == 0) {
		buf_bytes(bytes, body.data, body.len);
		(void)say_plain(connect_admin(), bytes, HANGS_UP);
	} else {
		put_request(bytes, path, &body);
		judge(say_plain(connect_admin(), bytes, WAITS), path);
	}
	buf_done(&body);
}

/* Its own question in good form gets its answer. */
static void
check_alive(unsigned session)
{
	struct buf bytes, body;
	int status;

	buf_init(&bytes, 1024);
	buf_init(&body, 1);
	put_request(&bytes, "/c/1/station", &body);
	status = say_tls(&bytes);
	if (status != 200)
		(void)printf("after session %u: ", session);
	if (status != 200)
		fault("the station does not say who it is", "alive", status);
	buf_done(&bytes);
}

int
main(int argc, char **argv)
{
	static void (*const kinds[KINDS])(struct buf *) = {
		no_tls, half_handshake, silence, no_http, wrong_request, wrong_admin};
	unsigned long count;

	if (argc < 4) {
		(void)fputs(
			"usage: chaos_sessions PORT ADMIN_SOCKET COUNT [SEED]\n", stderr);
		return 2;
	}
	port = (uint16_t)strtoul(argv[1], NULL, 10);
	admin_socket = argv[2];
	count = strtoul(argv[3], NULL, 10);
	seed = (argc > 4 ? strtoull(argv[4], NULL, 10) : 1) * 2654435769u + 1;
	(void)signal(SIGPIPE, SIG_IGN);
	if (crypto_init() != 0 || tls_new_first_use(&tls) != 0)
		return 1;
	for (unsigned i = 0; i < count && faults < FAULTS_MAX; i++) {
		uint64_t begun_ms = clock_monotonic_ms();
		struct buf bytes;

		buf_init(&bytes, 4 * BYTES_MAX);
		kinds[draw(KINDS)](&bytes);
		buf_done(&bytes);
		if (clock_monotonic_ms() - begun_ms >= SESSION_MS)
			fault("lasted too long", "session", (int)i);
		if (i % ALIVE_EACH == ALIVE_EACH - 1)
			check_alive(i);
	}
	(void)printf("sessions=%lu answered=%u refused=%u faults=%u\n", count, answered,
		refused, faults);
	tls_free(tls);
	return faults == 0 ? 0 : 1;
}
