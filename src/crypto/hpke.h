/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_HPKE_H
#define CRYPTO_HPKE_H
/*
 * hpke: RFC 9180, base mode, single shot: one fresh encapsulation for one message.
 *
 * Ciphersuite  KEM of the suite (0x0020 or 0x647a), HKDF-SHA256 (0x0001), AES-256-GCM (0x0002).
 * Sealed       ciphertext || tag: HPKE_OVERHEAD longer than the plaintext; the encapsulated
 *              key is apart, kem_enc_len() bytes.
 * Limits       info and aad <= HPKE_INFO_MAX bytes each, plaintext <= HPKE_PLAIN_MAX.
 * Errors       those of kem.h; FAIL_ALTERED when opening fails for any reason of the key.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rng.h"
#include "crypto/kem.h"

enum { HPKE_OVERHEAD = 16, HPKE_INFO_MAX = 1024, HPKE_PLAIN_MAX = 1 << 20 };

struct hpke_bytes {
	const void *ptr;
	size_t len;
};

MUST int hpke_seal(const struct kem_public *to, struct rng *rng, struct hpke_bytes info,
	struct hpke_bytes aad, struct hpke_bytes plain, uint8_t *ret_enc,
	uint8_t *ret_sealed);

MUST int hpke_open(uint16_t suite, const uint8_t seed[KEM_SEED_LEN],
	struct hpke_bytes enc, struct hpke_bytes info, struct hpke_bytes aad,
	struct hpke_bytes sealed, uint8_t *ret_plain);

#endif
