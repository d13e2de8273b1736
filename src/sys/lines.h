/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_LINES_H
#define SYS_LINES_H
/*
 * lines: a text file line by line, unpacked on the way when it is zstd (told by its content).
 *
 * Limits  LINES_MAX bytes in a line: FAIL_LIMIT.  The window of a zstd stream <= 128 MiB.
 * Errors  those of sys/disk.h; FAIL_FORMAT for a damaged, FAIL_TRUNCATED for a cut stream.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

enum { LINES_MAX = 64 * 1024 * 1024 };

struct lines;

/* "-" is the standard input. */
MUST int lines_new(const char *path, struct lines **ret_lines);
void lines_free(struct lines *l);

/*
 * The next line without its newline; ret_line is NULL at the end of the file.  It is the
 * reader's memory and lasts until the next call.
 */
MUST int lines_next(struct lines *l, const char **ret_line, size_t *ret_len);

#endif
