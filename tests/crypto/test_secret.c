/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "crypto/secret.h"

static void
holds_bytes(void **state)
{
	static const size_t lens[] = {0, 1, 15, 16, 17, 32, 4096, 4097, 10000};
	struct secret *s;

	(void)state;
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		assert_int_equal(secret_new(lens[i], &s), 0);
		assert_int_equal(s->len, lens[i]);
		for (size_t at = 0; at < s->len; at++)
			assert_int_equal(s->bytes[at], 0);
		for (size_t at = 0; at < s->len; at++)
			s->bytes[at] = 0x5a;
		secret_free(s);
	}
	secret_free(NULL);
}

/* What a child did: true when it ended by itself with exit status 0. */
static bool
ends_well(void (*scenario)(void))
{
	const pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		/* The end by a signal is expected: no report, no core. */
		const struct rlimit none = {0, 0};

		(void)setrlimit(RLIMIT_CORE, &none);
		/* cmocka's handler would go on with the next test, in the child. */
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		scenario();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
write_up_to(size_t len)
{
	struct secret *s;
	volatile uint8_t *at;

	/* A whole page, so that the guard page begins right behind it. */
	if (secret_new(4096, &s) != 0)
		_exit(2);
	at = s->bytes;
	for (size_t i = 0; i < len; i++)
		at[i] = 1;
}

static void
write_within(void)
{
	write_up_to(4096);
}

static void
write_beyond(void)
{
	write_up_to(4097);
}

static void
stops_an_overrun(void **state)
{
	(void)state;
	assert_true(ends_well(write_within));
	assert_false(ends_well(write_beyond));
}

/* Without the right to lock memory there is no secret, instead of one that may be swapped. */
static void
ask_without_lock(void)
{
	const struct rlimit none = {0, 0};
	struct secret *s = NULL;

	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
		_exit(2);
	/* Root may lock without limit; nobody may not. */
	if (geteuid() == 0 && seteuid(65534) != 0)
		_exit(3);
	if (secret_new(32, &s) != FAIL_NOMEM || s != NULL)
		_exit(4);
}

/* AddressSanitizer replaces mlock() by a function that does nothing and says yes. */
static void
insists_on_locked_memory(void **state)
{
	(void)state;
	if (IS_SANITIZED)
		skip();
	assert_true(ends_well(ask_without_lock));
}

static void
survives_want_of_memory(void **state)
{
	struct secret *s = NULL;

	(void)state;
	mem_fail_after(0, true);
	assert_int_equal(secret_new(32, &s), FAIL_NOMEM);
	mem_fail_never();
	assert_null(s);
	assert_int_equal(secret_new(SIZE_MAX / 2, &s), FAIL_NOMEM);
	assert_int_equal(secret_new(SIZE_MAX, &s), FAIL_NOMEM);
	assert_null(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_bytes),
		cmocka_unit_test(stops_an_overrun),
		cmocka_unit_test(insists_on_locked_memory),
		cmocka_unit_test(survives_want_of_memory),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
