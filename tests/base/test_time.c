/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* The C library's calendar is the independent second opinion. */
static void
test_split_agrees_with_libc(void **state)
{
	struct time_utc t = {0};
	struct tm tm;
	uint64_t back;

	(void)state;
	/* A step that is no multiple of a day visits every hour and, over 8,000 years, every date. */
	for (uint64_t s = 0; s <= TIME_S_MAX; s += 86400 * 3 + 3601) {
		time_t libc = (time_t)s;

		assert_non_null(gmtime_r(&libc, &tm));
		assert_int_equal(time_split(s, &t), 0);
		assert_int_equal(t.year, (unsigned)tm.tm_year + 1900);
		assert_int_equal(t.month, (unsigned)tm.tm_mon + 1);
		assert_int_equal(t.day, tm.tm_mday);
		assert_int_equal(t.hour, tm.tm_hour);
		assert_int_equal(t.minute, tm.tm_min);
		assert_int_equal(t.second, tm.tm_sec);
		assert_int_equal(time_join(&t, &back), 0);
		assert_true(back == s);
	}
}

static void
test_limits(void **state)
{
	char out[TIME_TEXT_MAX] = "untouched";
	struct time_utc t = {.year = 1};

	(void)state;
	assert_int_equal(time_split(TIME_S_MAX + 1, &t), FAIL_LIMIT);
	assert_int_equal(time_split(UINT64_MAX, &t), FAIL_LIMIT);
	assert_int_equal(t.year, 1);
	assert_int_equal(time_rfc3339(TIME_S_MAX + 1, out), FAIL_LIMIT);
	assert_int_equal(time_dtg(TIME_S_MAX + 1, out), FAIL_LIMIT);
	assert_string_equal(out, "untouched");
	assert_int_equal(time_rfc3339(TIME_S_MAX, out), 0);
	assert_string_equal(out, "9999-12-31T23:59:59Z");
	assert_int_equal(time_rfc3339(0, out), 0);
	assert_string_equal(out, "1970-01-01T00:00:00Z");
}

static void
test_join_refuses_days_that_do_not_exist(void **state)
{
	static const struct time_utc bad[] = {{1969, 12, 31, 23, 59, 59},
		{10000, 1, 1, 0, 0, 0}, {2026, 0, 1, 0, 0, 0}, {2026, 13, 1, 0, 0, 0},
		{2026, 1, 0, 0, 0, 0}, {2026, 1, 32, 0, 0, 0}, {2026, 2, 29, 0, 0, 0},
		{2100, 2, 29, 0, 0, 0}, {2026, 4, 31, 0, 0, 0}, {2026, 1, 1, 24, 0, 0},
		{2026, 1, 1, 0, 60, 0}, {2026, 1, 1, 0, 0, 60}};
	struct time_utc leap = {2000, 2, 29, 0, 0, 0};
	uint64_t s = 9;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(time_join(&bad[i], &s), FAIL_FORMAT);
	assert_true(s == 9);
	assert_int_equal(time_join(&leap, &s), 0);
	assert_true(s == 951782400);
}

static void
test_rfc3339(void **state)
{
	static const char *const bad[] = {"2026-11-22T10:30:00", "2026-11-22 10:30:00Z",
		"2026-11-22t10:30:00z", "2026-11-31T10:30:00Z", "2026-11-22T10:30:60Z",
		"2o26-11-22T10:30:00Z", "2026-11-22T10:30:00+", "2026-11-22T10:30:00Z ",
		"+026-11-22T10:30:00Z", "2026-11-22T 9:30:00Z", ""};
	char out[TIME_TEXT_MAX];
	uint64_t s = 0;

	(void)state;
	assert_int_equal(time_parse_rfc3339("2026-11-22T10:30:00Z", 20, &s), 0);
	assert_int_equal(time_rfc3339(s, out), 0);
	assert_string_equal(out, "2026-11-22T10:30:00Z");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
			time_parse_rfc3339(bad[i], strlen(bad[i]), &s), FAIL_FORMAT);
}

static void
test_dtg(void **state)
{
	static const char *const bad[] = {"221030z NOV 26", "221030Z Nov 26",
		"221030ZNOV26", "221030Z NOV 2026", "311030Z NOV 26", "222430Z NOV 26",
		"221060Z NOV 26", "221030A NOV 26", "22103oZ NOV 26", "221030Z XXX 26",
		"221030Z NOV-26", ""};
	char out[TIME_TEXT_MAX];
	uint64_t s = 0;

	(void)state;
	assert_int_equal(time_parse_rfc3339("2026-11-22T10:30:59Z", 20, &s), 0);
	assert_int_equal(time_dtg(s, out), 0);
	assert_string_equal(out, "221030Z NOV 26");
	assert_int_equal(time_parse_dtg(out, strlen(out), &s), 0);
	assert_int_equal(time_rfc3339(s, out), 0);
	assert_string_equal(out, "2026-11-22T10:30:00Z");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(time_parse_dtg(bad[i], strlen(bad[i]), &s), FAIL_FORMAT);
}

static void
test_dtg_century(void **state)
{
	char out[TIME_TEXT_MAX];
	uint64_t s = 0;

	(void)state;
	assert_int_equal(time_parse_dtg("010000Z JAN 70", 14, &s), 0);
	assert_true(s == 0);
	assert_int_equal(time_parse_dtg("312359Z DEC 69", 14, &s), 0);
	assert_int_equal(time_rfc3339(s, out), 0);
	assert_string_equal(out, "2069-12-31T23:59:00Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split_agrees_with_libc),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_join_refuses_days_that_do_not_exist),
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_dtg),
		cmocka_unit_test(test_dtg_century),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
