/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/harden.h"
#include "sys/sandbox.h"
#include "sys/spawn.h"

/*
 * The zygote has one thread and has read nothing from outside when it forks, so a raw clone()
 * is as good as fork() and the child may use everything that was loaded.
 */

enum { CPU_GRACE_S = 5, FD_COUNT = 2 };

volatile sig_atomic_t zygote_is_time_up;

struct zygote {
	pid_t pid;
	int socket;
};

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FD_COUNT * sizeof(int))];
};

static void
on_time_up(int number)
{
	(void)number;
	zygote_is_time_up = 1;
}

/* How much address space the process has: the models and libraries that the child inherits. */
static uint64_t
memory_in_use(void)
{
	char text[64];
	unsigned long pages = 0;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

	if (fd >= 0)
		(void)close(fd);
	for (ssize_t i = 0; i < n && text[i] >= '0' && text[i] <= '9'; i++)
		pages = pages * 10 + (unsigned long)(text[i] - '0');
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int
limit_cpu(const struct zygote_limits *limits, int in_fd)
{
	struct sigaction action = {.sa_handler = on_time_up};
	uint64_t s = limits->cpu_s;
	struct rlimit rl;
	struct stat st;

	if (limits->cpu_bytes > 0 && fstat(in_fd, &st) == 0 && st.st_size > 0)
		s += (uint64_t)st.st_size / limits->cpu_bytes;
	rl.rlim_cur = s;
	rl.rlim_max = s + CPU_GRACE_S;
	if (sigaction(SIGXCPU, &action, NULL) != 0 || setrlimit(RLIMIT_CPU, &rl) != 0)
		return FAIL_UNSUPPORTED;
	return 0;
}

int
zygote_lock_in(const struct zygote_limits *limits, int in_fd, int out_fd)
{
	const int keep[] = {0, 1, 2, in_fd, out_fd};
	int r;

	if ((r = harden_close_others(keep, sizeof keep / sizeof keep[0])) != 0 ||
		(r = limit_cpu(limits, in_fd)) != 0 ||
		(r = harden_limit(HARDEN_MEMORY, memory_in_use() + limits->memory_max)) !=
			0)
		return r;
	return sandbox_enter(SANDBOX_UNPACK);
}

/* Take one job off the socket; *ret_len 0: the starter is gone. */
static int
receive(uint8_t *note, size_t *ret_len, int fds[FD_COUNT])
{
	union control control;
	struct iovec iov = {note, ZYGOTE_NOTE_MAX + 1};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes};
	struct cmsghdr *c;
	ssize_t n;

	do {
		n = recvmsg(ZYGOTE_SOCKET, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return FAIL_IO;
	*ret_len = (size_t)n;
	if (n == 0)
		return 0;
	c = CMSG_FIRSTHDR(&msg);
	if (c == NULL || c->cmsg_type != SCM_RIGHTS ||
		c->cmsg_len != CMSG_LEN(FD_COUNT * sizeof(int)))
		return FAIL_FORMAT;
	memcpy(fds, CMSG_DATA(c), FD_COUNT * sizeof(int));
	return 0;
}

static _Noreturn void
run_child(const struct zygote_work *work, const uint8_t *note, size_t len, const int *fds)
{
	int status = ZYGOTE_NO_LOCK;

	(void)close(ZYGOTE_SOCKET);
	if (work->is_unlocked || zygote_lock_in(&work->limits, fds[0], fds[1]) == 0)
		status = work->run(work->arg, fds[0], fds[1], note, len);
	/* No destructors: they belong to the zygote. */
	_exit(status);
}

int
zygote_serve(const struct zygote_work *work)
{
	uint8_t note[ZYGOTE_NOTE_MAX + 1];
	size_t len = 0;
	int r, fds[FD_COUNT] = {-1, -1};

	for (;;) {
		long pid;

		if ((r = receive(note, &len, fds)) != 0 || len == 0)
			return r;
		pid = syscall(
			SYS_clone, (unsigned long)(CLONE_PARENT | SIGCHLD), 0, 0, 0, 0);
		/* The first byte only makes the message non-empty. */
		if (pid == 0)
			run_child(work, note + 1, len - 1, fds);
		(void)close(fds[0]);
		(void)close(fds[1]);
		if (send(ZYGOTE_SOCKET, &pid, sizeof pid, MSG_NOSIGNAL) != sizeof pid)
			return FAIL_CLOSED;
	}
}

int
zygote_start(const char *path, char *const *argv, struct zygote **ret_zygote)
{
	struct zygote *z = NULL;
	struct spawn what = {.path = path, .argv = argv, .fd_count = 4};
	int pair[2] = {-1, -1}, r;

	if ((r = mem_new(&z, sizeof *z)) != 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		r = disk_fail_of(errno);
		goto out;
	}
	what.fds[0] = what.fds[1] = what.fds[2] = -1;
	what.fds[ZYGOTE_SOCKET] = pair[1];
	if ((r = spawn_start(&what, &z->pid)) != 0)
		goto out;
	z->socket = pair[0];
	pair[0] = -1;
	*ret_zygote = z;
	z = NULL;
out:
	disk_close(pair[0]);
	disk_close(pair[1]);
	mem_free(z);
	return r;
}

void
zygote_stop(struct zygote *z)
{
	int status;

	if (z == NULL)
		return;
	disk_close(z->socket);
	/* How it ended matters to nobody; that it is gone does. */
	if (spawn_wait(z->pid, &status) != 0)
		status = 0;
	mem_free(z);
}

int
zygote_job(struct zygote *z, int in_fd, int out_fd, const void *note, size_t note_len,
	pid_t *ret_pid)
{
	union control control = {0};
	const int fds[FD_COUNT] = {in_fd, out_fd};
	uint8_t bytes[ZYGOTE_NOTE_MAX + 1] = {0};
	struct iovec iov = {bytes, 1 + note_len};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	long pid = -1;
	ssize_t n;

	CHECK(note_len <= ZYGOTE_NOTE_MAX);
	if (note_len > 0)
		memcpy(bytes + 1, note, note_len);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(c), fds, sizeof fds);
	do {
		n = sendmsg(z->socket, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return FAIL_CLOSED;
	do {
		n = recv(z->socket, &pid, sizeof pid, 0);
	} while (n < 0 && errno == EINTR);
	if (n != sizeof pid)
		return FAIL_CLOSED;
	if (pid <= 0)
		return FAIL_AGAIN;
	*ret_pid = (pid_t)pid;
	return 0;
}
