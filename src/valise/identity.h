/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_IDENTITY_H
#define VALISE_IDENTITY_H
/*
 * identity: a signing key as 12 words that two people can compare by telephone.
 *
 * The words are the fingerprint (note/words.h) of SHA-256(Ed25519 public key).
 */
#include <stdint.h>

#include "base/fail.h"
#include "crypto/sign.h"

enum { IDENTITY_TEXT_MAX = 128 };

void identity_words(
	const uint8_t public_key[SIGN_PUBLIC_LEN], char ret_text[IDENTITY_TEXT_MAX]);

/* Are these the words of that key?  FAIL_MISMATCH; FAIL_USAGE when they are not 12 words. */
MUST int identity_check(const char *words, const uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif
