/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/harden.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file opened as descriptor 2 would receive every message meant for standard error. */
static int
fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return FAIL_UNSUPPORTED;
	} while (fd <= STDERR_FILENO);
	(void)close(fd);
	return 0;
}

int
harden_process(void)
{
	const struct rlimit none = {0, 0};

	if (fill_standard_fds() != 0)
		return FAIL_UNSUPPORTED;
	/* Either of the two stops core dumps; the first also stops ptrace and /proc/<pid>/mem. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		return FAIL_UNSUPPORTED;
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return FAIL_UNSUPPORTED;
	(void)umask(077);
	return 0;
}

int
harden_no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? FAIL_UNSUPPORTED : 0;
}

/* The lowest kept descriptor >= from; false when there is none. */
static bool
next_kept(const int *keep, size_t count, unsigned from, unsigned *ret_fd)
{
	bool is_found = false;

	for (size_t i = 0; i < count; i++) {
		unsigned fd = (unsigned)keep[i];

		if (keep[i] < 0 || fd < from || (is_found && fd >= *ret_fd))
			continue;
		*ret_fd = fd;
		is_found = true;
	}
	return is_found;
}

int
harden_close_others(const int *keep, size_t count)
{
	unsigned from = 0, fd = 0;

	while (next_kept(keep, count, from, &fd)) {
		if (fd > from && close_range(from, fd - 1, 0) != 0)
			return FAIL_UNSUPPORTED;
		from = fd + 1;
	}
	return close_range(from, UINT_MAX, 0) != 0 ? FAIL_UNSUPPORTED : 0;
}

int
harden_limit(enum harden_limit what, uint64_t value)
{
	static const int resources[] = {
		[HARDEN_CPU_S] = RLIMIT_CPU,
		[HARDEN_MEMORY] = RLIMIT_AS,
		[HARDEN_DESCRIPTORS] = RLIMIT_NOFILE,
		[HARDEN_FILE_SIZE] = RLIMIT_FSIZE,
		[HARDEN_PROCESSES] = RLIMIT_NPROC,
	};
	struct rlimit limit;
	int resource = resources[what];

	if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
		return FAIL_UNSUPPORTED;
	if (limit.rlim_max > value)
		limit.rlim_max = value;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	if (setrlimit((__rlimit_resource_t)resource, &limit) != 0)
		return FAIL_UNSUPPORTED;
	return 0;
}
