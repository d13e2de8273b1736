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
 * Host     a numeric address, or with `names` a name, looked up before each connection.  A name
 *          without `names` is FAIL_USAGE, .onion FAIL_REFUSED (sys/names.h).  Of several
 *          addresses one is tried; after it has failed, the next request tries the next.
 * Local    with `unix_path` instead of host: a socket of our user (sys/peer), without TLS.
 * Limits   an answer's head HTTP_HEAD_MAX, its body body_max; all within timeout_ms.
 * Results  given to done(): 0 and a status; FAIL_CLOSED the connection failed or ended (also
 *          when a pin did not match); FAIL_TIMEOUT; FAIL_LIMIT the answer is too large;
 *          FAIL_FORMAT it is malformed; FAIL_NOMEM.
 */
#include <stdint.h>

#include "base/fail.h"
#include "base/rd.h"
#include "sys/loop.h"
#include "sys/names.h"
#include "sys/tls.h"

struct http_client;

struct http_target {
	const char *host; /* copied */
	uint16_t port;
	struct tls *tls; /* TLS_CLIENT; its pins say who the peer must be */
	size_t body_max; /* of an answer */
	unsigned timeout_ms, idle_ms;
	struct names *names;   /* or NULL */
	const char *unix_path; /* or NULL; copied */
};

struct http_call {
	const char *method, *path; /* path as in sys/http_head.h */
	struct rd body;		   /* copied */
	unsigned timeout_ms;	   /* 0: the target's */
	/* Called once, from the loop, never from http_client_send(); body is valid meanwhile. */
	void (*done)(void *arg, int r, unsigned status, struct rd body);
	void *arg;
};

MUST int http_client_new(struct loop *loop, const struct http_target *target,
	struct http_client **ret_client);

/* A request under way is dropped without done().  Not from within done(). */
void http_client_free(struct http_client *c);

/* The key of the peer that gave the last answer: 0, or FAIL_ABSENT before the first one. */
MUST int http_client_peer(const struct http_client *c, uint8_t ret_key[TLS_KEY_LEN]);

/* FAIL_AGAIN while another one is under way (in done() the next may be sent). */
MUST int http_client_send(struct http_client *c, const struct http_call *call);

#endif
