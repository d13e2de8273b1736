/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include <sodium.h>

#include "base/mem.h"

/*
 * libsodium's secret key is seed || public key.  It is rebuilt from the seed for every
 * signature (15 us): a public half that is stored beside the seed and altered there would
 * make two signatures of one message give the key away.
 */

void
sign_public(const uint8_t seed[SIGN_SEED_LEN], uint8_t ret_public[SIGN_PUBLIC_LEN])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	CHECK(crypto_sign_seed_keypair(ret_public, secret, seed) == 0);
	mem_wipe(secret, sizeof secret);
}

void
sign_message(const uint8_t seed[SIGN_SEED_LEN], const void *ptr, size_t len,
	uint8_t ret_signature[SIGN_LEN])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	uint8_t public_key[SIGN_PUBLIC_LEN];

	CHECK(crypto_sign_seed_keypair(public_key, secret, seed) == 0);
	CHECK(crypto_sign_detached(ret_signature, NULL, ptr, len, secret) == 0);
	mem_wipe(secret, sizeof secret);
}

int
sign_verify(const uint8_t public_key[SIGN_PUBLIC_LEN], const void *ptr, size_t len,
	const uint8_t signature[SIGN_LEN])
{
	if (crypto_sign_verify_detached(signature, ptr, len, public_key) != 0)
		return FAIL_SIGNATURE;
	return 0;
}
