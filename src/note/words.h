/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTE_WORDS_H
#define NOTE_WORDS_H
/*
 * words: bytes as English words that two people compare or dictate over the telephone.
 *
 * A word stands for 11 bits, highest bit first, by its place in a fixed list of 2,048.
 *
 *   fingerprint    12 words   the first 132 bits of a 32-byte hash; no checksum, for the eye
 *   recovery code  24 words   256 bits || first 8 bits of their SHA-256; typed in again
 *
 * Typed words may be in any case, with spaces, tabs, newlines or hyphens between them, and cut
 * short after their fourth letter or later: no two words begin with the same four.
 *
 * Recovery codes are secrets: looking up a word, either way, touches the whole list and takes
 * the same time for each word.  How long each typed word is may still show.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "crypto/hash.h"

enum {
	WORDS_BITS = 11,
	WORDS_FINGERPRINT = 12,
	WORDS_CODE = 24,
	WORDS_CODE_LEN = 32,
	WORDS_TEXT_MAX = 1024, /* bytes of typed text */
};

/* The first `bits` bits, a multiple of 11, as words with one space between. */
void words_write(const uint8_t *ptr, size_t bits, struct buf *out);

void words_fingerprint_write(const uint8_t hash[HASH_LEN], struct buf *out);

/*
 * Is this the fingerprint of that hash?  0, FAIL_MISMATCH, or an error of words_code_parse()
 * but FAIL_FORMAT.
 */
MUST int words_fingerprint_check(
	const char *text, size_t len, const uint8_t hash[HASH_LEN], size_t *ret_unknown);

void words_code_write(const uint8_t code[WORDS_CODE_LEN], struct buf *out);

/*
 * FAIL_ABSENT     a word is not in the list; *ret_unknown is its place, from 0 (written in this
 *                 case only)
 * FAIL_TRUNCATED  too few words        FAIL_LIMIT  too many, or over WORDS_TEXT_MAX bytes
 * FAIL_FORMAT     the checksum is off: two words changed places, or a wrong one of the list
 */
MUST int words_code_parse(const char *text, size_t len, uint8_t ret_code[WORDS_CODE_LEN],
	size_t *ret_unknown);

#endif
