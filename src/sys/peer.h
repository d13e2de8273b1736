/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_PEER_H
#define SYS_PEER_H
/*
 * peer: messages between two processes of one user over a Unix stream socket.
 *
 * Frame   uint32 length, big-endian, 1..PEER_MESSAGE_MAX, then that many bytes.
 * Trust   the directory must be ours and nobody else's to write, mode 0700; the socket is 0600;
 *         both sides ask the kernel for the other's uid (SO_PEERCRED) and go on only when it is
 *         their own.
 * Errors  FAIL_ABSENT   nobody listens there (no socket, or a dead one)
 *         FAIL_EXISTS   somebody listens there already
 *         FAIL_REFUSED  directory or peer belongs to somebody else
 *         FAIL_CLOSED   the other side went away
 *         FAIL_TIMEOUT  took longer than timeout_ms
 *         FAIL_FORMAT   a frame of length 0 or above the maximum
 *         FAIL_AGAIN    nothing there yet (peer_accept, peer_fill)
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum { PEER_MESSAGE_MAX = 32 * 1024, PEER_HEAD_LEN = 4 };

/* Listen; a dead socket in the way is removed.  The descriptor does not block. */
MUST int peer_listen(const char *path, int *ret_fd);

/* Remove a socket on which nobody listens any more; FAIL_EXISTS when somebody does. */
MUST int peer_clear(const char *path);

/* One waiting connection, not blocking; FAIL_REFUSED when it was another user's (closed). */
MUST int peer_accept(int listen_fd, int *ret_fd);

MUST int peer_connect(const char *path, int *ret_fd);

MUST int peer_send(int fd, const void *ptr, size_t len, unsigned timeout_ms);

/* ret_ptr has PEER_MESSAGE_MAX bytes. */
MUST int peer_receive(int fd, uint8_t *ret_ptr, size_t *ret_len, unsigned timeout_ms);

/* The inbound side of one connection of a server that polls. */
struct peer_inbox {
	size_t len;
	uint8_t bytes[PEER_HEAD_LEN + PEER_MESSAGE_MAX];
};

/* Take what is there without waiting: 0, FAIL_AGAIN, FAIL_CLOSED. */
MUST int peer_fill(int fd, struct peer_inbox *inbox);

/* The first message, if it is complete: 0, FAIL_AGAIN, FAIL_FORMAT. */
MUST int peer_first(
	const struct peer_inbox *inbox, const uint8_t **ret_ptr, size_t *ret_len);

/* Drop the first message (wiped). */
void peer_drop(struct peer_inbox *inbox);

#endif
