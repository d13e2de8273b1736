/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SPARSE_LEDGER_H
#define LEAK_SPARSE_LEDGER_H
/*
 * sparse_ledger: what of an index ever left, and the secret of which all sets are made.
 *
 *   size   field            integers big-endian; the file DIR/exports
 *      8   magic            "VALISEXP"
 *      2   version          SPARSE_LEDGER_VERSION
 *     32   secret           random; never leaves
 *    1+n   compartment
 *      1   sets planned     fixes the density for good
 *      2   exports          n
 *          n times          ally 1+n | epoch u32 | made u64 | members u32 | digest of the file 32
 *      8   checksum of everything before
 *
 * Life     the first export makes it; the density, once chosen, never changes, because another
 *          selection would show other positions.
 * Order    the entry is durable before the set is written.  A kill between the two counts an
 *          export that nobody got: the safe side.
 * Count    each entry of another digest counts FUSE_BITS for every gram.  The same set made
 *          again (same index, ally and epoch) has the same bytes and costs nothing.
 * Errors   FAIL_TRUNCATED, FAIL_FORMAT, FAIL_VERSION, FAIL_ALTERED; FAIL_REFUSED over the
 *          budget; FAIL_LIMIT over SPARSE_LEDGER_MAX.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rng.h"
#include "crypto/hash.h"
#include "leak/sparse.h"

enum {
	SPARSE_LEDGER_VERSION = 1,
	SPARSE_LEDGER_MAX = 256,
	SPARSE_LEDGER_BYTES_MAX = 64 * 1024,
	/* From so many sets on the cap of SPARSE_BITS_CAP decides: any number may follow. */
	SPARSE_SETS_MAX = 6,
	SPARSE_SETS_USUAL = 3,
};

struct sparse_export {
	char ally[SPARSE_NAME_MAX + 1];
	uint32_t epoch;
	uint64_t made_s;
	uint32_t members;
	uint8_t digest[HASH_LEN];
};

struct sparse_ledger {
	uint8_t secret[SPARSE_KEY_LEN];
	char compartment[SPARSE_NAME_MAX + 1];
	uint8_t sets;
	size_t exports;
	struct sparse_export export[SPARSE_LEDGER_MAX];
};

/* A new one, with a new secret; sets 1 to SPARSE_SETS_MAX. */
MUST int sparse_ledger_new(const char *compartment, unsigned sets, struct rng *rng,
	struct sparse_ledger *ret_ledger);
void sparse_ledger_done(struct sparse_ledger *l);

MUST int sparse_ledger_parse(
	const uint8_t *ptr, size_t len, struct sparse_ledger *ret_ledger);
void sparse_ledger_write(const struct sparse_ledger *l, struct buf *out);

/* Bits of all exports so far for each gram, not capped. */
unsigned sparse_ledger_bits(const struct sparse_ledger *l);

/* Millionths of a bit for each character, of any document, after so many bits a gram. */
uint32_t sparse_ledger_leak_ppm(const struct sparse_ledger *l, unsigned bits);

/*
 * Note one more.  FAIL_REFUSED when the budget does not hold it, and nothing is changed.  A
 * known digest changes nothing.
 */
MUST int sparse_ledger_add(struct sparse_ledger *l, const struct sparse_export *entry);

/* How grams are selected. */
MUST int sparse_ledger_select(
	const struct sparse_ledger *l, struct sparse_select *ret_select);

/* The rule that suits the density. */
struct sparse_rule sparse_ledger_rule(const struct sparse_ledger *l);

MUST int sparse_ledger_ally_key(const struct sparse_ledger *l, const char *ally,
	uint32_t epoch, uint8_t ret_key[SPARSE_KEY_LEN]);

/*
 * Members that stand for no text.  Decoys are the same in every set, canaries are of one ally
 * and epoch: whoever asks about one has counted out a set, and not found a text.
 */
enum sparse_false { SPARSE_DECOY = 0, SPARSE_CANARY = 1, SPARSE_FILL = 2 };

/* The key that their hashes come from; for SPARSE_FILL that of unused cells. */
MUST int sparse_ledger_false_key(const struct sparse_ledger *l, enum sparse_false kind,
	const char *ally, uint32_t epoch, uint8_t ret_key[SHORTHASH_KEY_LEN]);

/* Number `*at` of them, and step on.  Every one is a hash that the selection selects. */
uint64_t sparse_ledger_false(const uint8_t key[SHORTHASH_KEY_LEN],
	const struct sparse_select *select, uint64_t *at);

#endif
