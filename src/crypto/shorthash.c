/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/shorthash.h"

#include <sodium.h>

#include "base/fail.h"

_Static_assert(SHORTHASH_KEY_LEN == crypto_shorthash_KEYBYTES, "the library's key");

uint64_t
shorthash(const uint8_t key[SHORTHASH_KEY_LEN], const void *ptr, size_t len)
{
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t v = 0;

	CHECK(crypto_shorthash(out, ptr, len, key) == 0);
	for (size_t i = sizeof out; i > 0; i--)
		v = v << 8 | out[i - 1];
	return v;
}

uint64_t
shorthash_u64(const uint8_t key[SHORTHASH_KEY_LEN], uint64_t v)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(v >> 8 * i);
	return shorthash(key, bytes, sizeof bytes);
}
