/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_HTTP_STREAM_H
#define SYS_HTTP_STREAM_H
/*
 * http_stream: a connected (or connecting) socket as a libevent buffer, with TLS or without.
 *
 * libevent's own "close on free" is not used: where making the buffer fails it frees some of
 * its parts and not others.  Here the three parts have one owner.
 *
 * http_stream_close() must not be called from within a callback of the same bufferevent:
 * libevent still looks at the session when the callback returns.
 */
#include <stdbool.h>

#include "base/fail.h"
#include "sys/loop.h"
#include "sys/tls.h"

struct bufferevent;

struct http_stream {
	struct bufferevent *bev;
	struct ssl_st *session; /* NULL: plain */
	int fd;
};

/* Takes fd over when it succeeds.  tls NULL: plain, which only the caller can justify. */
MUST int http_stream_open(struct loop *loop, int fd, struct tls *tls, bool is_server,
	struct http_stream *ret_stream);

/* Harmless on a zeroed stream that was never opened. */
void http_stream_close(struct http_stream *s);

#endif
