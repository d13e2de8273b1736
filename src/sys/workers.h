/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_WORKERS_H
#define SYS_WORKERS_H
/*
 * workers: a few threads that run one function.
 *
 * Signals are blocked in the threads, so that only the main thread is interrupted.
 * Limits  1..WORKERS_MAX threads.  Errors  FAIL_LIMIT, FAIL_NOMEM, FAIL_AGAIN.
 */
#include <stddef.h>

#include "base/fail.h"

enum { WORKERS_MAX = 64 };

struct workers;

/* Processors this process may use (1..WORKERS_MAX). */
size_t workers_cpu_count(void);

/* Start count threads; number i (0..count-1) runs run(arg, i). */
MUST int workers_start(size_t count, int (*run)(void *arg, size_t i), void *arg,
	struct workers **ret_workers);

/* Wait for all and free: 0, or the failure of the lowest-numbered thread that failed. */
MUST int workers_join(struct workers *w);

/* Both at once.  With count 1 no thread is started. */
MUST int workers_run(size_t count, int (*run)(void *arg, size_t i), void *arg);

#endif
