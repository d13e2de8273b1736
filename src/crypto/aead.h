/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H
/*
 * aead: AES-256-GCM (NIST SP 800-38D) with a 12-byte nonce and a 16-byte tag.
 *
 * A `struct aead` holds one expanded key and is owned by one thread at a time; the caller
 * sees to it that no nonce is used twice.  Sealed bytes are ciphertext || tag, so they are
 * AEAD_TAG_LEN longer than the plaintext.  in and out may be the same address, otherwise
 * they must not overlap.
 *
 * Errors  aead_open: FAIL_ALTERED, and out is wiped; FAIL_TRUNCATED if shorter than a tag.
 *         FAIL_LIMIT when a length exceeds AEAD_PLAIN_MAX.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum {
	AEAD_KEY_LEN = 32,
	AEAD_NONCE_LEN = 12,
	AEAD_TAG_LEN = 16,
	AEAD_PLAIN_MAX = 1 << 30
};

struct aead;

MUST int aead_new(const uint8_t key[AEAD_KEY_LEN], struct aead **ret_aead);
void aead_free(struct aead *a);

/* out receives len + AEAD_TAG_LEN bytes. */
MUST int aead_seal(struct aead *a, const uint8_t nonce[AEAD_NONCE_LEN], const void *aad,
	size_t aad_len, const uint8_t *in, size_t len, uint8_t *out);

/* in has len bytes, tag included; out receives len - AEAD_TAG_LEN. */
MUST int aead_open(struct aead *a, const uint8_t nonce[AEAD_NONCE_LEN], const void *aad,
	size_t aad_len, const uint8_t *in, size_t len, uint8_t *out);

#endif
