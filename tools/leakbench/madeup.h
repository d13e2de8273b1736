/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_LEAKBENCH_MADEUP_H
#define TOOLS_LEAKBENCH_MADEUP_H
/*
 * madeup: a segment of made-up grams in memory: sorted random hashes, so that any number of
 * documents is registered in seconds.  What it holds occurs in no text but by chance.
 */
#include "leak/index.h"

struct madeup {
	struct segment segment;
	uint8_t *bytes;
};

/* grams in all, shared evenly among the documents. */
MUST int madeup_make(uint64_t grams, uint32_t docs, const struct gram_key *key,
	struct madeup *ret_madeup);
void madeup_free(struct madeup *m);

#endif
