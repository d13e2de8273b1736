/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "valise/args.h"
#include "valise/report.h"
#include "valise/verb.h"

static const struct arg_option options[] = {
	{"out", "OUT", "", false},
	{"to", "ADDR", "", true},
	{"force", NULL, "", false},
	{NULL, NULL, NULL, false},
};

static const struct verb verb = {
	.name = "test", .options = options, .operands_min = 1, .operands_max = 2};

static int
parse(struct args *ret_args, size_t count, const char **words)
{
	/* getopt_long() permutes the array and leaves the words alone. */
	return args_parse(&verb, (int)count, (char **)(uintptr_t)words, ret_args);
}

#define PARSE(args, ...)                                                                 \
	parse(args, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),              \
		(const char *[]){__VA_ARGS__, NULL})

static struct args args;

static void
options_and_operands_come_in_any_order(void **state)
{
	size_t at = 0;

	(void)state;
	assert_int_equal(
		PARSE(&args, "test", "a", "--out", "x", "--to", "P", "b", "--to=Q"), 0);
	assert_int_equal(args.operand_count, 2);
	assert_string_equal(args.operands[0], "a");
	assert_string_equal(args_get(&args, "out"), "x");
	assert_string_equal(args_next(&args, "to", &at), "P");
	assert_string_equal(args_next(&args, "to", &at), "Q");
	assert_null(args_next(&args, "to", &at));
	assert_false(args_has(&args, "force"));
	assert_null(args_get(&args, "json"));
}

static void
common_options_are_there_for_every_verb(void **state)
{
	(void)state;
	assert_int_equal(
		PARSE(&args, "test", "--json", "--dir", "d", "--", "--force"), 0);
	assert_true(args_has(&args, "json"));
	assert_string_equal(args_get(&args, "dir"), "d");
	assert_string_equal(args.operands[0], "--force");
	assert_int_equal(PARSE(&args, "test", "--help"), 0);
	assert_int_equal(PARSE(&args, "test", "-h"), 0);
	assert_true(args_has(&args, "help"));
}

static void
what_is_wrong_is_refused(void **state)
{
	(void)state;
	assert_int_equal(PARSE(&args, "test", "--nosuch", "a"), FAIL_USAGE);
	assert_int_equal(PARSE(&args, "test", "a", "--out"), FAIL_USAGE);
	assert_int_equal(PARSE(&args, "test", "--force=yes", "a"), FAIL_USAGE);
	assert_int_equal(PARSE(&args, "test", "-f", "a"), FAIL_USAGE);
	assert_int_equal(
		PARSE(&args, "test", "--out", "x", "--out", "y", "a"), FAIL_USAGE);
	assert_int_equal(PARSE(&args, "test"), FAIL_USAGE);
	assert_int_equal(PARSE(&args, "test", "a", "b", "c"), FAIL_USAGE);
}

static void
every_failure_has_a_status_and_a_remedy(void **state)
{
	struct report report = {.verb = "test", .attempt = "try", .object = "x\033[2J"};

	(void)state;
	assert_int_equal(report_exit(0), EXIT_OK);
	for (int r = FAIL_NOMEM; r >= FAIL_TOO_BIG; r--) {
		assert_true(report_exit(r) != EXIT_OK);
		assert_int_equal(report_fail(&report, r), report_exit(r));
	}
	assert_int_equal(report_exit(FAIL_ALTERED), EXIT_NOT_VERIFIED);
	assert_int_equal(report_exit(FAIL_TRUNCATED), EXIT_NOT_VERIFIED);
	assert_int_equal(report_exit(FAIL_USAGE), EXIT_USAGE);
	assert_int_equal(report_exit(FAIL_AGAIN), EXIT_LATER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_operands_come_in_any_order),
		cmocka_unit_test(common_options_are_there_for_every_verb),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(every_failure_has_a_status_and_a_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
