/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RED_REBUILD_H
#define TESTS_RED_REBUILD_H
/*
 * rebuild: an attacker who tries to get text back out of an index or of sparse sets.
 *
 * He holds every key that lies with what he stole, and the last words before the unknown
 * passage.  He continues word by word (beam search): a hypothesis costs what his model of the
 * language says, and gains what the stolen thing says about each gram that becomes complete.
 * The model is the very one from which the texts were drawn: no model of a natural language,
 * however large, fits as well, so what he gets is an upper bound for texts of this entropy.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rd.h"
#include "leak/index.h"
#include "leak/sparse.h"

enum {
	REBUILD_SETS_MAX = 3,
	REBUILD_WORDS = 1024,
	REBUILD_BEAM = 400,
	REBUILD_FAN = 32,
	REBUILD_MAX = 320
};

/* A language: words, and which of them may follow which, at what cost. */
struct language {
	char word[REBUILD_WORDS][16];
	uint16_t follower[REBUILD_WORDS][REBUILD_FAN];
	float cost[REBUILD_FAN]; /* bits, of the i-th follower of any word */
};

/* What was stolen; nothing at all is the comparison. */
struct loot {
	const struct index *dense;
	const struct sparse *set[REBUILD_SETS_MAX];
	size_t sets;
};

/*
 * Continue `known` (folded characters that end after the word `last`) by `unknown` characters.
 * *ret_right: how many of them stand in runs of REBUILD_RUN or more in `all`, the joined text of
 * all documents, which is used for counting only.  It need not be the document at hand: what
 * comes back of another one is lost as well.
 */
enum { REBUILD_RUN = 30 };

struct rebuild_task {
	uint16_t last;
	size_t unknown;
	struct rd known, all;
};

MUST int rebuild(const struct language *l, const struct loot *loot,
	const struct rebuild_task *task, size_t *ret_right);

#endif
