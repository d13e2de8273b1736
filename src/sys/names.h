/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_NAMES_H
#define SYS_NAMES_H
/*
 * names: addresses of hosts, asked for on the loop (libevent's evdns).
 *
 * Files   /etc/resolv.conf and /etc/hosts are read in names_new() and never again, so that a
 *         role may lock itself in afterwards.  Whoever changes them restarts.
 * Trust   none: an answer only says whom to try; the key that the peer proves says who it is.
 * Order   IPv4 first, at most NAMES_MAX.
 * Errors  FAIL_ABSENT no such name, or nobody answers; FAIL_NOMEM; FAIL_REFUSED for .onion,
 *         which goes through a SOCKS proxy or not at all: asking a name server tells it whom we
 *         want to reach (RFC 7686).
 */
#include <stdint.h>
#include <sys/socket.h>

#include "base/fail.h"
#include "sys/loop.h"

enum { NAMES_MAX = 8 };

struct names;
struct names_query;

struct names_address {
	struct sockaddr_storage address;
	socklen_t len;
};

MUST int names_new(struct loop *loop, struct names **ret_names);

/* Queries under way are cancelled. */
void names_free(struct names *n);

/*
 * done() is called once, from the loop, unless the query is cancelled before.  names NULL:
 * only numeric addresses, FAIL_ABSENT for others.
 */
typedef void names_done_fn(
	void *arg, int r, const struct names_address *addresses, size_t count);
MUST int names_find(struct names *n, const char *host, uint16_t port, names_done_fn *done,
	void *arg, struct names_query **ret_query);
void names_cancel(struct names_query *q);

/* A numeric address needs nobody: 0, FAIL_USAGE when it is a name, FAIL_REFUSED for .onion. */
MUST int names_numeric(
	const char *host, uint16_t port, struct names_address *ret_address);

#endif
