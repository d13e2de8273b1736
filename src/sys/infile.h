/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_INFILE_H
#define SYS_INFILE_H
/*
 * infile: an input: a regular file, a pipe, or "-" for the standard input.
 *
 * Of a regular file it remembers device, inode, size and both times (in nanoseconds) from the
 * moment of opening; infile_check_unchanged() compares them, so that a file which somebody
 * writes to while it is sealed does not become a mixture with a signature on it.
 *
 * Errors  those of sys/disk.h; FAIL_USAGE for a directory; FAIL_CHANGED.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct infile;

MUST int infile_new(const char *path, struct infile **ret_file);
void infile_free(struct infile *in);

/* Does it have a size that is known beforehand?  ret_size may be NULL. */
bool infile_has_size(const struct infile *in, uint64_t *ret_size);

/* Fill len bytes; *ret_len < len means that the input has ended. */
MUST int infile_read(struct infile *in, void *ptr, size_t len, size_t *ret_len);

/* The same at an offset, for regular files only; several threads may at once. */
MUST int infile_read_at(
	struct infile *in, void *ptr, size_t len, uint64_t offset, size_t *ret_len);

/* 0, or FAIL_CHANGED when a regular file is not what it was.  A pipe is never changed. */
MUST int infile_check_unchanged(const struct infile *in);

#endif
