/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SPARSE_CHOOSE_H
#define LEAK_SPARSE_CHOOSE_H
/*
 * sparse_choose: which grams of an index may leave home.
 *
 * In this order; the first two depend on the document and the home's secret alone, so that
 * no later set shows a position that an earlier one did not:
 *
 *   selected   sparse_is_selected(): one gram in many, by a secret of the index
 *   capped     of one document at most density x characters, the first in the order of
 *              selection; a text of fewer than SPARSE_DOC_CHARS_MIN characters gives none
 *   unique     the gram stands once in one living document, and nowhere else in the index
 *   clear      of the registered grams that begin at most SPARSE_NEAR characters before or
 *              after it, at most one in SPARSE_COMMON_SHARE stands in another document, too
 *
 * "Clear" is what keeps the unknown field of a form letter at home: the grams over a name or
 * figure are unique, but all around them is the form.  For a field of up to SPARSE_FIELD
 * characters nothing leaves that touches it, when the form is registered twice or more.
 *
 * Memory  two bits for each character of the index, 16 bytes for each selected gram.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/index.h"
#include "leak/sparse.h"

enum {
	SPARSE_DOC_CHARS_MIN = 400,
	SPARSE_NEAR = 120,
	SPARSE_COMMON_SHARE = 3, /* a third */
	SPARSE_FIELD = 100,
};

struct sparse_chosen {
	uint64_t *hash; /* ascending, different */
	size_t count;
	/* What was looked at, and why grams stay. */
	uint64_t docs, docs_short, docs_mute; /* mute: long enough, and none leaves */
	uint64_t chars;			      /* of the documents that are long enough */
	uint64_t selected, over_cap, common, unclear;
	uint32_t worst_ppm; /* grams per million characters in the densest document */
};

MUST int sparse_choose(const struct index *index, const struct sparse_select *select,
	struct sparse_chosen *ret_chosen);
void sparse_chosen_done(struct sparse_chosen *c);

#endif
