/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Between fork and exec only async-signal-safe calls: the parent may have threads.  A failed
 * exec is told through a pipe that a successful one closes.
 */

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static bool
try_path(const char *dir, size_t dir_len, const char *between, const char *name,
	char ret_path[DISK_PATH_MAX])
{
	int n = snprintf(
		ret_path, DISK_PATH_MAX, "%.*s%s/%s", (int)dir_len, dir, between, name);

	return n > 0 && n < DISK_PATH_MAX && is_program(ret_path);
}

static bool
find_beside(const char *name, char ret_path[DISK_PATH_MAX])
{
	char self[DISK_PATH_MAX], tree[NAME_MAX + 8];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;
	size_t dir;
	int n;

	if (len <= 0)
		return false;
	self[len] = '\0';
	if ((slash = strrchr(self, '/')) == NULL)
		return false;
	dir = (size_t)(slash - self);
	n = snprintf(tree, sizeof tree, "/../%s", name);
	if (n < 0 || (size_t)n >= sizeof tree)
		return false;
	return try_path(self, dir, "", name, ret_path) ||
		try_path(self, dir, "/../libexec/valise", name, ret_path) ||
		try_path(self, dir, tree, name, ret_path);
}

static bool
find_on_path(const char *name, char ret_path[DISK_PATH_MAX])
{
	const char *at = getenv("PATH");

	while (at != NULL && *at != '\0') {
		size_t len = strcspn(at, ":");

		/* A relative entry would run what lies in a directory somebody else filled. */
		if (at[0] == '/' && len < DISK_PATH_MAX &&
			try_path(at, len, "", name, ret_path))
			return true;
		at += len + (at[len] == ':');
	}
	return false;
}

int
spawn_find(const char *name, char ret_path[DISK_PATH_MAX])
{
	char path[DISK_PATH_MAX];

	if (strchr(name, '/') != NULL)
		return FAIL_USAGE;
	if (!find_beside(name, path) && !find_on_path(name, path))
		return FAIL_ABSENT;
	memcpy(ret_path, path, sizeof path);
	return 0;
}

/* Put the descriptors in their places.  They are moved up first, out of each other's way. */
static bool
place_fds(const struct spawn *what, int *report_fd)
{
	int up[SPAWN_FDS_MAX];

	if ((*report_fd = fcntl(*report_fd, F_DUPFD_CLOEXEC, 2 * SPAWN_FDS_MAX)) < 0)
		return false;
	for (size_t i = 0; i < what->fd_count; i++) {
		int from = what->fds[i];

		if (from < 0)
			from = open("/dev/null", O_RDWR | O_CLOEXEC);
		if ((up[i] = fcntl(from, F_DUPFD_CLOEXEC, 2 * SPAWN_FDS_MAX)) < 0)
			return false;
	}
	for (size_t i = 0; i < what->fd_count; i++)
		if (dup2(up[i], (int)i) < 0)
			return false;
	return close_range((unsigned)what->fd_count, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0;
}

_Noreturn static void
become(const struct spawn *what, int report_fd)
{
	sigset_t none;
	int error_number;

	/* Ignored signals and masks survive exec; the helper shall begin with neither. */
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (place_fds(what, &report_fd))
		(void)execve(what->path, what->argv,
			what->envp != NULL ? what->envp : environ);
	error_number = errno;
	if (write(report_fd, &error_number, sizeof error_number) < 0)
		_exit(126);
	_exit(127);
}

int
spawn_start(const struct spawn *what, pid_t *ret_pid)
{
	int report[2], error_number = 0, status;
	size_t len = 0;
	pid_t pid;
	int r;

	CHECK(what->fd_count >= 3 && what->fd_count <= SPAWN_FDS_MAX);
	if (pipe2(report, O_CLOEXEC) != 0)
		return disk_fail_of(errno);
	pid = fork();
	if (pid == 0)
		become(what, report[1]);
	r = pid < 0 ? FAIL_AGAIN : 0;
	disk_close(report[1]);
	if (r == 0)
		r = disk_read(report[0], &error_number, sizeof error_number, &len);
	disk_close(report[0]);
	if (r == 0 && len == sizeof error_number)
		r = disk_fail_of(error_number);
	if (r != 0) {
		if (pid > 0 && spawn_wait(pid, &status) != 0)
			return FAIL_IO;
		return r;
	}
	*ret_pid = pid;
	return 0;
}

int
spawn_wait(pid_t pid, int *ret_status)
{
	int status;
	pid_t n;

	do
		n = waitpid(pid, &status, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return FAIL_ABSENT;
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}
