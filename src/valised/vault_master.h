/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_MASTER_H
#define VALISED_VAULT_MASTER_H
/*
 * vault_master: the master keys of custody's files: one, or two while files move from the
 * older to the newer.
 *
 *   list of  number:u64 made:u64 key[32]          1..2, ascending by number
 *
 * Normative: docs/format/custody.md.  A set is small and is passed about whole; it lives in
 * guarded memory.
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_ABSENT, those of vault_file.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "crypto/secret.h"
#include "valised/vault_file.h"

enum { MASTERS_MAX = 2 };

struct master {
	uint64_t number;
	uint64_t made_s;
	uint8_t key[VAULT_SEED_LEN];
};

struct masters {
	size_t count;
	struct master *list; /* MASTERS_MAX, within `memory` */
	struct secret *memory;
};

MUST int masters_init(struct masters *m);
void masters_done(struct masters *m);

/* FAIL_ABSENT: no such file. */
MUST int masters_read(struct masters *m, const struct vault_disk *disk,
	const uint8_t key[AEAD_KEY_LEN]);
MUST int masters_put(const struct masters *m, const struct vault_disk *disk,
	const uint8_t key[AEAD_KEY_LEN], struct rng *rng);

/* The one of that number, or NULL. */
const struct master *masters_find(const struct masters *m, uint64_t number);

/* Draw another one behind the last. */
MUST int masters_draw(struct masters *m, uint64_t now_s, struct rng *rng);

/* Keep this one alone; the others are wiped. */
void masters_keep(struct masters *m, uint64_t number);

#endif
