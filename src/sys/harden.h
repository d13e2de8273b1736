/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_HARDEN_H
#define SYS_HARDEN_H
/*
 * harden: what every process of Valise does first, and what a role does before it locks itself
 * in (sys/sandbox.h).
 *
 * harden_process()  no core dumps (RLIMIT_CORE 0) and not dumpable, so that neither a crash nor
 *                   another process of the same user reads keys from memory; umask 077; SIGPIPE
 *                   ignored, so that a broken pipe is an error we can report; descriptors 0 to
 *                   2 open (on /dev/null), so that no file of ours becomes "standard error".
 * Errors            FAIL_UNSUPPORTED: the system refused a step.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

MUST int harden_process(void);

/* Nothing that this process starts gains privileges (needed before Landlock and seccomp). */
MUST int harden_no_new_privs(void);

/* Close every descriptor that is not in keep[0..count). */
MUST int harden_close_others(const int *keep, size_t count);

enum harden_limit {
	HARDEN_CPU_S,	    /* RLIMIT_CPU, seconds */
	HARDEN_MEMORY,	    /* RLIMIT_AS, bytes */
	HARDEN_DESCRIPTORS, /* RLIMIT_NOFILE */
	HARDEN_FILE_SIZE,   /* RLIMIT_FSIZE, bytes */
	HARDEN_PROCESSES,   /* RLIMIT_NPROC; counts those of the whole user */
};

/* Lower a limit for good, soft and hard; one that is lower already stays. */
MUST int harden_limit(enum harden_limit what, uint64_t value);

#endif
