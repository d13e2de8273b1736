/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/identity.h"

#include <string.h>

#include "base/buf.h"
#include "crypto/hash.h"
#include "note/words.h"

/*
 * A fingerprint is public and short: it fits the text or the word list is broken.
 */

void
identity_words(
	const uint8_t public_key[SIGN_PUBLIC_LEN], char ret_text[IDENTITY_TEXT_MAX])
{
	uint8_t hash[HASH_LEN];
	struct buf words;

	hash_sha256(public_key, SIGN_PUBLIC_LEN, hash);
	buf_init(&words, IDENTITY_TEXT_MAX - 1);
	words_fingerprint_write(hash, &words);
	ret_text[0] = '\0';
	if (buf_error(&words) == 0) {
		memcpy(ret_text, words.data, words.len);
		ret_text[words.len] = '\0';
	}
	buf_done(&words);
}

int
identity_check(const char *words, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t hash[HASH_LEN];
	size_t unknown;
	int r;

	hash_sha256(public_key, SIGN_PUBLIC_LEN, hash);
	r = words_fingerprint_check(words, strlen(words), hash, &unknown);
	return r == 0 || r == FAIL_MISMATCH ? r : FAIL_USAGE;
}
