/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_LEAKBENCH_CORPUS_H
#define TOOLS_LEAKBENCH_CORPUS_H
/*
 * corpus: documents with id and body out of a .jsonl or .jsonl.zst file, held in memory.
 */
#include <stddef.h>

#include "base/fail.h"

struct corpus_doc {
	char *id, *body;
	size_t id_len, body_len;
};

struct corpus {
	struct corpus_doc *doc;
	size_t count, cap;
	size_t bytes; /* of all bodies */
};

MUST int corpus_read(const char *path, size_t max, struct corpus *ret_corpus);
void corpus_done(struct corpus *c);

#endif
