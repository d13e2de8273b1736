/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
test_hex_round_trip(void **state)
{
	uint8_t all[256], back[256];
	char hex[513];

	(void)state;
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)i;
	text_hex(all, sizeof all, hex);
	assert_memory_equal(hex, "000102030405060708090a0b0c0d0e0f10", 34);
	assert_string_equal(hex + 506, "fdfeff");
	assert_int_equal(text_unhex(hex, 512, back, 256), 0);
	assert_memory_equal(all, back, sizeof all);
	text_hex("", 0, hex);
	assert_string_equal(hex, "");
	assert_int_equal(text_unhex("", 0, back, 0), 0);
}

static void
test_hex_has_one_spelling(void **state)
{
	uint8_t out[2] = {0xee, 0xee};
	char s[4] = {'0', '0', '0', '0'};

	(void)state;
	assert_int_equal(text_unhex("AB12", 4, out, 2), FAIL_FORMAT);
	assert_int_equal(text_unhex("ab1", 3, out, 2), FAIL_FORMAT);
	assert_int_equal(text_unhex("ab12", 4, out, 1), FAIL_FORMAT);
	assert_int_equal(text_unhex("ab12", 4, out, SIZE_MAX / 2 + 3), FAIL_FORMAT);
	assert_int_equal(out[0], 0xee);
	/* Every byte that is no lower-case hex digit is refused, at each place. */
	for (int c = -128; c < 128; c++)
		for (size_t at = 0; at < 4; at++) {
			int is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

			memset(s, '0', 4);
			s[at] = (char)c;
			assert_int_equal(
				text_unhex(s, 4, out, 2), is_digit ? 0 : FAIL_FORMAT);
		}
}

/* RFC 4648, section 10. */
static void
test_base64_vectors(void **state)
{
	static const char *const v[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbe", "+/++"}};
	uint8_t back[8];
	char out[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
		assert_int_equal(text_base64_len(strlen(v[i][0])), strlen(v[i][1]));
		text_base64(v[i][0], strlen(v[i][0]), out);
		assert_string_equal(out, v[i][1]);
		assert_int_equal(
			text_unbase64(out, strlen(out), back, sizeof back, &len), 0);
		assert_int_equal(len, strlen(v[i][0]));
		assert_memory_equal(back, v[i][0], len);
	}
}

static void
test_base64_every_digit(void **state)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t back[48];
	char out[65];
	size_t len;

	(void)state;
	assert_int_equal(text_unbase64(digits, 64, back, sizeof back, &len), 0);
	assert_int_equal(len, 48);
	text_base64(back, len, out);
	assert_string_equal(out, digits);
	for (int c = -128; c < 128; c++) {
		char s[4] = {'A', (char)c, 'A', 'A'};
		int is_digit = c > 0 && strchr(digits, c) != NULL;

		assert_int_equal(text_unbase64(s, 4, back, sizeof back, &len),
			is_digit ? 0 : FAIL_FORMAT);
	}
}

static void
test_base64_refuses(void **state)
{
	static const char *const bad[] = {
		"Zg",
		"Zg=",
		"Zg===",
		"Zh==",
		"Zm9=",
		"====",
		"A===",
		"=AAA",
		"Zg==Zg==",
		"Zm9v\n",
		" Zg=",
		"Z g=",
		"Zm-_",
		"AA=A",
		"AAA=AAAA",
	};
	uint8_t out[8] = {0};
	size_t len = 77;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
			text_unbase64(bad[i], strlen(bad[i]), out, sizeof out, &len),
			FAIL_FORMAT);
	assert_int_equal(text_unbase64("Zm9v", 4, out, 2, &len), FAIL_LIMIT);
	assert_int_equal(len, 77);
	assert_int_equal(text_unbase64("Zm9v", 4, out, 3, &len), 0);
	assert_int_equal(len, 3);
}

