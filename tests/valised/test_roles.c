/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "member/own_station.h"
#include "sys/channel.h"
#include "sys/disk.h"
#include "sys/landlock.h"
#include "sys/random.h"
#include "valised/role.h"
#include "wire/vault.h"

/*
 * Store and custody as processes, locked in, with this test in the place of everybody else.
 * What they may not be told ends them, with one line in the log and the status that makes the
 * parent start all again.
 */
static char dir[64];
static struct config config;

struct rig {
	pid_t pid;
	int parent, front, custody, store, seed, log; /* our ends */
	char said[4096];			      /* the log */
};

static void
pair(int type, int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds), 0);
}

/* Channels that the role reads must not block it. */
static void
channel(int fds[2])
{
	pair(SOCK_STREAM, fds);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
}

static void
start(struct rig *g, int (*role)(const struct role_plan *plan))
{
	struct role_plan plan = {
		.config = &config, .dir = dir, .listen_fd = -1, .admin_fd = -1};
	int parent[2], front[2], other[2], seed[2], log[2];

	*g = (struct rig){.pid = 0};
	pair(SOCK_SEQPACKET, parent);
	channel(front);
	channel(other);
	assert_int_equal(pipe2(seed, O_CLOEXEC), 0);
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	g->pid = fork();
	if (g->pid == 0) {
		(void)dup2(log[1], STDERR_FILENO);
		plan.parent_fd = parent[1];
		plan.front_fd = role == role_store ? front[1] : -1;
		plan.custody_fd = role == role_store ? other[1] : -1;
		plan.store_fd = role == role_custody ? other[1] : -1;
		plan.seed_fd = role == role_custody ? seed[1] : -1;
		_exit(role(&plan));
	}
	assert_true(g->pid > 0);
	disk_close(parent[1]);
	disk_close(front[1]);
	disk_close(other[1]);
	disk_close(seed[1]);
	disk_close(log[1]);
	g->parent = parent[0];
	g->front = front[0];
	g->custody = g->store = other[0];
	g->seed = seed[0];
	g->log = log[0];
}

