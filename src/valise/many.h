/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_MANY_H
#define VALISE_MANY_H
/*
 * many: one verb over many files into one directory (--out-dir DIR FILE...).
 *
 * Files are worked on by as many threads as there are processors, each file by one; outputs
 * become durable and get their names in groups (sys/outfile.h).  A file that does not verify is
 * reported and passed over, and the exit status is 3 at the end.  Any other failure stops the
 * rest: it is reported, files whose group was complete stay, the others leave nothing.
 *
 * With --json one line for each file that was done, in the order of the command line.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "crypto/hash.h"
#include "envelope/core.h"
#include "sys/outfile.h"
#include "valise/args.h"

enum { MANY_NAME_MAX = 256 };

struct many_result {
	bool is_done;
	uint64_t bytes;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
};

struct many {
	const struct args *args;
	const char *done; /* "sealed": for the summary */
	/* The output's file name for an input; FAIL_LIMIT when it would be too long. */
	int (*name_of)(const char *path, char ret_name[MANY_NAME_MAX]);
	/* One file; an exit status, failures reported. */
	int (*run)(void *ctx, const char *path, struct outfile *out,
		struct many_result *ret_result);
	void *ctx;
};

/* An exit status. */
MUST int many_run(const struct many *many);

#endif
