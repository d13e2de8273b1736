/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_ZYGOTE_H
#define SYS_ZYGOTE_H
/*
 * zygote: a helper that is started once and forked for each job.
 *
 * Why      loading libraries and language models takes 10 to 300 ms, forking a process that
 *          has them takes less than one; and each job still has a process of its own, which
 *          nothing of an earlier job can have touched.
 * Sides    the starter sends a job (two descriptors and a few bytes) over a socket pair; the
 *          zygote forks and answers with the child's pid.  The child is made the starter's own
 *          child (CLONE_PARENT): the starter waits for it, and kills it, without asking.
 * Job      descriptor to read, descriptor to write, up to ZYGOTE_NOTE_MAX bytes of note.
 * Child    has these two descriptors and /dev/null as 0 to 2, its limits, both locks
 *          (SANDBOX_UNPACK), and then runs work().
 *          One that cannot lock itself in reads nothing and ends with ZYGOTE_NO_LOCK.
 * Ends     the zygote ends when the starter's side of the socket is closed.
 * Threads  zygote_job() may be called by one thread at a time.
 */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fail.h"

enum {
	ZYGOTE_NOTE_MAX = 1024,
	ZYGOTE_SOCKET = 3,
	ZYGOTE_NO_LOCK = 90, /* exit status of a child that could not lock itself in */
};

struct zygote_limits {
	uint64_t memory_max; /* RLIMIT_AS on top of what the zygote has */
	uint64_t cpu_s;	     /* then zygote_is_time_up, and 5 seconds later death */
	uint64_t
		cpu_bytes; /* one more second for each so many bytes of the input; 0: none */
};

struct zygote_work {
	struct zygote_limits limits;
	bool is_unlocked; /* tests only: a child that behaves as no locked-in one can */
	/* The exit status of the child. */
	int (*run)(
		void *arg, int in_fd, int out_fd, const uint8_t *note, size_t note_len);
	void *arg;
};

/* In the child: has SIGXCPU come? */
extern volatile sig_atomic_t zygote_is_time_up;

/* The zygote's side, on descriptor ZYGOTE_SOCKET.  Returns when the starter is gone. */
MUST int zygote_serve(const struct zygote_work *work);

/* What a child does before it reads its input; for programs that run one job without serve. */
MUST int zygote_lock_in(const struct zygote_limits *limits, int in_fd, int out_fd);

/* The starter's side: run the program at path with --serve and these further arguments. */
struct zygote;

MUST int zygote_start(const char *path, char *const *argv, struct zygote **ret_zygote);
void zygote_stop(struct zygote *z);

/* FAIL_CLOSED when the zygote has died. */
MUST int zygote_job(struct zygote *z, int in_fd, int out_fd, const void *note,
	size_t note_len, pid_t *ret_pid);

#endif
