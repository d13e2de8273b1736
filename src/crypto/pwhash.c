/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pwhash.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

/*
 * libsodium fixes one lane, and clears its output when it fails; the key therefore passes
 * through an array of our own, so that a failure leaves the caller's bytes alone.
 */

static bool
is_within(uint32_t mem_kib, uint32_t passes)
{
	return mem_kib >= PWHASH_MEM_KIB_MIN && mem_kib <= PWHASH_MEM_KIB_MAX &&
		passes >= PWHASH_PASSES_MIN && passes <= PWHASH_PASSES_MAX;
}

int
pwhash_key(const void *passphrase, size_t passphrase_len,
	const uint8_t salt[PWHASH_SALT_LEN], uint32_t mem_kib, uint32_t passes,
	uint8_t ret_key[PWHASH_KEY_LEN])
{
	uint8_t key[PWHASH_KEY_LEN];
	int r = 0;

	if (passphrase_len == 0 || passphrase_len > PWHASH_PASSPHRASE_MAX)
		return FAIL_LIMIT;
	if (!is_within(mem_kib, passes))
		return FAIL_LIMIT;
	/* With all parameters in bounds, only the memory can be missing. */
	if (crypto_pwhash(key, sizeof key, passphrase, passphrase_len, salt, passes,
		    (size_t)mem_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
		r = FAIL_NOMEM;
		goto out;
	}
	memcpy(ret_key, key, sizeof key);
out:
	mem_wipe(key, sizeof key);
	return r;
}
