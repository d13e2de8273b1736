/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_STATE_H
#define VALISED_VAULT_STATE_H
/*
 * vault_state: what custody keeps: the master key and what is sealed under it, the pinned
 * roster, the directory signed last.
 *
 *   file        sealed under         changes
 *   master      unlock key           each day, each destruction, each new week
 *   documents   master               appended; written anew with each new master
 *   weekly      master               written anew with each new master
 *   roster      unlock key           a new roster, the founding file
 *   directory   unlock key           each directory that is signed
 *
 * A new master: `master` gets both, `documents` and then `weekly` are written under the new
 * one, `master` keeps the new one alone.  A crash at any point leaves files that each name a
 * master which is there; state_open() finishes or takes back what was begun.  Old copies of the
 * two files open with nothing afterwards, because the master they need is gone.
 *
 * Second holder  `documents` and `master` are copied to a second directory after each change.
 *                Failing there is told by state_second_failed() and stops nothing.
 * Errors  those of vault_file.h and vault_documents.h; FAIL_MISMATCH: some of the files are
 *         missing; FAIL_CLOSED: an error left the disk in an unknown state, start anew.
 */
#include <stdbool.h>
#include <stdint.h>

#include "valised/vault_documents.h"
#include "valised/vault_weekly.h"

struct state_plan {
	const uint8_t *unlock; /* VAULT_SEED_LEN; not needed afterwards */
	struct vault_disk disk;
	const struct vault_disk *second; /* or NULL */
	struct rng *rng;
};

struct vault_state;

/* What is there, or a new one in an empty directory. */
MUST int state_open(
	const struct state_plan *plan, uint64_t now_s, struct vault_state **ret_state);
void state_free(struct vault_state *s);

struct vault_documents *state_documents(struct vault_state *s);
const struct vault_weekly *state_weekly(const struct vault_state *s);

/* The end of `documents` was an append that a crash cut off (and nobody was told of). */
bool state_was_cut(const struct vault_state *s);
bool state_second_failed(const struct vault_state *s);

/*
 * A new day, a new week, keys that are due to be wiped: done and durable, or an error.  Nothing
 * may be pending: state_commit() first.
 */
MUST int state_turn(struct vault_state *s, uint16_t suite, uint64_t now_s);

/*
 * Make durable what was added and destroyed.  On failure all of it is undone in memory as well;
 * whoever waits for it must be told.
 */
MUST int state_commit(struct vault_state *s, uint64_t now_s);

/* A file of its own under the unlock key: "roster", "directory". */
MUST int state_put(struct vault_state *s, const char *name, struct rd plain);

/* FAIL_ABSENT. */
MUST int state_get(
	struct vault_state *s, const char *name, size_t max, struct buf *ret_plain);

#endif
