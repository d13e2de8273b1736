/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H
/*
 * hash: SHA-256 (FIPS 180-4), at once or in pieces, and HMAC-SHA256 (RFC 2104).
 *
 * Hashing cannot fail after crypto_init(): a failure inside the library is a CHECK.
 * A `struct hash` is owned by one thread at a time.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum { HASH_LEN = 32 };

void hash_sha256(const void *ptr, size_t len, uint8_t out[HASH_LEN]);

struct hash;

MUST int hash_new(struct hash **ret_hash);
void hash_free(struct hash *h);
void hash_begin(struct hash *h);
void hash_add(struct hash *h, const void *ptr, size_t len);
/* Writes the digest; the next use begins with hash_begin(). */
void hash_end(struct hash *h, uint8_t out[HASH_LEN]);

MUST int hmac_sha256(const void *key, size_t key_len, const void *ptr, size_t len,
	uint8_t out[HASH_LEN]);

#endif
