/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_SLOT_H
#define ENVELOPE_SLOT_H
/*
 * slot: 32 bytes wrapped to one key with HPKE, and the vectors of them.
 *
 *   key_id[32] enc[32 or 1120] sealed[48]
 *   info = "valise/v1 " || role || 0 || u16 suite
 *   aad  = core hash || key id || u32 index        (a grant has SHA-256(credential) for the index)
 *
 * Normative: docs/format/envelope.md, sections 3 and 8.
 *
 * Errors  FAIL_ALTERED (does not open under this key and core), FAIL_SUITE, FAIL_FORMAT.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/hash.h"
#include "crypto/kem.h"

enum {
	SLOT_SECRET_LEN = 32,
	SLOT_SEALED_LEN = 48,
	SLOT_READERS_MAX = 4096,
	SLOT_LEN_MAX = KEM_ID_LEN + KEM_ENC_MAX + SLOT_SEALED_LEN,
};

/* Where a slot belongs: everything that its seal is bound to besides the key. */
struct slot_place {
	const char *role; /* "R", "S", "V", "grant" */
	uint16_t suite;
	uint32_t index;
	const uint8_t *core_hash;	/* HASH_LEN bytes */
	const uint8_t *credential_hash; /* HASH_LEN bytes for a grant, else NULL */
};

struct slot {
	const uint8_t *key_id; /* KEM_ID_LEN */
	const uint8_t *enc;    /* kem_enc_len(suite) */
	const uint8_t *sealed; /* SLOT_SEALED_LEN */
};

/* A vector of slots of one suite, as parsed: whole slots only. */
struct slots {
	uint16_t suite;
	size_t count;
	struct rd bytes;
};

size_t slot_len(uint16_t suite);

/* FAIL_FORMAT unless bytes are min..max whole slots. */
MUST int slots_of(
	uint16_t suite, struct rd bytes, size_t min, size_t max, struct slots *ret_slots);

/* Key ids strictly ascending: the one form of the R slots. */
MUST bool slots_are_ascending(const struct slots *slots);

void slots_at(const struct slots *slots, size_t i, struct slot *ret_slot);

/* The position of a key's slot; FAIL_NO_KEY. */
MUST int slots_find(
	const struct slots *slots, const uint8_t key_id[KEM_ID_LEN], size_t *ret_index);

/* Wrap secret and append the slot to out. */
MUST int slot_seal(const struct slot_place *place, const struct kem_public *to,
	struct rng *rng, const uint8_t secret[SLOT_SECRET_LEN], struct buf *out);

MUST int slot_open(const struct slot_place *place, const struct slot *slot,
	const uint8_t seed[KEM_SEED_LEN], uint8_t ret_secret[SLOT_SECRET_LEN]);

#endif
