/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/peer.h"
#include "sys/spawn.h"
#include "valise/keys.h"

/*
 * Starting the agent.  The passphrase goes through a pipe, never through an argument or the
 * environment, which other processes can read; the answer comes back through another.
 *
 *   descriptors of the agent: 0 to 2 as ours (0 is /dev/null), 3 passphrase, 4 ready
 */

enum { FD_PASSPHRASE = 3, FD_READY = 4, NUMBER_MAX = 24 };

struct pipes {
	int passphrase[2], ready[2];
};

static void
close_pipe(int ends[2])
{
	disk_close(ends[0]);
	disk_close(ends[1]);
	ends[0] = ends[1] = -1;
}

static int
check_is_free(const char *socket_path)
{
	int fd = -1, r = peer_connect(socket_path, &fd);

	disk_close(fd);
	if (r == FAIL_ABSENT)
		return 0;
	return r == 0 ? FAIL_EXISTS : r;
}

static int
start(const char *key_path, const char *socket_path, uint64_t for_s,
	const struct pipes *p, pid_t *ret_pid)
{
	char path[DISK_PATH_MAX], seconds[NUMBER_MAX], name[] = "valise-agent";
	char passphrase_fd[] = "3", ready_fd[] = "4";
	char key[DISK_PATH_MAX], socket[DISK_PATH_MAX];
	char *argv[] = {name, key, socket, seconds, passphrase_fd, ready_fd, NULL};
	struct spawn what = {.path = path, .argv = argv, .fd_count = FD_READY + 1};
	int r;

	(void)snprintf(key, sizeof key, "%s", key_path);
	(void)snprintf(socket, sizeof socket, "%s", socket_path);
	(void)snprintf(seconds, sizeof seconds, "%" PRIu64, for_s);
	if ((r = spawn_find(name, path)) != 0)
		return r;
	what.fds[0] = -1;
	what.fds[1] = -1;
	what.fds[2] = STDERR_FILENO;
	what.fds[FD_PASSPHRASE] = p->passphrase[0];
	what.fds[FD_READY] = p->ready[1];
	return spawn_start(&what, ret_pid);
}

static int
hand_over(struct pipes *p, const struct secret *passphrase)
{
	int r;

	if ((r = disk_write(p->passphrase[1], passphrase->bytes, passphrase->len)) != 0 ||
		(r = disk_write(p->passphrase[1], "\n", 1)) != 0)
		return r;
	close_pipe(p->passphrase);
	return 0;
}

static int
wait_until_ready(struct pipes *p)
{
	uint8_t code = 0;
	size_t len = 0;
	int r;

	/* Ours must be closed, or the end of a dead agent's pipe would never come. */
	disk_close(p->ready[1]);
	p->ready[1] = -1;
	if ((r = disk_read(p->ready[0], &code, 1, &len)) != 0)
		return r;
	return len == 1 ? -(int)code : FAIL_CLOSED;
}

int
keys_unlock(const char *dir, const struct secret *passphrase, uint64_t for_s)
{
	struct pipes p = {{-1, -1}, {-1, -1}};
	char key_path[DISK_PATH_MAX], socket_path[DISK_PATH_MAX];
	int status, r;
	pid_t pid;

	if ((r = keys_file_path(dir, key_path)) != 0 ||
		(r = keys_socket_path(dir, socket_path)) != 0 ||
		(r = check_is_free(socket_path)) != 0)
		return r;
	if (pipe2(p.passphrase, O_CLOEXEC) != 0 || pipe2(p.ready, O_CLOEXEC) != 0) {
		r = disk_fail_of(errno);
		goto out;
	}
	if ((r = start(key_path, socket_path, for_s, &p, &pid)) != 0)
		goto out;
	if ((r = hand_over(&p, passphrase)) == 0)
		r = wait_until_ready(&p);
	else
		close_pipe(p.passphrase);
	/* One that did not get ready ends by itself; it must not stay as a zombie. */
	if (r != 0 && spawn_wait(pid, &status) != 0)
		r = FAIL_CLOSED;
out:
	close_pipe(p.passphrase);
	close_pipe(p.ready);
	return r;
}
