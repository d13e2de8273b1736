/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fail.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LAST = FAIL_TOO_BIG };

static void
test_every_error_has_its_own_words(void **state)
{
	(void)state;
	for (int r = 0; r >= LAST; r--) {
		const char *text = fail_text(r);

		assert_non_null(text);
		assert_string_not_equal(text, "");
		assert_string_not_equal(text, "unknown error");
		assert_int_not_equal(text[strlen(text) - 1], '.');
		for (int other = 0; other > r; other--)
			assert_string_not_equal(text, fail_text(other));
	}
}

static void
test_other_numbers_are_unknown(void **state)
{
	(void)state;
	assert_string_equal(fail_text(1), "unknown error");
	assert_string_equal(fail_text(LAST - 1), "unknown error");
	assert_string_equal(fail_text(INT32_MIN), "unknown error");
	assert_string_equal(fail_text(INT32_MAX), "unknown error");
}

/* A broken invariant ends the process with SIGABRT, in every build. */
static void
test_check_aborts(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		CHECK(LAST == 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	CHECK(LAST != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_error_has_its_own_words),
		cmocka_unit_test(test_other_numbers_are_unknown),
		cmocka_unit_test(test_check_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
