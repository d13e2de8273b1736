/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_FRONT_H
#define VALISED_FRONT_H
/*
 * front: the role that has the network: HTTP on one side, messages to store on the other.
 *
 *   POST /c/1/...   officers, on the TLS port            becomes an ASK
 *   POST /p/1/...   members, the same port, who proved a pinned key; others get 403
 *   POST /a/1/...   the administrator, on the Unix socket `run/admin`
 *   GET /metrics    there too: figures of store and of front, Prometheus text
 *
 * Nothing of a document is parsed here.  A request becomes one ASK and its answer comes back by
 * number; a CALL is posted to another member (front_calls.h) and its RESULT goes back.
 *
 * Limits   FRONT_ASKS_MAX requests under way; FRONT_BODIES_MAX bytes of bodies coming and going,
 *          FRONT_QUEUED_MAX bytes on their way to store; FRONT_ENROL_MAX requests to be enrolled
 *          a minute, which anybody may make.  Above: 503.
 * Ends     ended() once, from the loop: 0 after front_stop(), when all that was owed is
 *          answered; FAIL_CLOSED store went away; FAIL_REFUSED it said what it may not.
 */
#include "sys/loop.h"
#include "sys/names.h"
#include "wire/front.h"

enum {
	FRONT_ASKS_MAX = 1024,
	FRONT_BODIES_MAX = 24 << 20,
	FRONT_QUEUED_MAX = 24 << 20,
	FRONT_ENROL_MAX = 60,
	FRONT_STOP_MS = 5000
};

struct front;

struct front_plan {
	struct loop *loop;
	int listen_fd, admin_fd; /* stay the caller's */
	int store_fd;		 /* becomes front's when it succeeds */
	const uint8_t *seed; /* of the `tls` key, FRONT_KEY_LEN; the caller may wipe it */
	struct names *names; /* or NULL: members have numeric addresses */
	void (*ended)(void *arg, int r);
	void *arg;
};

MUST int front_new(const struct front_plan *plan, struct front **ret_front);
void front_free(struct front *f);

/* No new requests; answer what is owed, FRONT_STOP_MS at most. */
void front_stop(struct front *f);

#endif
