/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/lists.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cable/cable.h"

/* Lists as an officer has them: a few files. */
static int
find(void *ctx, struct rd name, struct buf *ret_text)
{
	static const struct {
		const char *name, *text;
	} lists[] = {
		{"allies", "# who is awake\nPT/duty\r\n\nFR/duty\nCY/duty"},
		{"south", "CY/duty\nPT/duty\n"},
		{"empty", "\n# nobody\n"},
		{"bad", "PT/duty\nnot an address\n"},
	};

	(void)ctx;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (name.len == strlen(lists[i].name) &&
			memcmp(name.ptr, lists[i].name, name.len) == 0) {
			buf_text(ret_text, lists[i].text);
			return buf_error(ret_text);
		}
	return FAIL_ABSENT;
}

static const struct lists_source source = {find, NULL};

static int
expand(const char *text, struct buf *out, char ret_name[32])
{
	struct rd name = {NULL, 0};
	int r;

	buf_init(out, CABLE_LEN_MAX);
	r = lists_expand(rd_of(text, strlen(text)), &source, out, &name);
	memset(ret_name, 0, 32);
	if (name.len > 0)
		memcpy(ret_name, name.ptr, name.len < 31 ? name.len : 31);
	return r;
}

static void
names_become_addresses(void **state)
{
	static const char *const cases[][2] = {
		{"To: @allies\n\nx\n", "To: PT/duty, FR/duty, CY/duty\n\nx\n"},
		/* nobody twice: by itself, from an earlier list, in To and Info */
		{"To: FR/duty, @allies\nInfo: @south, EU/duty\n\n",
			"To: FR/duty, PT/duty, CY/duty\nInfo: EU/duty\n\n"},
		{"To: @allies, FR/duty\n", "To: PT/duty, CY/duty, FR/duty\n"},
		/* Exempt has its own count */
		{"To: @allies\nExempt: @south\n",
			"To: PT/duty, FR/duty, CY/duty\nExempt: CY/duty, PT/duty\n"},
		/* a list that goes on below keeps its comma */
		{"To: @south,\n  FR/duty\nPrec: FLASH\n",
			"To: CY/duty, PT/duty,\n  FR/duty\nPrec: FLASH\n"},
		{"to: @empty\n", "to: \n"},
		/* nowhere else, and not in the text */
		{"Subject: @allies\n\nTo: @allies\n",
			"Subject: @allies\n\nTo: @allies\n"},
		{"To: PT/duty", "To: PT/duty\n"},
		{"   ", "   \n"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out;
		char name[32];

		assert_int_equal(expand(cases[i][0], &out, name), 0);
		buf_u8(&out, 0);
		assert_string_equal((char *)out.data, cases[i][1]);
		buf_done(&out);
	}
}

static void
what_is_wrong_has_a_name(void **state)
{
	struct buf out;
	char name[32];

	(void)state;
	assert_int_equal(expand("To: @nobody\n", &out, name), FAIL_ABSENT);
	assert_string_equal(name, "nobody");
	buf_done(&out);
	assert_int_equal(expand("To: @../key\n", &out, name), FAIL_ABSENT);
	assert_string_equal(name, "../key");
	buf_done(&out);
	assert_int_equal(expand("Info: @bad\n", &out, name), FAIL_FORMAT);
	assert_string_equal(name, "bad");
	buf_done(&out);
}

static void
want_of_memory_is_told(void **state)
{
	int r = FAIL_NOMEM;

	(void)state;
	for (long n = 0; r != 0; n++) {
		struct buf out;
		char name[32];

		mem_fail_after(n, true);
		r = expand("To: @allies\nInfo: @south\n\nx\n", &out, name);
		mem_fail_never();
		buf_done(&out);
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_true(n < 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_addresses),
		cmocka_unit_test(what_is_wrong_has_a_name),
		cmocka_unit_test(want_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
