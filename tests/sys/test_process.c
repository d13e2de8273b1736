/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/peer.h"
#include "sys/random.h"
#include "sys/spawn.h"
#include "sys/workers.h"

static void
test_messages(void **state)
{
	char dir[] = "/tmp/valise-test-XXXXXX", path[64];
	uint8_t got[PEER_MESSAGE_MAX];
	struct peer_inbox inbox = {.len = 0};
	int listener = -1, client = -1, server = -1, second = -1;
	const uint8_t *ptr;
	size_t len;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/socket", dir);
	assert_int_equal(peer_connect(path, &client), FAIL_ABSENT);
	assert_int_equal(peer_listen(path, &listener), 0);
	assert_int_equal(peer_listen(path, &second), FAIL_EXISTS);
	/* The look of the second one left a connection that is closed again. */
	assert_int_equal(peer_accept(listener, &server), 0);
	close(server);
	assert_int_equal(peer_accept(listener, &server), FAIL_AGAIN);
	assert_int_equal(peer_connect(path, &client), 0);
	assert_int_equal(peer_accept(listener, &server), 0);

	assert_int_equal(peer_send(client, "one", 3, 1000), 0);
	assert_int_equal(peer_send(client, "second", 6, 1000), 0);
	assert_int_equal(peer_send(client, "", 0, 1000), FAIL_FORMAT);
	assert_int_equal(peer_fill(server, &inbox), 0);
	assert_int_equal(peer_first(&inbox, &ptr, &len), 0);
	assert_int_equal(len, 3);
	peer_drop(&inbox);
	assert_int_equal(peer_first(&inbox, &ptr, &len), 0);
	assert_memory_equal(ptr, "second", 6);
	peer_drop(&inbox);
	assert_int_equal(peer_first(&inbox, &ptr, &len), FAIL_AGAIN);
	assert_int_equal(peer_fill(server, &inbox), FAIL_AGAIN);

	assert_int_equal(peer_receive(client, got, &len, 20), FAIL_TIMEOUT);
	assert_int_equal(write(server, "\0\0\x80\x01", 4), 4); /* one byte too long */
	assert_int_equal(peer_receive(client, got, &len, 1000), FAIL_FORMAT);
	close(server);
	assert_int_equal(peer_receive(client, got, &len, 1000), FAIL_CLOSED);

	/* A dead socket is cleared; a directory that others may enter is refused. */
	assert_int_equal(peer_clear(path), FAIL_EXISTS);
	close(listener);
	assert_int_equal(peer_connect(path, &second), FAIL_ABSENT);
	assert_int_equal(chmod(dir, 0750), 0);
	assert_int_equal(peer_listen(path, &listener), FAIL_REFUSED);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(peer_clear(path), 0);
	close(client);
	assert_int_equal(rmdir(dir), 0);
}

static void
test_spawn(void **state)
{
	char name[] = "sh", option[] = "-c", script[] = "cat <&3; exit 7";
	char *argv[] = {name, option, script, NULL};
	struct spawn what = {.path = "/bin/sh", .argv = argv, .fd_count = 4};
	int in[2], out[2], status;
	char text[8] = "";
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	what.fds[0] = -1;
	what.fds[1] = out[1];
	what.fds[2] = 2;
	what.fds[3] = in[0];
	assert_int_equal(spawn_start(&what, &pid), 0);
	close(in[0]);
	assert_int_equal(write(in[1], "hello", 5), 5);
	close(in[1]);
	assert_int_equal(spawn_wait(pid, &status), 0);
	assert_int_equal(status, 7);
	assert_int_equal(read(out[0], text, sizeof text), 5);
	assert_string_equal(text, "hello");
	close(out[0]);
	close(out[1]);
	what.path = "/nowhere/at/all";
	what.fds[1] = what.fds[3] = -1;
	assert_int_equal(spawn_start(&what, &pid), FAIL_ABSENT);
}

static void
test_spawn_find(void **state)
{
	char path[DISK_PATH_MAX];

	(void)state;
	assert_int_equal(spawn_find("sh", path), 0);
	assert_int_equal(spawn_find("no-such-helper", path), FAIL_ABSENT);
	assert_int_equal(spawn_find("../sh", path), FAIL_USAGE);
}

static atomic_int sum;

static int
add(void *arg, size_t i)
{
	(void)atomic_fetch_add(&sum, *(int *)arg + (int)i);
	return i == 2 ? FAIL_IO : i == 5 ? FAIL_SPACE : 0;
}

static void
test_workers(void **state)
{
	int ten = 10;

	(void)state;
	atomic_store(&sum, 0);
	assert_int_equal(workers_run(8, add, &ten), FAIL_IO);
	assert_int_equal(atomic_load(&sum), 8 * 10 + 28);
	assert_int_equal(workers_run(2, add, &ten), 0);
	assert_int_equal(workers_run(1, add, &ten), 0);
	assert_int_equal(workers_run(0, add, &ten), FAIL_LIMIT);
	assert_int_equal(workers_run(WORKERS_MAX + 1, add, &ten), FAIL_LIMIT);
	mem_fail_after(0, true);
	assert_int_equal(workers_run(2, add, &ten), FAIL_NOMEM);
	mem_fail_never();
	assert_true(workers_cpu_count() >= 1);
}

static void
test_random(void **state)
{
	uint8_t a[600] = {0}, b[600] = {0};

	(void)state;
	assert_int_equal(rng_fill(random_system(), a, sizeof a), 0);
	assert_int_equal(rng_fill(random_system(), b, sizeof b), 0);
	/* Also the pieces after the first 256 bytes. */
	assert_memory_not_equal(a, b, 256);
	assert_memory_not_equal(a + 512, b + 512, 88);
	assert_memory_not_equal(a, a + 256, 256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_spawn),
		cmocka_unit_test(test_spawn_find),
		cmocka_unit_test(test_workers),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
