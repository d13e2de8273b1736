/* SPDX-License-Identifier: Apache-2.0 */
#include "note/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/crypto.h"
#include "note/wordlist.h"

/* The code 00 01 02 ... 1f, its words from an independent program. */
static const char code_words[] =
	"aback angel lapel angel example aerobic butler caddie arena gain dollop brown "
	"academy lozenge empty learn benefit quench alpine cottage popular avenue jackal "
	"tuba";

static uint8_t code[WORDS_CODE_LEN];

static int
parse(const char *text, uint8_t out[WORDS_CODE_LEN], size_t *ret_unknown)
{
	return words_code_parse(text, strlen(text), out, ret_unknown);
}

static void
assert_text(struct buf *b, const char *want)
{
	buf_u8(b, 0);
	assert_int_equal(buf_error(b), 0);
	assert_string_equal((char *)b->data, want);
	buf_done(b);
}

/* What the telephone and the parser lean on. */
static void
test_the_list_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORDLIST_COUNT; i++) {
		size_t len = strnlen(wordlist[i], WORDLIST_WIDTH);

		assert_in_range(len, 4, 7);
		assert_int_equal(strspn(wordlist[i], "abcdefghijklmnopqrstuvwxyz"), len);
		for (size_t k = len; k < WORDLIST_WIDTH; k++)
			assert_int_equal(wordlist[i][k], 0);
		assert_true(i == 0 || memcmp(wordlist[i - 1], wordlist[i], 4) < 0);
	}
}

/* One word changed, and fingerprints compared in different years no longer agree. */
static void
test_the_list_never_changes(void **state)
{
	uint8_t digest[HASH_LEN];
	char hex[2 * HASH_LEN + 1];
	struct buf b;

	(void)state;
	buf_init(&b, WORDLIST_COUNT * WORDLIST_WIDTH);
	for (size_t i = 0; i < WORDLIST_COUNT; i++)
		buf_printf(&b, "%s\n", wordlist[i]);
	assert_int_equal(buf_error(&b), 0);
	hash_sha256(b.data, b.len, digest);
	text_hex(digest, sizeof digest, hex);
	assert_string_equal(
		hex, "69fb79f1b7e229ea6c6c7330c80ccb4b114952cf13f2ee7bc7e43c9eee103021");
	buf_done(&b);
}

static void
test_fingerprint(void **state)
{
	static const char want[] = "rake retina poem broth brick vest align chatter "
				   "sultana turban lotus dynamo";
	uint8_t hash[HASH_LEN];
	size_t unknown = 99;
	struct buf b;

	(void)state;
	hash_sha256("abc", 3, hash);
	buf_init(&b, 200);
	words_fingerprint_write(hash, &b);
	assert_text(&b, want);
	assert_int_equal(words_fingerprint_check(want, strlen(want), hash, &unknown), 0);
	hash[16] ^= 0x0f; /* bits 133 to 136 are not in the words */
	assert_int_equal(words_fingerprint_check(want, strlen(want), hash, &unknown), 0);
	hash[16] ^= 0x10;
	assert_int_equal(words_fingerprint_check(want, strlen(want), hash, &unknown),
		FAIL_MISMATCH);
	hash[16] ^= 0x10;
	hash[0] ^= 0x80;
	assert_int_equal(words_fingerprint_check(want, strlen(want), hash, &unknown),
		FAIL_MISMATCH);
	assert_int_equal(words_fingerprint_check(want, strlen(want) - 7, hash, &unknown),
		FAIL_TRUNCATED);
	assert_int_equal(
		words_fingerprint_check("rake retino", 11, hash, &unknown), FAIL_ABSENT);
	assert_int_equal(unknown, 1);
}

static void
test_code_round_trip(void **state)
{
	uint8_t back[WORDS_CODE_LEN] = {0xee};
	size_t unknown = 99;
	struct buf b;

	(void)state;
	buf_init(&b, WORDS_TEXT_MAX);
	words_code_write(code, &b);
	assert_text(&b, code_words);
	assert_int_equal(parse(code_words, back, &unknown), 0);
	assert_memory_equal(back, code, sizeof code);
	assert_int_equal(unknown, 99);
}

