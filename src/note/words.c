/* SPDX-License-Identifier: Apache-2.0 */
#include "note/words.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "note/wordlist.h"

/*
 * Words that would be secrets are found by going through the whole list with masks instead of
 * branches, as a table index taken from a secret shows in the cache.  24 words cost 24 times
 * 16 KiB of reading, which nobody notices.
 */

enum {
	PREFIX = 4,
	CHECKED_LEN = WORDS_CODE_LEN +
		1, /* code and one byte of checksum: 264 bits, 24 words */
};

/* All ones when a is zero, else zero. */
static uint32_t
mask_if_zero(uint32_t a)
{
	return (uint32_t)((((uint64_t)a - 1) >> 32) & UINT32_MAX);
}

static uint32_t
bits_at(const uint8_t *ptr, size_t at)
{
	uint32_t v = 0;

	for (size_t i = at; i < at + WORDS_BITS; i++)
		v = v << 1 | ((uint32_t)ptr[i / 8] >> (7 - i % 8) & 1u);
	return v;
}

static void
word_write(uint32_t index, struct buf *out)
{
	char word[WORDLIST_WIDTH + 1] = "";

	for (uint32_t i = 0; i < WORDLIST_COUNT; i++) {
		uint32_t mask = mask_if_zero(i ^ index);

		for (size_t k = 0; k < WORDLIST_WIDTH; k++)
			word[k] = (char)((unsigned char)word[k] |
				((unsigned char)wordlist[i][k] & mask));
	}
	buf_text(out, word);
	mem_wipe(word, sizeof word);
}

void
words_write(const uint8_t *ptr, size_t bits, struct buf *out)
{
	CHECK(bits % WORDS_BITS == 0);
	for (size_t at = 0; at < bits; at += WORDS_BITS) {
		if (at > 0)
			buf_u8(out, ' ');
		word_write(bits_at(ptr, at), out);
	}
}

void
words_fingerprint_write(const uint8_t hash[HASH_LEN], struct buf *out)
{
	words_write(hash, WORDS_FINGERPRINT * WORDS_BITS, out);
}

static void
add_checksum(const uint8_t code[WORDS_CODE_LEN], uint8_t ret_checked[CHECKED_LEN])
{
	uint8_t digest[HASH_LEN];

	hash_sha256(code, WORDS_CODE_LEN, digest);
	memcpy(ret_checked, code, WORDS_CODE_LEN);
	ret_checked[WORDS_CODE_LEN] = digest[0];
	mem_wipe(digest, sizeof digest);
}

void
words_code_write(const uint8_t code[WORDS_CODE_LEN], struct buf *out)
{
	uint8_t checked[CHECKED_LEN];

	add_checksum(code, checked);
	words_write(checked, WORDS_CODE * WORDS_BITS, out);
	mem_wipe(checked, sizeof checked);
}

/* The place of the word that begins with word[0..len), lower-case; WORDLIST_COUNT for none. */
static uint32_t
find(const char *word, size_t len)
{
	uint32_t found = 0, none = UINT32_MAX;

	for (uint32_t i = 0; i < WORDLIST_COUNT; i++) {
		uint32_t diff = 0, mask;

		for (size_t k = 0; k < len; k++)
			diff |= (uint32_t)((unsigned char)word[k] ^
				(unsigned char)wordlist[i][k]);
		mask = mask_if_zero(diff);
		found |= i & mask;
		none &= ~mask;
	}
	return found | (none & WORDLIST_COUNT);
}

static bool
is_between(char c)
{
	return c != '\0' && strchr(" \t\r\n-", c) != NULL;
}

/* Take the next word; FAIL_TRUNCATED when there is none, FAIL_ABSENT when it is not ours. */
static int
take_word(const char **text, const char *end, uint32_t *ret_index)
{
	char word[WORDLIST_WIDTH];
	size_t len = 0;
	uint32_t index;

	while (*text < end && is_between(**text))
		++*text;
	if (*text == end)
		return FAIL_TRUNCATED;
	for (; *text < end && !is_between(**text); ++*text) {
		char c = **text;

		if (len == sizeof word)
			return FAIL_ABSENT;
		word[len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	index = len < PREFIX ? WORDLIST_COUNT : find(word, len);
	mem_wipe(word, sizeof word);
	if (index == WORDLIST_COUNT)
		return FAIL_ABSENT;
	*ret_index = index;
	return 0;
}

/* Exactly count words, packed into ret_out, which has room for them and comes zeroed. */
static int
parse(const char *text, size_t len, size_t count, uint8_t *ret_out, size_t *ret_unknown)
{
	const char *end = text + len;
	uint32_t index;
	int r;

	if (len > WORDS_TEXT_MAX)
		return FAIL_LIMIT;
	for (size_t i = 0; i < count; i++) {
		if ((r = take_word(&text, end, &index)) != 0) {
			if (r == FAIL_ABSENT)
				*ret_unknown = i;
			return r;
		}
		for (size_t k = 0; k < WORDS_BITS; k++) {
			size_t at = i * WORDS_BITS + k;
			uint32_t bit = index >> (WORDS_BITS - 1 - k) & 1u;

			ret_out[at / 8] =
				(uint8_t)(ret_out[at / 8] | bit << (7 - at % 8));
		}
	}
	while (text < end && is_between(*text))
		text++;
	return text == end ? 0 : FAIL_LIMIT;
}

int
words_fingerprint_check(
	const char *text, size_t len, const uint8_t hash[HASH_LEN], size_t *ret_unknown)
{
	enum { WHOLE = WORDS_FINGERPRINT * WORDS_BITS / 8, REST = 4 };
	uint8_t typed[WHOLE + 1] = {0};
	int r;

	if ((r = parse(text, len, WORDS_FINGERPRINT, typed, ret_unknown)) != 0)
		return r;
	/* 132 bits are 16 bytes and the upper half of one more. */
	if (!ct_equal(typed, hash, WHOLE) || typed[WHOLE] >> REST != hash[WHOLE] >> REST)
		return FAIL_MISMATCH;
	return 0;
}

int
words_code_parse(const char *text, size_t len, uint8_t ret_code[WORDS_CODE_LEN],
	size_t *ret_unknown)
{
	uint8_t typed[CHECKED_LEN] = {0}, checked[CHECKED_LEN] = {0};
	int r;

	if ((r = parse(text, len, WORDS_CODE, typed, ret_unknown)) != 0)
		goto out;
	add_checksum(typed, checked);
	if (!ct_equal(typed, checked, sizeof typed)) {
		r = FAIL_FORMAT;
		goto out;
	}
	memcpy(ret_code, typed, WORDS_CODE_LEN);
out:
	mem_wipe(typed, sizeof typed);
	mem_wipe(checked, sizeof checked);
	return r;
}
