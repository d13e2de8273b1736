/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_MATCH_H
#define LEAK_MATCH_H
/*
 * match: one text against an index: which documents occur in it, and where.
 *
 *   match_new() -> ( match_begin() -> match_feed()* -> match_end() )* -> match_free()
 *
 * A text may come in pieces, so that one of any length takes bounded memory.  Each piece
 * begins with the last MATCH_OVERLAP bytes of the one before (all of it when shorter).
 *
 * Passes  dense   every gram is looked up: guarantees 31 characters
 *         scout   one gram in eight is looked up; where one is found that a neighbour bears
 *                 out, the blocks of 32 KiB around it are looked at densely.  About twice as fast; a passage with n grams
 *                 is missed with probability (7/8)^n, so this is for big texts that people
 *                 choose to sweep.
 * Bounds  hits are chained at the end of a piece, or when MATCH_HITS_MAX of them wait; a gram found in more
 *         than MATCH_POSTINGS_MAX places of the index is template text.
 * Result  the same for every path, number of threads and cut into pieces (but for passages at
 *         a cut, which may be told as two).
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/chain.h"
#include "leak/index.h"
#include "leak/normal.h"

enum {
	MATCH_OVERLAP = 4096,
	MATCH_HITS_MAX = 1 << 18,
	MATCH_POSTINGS_MAX = 64,
};

enum match_pass {
	MATCH_DENSE = 0,
	MATCH_SCOUT = 1,
};

struct match;

MUST int match_new(const struct index *index, const struct normal *n, enum cpu_kind cpu,
	struct match **ret_match);
void match_free(struct match *m);

void match_begin(struct match *m, enum match_pass pass);

/* The next piece, shorter than 4 GiB. */
MUST int match_feed(struct match *m, const uint8_t *text, size_t len);

/* What was found since match_begin(); the caller owns nothing, and it lasts until the next. */
MUST int match_end(struct match *m, const struct chain_result **ret_result);

/* Characters of the text so far. */
uint64_t match_chars(const struct match *m);

#endif
