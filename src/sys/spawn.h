/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_SPAWN_H
#define SYS_SPAWN_H
/*
 * spawn: start one of our helpers: no shell, no PATH lookup in exec, only the descriptors that
 * are named.
 *
 * Found   beside the running program; in ../libexec/valise from there; in ../<name>/ from there
 *         (a build tree); in a directory of PATH.  The first that may be executed.
 * Errors  FAIL_ABSENT (not found, or exec failed), those of sys/disk.h.
 */
#include <stddef.h>
#include <sys/types.h>

#include "base/fail.h"
#include "sys/disk.h"

MUST int spawn_find(const char *name, char ret_path[DISK_PATH_MAX]);

enum { SPAWN_FDS_MAX = 8 };

struct spawn {
	const char *path;
	char *const *argv; /* ends with NULL */
	char *const *envp; /* NULL: our own environment */
	/* Descriptor i of the child is our fds[i]; -1 means /dev/null.  All others are closed. */
	int fds[SPAWN_FDS_MAX];
	size_t fd_count; /* at least 3 */
};

MUST int spawn_start(const struct spawn *what, pid_t *ret_pid);

/* Wait for its end: exit status, or 128 + signal. */
MUST int spawn_wait(pid_t pid, int *ret_status);

#endif
