/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_WALK_H
#define VALISE_WALK_H
/*
 * walk: the files under a path, in one fixed order.
 *
 * Sorted by the bytes of their path, so that every run and every machine sees the same order.
 * Symbolic links are not followed; what is no regular file is listed with a reason, so that a
 * scan can say that it did not look.
 *
 * Names  `path` opens the file.  `name` is what is reported: relative to the folder that was
 *        asked for, in the spelling of wire/unpack.h (a `!` or a control character is %XX).
 * Limits WALK_FILES_MAX files: FAIL_LIMIT.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum { WALK_FILES_MAX = 50 * 1000 * 1000 };

struct walk_file {
	char *path;
	char *name;
	uint64_t size;
	const char *skipped; /* NULL, or why it cannot be read: "symbolic link" ... */
};

struct walk {
	struct walk_file *file;
	size_t count, cap;
	uint64_t bytes;
};

/* Append what lies under path (or path itself, when it is a file; "-" stays "-"). */
MUST int walk_add(struct walk *t, const char *path);
void walk_done(struct walk *t);

#endif