static void
test_utf8(void **state)
{
	static const char *const good[] = {"", "abc\n", "\x7f", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "Tr\xc3\xa8s"};
	static const char *const bad[] = {"\x80", "\xc2", "\xc0\x80", "\xc1\xbf",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "a\xc3", "\xe2\x82",
		"\xc3(", "\xf0\x90\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(text_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_false(text_is_utf8(bad[i], strlen(bad[i])));
		assert_false(text_is_line(bad[i], strlen(bad[i])));
	}
	assert_true(text_is_utf8("a\0b", 3));
}

static void
test_line(void **state)
{
	static const char *const bad[] = {"a\nb", "\t", "\x1b[2J", "\x7f", "\xc2\x85",
		"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xae", "\xe2\x81\xa6",
		"\xe2\x81\xa9", "\xe2\x80\x8e", "\xd8\x9c"};

	(void)state;
	assert_true(text_is_line("", 0));
	assert_true(text_is_line("Note \xe2\x80\x94 \xc3\xa9t\xc3\xa9 \xc2\xa0", 17));
	assert_false(text_is_line("a\0b", 3));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(text_is_line(bad[i], strlen(bad[i])));
}

static void
test_size(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} v[] = {{0, "0 B"}, {999, "999 B"}, {1023, "1023 B"}, {1024, "1.0 KiB"},
		{1536, "1.5 KiB"}, {20 << 20, "20.0 MiB"}, {(1 << 20) - 1, "1023.9 KiB"},
		{UINT64_MAX, "15.9 EiB"}};
	char out[TEXT_HUMAN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
		text_size(v[i].bytes, out);
		assert_string_equal(out, v[i].text);
	}
}

static void
test_duration(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} v[] = {{0, "0.0 s"}, {399, "0.3 s"}, {9999, "9.9 s"}, {12000, "12 s"},
		{59999, "59 s"}, {245000, "4 min 05 s"}, {3599999, "59 min 59 s"},
		{7800000, "2 h 10 min"}, {86399999, "23 h 59 min"},
		{273600000, "3 d 4 h"}, {UINT64_MAX, "213503982334 d 14 h"}};
	char out[TEXT_HUMAN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
		text_duration(v[i].ms, out);
		assert_string_equal(out, v[i].text);
	}
}

static void
test_parse_duration(void **state)
{
	static const char *const bad[] = {"", "h", "-1", "+1", " 1", "1 h", "1w", "1hh",
		"1h30m", "0x10", "1.5h", "1H"};
	uint64_t s = 5;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(text_parse_duration(bad[i], 1000000, &s), FAIL_FORMAT);
	assert_int_equal(s, 5);
	assert_int_equal(text_parse_duration("8h", 28800, &s), 0);
	assert_int_equal(s, 28800);
	assert_int_equal(text_parse_duration("8h", 28799, &s), FAIL_LIMIT);
	assert_int_equal(text_parse_duration("30m", 1800, &s), 0);
	assert_int_equal(s, 1800);
	assert_int_equal(text_parse_duration("45", 60, &s), 0);
	assert_int_equal(s, 45);
	assert_int_equal(text_parse_duration("45s", 60, &s), 0);
	assert_int_equal(text_parse_duration("2d", UINT64_MAX, &s), 0);
	assert_int_equal(s, 172800);
	assert_int_equal(text_parse_duration("18446744073709551615", UINT64_MAX, &s), 0);
	assert_true(s == UINT64_MAX);
	assert_int_equal(
		text_parse_duration("18446744073709551616", UINT64_MAX, &s), FAIL_LIMIT);
	assert_int_equal(
		text_parse_duration("18446744073709551615d", UINT64_MAX, &s), FAIL_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex_round_trip),
		cmocka_unit_test(test_hex_has_one_spelling),
		cmocka_unit_test(test_base64_vectors),
		cmocka_unit_test(test_base64_every_digit),
		cmocka_unit_test(test_base64_refuses),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_parse_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
