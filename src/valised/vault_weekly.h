/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_WEEKLY_H
#define VALISED_VAULT_WEEKLY_H
/*
 * vault_weekly: the custody keys of this station, one a week.
 *
 *   weeks   begin on Monday 00:00 UTC
 *   made    a week ahead: the directory shows this week's key and the next
 *   wiped   the private half, 14 days after its week has ended
 *
 * Why: whoever takes the station today can open no V slot and no S slot that was sealed three
 * weeks ago and more; what is still needed of those lies under keys of its own document.
 * A list is never changed: weekly_turn() makes the next one, which counts when it is durable.
 *
 *   keys    list of  suite:u16 from:u64 wiped:u64 seed[32]        ascending by from
 *
 * Normative: docs/format/custody.md.
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_LIMIT (more than VAULT_WEEKLY_MAX), FAIL_NO_KEY.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/kem.h"
#include "crypto/secret.h"

enum {
	VAULT_WEEK_S = 7 * 24 * 3600,
	VAULT_WIPE_AFTER_S = 14 * 24 * 3600,
	VAULT_WEEKLY_MAX = 16,
	VAULT_WEEKLY_LEN = 2 + 8 + 8 + KEM_SEED_LEN,
};

struct weekly_key {
	uint64_t from_s;
	uint64_t wiped_s;
	struct kem_public key; /* names the suite */
	uint8_t id[KEM_ID_LEN];
};

struct vault_weekly {
	size_t count;
	struct weekly_key keys[VAULT_WEEKLY_MAX];
	struct secret *seeds; /* VAULT_WEEKLY_MAX of KEM_SEED_LEN */
};

/* The Monday before or at a time. */
uint64_t weekly_monday(uint64_t now_s);

MUST int weekly_parse(struct rd in, struct vault_weekly **ret_weekly);
void weekly_write(const struct vault_weekly *w, struct buf *out);
void weekly_free(struct vault_weekly *w);

/*
 * What should be held at a time: what is not due to be wiped, and keys of this suite for this
 * week and the next.  `old` may be NULL.  *ret_is_changed: it is not the same as old.
 */
MUST int weekly_turn(const struct vault_weekly *old, uint16_t suite, uint64_t now_s,
	struct rng *rng, struct vault_weekly **ret_weekly, bool *ret_is_changed);

/* The seed of a key that is held and not due to be wiped; FAIL_NO_KEY. */
MUST int weekly_find(const struct vault_weekly *w, const uint8_t id[KEM_ID_LEN],
	uint64_t now_s, const uint8_t **ret_seed);

/* The key that is shown for the week beginning then, or NULL: of this suite. */
const struct weekly_key *weekly_shown(
	const struct vault_weekly *w, uint16_t suite, uint64_t from_s);

/* The "custody ..." lines of a directory at a time. */
MUST int weekly_text(
	const struct vault_weekly *w, uint16_t suite, uint64_t now_s, struct buf *out);

#endif
