/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PART_TEXT_H
#define VALISE_PART_TEXT_H
/*
 * part_text: all text that valise-unpack finds in one file, as one document.
 *
 * Members of a file are joined with an empty line: a mail and its attachment are one document,
 * and no gram runs from one into the other for more than a few characters.
 */
#include "base/buf.h"
#include "sys/unpacker.h"

struct part_text {
	struct buf *text; /* appended to; its max bounds the document (FAIL_LIMIT) */
	/* Called for what could not be read, wholly or in part. */
	void (*skipped)(void *arg, const char *why);
	void *arg;
};

/* Read fd under this name; the descriptor stays the caller's. */
MUST int part_text_take(
	struct part_text *part, struct unpacker *unpacker, int fd, const char *name);

#endif
