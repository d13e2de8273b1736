/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SCAN_RUN_H
#define VALISE_SCAN_RUN_H
/*
 * scan_run: many files, several threads, one order of output.
 *
 * Each thread takes the next file; its lines wait until those of all files before it are
 * printed.  At most SCAN_RUN_AHEAD files are ahead of the printing, so that one slow file
 * bounds memory and not the other way round.
 *
 * Shards  i of n: a run of neighbouring files with about 1/n of the bytes.  The shards' lines,
 *         in the order of i, are the lines of one whole run.
 * Resume  the names of printed files are appended to a file; a later run passes over the files
 *         that are named there.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "valise/scan_find.h"
#include "valise/walk.h"

enum { SCAN_RUN_AHEAD = 64 };

struct scan_run_config {
	struct scan_config find;
	size_t threads;
	const char *resume; /* NULL: none */
	bool is_quiet;
};

/* Keep the files of shard `at` (from 1) of `count`: [*ret_from, *ret_to). */
void scan_run_shard(const struct walk *files, size_t at, size_t count, size_t *ret_from,
	size_t *ret_to);

/* Print lines for files[from, to) on stdout. */
MUST int scan_run(const struct scan_run_config *config, const struct walk *files,
	size_t from, size_t to, struct scan_counts *ret_counts);

#endif
