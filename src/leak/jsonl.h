/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_JSONL_H
#define LEAK_JSONL_H
/*
 * jsonl: one line of JSON as a document: its `id` and its `body`.
 *
 * Errors  FAIL_FORMAT (no JSON object, or a field is missing, no string, or empty where it
 *         must not be), FAIL_LIMIT (an id longer than SEGMENT_ID_MAX, or not fit for a line).
 */
#include <stddef.h>

#include "base/fail.h"

struct jsonl;

struct jsonl_doc {
	struct jsonl *owner;
	const char *id, *body;
	size_t id_len, body_len;
};

/* *ret_doc is valid until jsonl_done(). */
MUST int jsonl_parse(const char *line, size_t len, struct jsonl_doc *ret_doc);
void jsonl_done(struct jsonl_doc *doc);

#endif
