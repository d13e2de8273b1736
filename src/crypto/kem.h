/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_KEM_H
#define CRYPTO_KEM_H
/*
 * kem: the two key encapsulation mechanisms behind the suites.
 *
 *                 seed    public    enc     shared   source
 *   SUITE_1        32        32       32       32    DHKEM(X25519, HKDF-SHA256), RFC 9180 4.1
 *   SUITE_2        32      1216     1120       32    X-Wing, draft-connolly-cfrg-xwing-kem
 *
 * A private key is its 32-byte seed: for suite 1 the X25519 scalar, for suite 2 X-Wing's
 * seed, from which both halves are expanded.  Key id = SHA-256(public key).
 *
 * Errors  FAIL_SUITE (unknown, or not in this build), FAIL_FORMAT (a public key or enc that
 *         gives the all-zero secret, or has the wrong length), FAIL_RANDOM, FAIL_NOMEM.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rng.h"
#include "crypto/crypto.h"

enum {
	KEM_SEED_LEN = 32,
	KEM_SHARED_LEN = 32,
	KEM_PUBLIC_MAX = 1216,
	KEM_ENC_MAX = 1120,
	KEM_ID_LEN = 32,
};

struct kem_public {
	uint16_t suite;
	uint16_t len;
	uint8_t bytes[KEM_PUBLIC_MAX];
};

/* Lengths of a suite; 0 for an unknown one (suite 2 is known in every build). */
size_t kem_public_len(uint16_t suite);
size_t kem_enc_len(uint16_t suite);

MUST int kem_public_of_seed(
	uint16_t suite, const uint8_t seed[KEM_SEED_LEN], struct kem_public *ret_public);

void kem_id(const struct kem_public *key, uint8_t ret_id[KEM_ID_LEN]);

/* ret_enc receives kem_enc_len() bytes. */
MUST int kem_encap(const struct kem_public *to, struct rng *rng, uint8_t *ret_enc,
	uint8_t ret_shared[KEM_SHARED_LEN]);

MUST int kem_decap(uint16_t suite, const uint8_t seed[KEM_SEED_LEN], const uint8_t *enc,
	size_t enc_len, uint8_t ret_shared[KEM_SHARED_LEN]);

#endif
