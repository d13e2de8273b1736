/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_HTTP_H
#define SYS_HTTP_H
/*
 * http: a server of small HTTP/1.1 requests on a loop; over TLS on TCP, plain on a Unix socket.
 *
 * Life of a connection   HEAD -> BODY -> ASKED -> ANSWERING -> HEAD ... -> LINGER -> closed
 *   HEAD       waits for a head: idle_ms for its first byte, then head_ms for the rest (the TLS
 *              handshake counts as head).  A head that is refused is answered and ends it.
 *   BODY       body_ms for the whole body, however steadily it drips.
 *   ASKED      the request was handed over; http_answer() may come at once or later.  After
 *              answer_ms the client hears 504 and a later answer goes nowhere.  Bytes that
 *              come now (pipelining) end the connection: clients of ours never send any.
 *   ANSWERING  write_ms until the client has taken it all.
 *   LINGER     after a refusal: what still comes is thrown away for linger_ms, so that the
 *              client can read why, instead of a reset.
 *
 * Refused    400 malformed, 404 path, 405 method, 413 body, 431 head, 501 transfer coding,
 *            505 version; everything but 404 and 405 closes.  Plain text without a Unix
 *            socket: FAIL_REFUSED.
 * Places     above the maximum of connections the oldest that waits for its next request is
 *            closed, or else the new one.
 * Memory     bodies_max bounds what lies here of all bodies together; above it 503 (bodies above
 *            HTTP_BODY_SMALL already at three quarters, so that small requests still pass).
 * Privacy    nothing is logged; buffers are wiped when freed (sys/loop).
 * Peers      whoever shows no key has peer NULL in his requests.  A key that was shown is asked
 *            for again at each request: one that is no longer pinned gets 403 and is closed, so
 *            that a new roster cuts off at once.
 * Threads    one; http_server_free() not from within a handler.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rd.h"
#include "sys/loop.h"
#include "sys/tls.h"

enum {
	HTTP_BODY_SMALL = 64 * 1024,
	HTTP_HEAD_MAX = 8192,
	HTTP_CHUNK_MAX = 1024 * 1024,
	HTTP_ROUTES_MAX = 64
};

struct http_limits {
	size_t head_max; /* bytes, with the empty line */
	size_t body_max; /* bytes */
	size_t connections_max;
	size_t bodies_max; /* bytes of all bodies that lie here, coming and going */
	unsigned idle_ms, head_ms, body_ms, answer_ms, write_ms, linger_ms;
};

/* 8 KiB, 1 MiB, 256 connections, 32 MiB; 60 s idle, 10 s head, 60 s body, 60 s answer, 60 s write, 1 s. */
struct http_limits http_limits_usual(void);

/* What is served: a method and a path; a path that ends with '/' stands for all below it. */
struct http_route {
	const char *method, *path;
};

struct http_request {
	size_t route; /* which of the routes */
	struct rd path, body;
	const uint8_t *peer; /* TLS_KEY_LEN bytes that the client proved, or NULL */
};

struct http_server;
struct http_answer; /* a request that waits for its answer */

struct http_service {
	const struct http_route *routes; /* must outlive the server, as all here */
	size_t routes_count;
	/*
	 * The request's bytes are valid until handle returns.  `answer` must be given to
	 * http_answer() exactly once, now or later, whatever has become of the client.
	 */
	void (*handle)(void *arg, const struct http_request *request,
		struct http_answer *answer);
	void *arg;
};

/*
 * Serve what arrives at listen_fd, which stays the caller's.  tls NULL: plain, only on a Unix
 * socket, only for processes of our user (sys/peer).  Listening: sys/http_accept.h.
 */
MUST int http_server_new(struct loop *loop, int listen_fd, struct tls *tls,
	const struct http_limits *limits, const struct http_service *service,
	struct http_server **ret_server);

/* Close all connections.  Answers that are still owed may be given, before or after. */
void http_server_free(struct http_server *s);

/* No new connections, and those that stand end with their next answer. */
void http_server_close_door(struct http_server *s);

size_t http_server_connections(const struct http_server *s);

/* status 200..599.  Consumes the answer; body is copied. */
void http_answer(struct http_answer *answer, unsigned status, struct rd body);

#endif
