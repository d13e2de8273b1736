/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_OWN_H
#define ENVELOPE_OWN_H
/*
 * own: the two things that own keys do for an envelope: sign it, and unwrap its slots.
 *
 * Nothing else is ever asked of solo keys.  The signed and the authenticated bytes are built
 * here (envelope/trailer.h, envelope/slot.h), so that a key holder that serves these two
 * requests cannot be made to sign or to open another thing.
 *
 * Errors  FAIL_SUITE, FAIL_FORMAT (no such role), FAIL_NO_KEY (not ours), FAIL_REFUSED (that key
 *         is not for that role), FAIL_ALTERED (does not open).
 */
#include <stdint.h>

#include "base/fail.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "crypto/sign.h"
#include "envelope/slot.h"
#include "envelope/trailer.h"
#include "member/solo.h"

/* What the author of an envelope signs. */
struct own_signing {
	uint8_t header_hash[HASH_LEN];
	struct trailer_sums sums;
};

void own_sign(const struct solo *s, const struct own_signing *what,
	uint8_t ret_signature[SIGN_LEN]);

/* What a slot is for, as it stands in struct own_slot; solo keys know the first three. */
enum own_role {
	OWN_ROLE_READER = 'R',
	OWN_ROLE_SHARE = 'S',
	OWN_ROLE_BODY = 'V',
	OWN_ROLE_GRANT = 'G', /* R for a later reader; slot role "grant" */
	OWN_ROLE_KEPT = 'K', /* a copy's key, kept by the device that opened it; "kept" */
	OWN_ROLE_GRAMS = 'I', /* a blob for an index host (envelope/grams.h); "grams" */
};

/* One slot of an envelope, by value: it crosses from process to process. */
struct own_slot {
	char role; /* enum own_role */
	uint16_t suite;
	uint32_t index;
	uint8_t key_id[KEM_ID_LEN];
	uint8_t core_hash[HASH_LEN];
	uint8_t credential_hash[HASH_LEN]; /* OWN_ROLE_GRANT only */
	uint16_t enc_len;
	uint8_t enc[KEM_ENC_MAX];
	uint8_t sealed[SLOT_SEALED_LEN];
};

MUST int own_unwrap(const struct solo *s, const struct own_slot *slot,
	uint8_t ret_secret[SLOT_SECRET_LEN]);

#endif
