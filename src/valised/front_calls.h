/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_FRONT_CALLS_H
#define VALISED_FRONT_CALLS_H
/*
 * front_calls: what store posts to other members' stations.
 *
 * One member is one pinned key: one connection, kept while it is used, one call under way at a
 * time, and FRONT_CALLS_WAITING more in line.  Store sends one at a time, so the line is for
 * its urgent ones only.  Nothing is repeated here but what met a kept connection that had been
 * closed meanwhile; store decides.
 *
 * Limits  FRONT_CALLS_MEMBERS members at a time; a member that is idle makes place for another.
 * Errors  of front_calls_post: FAIL_AGAIN the line is full, or too many members; FAIL_FORMAT an
 *         address that is none; FAIL_REFUSED .onion; FAIL_NOMEM.
 */
#include "sys/loop.h"
#include "sys/names.h"
#include "wire/front.h"

enum {
	FRONT_CALLS_MEMBERS = 64,
	FRONT_CALLS_WAITING = 4,
	FRONT_CALLS_IDLE_MS = 45000, /* less than the server's: we close first */
};

struct front_calls;

struct front_calls_plan {
	struct loop *loop;
	const uint8_t *seed; /* of our `tls` key, FRONT_KEY_LEN; copied */
	struct names *names; /* or NULL */
	/* Once for each call that was taken, from the loop. */
	void (*result)(void *arg, uint64_t number, const struct front_result *result);
	void *arg;
};

MUST int front_calls_new(
	const struct front_calls_plan *plan, struct front_calls **ret_calls);

/* What is under way is dropped. */
void front_calls_free(struct front_calls *c);

MUST int front_calls_post(
	struct front_calls *c, uint64_t number, const struct front_call *call);

/* Calls that are under way or in line. */
size_t front_calls_count(const struct front_calls *c);

#endif
