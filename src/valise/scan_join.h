/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SCAN_JOIN_H
#define VALISE_SCAN_JOIN_H
/*
 * scan_join: the outputs of several shards (--json) as the output of one run.
 *
 * Lines are passed on as they are, in the order of the files; their summaries become one.  The
 * outputs of shards 1/n to n/n, in that order, give the bytes of the whole run.
 *
 * Errors  those of sys/lines.h; FAIL_TRUNCATED: a file does not end with its summary, so the
 *         shard was cut off; FAIL_FORMAT: it has none of this form.
 */
#include "base/fail.h"
#include "valise/scan_out.h"

/* Print the lines of one file and add its summary. */
MUST int scan_join_file(const char *path, struct scan_counts *counts);

#endif
