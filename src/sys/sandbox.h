/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_SANDBOX_H
#define SYS_SANDBOX_H
/*
 * sandbox: a process locks itself in, for good, before it reads a byte from outside.
 *
 * Two locks, both needed:
 *   Landlock  (ABI >= 1) no path of the file system at all; at ABI >= 4 no TCP; at ABI >= 6 no
 *             signals to, and no abstract sockets of, processes outside.
 *   seccomp   an allow-list of system calls per profile (the table in sandbox.c); whatever is
 *             not in it kills the process.  Memory never becomes executable.
 *
 * Enter before the first thread is started, with everything open that will be used.
 *
 *   SANDBOX_AGENT   poll, accept on the open listening socket, read, write, memory, exit
 *   SANDBOX_UNPACK  read, write and seek on open descriptors, memory, exit; the libraries in it
 *                   that try to open a file are refused (EACCES) instead of killed
 *
 *   SANDBOX_FRONT   a loop, TCP to and from anywhere, name servers; no file, no other socket
 *   SANDBOX_STORE   a loop, files below one directory; no socket call at all
 *   SANDBOX_CUSTODY the same below one or two directories
 *
 * Errors  FAIL_UNSUPPORTED: the kernel lacks a lock.  Whoever gets it must not go on.
 */
#include <stddef.h>

#include "base/fail.h"

enum sandbox_profile {
	SANDBOX_AGENT,
	SANDBOX_UNPACK,
	SANDBOX_FRONT,
	SANDBOX_STORE,
	SANDBOX_CUSTODY,
};

/* Also sets no_new_privs. */
MUST int sandbox_enter(enum sandbox_profile profile);

/* The same, for roles that keep files: what lies below dirs stays theirs (sys/landlock.h). */
MUST int sandbox_enter_below(
	enum sandbox_profile profile, const char *const *dirs, size_t dirs_count);

/* The kernel's Landlock ABI; 0 when it has none. */
int sandbox_landlock_abi(void);

#endif
