/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_PAPERS_H
#define TOOLS_PAPERS_H
/*
 * papers: the heavy lifting of ./demo, in one process instead of thousands.
 *
 *   papers cables FILE DIR COUNT    the "body" of each JSON line, as DIR/00001.txt ...
 *   papers alter IN OUT             a copy of each file of IN with one bit turned over
 *   papers truncate IN OUT          a copy of each file of IN with its end missing
 *   papers compare IN OUT           how many files of IN stand in OUT with the same bytes
 *
 * FILE may be compressed with zstd.  Each verb prints the number of files it dealt with.
 * Where a copy is altered or cut depends on the file's place in the order of names only, so
 * that a second run does the same; over many files every region of an envelope is met.
 */
#include <stddef.h>

#include "base/fail.h"

enum {
	PAPERS_LINE_MAX = 64 << 20, /* one JSON line */
	PAPERS_PATH_MAX = 4096,
};

/* Write the bodies of at most count_max lines; FAIL_FORMAT names no line: see stderr. */
MUST int papers_cables(
	const char *file, const char *dir, size_t count_max, size_t *ret_count);

/* "dir/name"; FAIL_LIMIT when it is too long. */
MUST int papers_path(const char *dir, const char *name, char ret_path[PAPERS_PATH_MAX]);

#endif
