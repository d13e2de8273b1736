/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_LANDLOCK_H
#define SYS_LANDLOCK_H
/*
 * landlock: paths that a process may still use, and the network; for sys/sandbox.c.
 *
 * Everything that the kernel can deny is denied, but for what stands here: below each of dirs,
 * files and directories may be read, written, made and removed (not executed, no devices,
 * sockets or links); with has_network TCP is left alone (the kernel denies it at ABI >= 4).
 *
 * Errors  FAIL_UNSUPPORTED: no Landlock, or a directory cannot be opened.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

enum { LANDLOCK_DIRS_MAX = 4 };

struct landlock_plan {
	const char *const *dirs;
	size_t dirs_count;
	bool has_network;
};

/* The kernel's ABI; 0 when it has none. */
int landlock_abi(void);

/* Needs no_new_privs. */
MUST int landlock_enter(const struct landlock_plan *plan);

#endif
