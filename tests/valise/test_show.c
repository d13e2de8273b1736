/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "valise/pager.h"
#include "valise/show.h"

/* What a hostile text may do to a terminal: nothing. */

static void
expect_escaped(const char *text, size_t len, const char *expected)
{
	struct buf out;

	buf_init(&out, 4096);
	show_escaped(text, len, &out);
	buf_u8(&out, 0);
	assert_int_equal(buf_error(&out), 0);
	assert_string_equal((const char *)out.data, expected);
	buf_done(&out);
}

#define ESCAPED(TEXT, EXPECTED) expect_escaped((TEXT), sizeof(TEXT) - 1, (EXPECTED))

static void
text_is_shown_as_it_is_and_commands_as_what_they_are(void **state)
{
	(void)state;
	ESCAPED("A line.\n\tAnother.\n", "A line.\n\tAnother.\n");
	ESCAPED("Ação, Ελλάδα, 日本", "Ação, Ελλάδα, 日本");
	ESCAPED("\033[2J", "\\x1b[2J");
	ESCAPED("a\rb\bc\x7f", "a\\x0db\\x08c\\x7f");
	ESCAPED("\xc2\x9b"
		"31m",
		"\\u009b31m");
	ESCAPED("\xe2\x80\xae"
		"evil",
		"\\u202eevil");
	ESCAPED("\xe2\x80\xa8", "\\u2028");
	/* No UTF-8, cut UTF-8, overlong UTF-8. */
	ESCAPED("\xff\xfe", "\\xff\\xfe");
	ESCAPED("x\xe2\x80", "x\\xe2\\x80");
	ESCAPED("\xc0\xaf", "\\xc0\\xaf");
	ESCAPED("\xed\xa0\x80", "\\xed\\xa0\\x80");
	expect_escaped("a\0b", 3, "a\\x00b");
}

static void
no_bytes_give_anything_but_lines(void **state)
{
	uint8_t bytes[4];
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (unsigned i = 0; i < 1u << 16; i++) {
		bytes[0] = (uint8_t)(i >> 8);
		bytes[1] = (uint8_t)i;
		bytes[2] = 0x80;
		bytes[3] = (uint8_t)(i * 7);
		buf_clear(&out);
		show_escaped(bytes, sizeof bytes, &out);
		for (size_t j = 0; j < out.len; j++)
			if (out.data[j] == '\n' || out.data[j] == '\t')
				out.data[j] = ' ';
		assert_true(text_is_line(out.data, out.len));
	}
	buf_done(&out);
}

static void
the_type_is_unmistakable(void **state)
{
	struct addressing *a = NULL;
	struct buf out;

	(void)state;
	assert_int_equal(mem_new(&a, sizeof *a), 0);
	buf_init(&out, 256);
	show_type(a, &out);
	assert_int_equal(out.len, 0);
	a->type = MESSAGE_EXERCISE;
	a->type_name = rd_of("STEADFAST", 9);
	show_type(a, &out);
	assert_int_equal(out.len, strlen("EXERCISE STEADFAST"));
	assert_memory_equal(out.data, "EXERCISE STEADFAST", out.len);
	buf_done(&out);
	mem_free(a);
}

static void
expect_lines(const char *text, size_t columns, const size_t *offsets, size_t count)
{
	size_t *lines = NULL, got = 0;

	assert_int_equal(pager_wrap(rd_of(text, strlen(text)), columns, &lines, &got), 0);
	assert_int_equal(got, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(lines[i], offsets[i]);
	mem_free(lines);
}

static void
long_lines_go_on_below(void **state)
{
	static const size_t plain[] = {0, 4, 5}, folded[] = {0, 4, 8, 11};
	static const size_t wide[] = {0, 6}, tabs[] = {0, 2}, one[] = {0};

	(void)state;
	expect_lines("abc\n\nlast", 80, plain, 3);
	expect_lines("abcdefghij\nk", 4, folded, 4);
	/* Two columns each: two fit into five. */
	expect_lines("日本語", 5, wide, 2);
	expect_lines("a\tb", 8, tabs, 2);
	expect_lines("abcd", 4, one, 1);
	expect_lines("", 4, NULL, 0);
}

static void
memory_fails_in_wrapping(void **state)
{
	static char text[4000];
	size_t *lines = NULL, count = 0;
	int r = FAIL_NOMEM;

	(void)state;
	memset(text, '\n', sizeof text);
	for (long n = 0; r == FAIL_NOMEM; n++) {
		mem_fail_after(n, true);
		r = pager_wrap(rd_of(text, sizeof text), 80, &lines, &count);
		mem_fail_never();
	}
	assert_int_equal(r, 0);
	assert_int_equal(count, sizeof text);
	mem_free(lines);
}

static void
without_a_terminal_there_is_no_pager(void **state)
{
	struct pager pager = {.marking = "SECRET", .notice = "", .text = {0}};

	(void)state;
	assert_int_equal(pager_run(&pager), FAIL_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_shown_as_it_is_and_commands_as_what_they_are),
		cmocka_unit_test(no_bytes_give_anything_but_lines),
		cmocka_unit_test(the_type_is_unmistakable),
		cmocka_unit_test(long_lines_go_on_below),
		cmocka_unit_test(memory_fails_in_wrapping),
		cmocka_unit_test(without_a_terminal_there_is_no_pager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
