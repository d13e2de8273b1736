/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_HTTP_CLIENT_H
#define SYS_HTTP_CLIENT_H
/*
 * http_client: requests of this station to one other, over TLS with pinned keys.
 *
 * One client is one peer and at most one connection, kept while it is used and for idle_ms
 * after.  One request is under way at a time; the queue is the caller's (the store knows what
 * is urgent).  Nothing is repeated here: after any failure the caller decides, and what it
 * sends is such that arriving twice does no harm.
 *
 * Host     a numeric address.  Names are FAIL_USAGE and .onion names FAIL_REFUSED: looking
 *          names up belongs to the caller, and .onion only ever goes through a SOCKS proxy.
 * Limits   an answer's head HTTP_HEAD_MAX, its body body_max; all within timeout_ms.
 * Results  given to done(): 0 and a status; FAIL_CLOSED the connection failed or ended (also
 *          when a pin did not match); FAIL_TIMEOUT; FAIL_LIMIT the answer is too large;
 *          FAIL_FORMAT it is malformed; FAIL_NOMEM.
 */
#include <stdint.h>

#include "base/fail.h"
#include "base/rd.h"
#include "sys/loop.h"
#include "sys/tls.h"

struct http_client;

struct http_target {
	const char *host; /* copied */
	uint16_t port;
	struct tls *tls; /* TLS_CLIENT; its pins say who the peer must be */
	size_t body_max; /* of an answer */
	unsigned timeout_ms, idle_ms;
};

struct http_call {
	const char *method, *path; /* path as in sys/http_head.h */
	struct rd body;		   /* copied */
	/* Called once, from the loop, never from http_client_send(); body is valid meanwhile. */
	void (*done)(void *arg, int r, unsigned status, struct rd body);
	void *arg;
};

MUST int http_client_new(struct loop *loop, const struct http_target *target,
	struct http_client **ret_client);

/* A request under way is dropped without done().  Not from within done(). */
void http_client_free(struct http_client *c);

/* FAIL_AGAIN while another one is under way (in done() the next may be sent). */
MUST int http_client_send(struct http_client *c, const struct http_call *call);

#endif
