/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/carve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"

/* Feed in pieces of `step` bytes; step 0: at once. */
static int
feed(struct carve *c, const char *s, size_t len, size_t step)
{
	carve_init(c);
	carve_head(c, (const uint8_t *)s, len);
	for (size_t at = 0, n; at < len; at += n) {
		n = step == 0 || step > len - at ? len - at : step;
		carve_feed(c, (const uint8_t *)s + at, n, at);
	}
	return carve_end(c);
}

static const char secret[] = "The quick brown fox jumps over the lazy dog, and nobody "
			     "has told the minister why it "
			     "did so on a Sunday in November.";

/* Base64 in lines of `width`, with `prefix` before each. */
static size_t
armour(char *out, size_t max, size_t width, const char *prefix)
{
	char flat[400];
	size_t len, n = 0;

	text_base64(secret, sizeof secret - 1, flat);
	len = strlen(flat);
	for (size_t i = 0; i < len; i += width)
		n += (size_t)snprintf(
			out + n, max - n, "%s%.*s\n", prefix, (int)width, flat + i);
	return n;
}

static void
test_base64_is_found(void **state)
{
	static const struct {
		size_t width;
		const char *prefix;
	} cases[] = {{76, ""}, {64, ""}, {400, ""}, {76, "> "}, {76, "  "}};
	char text[2000], block[800];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)armour(block, sizeof block, cases[i].width, cases[i].prefix);
		(void)snprintf(text, sizeof text,
			"Dear all,\n\n%s\nBest regards, A. B.\n", block);
		for (size_t step = 0; step < 130; step++) {
			struct carve c;

			assert_int_equal(feed(&c, text, strlen(text), step), 0);
			assert_int_equal(c.count, 1);
			assert_true(c.finds[0].data.len >= sizeof secret - 1);
			assert_memory_equal(
				c.finds[0].data.data, secret, sizeof secret - 1);
			assert_true(c.finds[0].offset >= 11 && c.finds[0].offset < 14);
			carve_done(&c);
		}
	}
}

static void
test_prose_is_not_base64(void **state)
{
	static const char text[] =
		"A sentence of ordinary words, with /a/path/of/some/length/in/it and "
		"then\n"
		"more words: none of them has sixty-four letters without a blank.\n";
	struct carve c;

	(void)state;
	assert_int_equal(feed(&c, text, sizeof text - 1, 0), 0);
	assert_int_equal(c.count, 0);
	assert_null(c.finds);
	carve_done(&c);
}

static void
test_quoted_printable(void **state)
{
	static const char text[] = "caf=C3=A9 is=\n open and=\r\n closed =3D so=\n";

	(void)state;
	for (size_t step = 0; step < 9; step++) {
		struct carve c;

		assert_int_equal(feed(&c, text, sizeof text - 1, step), 0);
		assert_int_equal(c.count, 1);
		assert_true(c.finds[0].is_text);
		assert_int_equal(c.finds[0].data.len, 29);
		assert_memory_equal(
			c.finds[0].data.data, "caf\xc3\xa9 is open and closed = so", 29);
		carve_done(&c);
	}
}

static void
test_escapes(void **state)
{
	static const char text[] = "{\"body\": \"the talks\\nhad \\\"failed\\\" in "
				   "Bogot\\u00e1 \\ud83d\\ude00 \\x \\u12\"}";
	static const char want[] = "{\"body\": \"the talks\nhad \"failed\" in "
				   "Bogot\xc3\xa1 \xf0\x9f\x98\x80 \\x \"}";

	(void)state;
	for (size_t step = 0; step < 9; step++) {
		struct carve c;

		assert_int_equal(feed(&c, text, sizeof text - 1, step), 0);
		assert_int_equal(c.count, 1);
		assert_int_equal(c.finds[0].data.len, sizeof want - 1);
		assert_memory_equal(c.finds[0].data.data, want, sizeof want - 1);
		carve_done(&c);
	}
}

/* More finds than CARVE_COUNT: counted, not silent. */
static void
test_too_many_are_counted(void **state)
{
	char *text = NULL, block[800];
	size_t n = 0, one = armour(block, sizeof block, 400, "");
	struct carve c;

	(void)state;
	assert_int_equal(mem_new(&text, (one + 4) * (CARVE_COUNT + 10)), 0);
	for (size_t i = 0; i < CARVE_COUNT + 10; i++) {
		memcpy(text + n, block, one);
		memcpy(text + n + one, "-- \n", 4);
		n += one + 4;
	}
	assert_int_equal(feed(&c, text, n, 4096), 0);
	assert_int_equal(c.count, CARVE_COUNT);
	assert_int_equal(c.lost, 10);
	carve_done(&c);
	mem_free(text);
}

static void
test_out_of_memory(void **state)
{
	char block[800];
	size_t len = armour(block, sizeof block, 76, "");

	(void)state;
	for (long n = 0;; n++) {
		struct carve c;
		int r;

		mem_fail_after(n, false);
		r = feed(&c, block, len, 0);
		mem_fail_never();
		if (r == 0 && c.lost == 0) {
			assert_int_equal(c.count, 1);
			carve_done(&c);
			assert_true(n > 0);
			return;
		}
		assert_true(r == FAIL_NOMEM || c.lost > 0);
		carve_done(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64_is_found),
		cmocka_unit_test(test_prose_is_not_base64),
		cmocka_unit_test(test_quoted_printable),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_too_many_are_counted),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
