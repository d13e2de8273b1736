/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_HELPER_H
#define VALISE_UNPACK_HELPER_H
/*
 * helper: what the three programs valise-unpack, valise-unpack-pdf and valise-unpack-ocr have in
 * common: options, limits, the locks, serving (sys/zygote.h), and one job on their own.
 *
 *   --serve            take jobs from descriptor 3 until it is closed
 *   --text             (one job) print what people can read instead of records
 *   --name=NAME        (one job) the input's name, as a hint
 *   --depth=N --members=N --unpacked=BYTES --ratio=N --memory=BYTES --cpu=SECONDS --load=BYTES
 *   --no-pdf --no-ocr  (one job) hand out no blobs of these kinds
 *
 * One job reads descriptor 0 and writes descriptor 1.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "valise-unpack/emit.h"
#include "valise-unpack/walk.h"

struct helper_job {
	int in_fd;
	struct emit *emit;
	struct walk_limits limits;
	const volatile sig_atomic_t *is_time_up;
	const char *name; /* a hint, may be empty */
};

struct helper {
	const char *name;
	uint64_t memory_max; /* at least this much for a child, whatever --memory says */
	/* Load what cannot be loaded once locked in; before any input. */
	MUST int (*prepare)(void);
	/* Say hello, examine, say the total. */
	MUST int (*run)(const struct helper_job *job);
};

/* The whole main(): returns the exit status. */
int helper_main(int argc, char **argv, const struct helper *helper);

#endif
