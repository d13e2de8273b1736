/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_H
#define VALISED_STORE_H
/*
 * store: the role that holds the rows of a station: no loop, no socket, no clock of its own.
 *
 *   store_handle()  a message from front or custody is worked off in the open transaction;
 *                   what it has to say is held
 *   store_idle()    commit; then everything held is let out, in order
 *   store_tick()    what the clock asks for: deliveries, non-receipts, weekly keys
 *
 * Nothing leaves before the commit that holds its rows has returned 0.  When a commit fails,
 * what was held is dropped: REPLYs become errors (507 when the disk is full, else 503), CALLs
 * and questions to custody fail to whoever waits for them.  A dead database (store/db.h) makes
 * store_idle() answer FAIL_IO, and the process ends.
 *
 * The daemon drives it by sys/loop (valised/role_store.c); tests drive several in one program.
 */
#include <stdbool.h>

#include "cable/due.h"
#include "store/db.h"
#include "wire/front.h"

struct store;

struct store_out {
	void (*emit)(void *ctx, enum role to, const struct wire_message *message);
	void *ctx;
};

struct rng;

struct store_plan {
	struct db *db;		/* open, at the newest schema; stays the caller's */
	const char *chunks_dir; /* files of bodies (store/chunks.h) */
	struct rng *rng;
	struct due_settings due;
	uint64_t try_again_s_max; /* longest pause between tries of a delivery */
	const char *notify; /* command of the `notify` hook, or NULL; run by the parent */
	bool is_locked_in, has_second_holder; /* what `status` says of other processes */
	struct store_out out;
};

MUST int store_new(const struct store_plan *plan, struct store **ret_store);
void store_free(struct store *s);

/* now_ms: milliseconds since 1970.  FAIL_REFUSED: not permitted; the process must end. */
MUST int store_handle(
	struct store *s, enum role from, struct rd message, uint64_t now_ms);
MUST int store_idle(struct store *s, uint64_t now_ms);

/* Do what is due; *ret_next_ms: when to call again at the latest. */
MUST int store_tick(struct store *s, uint64_t now_ms, uint64_t *ret_next_ms);

#endif
