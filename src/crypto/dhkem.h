/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_DHKEM_H
#define CRYPTO_DHKEM_H
/*
 * dhkem: the KEM of suite 1, DHKEM(X25519, HKDF-SHA256) of RFC 9180, section 4.1.
 * Seen inside this room only; others use crypto/kem.h.
 *
 * The seed is the X25519 scalar itself (skR), not the ikm of DeriveKeyPair: it is drawn at
 * random anyway.  Encapsulation draws 32 bytes, which are the ephemeral scalar (skE).
 *
 * Errors  FAIL_FORMAT when the other side's point has small order, so that the secret would
 *         be all zero whatever our key (RFC 7748, 6.1); FAIL_RANDOM.
 */
#include <stdint.h>

#include "base/fail.h"
#include "base/rng.h"

enum {
	DHKEM_SEED_LEN = 32,
	DHKEM_PUBLIC_LEN = 32,
	DHKEM_ENC_LEN = 32,
	DHKEM_SHARED_LEN = 32
};

MUST int dhkem_public_of_seed(const uint8_t *seed, uint8_t *ret_public);

MUST int dhkem_encap(const uint8_t *public_key, struct rng *rng, uint8_t *ret_enc,
	uint8_t *ret_shared);

MUST int dhkem_decap(const uint8_t *seed, const uint8_t *enc, uint8_t *ret_shared);

#endif
