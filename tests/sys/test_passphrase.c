/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "sys/passphrase.h"

/* What comes out when these bytes come through a pipe as fd:N. */
static int
through_pipe(const char *text, size_t len, struct secret **ret_passphrase)
{
	char source[16];
	int ends[2], r;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, len), (ssize_t)len);
	close(ends[1]);
	(void)snprintf(source, sizeof source, "fd:%d", ends[0]);
	r = passphrase_from(source, ret_passphrase);
	close(ends[0]);
	return r;
}

static void
assert_gives(const char *text, const char *want)
{
	struct secret *s = NULL;

	assert_int_equal(through_pipe(text, strlen(text), &s), 0);
	assert_int_equal(s->len, strlen(want));
	assert_memory_equal(s->bytes, want, s->len);
	secret_free(s);
}

static void
test_first_line(void **state)
{
	char longest[PASSPHRASE_MAX + 2];
	struct secret *s = NULL;

	(void)state;
	assert_gives("pass\n", "pass");
	assert_gives("pass", "pass");
	assert_gives("pass\nmore\n", "pass");
	assert_gives(" pa ss \n\n", " pa ss ");
	assert_int_equal(through_pipe("", 0, &s), FAIL_LIMIT);
	assert_int_equal(through_pipe("\n", 1, &s), FAIL_LIMIT);
	assert_int_equal(through_pipe("a\0b\n", 4, &s), FAIL_FORMAT);
	memset(longest, 'x', sizeof longest);
	assert_int_equal(through_pipe(longest, PASSPHRASE_MAX + 1, &s), FAIL_LIMIT);
	longest[PASSPHRASE_MAX] = '\n';
	assert_int_equal(through_pipe(longest, PASSPHRASE_MAX + 1, &s), 0);
	assert_int_equal(s->len, PASSPHRASE_MAX);
	secret_free(s);
}

static void
test_source(void **state)
{
	struct secret *s = NULL;

	(void)state;
	assert_int_equal(passphrase_from("fd:", &s), FAIL_USAGE);
	assert_int_equal(passphrase_from("fd:x", &s), FAIL_USAGE);
	assert_int_equal(passphrase_from("fd:99999", &s), FAIL_USAGE);
	assert_int_equal(passphrase_from("/nowhere/at/all", &s), FAIL_ABSENT);
	assert_null(s);
}

static void
test_environment_is_wiped(void **state)
{
	static const char text[] = "from the environment";
	struct secret *s = NULL;
	char *value;

	(void)state;
	assert_int_equal(setenv("VALISE_PASSPHRASE", text, 1), 0);
	value = getenv("VALISE_PASSPHRASE");
	assert_int_equal(passphrase_from_env(&s), 0);
	assert_memory_equal(s->bytes, text, s->len);
	secret_free(s);
	assert_null(getenv("VALISE_PASSPHRASE"));
	assert_int_equal(value[0], 0);
	assert_int_equal(value[5], 0);
	assert_int_equal(passphrase_from_env(&s), FAIL_ABSENT);
}

/* A child with a terminal of its own asks; ret_echo is all that the terminal showed. */
static int
ask_on_terminal(const char *typed, char *ret_echo, size_t max)
{
	struct secret *s = NULL;
	size_t len = 0;
	int tty, status;
	ssize_t n;
	pid_t pid = forkpty(&tty, NULL, NULL, NULL);

	assert_true(pid >= 0);
	if (pid == 0) {
		int r = passphrase_ask_new("Passphrase: ", "Again: ", &s);

		_exit(r == 0 ? (int)s->len : 100 - r);
	}
	/* The prompt says that the echo is off. */
	while (len < max - 1 && (n = read(tty, ret_echo + len, 1)) > 0) {
		len += (size_t)n;
		if (len >= 2 && memcmp(ret_echo + len - 2, ": ", 2) == 0) {
			size_t line = strcspn(typed, "\n") + 1;

			if (write(tty, typed, line) != (ssize_t)line)
				break;
			typed += line;
		}
	}
	ret_echo[len] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(tty);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
test_terminal(void **state)
{
	char echo[256];

	(void)state;
	assert_int_equal(ask_on_terminal("sesame\nsesame\n", echo, sizeof echo), 6);
	assert_null(strstr(echo, "sesame"));
	assert_non_null(strstr(echo, "Again: "));
	assert_int_equal(ask_on_terminal("sesame\nsesamf\n", echo, sizeof echo),
		100 - FAIL_MISMATCH);
	/* Ctrl-C: the signal arrives after the terminal is as it was. */
	assert_int_equal(ask_on_terminal("\003\n\n", echo, sizeof echo), -SIGINT);
}

static void
test_no_terminal(void **state)
{
	struct secret *s = NULL;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		(void)setsid();
		_exit(passphrase_ask("x", &s) == FAIL_ABSENT ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_environment_is_wiped),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_no_terminal),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
