/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "envelope/addressing.h"
#include "sys/disk.h"
#include "valised/hook.h"

static char dir[64], script[96], said[96];
static struct config config;

/* A script that writes down its arguments and its environment. */
static int
set_up(void **state)
{
	struct config_error error;
	struct buf text;

	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/valise-hook-XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(script, sizeof script, "%s/bell", dir);
	(void)snprintf(said, sizeof said, "%s/said", dir);
	buf_init(&text, 4096);
	buf_printf(&text, "#!/bin/sh\necho \"$@\" >>%s\nenv | grep -c HOOK_SECRET >>%s\n",
		said, said);
	assert_int_equal(disk_write_small(script, text.data, text.len, true), 0);
	assert_int_equal(chmod(script, 0700), 0);
	buf_clear(&text);
	buf_printf(&text,
		"member PT\nlisten 127.0.0.1:0\nurl https://pt.example\nnotify %s loud\n",
		script);
	assert_int_equal(config_parse(rd_of(text.data, text.len), &config, &error), 0);
	buf_done(&text);
	assert_int_equal(setenv("HOOK_SECRET", "x", 1), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlink(said);
	(void)unlink(script);
	(void)rmdir(dir);
	return 0;
}

static void
wait_all(struct hook *h)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, 0)) > 0)
		assert_true(hook_ended(h, pid));
}

/* How many lines the script has written. */
static size_t
times(void)
{
	struct buf text;
	size_t lines = 0;

	buf_init(&text, 65536);
	if (disk_read_small(said, 65536, &text) == 0)
		for (size_t i = 0; i < text.len; i++)
			lines += text.data[i] == '\n';
	buf_done(&text);
	return lines / 2;
}

static void
test_words(void **state)
{
	struct parent_notify notify = {.precedence = PRECEDENCE_FLASH, .number = 17};
	struct hook h;
	struct buf text;

	(void)state;
	hook_init(&h, &config.notify, 1000);
	hook_run(&h, &notify, 1000);
	wait_all(&h);
	assert_int_equal(hook_look(&h, 2000), -1);
	buf_init(&text, 1000);
	assert_int_equal(disk_read_small(said, 1000, &text), 0);
	/* Its own argument, the two of ours; nothing of our environment. */
	assert_int_equal(text.len, strlen("loud flash 17\n0\n"));
	assert_memory_equal(text.data, "loud flash 17\n0\n", text.len);
	buf_done(&text);
	assert_int_equal(unlink(said), 0);
	assert_false(hook_ended(&h, 1));
}

/* Thirty in a row, of which the last five are for what is urgent; then one in two seconds. */
static void
test_rate(void **state)
{
	struct parent_notify routine = {.precedence = PRECEDENCE_ROUTINE};
	struct parent_notify flash = {.precedence = PRECEDENCE_FLASH};
	struct hook h;

	(void)state;
	hook_init(&h, &config.notify, 0);
	for (int i = 0; i < 40; i++) {
		hook_run(&h, &routine, 0);
		wait_all(&h);
	}
	assert_int_equal(times(), 25);
	for (int i = 0; i < 10; i++) {
		hook_run(&h, &flash, 0);
		wait_all(&h);
	}
	assert_int_equal(times(), 30);
	hook_run(&h, &flash, 1999);
	assert_int_equal(hook_look(&h, 1999), -1);
	hook_run(&h, &flash, 2000);
	wait_all(&h);
	assert_int_equal(times(), 31);
}

/* One that hangs is killed; more than there are places are left out. */
static void
test_slow(void **state)
{
	struct parent_notify notify = {.precedence = PRECEDENCE_FLASH};
	struct hook h;
	int status = 0;

	(void)state;
	hook_init(&h, &config.notify, 0);
	h.running[0].pid = fork();
	if (h.running[0].pid == 0) {
		(void)pause();
		_exit(0);
	}
	h.running[0].until_ms = PARENT_HOOK_MS;
	for (size_t i = 1; i < PARENT_HOOKS; i++)
		h.running[i] = h.running[0];
	hook_run(&h, &notify, 0); /* no place: nothing is started */
	assert_int_equal(hook_look(&h, 10), PARENT_HOOK_MS - 10);
	assert_int_equal(hook_look(&h, PARENT_HOOK_MS), 1000);
	assert_int_equal(waitpid(h.running[0].pid, &status, 0), h.running[0].pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
}

static void
test_nothing(void **state)
{
	static const struct config_command none = {.count = 0};
	static struct config_command absent = {.text = "/nowhere/bell", .count = 1};
	struct parent_notify notify = {.precedence = PRECEDENCE_FLASH};
	struct hook h;

	(void)state;
	hook_init(&h, &none, 0);
	hook_run(&h, &notify, 0);
	absent.argv[0] = absent.text;
	hook_init(&h, &absent, 0);
	hook_run(&h, &notify, 0);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
