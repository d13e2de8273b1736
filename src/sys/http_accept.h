/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_HTTP_ACCEPT_H
#define SYS_HTTP_ACCEPT_H
/*
 * http_accept: take connections from a listening socket, and rest when the system has none.
 *
 * Local   a Unix socket, whose peers must be processes of our user (sys/peer).
 * Rest    out of descriptors or memory: HTTP_ACCEPT_REST_MS without accepting, because the
 *         socket stays readable and the loop would spin.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "sys/loop.h"

enum { HTTP_ACCEPT_REST_MS = 100, HTTP_ACCEPT_BURST = 16 };

struct http_accept;

/*
 * call(arg, fd) takes fd over when it returns 0; otherwise fd is closed.  FAIL_REFUSED when
 * is_local and the socket is no Unix socket: what is not encrypted must not leave the machine.
 */
MUST int http_accept_new(struct loop *loop, int listen_fd, bool is_local,
	int (*call)(void *arg, int fd), void *arg, struct http_accept **ret_accept);
void http_accept_free(struct http_accept *a);

/*
 * A listening TCP socket on a numeric address; port 0 takes a free one.  TCP_NODELAY is set
 * and inherited: without it every answer over TLS waits 40 ms.  FAIL_USAGE no such address;
 * FAIL_EXISTS the port is taken.
 */
MUST int http_accept_listen(
	const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port);

#endif
