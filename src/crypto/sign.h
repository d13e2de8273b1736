/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H
/*
 * sign: Ed25519 (RFC 8032), strict: libsodium refuses non-canonical points and scalars and
 * keys of small order.
 *
 * Every signature of ours is over "valise/v1 <type>" || 0 || fields; the caller builds that.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum { SIGN_SEED_LEN = 32, SIGN_PUBLIC_LEN = 32, SIGN_LEN = 64 };

/* The public key of a seed. */
void sign_public(const uint8_t seed[SIGN_SEED_LEN], uint8_t ret_public[SIGN_PUBLIC_LEN]);

void sign_message(const uint8_t seed[SIGN_SEED_LEN], const void *ptr, size_t len,
	uint8_t ret_signature[SIGN_LEN]);

/* 0 or FAIL_SIGNATURE. */
MUST int sign_verify(const uint8_t public_key[SIGN_PUBLIC_LEN], const void *ptr,
	size_t len, const uint8_t signature[SIGN_LEN]);

#endif
