/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PWHASH_H
#define CRYPTO_PWHASH_H
/*
 * pwhash: a key from a passphrase, with Argon2id (RFC 9106), one lane.
 *
 * Ours is PWHASH_MEM_KIB and PWHASH_PASSES.  Parameters read from a file are bounded, so that
 * a hostile key file can neither ask for a terabyte nor for a weak hash.
 *
 * Errors  FAIL_LIMIT (parameters out of bounds, empty passphrase), FAIL_NOMEM.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum {
	PWHASH_SALT_LEN = 16,
	PWHASH_KEY_LEN = 32,
	PWHASH_MEM_KIB = 64 * 1024,
	PWHASH_MEM_KIB_MIN = 64 * 1024,
	PWHASH_MEM_KIB_MAX = 1024 * 1024,
	PWHASH_PASSES = 3,
	PWHASH_PASSES_MIN = 3,
	PWHASH_PASSES_MAX = 16,
	PWHASH_PASSPHRASE_MAX = 1024,
};

MUST int pwhash_key(const void *passphrase, size_t passphrase_len,
	const uint8_t salt[PWHASH_SALT_LEN], uint32_t mem_kib, uint32_t passes,
	uint8_t ret_key[PWHASH_KEY_LEN]);

#endif
