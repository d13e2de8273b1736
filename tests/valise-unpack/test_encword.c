/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/encword.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *header, *want;
} cases[] = {
	{"plain", "plain"},
	{"=?iso-8859-1?Q?Andr=E9?= Silva", "Andr\xc3\xa9 Silva"},
	{"=?UTF-8?B?w6l0w6k=?=", "\xc3\xa9t\xc3\xa9"},
	{"=?utf-8*en?q?a_b?=", "a b"},
	/* a character cut between two words is whole only when they say the same bytes */
	{"=?utf-8?q?a?= \r\n =?utf-8?q?b?=", "ab"},
	{"=?utf-8?q?a?= b", "a b"},
	{"=?koi8-r?B?8NLJ18XU?=", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"},
	{"folded\r\n\tline", "folded line"},
	{"=?broken", "=?broken"},
	{"=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
	{"raw \xe9", "raw \xc3\xa9"},
	{"=?utf-8?q?=zz?=", "=zz"},
	{"", ""},
};

static void
test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out;

		buf_init(&out, 1000);
		encword_put(&out, cases[i].header, strlen(cases[i].header));
		buf_u8(&out, 0);
		assert_string_equal((const char *)out.data, cases[i].want);
		buf_done(&out);
	}
}

static void
test_output_is_bounded(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 8);
	encword_put(&out, "=?utf-8?q?far_too_long?=", 24);
	assert_int_equal(buf_error(&out), FAIL_LIMIT);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_output_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
