/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INDEX_INPUT_H
#define VALISE_INDEX_INPUT_H
/*
 * index_input: documents to be registered, out of files, folders, .jsonl and .jsonl.zst.
 *
 * A line of .jsonl (also packed with zstd) is a document with `id` and `body`.  Any other file
 * is one document: its id is its name, relative to the folder that was given; its text is what
 * valise-unpack finds in it.  A file of which not everything could be read is registered with
 * what could, and told about.
 *
 * Limits  INDEX_INPUT_TEXT_MAX bytes of text in a document: FAIL_LIMIT.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum { INDEX_INPUT_TEXT_MAX = 512 * 1024 * 1024 };

struct index_input_doc {
	const char *id;
	size_t id_len;
	const uint8_t *text;
	size_t len;
};

struct index_input {
	/* Called for each document; a failure ends the run. */
	int (*doc)(void *arg, const struct index_input_doc *doc);
	/* Called for what could not be read, wholly or in part; `line` 0: not a line. */
	void (*skipped)(void *arg, const char *name, uint64_t line, const char *why);
	void *arg;
};

/* Take one operand of the command line. */
MUST int index_input_take(const struct index_input *in, const char *path);

#endif
