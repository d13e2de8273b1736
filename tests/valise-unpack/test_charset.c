/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collect.h"

/* Decode bytes in pieces of `step` and compare; step 0: all at once. */
static void
expect(enum charset charset, const void *bytes, size_t len, size_t step, const char *want)
{
	struct collect c;
	struct charset_decoder d;
	const uint8_t *p = bytes;

	collect_begin(&c);
	charset_decoder_init(&d, charset, 0);
	for (size_t n; len > 0; p += n, len -= n) {
		n = step == 0 || step > len ? len : step;
		charset_feed(&d, p, n, &(struct charset_out){prose_put, &c.prose});
	}
	charset_end(&d, &(struct charset_out){prose_put, &c.prose});
	collect_end(&c);
	assert_string_equal((const char *)c.text.data, want);
	collect_done(&c);
}

#define EXPECT(charset, literal, want)                                                   \
	do {                                                                             \
		for (size_t step = 0; step < 6; step++)                                  \
			expect(charset, literal, sizeof literal - 1, step, want);        \
	} while (0)

static void
test_utf8_and_what_is_not(void **state)
{
	(void)state;
	EXPECT(CHARSET_UTF8, "plain text, long enough for words",
		"plain text, long enough for words");
	EXPECT(CHARSET_UTF8, "d\xc3\xa9j\xc3\xa0 \xe2\x82\xac \xf0\x9f\x98\x80.",
		"d\xc3\xa9j\xc3\xa0 \xe2\x82\xac \xf0\x9f\x98\x80.");
	/* Latin-1, and the quotes of Windows-1252, mixed into UTF-8 */
	EXPECT(CHARSET_UTF8, "caf\xe9 \x93q\x94 \xc3\xa9",
		"caf\xc3\xa9 \xe2\x80\x9cq\xe2\x80\x9d \xc3\xa9");
	/* overlong, surrogate, cut at the end: no UTF-8, so single bytes */
	EXPECT(CHARSET_UTF8, "\xc0\xaf", "\xc3\x80\xc2\xaf");
	EXPECT(CHARSET_UTF8, "\xed\xa0\x80", "\xc3\xad\xc2\xa0\xe2\x82\xac");
	EXPECT(CHARSET_UTF8, "ab\xe2\x82", "ab\xc3\xa2\xe2\x80\x9a");
	/* a run of NUL is one space */
	EXPECT(CHARSET_UTF8, "a\0\0\0b", "a b");
}

static void
test_wide(void **state)
{
	(void)state;
	EXPECT(CHARSET_UTF16LE, "A\0\xe9\0\x3d\xd8\x00\xde.\0",
		"A\xc3\xa9\xf0\x9f\x98\x80.");
	EXPECT(CHARSET_UTF16BE, "\0A\0\xe9\xd8\x3d\xde\x00\0.",
		"A\xc3\xa9\xf0\x9f\x98\x80.");
	EXPECT(CHARSET_UTF32LE, "A\0\0\0\x00\xf6\x01\x00", "A\xf0\x9f\x98\x80");
	EXPECT(CHARSET_UTF32BE, "\0\0\0A\x00\x01\xf6\x00", "A\xf0\x9f\x98\x80");
	/* lone surrogates and numbers above Unicode become blanks */
	EXPECT(CHARSET_UTF16LE,
		"\x3d\xd8"
		"A\0",
		" A");
	EXPECT(CHARSET_UTF16LE, "A\0\x3d\xd8", "A ");
	EXPECT(CHARSET_UTF32LE,
		"\xff\xff\xff\xff"
		"B\0\0\0",
		" B");
}

static void
test_tables(void **state)
{
	(void)state;
	EXPECT(CHARSET_CP1251, "\xcf\xf0", "\xd0\x9f\xd1\x80");
	EXPECT(CHARSET_KOI8R, "\xf0", "\xd0\x9f");
	EXPECT(CHARSET_CP850, "\x82t\x82", "\xc3\xa9t\xc3\xa9");
	EXPECT(CHARSET_LATIN9, "\xa4", "\xe2\x82\xac");
}

static void
test_guess(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum charset want;
		size_t skip;
	} cases[] = {
		{"\xef\xbb\xbfx", 4, CHARSET_UTF8, 3},
		{"\xff\xfex\0", 4, CHARSET_UTF16LE, 2},
		{"\xfe\xff\0x", 4, CHARSET_UTF16BE, 2},
		{"\xff\xfe\0\0x\0\0\0", 8, CHARSET_UTF32LE, 4},
		{"\0\0\xfe\xff\0\0\0x", 8, CHARSET_UTF32BE, 4},
		{"t\0h\0e\0 \0e\0n\0d\0", 14, CHARSET_UTF16LE, 0},
		{"\0t\0h\0e\0 \0e\0n\0d", 14, CHARSET_UTF16BE, 0},
		{"t\0\0\0h\0\0\0 \0\0\0", 12, CHARSET_UTF32LE, 0},
		{"\0\0\0t\0\0\0h\0\0\0 ", 12, CHARSET_UTF32BE, 0},
		/* Cyrillic without a mark: no zero bytes but the blank's */
		{"\x1f\x04\x40\x04\x38\x04\x32\x04 \0\x1f\x04", 12, CHARSET_UTF16LE, 0},
		{"the end of it", 13, CHARSET_UTF8, 0},
		{"", 0, CHARSET_UTF8, 0},
		{"\1\2\3\4\5\6\7\x08\x0e\x0f\x10\x11", 12, CHARSET_UTF8, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t skip = 99;

		assert_int_equal(charset_guess((const uint8_t *)cases[i].bytes,
					 cases[i].len, &skip),
			cases[i].want);
		assert_int_equal(skip, cases[i].skip);
	}
}

static void
test_names(void **state)
{
	(void)state;
	assert_int_equal(charset_by_name("KOI8-R", 6), CHARSET_KOI8R);
	assert_int_equal(charset_by_name("iso-8859-1", 10), CHARSET_UTF8);
	assert_int_equal(charset_by_name("no-such", 7), CHARSET_UTF8);
	assert_int_equal(charset_by_codepage(1251), CHARSET_CP1251);
	assert_int_equal(charset_by_codepage(0), CHARSET_UTF8);
}

/* Exact pieces map byte for byte, rough ones by their ends. */
static void
test_positions(void **state)
{
	static const char utf16[] = "w\0o\0r\0d\0";
	struct charset_decoder d;
	struct collect c;

	(void)state;
	collect_begin(&c);
	charset_decoder_init(&d, CHARSET_UTF8, 100);
	charset_feed(&d, (const uint8_t *)"exact", 5,
		&(struct charset_out){prose_put, &c.prose});
	collect_end(&c);
	assert_int_equal(c.last_offset, 100);
	assert_int_equal(c.last_span, 5);
	collect_done(&c);

	collect_begin(&c);
	charset_decoder_init(&d, CHARSET_UTF16LE, 2);
	charset_feed(&d, (const uint8_t *)utf16, 8,
		&(struct charset_out){prose_put, &c.prose});
	collect_end(&c);
	assert_int_equal(c.last_offset, 2);
	assert_int_equal(c.last_span, 8);
	collect_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8_and_what_is_not),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_guess),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_positions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
