/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_H
#define VALISED_VAULT_H
/*
 * vault: the custody role, which holds the keys of a station: no loop, no socket, no clock.
 *
 *   vault_new()     the keys that are there, or new ones; READY is held
 *   vault_handle()  one message of store (wire/vault.h) is worked off; its DONE is held
 *   vault_idle()    make durable; then everything held is let out, in order
 *
 * Nothing is said that is not durable.  When making it durable fails, every DONE that was held
 * becomes that error, and nothing of what they were about is kept: store asks again.
 * Each handler believes signatures under the pinned roster, not store.  Three things it must take
 * from store, which keeps the rows: since when an ENROL object is here, whether it stands in a
 * first directory (struct vault_enrol), and what a receipt in our name says.
 *
 * Clock   now_ms is custody's own.  Weekly keys and the daily master turn with any message, so
 *         store cannot keep old keys alive by keeping silent about the time.
 * Errors  vault_handle: FAIL_REFUSED: a message the permit table does not have; FAIL_CLOSED: the
 *         disk is in an unknown state.  After either the process must end.
 */
#include <stdint.h>

#include "base/rng.h"
#include "member/own_station.h"
#include "valised/vault_disk.h"
#include "wire/vault.h"

struct vault;

struct vault_out {
	void (*emit)(void *ctx, const struct wire_message *message);
	void *ctx;
};

struct vault_plan {
	const struct own_station *station; /* open; stays the caller's */
	enum vault_unlock unlocked_by;
	struct vault_disk disk;
	const struct vault_disk *second; /* second holder, or NULL */
	struct rng *rng;
	struct vault_out out;
};

/* FAIL_ALTERED: files of another unlock key, or changed; FAIL_MISMATCH: some are missing. */
MUST int vault_new(
	const struct vault_plan *plan, uint64_t now_ms, struct vault **ret_vault);
void vault_free(struct vault *v);

MUST int vault_handle(struct vault *v, struct rd message, uint64_t now_ms);

/* 0 also when what was held became an error. */
MUST int vault_idle(struct vault *v);

/* What is to be told in the log: the last copying to the second holder failed. */
bool vault_second_failed(const struct vault *v);

/* The end of the key file was an append that a crash cut off; nobody was told of it. */
bool vault_was_cut(const struct vault *v);

/* The seed of the `tls` key, for front, which is started before custody locks itself in. */
const uint8_t *vault_tls_seed(const struct own_station *station);

#endif
