/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_PROGRESS_H
#define SYS_PROGRESS_H
/*
 * progress: one line on standard error for work that takes over a second.
 *
 *   Sealing report.pdf   42 %  430 MiB of 1.0 GiB, 512 MiB/s, 1 s left
 *
 * Drawn on a terminal only, at most five times a second, first after one second, and wiped at
 * the end.  Any thread may add.  Failing to draw is never an error.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct progress;

/* total 0 = unknown.  is_quiet draws nothing.  `what` is copied (cut to 60 characters). */
MUST int progress_new(
	const char *what, uint64_t total, bool is_quiet, struct progress **ret_progress);
void progress_free(struct progress *p);

/* NULL is fine. */
void progress_add(struct progress *p, uint64_t bytes);

#endif
