/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H
/*
 * group: many acknowledgements share one durable commit.
 *
 *   group_work  runs one piece of work in the open transaction, and puts its waiter in line
 *   group_idle  nobody has more work just now: commit
 *   group_tick  commit when the first in line has waited wait_ms_max
 *
 * An fsync takes milliseconds and carries any number of rows.  So the store reads what has
 * arrived, works it off, and commits when nothing more is there, when waiters_max are in line
 * or when the oldest has waited long enough, whichever comes first.
 *
 * Answers  each waiter hears exactly once: 0 after the commit that holds its rows is durable;
 *          the error of its own work, at once, with nothing of it left behind; or the error
 *          of the commit, for everyone in line.
 * Attack answered: an acknowledgement that a power cut makes a lie.
 *
 * Pure: the clock is an argument, and nothing is done but through the database.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "store/db.h"

enum { GROUP_WAITERS_MAX = 256 };

struct group_settings {
	uint64_t wait_ms_max; /* 0: every piece of work is committed by itself */
	size_t waiters_max;   /* 1..GROUP_WAITERS_MAX */
};

/* Called once.  It may not call the group. */
struct group_waiter {
	void (*answer)(void *ctx, int r);
	void *ctx;
};

struct group {
	struct db *db;
	struct group_settings settings;
	bool is_answering;
	uint64_t first_ms; /* when the first in line came */
	size_t waiter_count;
	struct group_waiter waiters[GROUP_WAITERS_MAX];
};

void group_init(struct group *g, struct db *db, const struct group_settings *settings);

/* Takes back what is not committed; the waiters hear FAIL_CLOSED. */
void group_done(struct group *g);

/* The rows of one request. */
typedef int group_work_fn(void *ctx, struct db *db);

void group_work(struct group *g, group_work_fn *work, void *ctx,
	struct group_waiter waiter, uint64_t now_ms);

void group_idle(struct group *g);
void group_tick(struct group *g, uint64_t now_ms);

/* When group_tick() has something to do; UINT64_MAX: nobody waits. */
uint64_t group_due_ms(const struct group *g);

#endif