static void
put(int fd, const void *ptr, size_t len)
{
	assert_int_equal(send(fd, ptr, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* A message in its frame. */
static void
tell(int fd, uint8_t type, uint64_t number, struct rd body)
{
	struct wire_message m = {.type = type, .number = number, .body = body};
	struct buf out;

	buf_init(&out, 65536);
	buf_u32(&out, (uint32_t)(WIRE_HEAD_LEN + body.len));
	wire_write(&m, &out);
	assert_int_equal(buf_error(&out), 0);
	put(fd, out.data, out.len);
	buf_done(&out);
}

static int
end_of(struct rig *g)
{
	size_t at = 0;
	ssize_t n;
	int status = 0;

	while (at < sizeof g->said - 1 &&
		(n = read(g->log, g->said + at, sizeof g->said - 1 - at)) > 0)
		at += (size_t)n;
	assert_int_equal(waitpid(g->pid, &status, 0), g->pid);
	disk_close(g->parent);
	disk_close(g->front);
	disk_close(g->custody);
	disk_close(g->seed);
	disk_close(g->log);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
assert_one_line(const struct rig *g, const char *words)
{
	const char *first = strstr(g->said, words);

	if (first == NULL || strstr(first + 1, words) != NULL)
		fail_msg("not one \"%s\" in:\n%s", words, g->said);
}

static void
read_whole(int fd, void *ptr, size_t len)
{
	size_t n = 0;

	assert_int_equal(disk_read(fd, ptr, len, &n), 0);
	assert_int_equal(n, len);
}

/* The next message of custody; the body is dropped. */
static uint8_t
hear(int fd)
{
	uint8_t head[4 + WIRE_HEAD_LEN], bytes[8192];
	struct rd in = rd_of(head, sizeof head);
	uint32_t len = 0;

	read_whole(fd, head, sizeof head);
	assert_int_equal(rd_u32(&in, &len), 0);
	assert_true(len >= WIRE_HEAD_LEN && len - WIRE_HEAD_LEN <= sizeof bytes);
	read_whole(fd, bytes, len - WIRE_HEAD_LEN);
	return head[4];
}

static const struct rd nothing = {(const uint8_t *)"", 0};

static void
test_store_refuses(void **state)
{
	const struct rd one = rd_of("x", 1);
	struct rig g;

	(void)state;
	/* From front: what only store says, what custody says, what nobody says, half a head. */
	for (int type = 0; type < 64; type++) {
		if (type == FRONT_ASK || type == FRONT_RESULT)
			continue;
		start(&g, role_store);
		tell(g.front, (uint8_t)type, 1, one);
		assert_int_equal(end_of(&g), ROLE_END_AGAIN);
		assert_one_line(&g, "error message-refused role=store from=front");
	}
	start(&g, role_store);
	put(g.front, "\x00\x00\x00\x02\x01\x00", 6);
	assert_int_equal(end_of(&g), ROLE_END_AGAIN);
	assert_one_line(&g, "error message-refused role=store from=front");
	/* An answer to a call that nobody made, an ASK that is none. */
	start(&g, role_store);
	tell(g.front, FRONT_ASK, 1, one);
	assert_int_equal(end_of(&g), ROLE_END_AGAIN);
	assert_one_line(&g, "error message-refused role=store from=front");
	/* From custody: an answer that nobody asked for, a READY that is none. */
	start(&g, role_store);
	tell(g.custody, VAULT_DONE, 7, one);
	assert_int_equal(end_of(&g), ROLE_END_AGAIN);
	assert_one_line(&g, "error message-refused role=store from=custody");
	start(&g, role_store);
	tell(g.custody, VAULT_READY, 0, one);
	assert_int_equal(end_of(&g), ROLE_END_AGAIN);
	assert_one_line(&g, "error message-refused role=store from=custody");
}

/* Frames that are too long, empty, or cut by the end. */
static void
test_store_frames(void **state)
{
	struct rig g;

	(void)state;
	start(&g, role_store);
	put(g.front, "\xff\xff\xff\xff", 4);
	assert_int_equal(end_of(&g), ROLE_END_AGAIN);
	assert_one_line(&g, "error role-ends role=store at=front");
	start(&g, role_store);
	put(g.custody, "\x00\x00\x00\x00", 4);
	assert_int_equal(end_of(&g), ROLE_END_AGAIN);
	assert_one_line(&g, "error role-ends role=store at=custody");
	/* Front was gone: not store's fault, and it says so by its status alone. */
	start(&g, role_store);
	put(g.front,
		"\x00\x00\x00\x05"
		"h",
		5);
	assert_int_equal(shutdown(g.front, SHUT_WR), 0);
	assert_int_equal(end_of(&g), ROLE_END_FOLLOWED);
	assert_string_equal(g.said, "");
}

static void
hear_start(struct rig *g)
{
	uint8_t seed[32], word[64];

	read_whole(g->seed, seed, sizeof seed);
	assert_true(recv(g->parent, word, sizeof word, 0) > 0);
	assert_int_equal(word[0], PARENT_UNLOCKED);
	assert_int_equal(hear(g->store), VAULT_READY);
}

static void
test_custody_refuses(void **state)
{
	static const uint8_t wrong[] = {0, VAULT_READY, VAULT_DONE, 3, 15, 28, 99, 255};
	struct rig g;

	(void)state;
	for (size_t i = 0; i < sizeof wrong; i++) {
		start(&g, role_custody);
		hear_start(&g);
		tell(g.store, wrong[i], 1, rd_of("x", 1));
		assert_int_equal(end_of(&g), ROLE_END_AGAIN);
		assert_one_line(&g, "error message-refused role=custody from=store");
	}
	/* A body where there is none; too long a frame. */
	start(&g, role_custody);
	hear_start(&g);
	tell(g.store, VAULT_TICK, 1, rd_of("x", 1));
	assert_int_equal(end_of(&g), ROLE_END_AGAIN);
	assert_one_line(&g, "error message-refused role=custody from=store");
	start(&g, role_custody);
	hear_start(&g);
	put(g.store, "\xff\xff\xff\xff", 4);
	assert_int_equal(end_of(&g), ROLE_END_AGAIN);
	assert_one_line(&g, "error role-ends role=custody at=store");
	/* And what it may be asked it answers. */
	start(&g, role_custody);
	hear_start(&g);
	tell(g.store, VAULT_TICK, 1, nothing);
	assert_int_equal(hear(g.store), VAULT_DONE);
	assert_int_equal(shutdown(g.store, SHUT_WR), 0);
	assert_int_equal(end_of(&g), ROLE_END_FOLLOWED);
	assert_string_equal(g.said, "");
}

static void
write_file(const char *name, const void *ptr, size_t len)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(disk_write_small(path, ptr, len, true), 0);
}

static int
set_up(void **state)
{
	static const char text[] = "member PT\nlisten 127.0.0.1:0\nurl "
				   "https://pt.example\nunlock file unlock\n";
	struct own_station *station = NULL;
	struct secret *passphrase = NULL;
	struct config_error error;
	struct buf key;

	(void)state;
	if (landlock_abi() < 1) {
		print_message("SKIP: this kernel has no Landlock\n");
		return -1;
	}
	(void)snprintf(dir, sizeof dir, "/tmp/valise-roles-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(crypto_init(), 0);
	assert_int_equal(config_parse(rd_of(text, sizeof text - 1), &config, &error), 0);
	assert_int_equal(secret_new(4, &passphrase), 0);
	memcpy(passphrase->bytes, "word", 4);
	assert_int_equal(own_station_new("PT", "pt.example", "https://pt.example",
				 random_system(), &station),
		0);
	buf_init(&key, 65536);
	assert_int_equal(own_station_seal(station, passphrase, random_system(), &key), 0);
	write_file("key", key.data, key.len);
	write_file("unlock", "word\n", 5);
	buf_done(&key);
	own_station_free(station);
	secret_free(passphrase);
	return 0;
}

static int
tear_down(void **state)
{
	char command[96];
	pid_t pid;

	(void)state;
	(void)snprintf(command, sizeof command, "%s", dir);
	if ((pid = fork()) == 0) {
		(void)execl("/bin/rm", "rm", "-rf", command, (char *)NULL);
		_exit(1);
	}
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_refuses),
		cmocka_unit_test(test_store_frames),
		cmocka_unit_test(test_custody_refuses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
