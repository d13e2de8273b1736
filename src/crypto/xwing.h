/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_XWING_H
#define CRYPTO_XWING_H
/*
 * xwing: the KEM of suite 2 (draft-connolly-cfrg-xwing-kem), ML-KEM-768 with X25519.
 * Seen inside this room only; others use crypto/kem.h.
 *
 *   seed      32   SHAKE256(seed, 96) = d || z of ML-KEM (64) || X25519 scalar (32)
 *   public  1216   pk_M (1184) || pk_X (32)
 *   enc     1120   ct_M (1088) || ct_X (32)
 *   shared    32   SHA3-256(ss_M || ss_X || ct_X || pk_X || label), label = 5c2e2f2f5e5c
 *
 * Two files implement this header and the build takes one: xwing.c where OpenSSL has ML-KEM,
 * xwing_none.c elsewhere, whose every answer is FAIL_SUITE.
 *
 * A false enc that has the right length gives another secret, not an error: ML-KEM rejects
 * implicitly.  Only an X25519 point of small order is an error (FAIL_FORMAT); that is seen
 * from the public bytes alone and tells nothing of the key.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rng.h"

enum {
	XWING_SEED_LEN = 32,
	XWING_PUBLIC_LEN = 1216,
	XWING_ENC_LEN = 1120,
	XWING_SHARED_LEN = 32
};

bool xwing_is_built(void);

/* Part of crypto_init(): 0, or FAIL_UNSUPPORTED when the library lacks what it should have. */
MUST int xwing_init(void);

MUST int xwing_public_of_seed(const uint8_t *seed, uint8_t *ret_public);

/* Draws 64 bytes at once: 32 for ML-KEM, then the X25519 scalar (the draft's eseed). */
MUST int xwing_encap(const uint8_t *public_key, struct rng *rng, uint8_t *ret_enc,
	uint8_t *ret_shared);

MUST int xwing_decap(const uint8_t *seed, const uint8_t *enc, uint8_t *ret_shared);

#endif
