/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/due.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"

static void
test_due_by_precedence(void **state)
{
	static const uint64_t want[] = {6 * 3600, 3 * 3600, 30 * 60, 10 * 60};
	struct addressing *a = NULL;
	struct due_settings s;
	struct due due;

	(void)state;
	assert_int_equal(mem_new(&a, sizeof *a), 0);
	due_settings_init(&s);
	a->dtg_s = 1000;
	a->reply_by_s = 5000;
	for (uint8_t p = 0; p < DUE_PRECEDENCES; p++) {
		a->precedence_action = p;
		a->precedence_info = PRECEDENCE_ROUTINE;
		due_of(&s, a, true, &due);
		assert_int_equal(due.act_s, 1000 + want[p]);
		assert_int_equal(due.reply_s, 5000);
		due_of(&s, a, false, &due);
		assert_int_equal(due.act_s, 1000 + want[0]);
		assert_int_equal(due.reply_s, 0);
	}
	a->dtg_s = TIME_S_MAX - 1;
	due_of(&s, a, true, &due);
	assert_int_equal(due.act_s, TIME_S_MAX);
	mem_free(a);
}

static void
test_settings(void **state)
{
	struct due_settings s;

	(void)state;
	due_settings_init(&s);
	assert_int_equal(due_set(&s, PRECEDENCE_FLASH, 5), 0);
	assert_int_equal(s.after_s[PRECEDENCE_FLASH], 5);
	assert_int_equal(due_set(&s, PRECEDENCE_FLASH, 0), FAIL_LIMIT);
	assert_int_equal(due_set(&s, PRECEDENCE_FLASH, DUE_AFTER_MAX_S), 0);
	assert_int_equal(due_set(&s, PRECEDENCE_FLASH, DUE_AFTER_MAX_S + 1), FAIL_LIMIT);
	assert_int_equal(due_set(&s, DUE_PRECEDENCES, 60), FAIL_FORMAT);
}

static void
assert_text(int64_t left_s, const char *want)
{
	char text[DUE_TEXT_MAX];

	due_text((uint64_t)(INT64_C(1000000000) + left_s), 1000000000, text);
	assert_string_equal(text, want);
}

static void
test_text(void **state)
{
	char text[DUE_TEXT_MAX];

	(void)state;
	assert_text(0, "due now");
	assert_text(1, "1 s left");
	assert_text(59, "59 s left");
	assert_text(60, "1 min left");
	assert_text(3599, "59 min left");
	assert_text(3 * 3600, "3 h left");
	assert_text(3 * 3600 + 59, "3 h left");
	assert_text(3 * 3600 + 600, "3 h 10 min left");
	assert_text(2 * 86400 - 1, "47 h 59 min left");
	assert_text(2 * 86400, "2 d left");
	assert_text(-1, "overdue by 1 s");
	assert_text(-7800, "overdue by 2 h 10 min");
	assert_text(-4 * 86400, "overdue by 4 d");
	due_text(UINT64_MAX, 0, text);
	assert_string_equal(text, "213503982334601 d left");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_due_by_precedence),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