static void
test_code_as_typed(void **state)
{
	static const char *const typed[] = {
		"ABACK Angel LAPEL angel example aerobic butler caddie arena gain dollop "
		"brown academy "
		"lozenge empty learn benefit quench alpine cottage popular avenue jackal "
		"tuba",
		" abac-ange-lape-ange-exam-aero\nbutl-cadd-aren-gain-doll-brow\r\n"
		"acad\tloze\tempt\tlear\tbene\tquen\nalpi-cott-popu-aven-jack-tuba\n\n",
		"abac angel lapel angel exampl aerobi butle caddi arena gain dollo brown "
		"academ lozeng "
		"empt learn benefi quench alpin cottag popula avenu jacka tuba"};
	uint8_t back[WORDS_CODE_LEN];
	size_t unknown;

	(void)state;
	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
		memset(back, 0, sizeof back);
		assert_int_equal(parse(typed[i], back, &unknown), 0);
		assert_memory_equal(back, code, sizeof code);
	}
}

/* Every place names itself when its word is unknown. */
static void
test_the_first_unknown_word_is_named(void **state)
{
	static const char *const unknown_words[] = {"zzzz", "aba", "abackk",
		"abackabackaback", "aback1",
		"ab\xc3\xa9"
		"ck"};
	uint8_t back[WORDS_CODE_LEN] = {7};
	char text[WORDS_TEXT_MAX];

	(void)state;
	for (size_t place = 0; place < WORDS_CODE; place++)
		for (size_t w = 0; w < sizeof unknown_words / sizeof unknown_words[0];
			w++) {
			size_t unknown = 99, len = 0;

			for (size_t i = 0; i < WORDS_CODE; i++)
				len += (size_t)snprintf(text + len, sizeof text - len,
					"%s ",
					i == place ? unknown_words[w]
						: i > place && i % 2 == 0 ? "xxxx"
									  : "aback");
			assert_int_equal(parse(text, back, &unknown), FAIL_ABSENT);
			assert_int_equal(unknown, place);
		}
	assert_int_equal(back[0], 7);
}

static void
test_code_refuses(void **state)
{
	char text[WORDS_TEXT_MAX + 2];
	uint8_t back[WORDS_CODE_LEN] = {7};
	size_t unknown = 99, len = strlen(code_words);

	(void)state;
	assert_int_equal(parse("", back, &unknown), FAIL_TRUNCATED);
	assert_int_equal(
		words_code_parse(code_words, len - 5, back, &unknown), FAIL_TRUNCATED);
	(void)snprintf(text, sizeof text, "%s aback", code_words);
	assert_int_equal(parse(text, back, &unknown), FAIL_LIMIT);
	memset(text, ' ', sizeof text);
	assert_int_equal(
		words_code_parse(text, WORDS_TEXT_MAX + 1, back, &unknown), FAIL_LIMIT);
	/* Two words changed places. */
	(void)snprintf(text, sizeof text, "angel aback%s", code_words + 11);
	assert_int_equal(parse(text, back, &unknown), FAIL_FORMAT);
	assert_int_equal(unknown, 99);
	assert_int_equal(back[0], 7);
	/* A NUL is no space. */
	memcpy(text, code_words, len + 1);
	text[5] = '\0';
	assert_int_equal(words_code_parse(text, len, back, &unknown), FAIL_ABSENT);
}

/* One wrong word of the list is noticed 255 times in 256; here it is all but counted. */
static void
test_checksum_notices_wrong_words(void **state)
{
	unsigned accepted = 0;
	char text[WORDS_TEXT_MAX];
	uint8_t back[WORDS_CODE_LEN];
	size_t unknown;

	(void)state;
	for (size_t i = 0; i < WORDLIST_COUNT; i++) {
		int n = snprintf(text, sizeof text, "%s%s", wordlist[i], code_words + 5);

		assert_in_range(n, 1, sizeof text - 1);
		accepted += parse(text, back, &unknown) == 0;
	}
	/* The right word is among them; about eight others share its checksum. */
	assert_in_range(accepted, 1, 25);
}

static int
setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof code; i++)
		code[i] = (uint8_t)i;
	return crypto_init();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_list_is_sound),
		cmocka_unit_test(test_the_list_never_changes),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_code_round_trip),
		cmocka_unit_test(test_code_as_typed),
		cmocka_unit_test(test_the_first_unknown_word_is_named),
		cmocka_unit_test(test_code_refuses),
		cmocka_unit_test(test_checksum_notices_wrong_words),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
