/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_GRANT_H
#define ENVELOPE_GRANT_H
/*
 * grant: a later reader of an envelope that is already sealed.
 *
 *   magic[8] version:u16 suite:u16 envelope_hash[32] credential<u16> slot granter:signer
 *   countersignature<u8>
 *
 * The slot wraps R to the credential's device: role "grant", aad = core hash || key id ||
 * SHA-256(credential).  The granter signs "valise/v1 grant" || 0 || everything before; the
 * originator's station countersigns "valise/v1 grant-counted" || 0 || SHA-256(all before).
 * Normative: docs/format/envelope.md, section 8.  Whether granter and credential may do so is
 * for the member room and the log to say.
 *
 * Errors  FAIL_FORMAT, FAIL_VERSION, FAIL_SUITE, FAIL_TRUNCATED, FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "envelope/slot.h"
#include "envelope/trailer.h"

enum { GRANT_VERSION = 1, GRANT_LEN_MAX = 65536 };

struct grant {
	uint16_t suite;
	uint8_t envelope_hash[HASH_LEN];
	struct rd credential;
	struct slot slot;
	struct signer granter;
	bool is_counted; /* countersigned */
	uint8_t countersignature[SIGN_LEN];
	struct rd
		signed_bytes; /* what the granter signs, as parsed, without the prefix */
	struct rd counted_bytes; /* what the countersignature covers, as parsed */
};

/* The whole of in must be one grant; it points into in. */
MUST int grant_parse(struct rd in, struct grant *ret_grant);

/* Everything before the granter: the first half of writing one. */
struct grant_plan {
	uint16_t suite;
	const uint8_t *envelope_hash; /* HASH_LEN */
	const uint8_t *core_hash;     /* HASH_LEN */
	struct rd credential;
	const struct kem_public *device;
};

MUST int grant_begin(const struct grant_plan *plan, struct rng *rng,
	const uint8_t r_secret[SLOT_SECRET_LEN], struct buf *out);

/* The message that the granter signs, over the bytes that grant_begin() wrote. */
MUST int grant_signed(struct rd begun, struct buf *ret_message);

/* Append the granter, and no countersignature yet. */
MUST int grant_sign(const struct signer *granter, struct buf *out);

/* The message that the originator's station signs, over a parsed grant. */
MUST int grant_counted(const struct grant *grant, struct buf *ret_message);

/* The grant again, with this countersignature. */
MUST int grant_countersign(
	const struct grant *grant, const uint8_t signature[SIGN_LEN], struct buf *out);

/* The place that R is opened with. */
void grant_place(const struct grant *grant, const uint8_t core_hash[HASH_LEN],
	const uint8_t credential_hash[HASH_LEN], struct slot_place *ret_place);

#endif
