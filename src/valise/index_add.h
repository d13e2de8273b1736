/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INDEX_ADD_H
#define VALISE_INDEX_ADD_H
/*
 * index_add: register documents in an index, and remove them.
 *
 * A document whose id is there with the same text stays; with another text it is replaced:
 * the new one counts and the old one stops in the same commit.  Every INDEX_ADD_GRAMS_MAX
 * grams are committed, so that memory is bounded and a run that was killed goes on where it
 * was: what is registered already is unchanged.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "store/indexdir.h"
#include "valise/index_input.h"

enum { INDEX_ADD_GRAMS_MAX = 8 * 1000 * 1000 }; /* 128 MB, and as much while sorting */

struct index_add_result {
	uint64_t added, replaced, unchanged, skipped, bytes;
};

/* One document after another into an index that is open for writing. */
struct index_adder;

MUST int index_adder_new(struct indexdir *d, struct index_adder **ret_adder);
void index_adder_free(struct index_adder *a);
MUST int index_adder_add(struct index_adder *a, const struct index_input_doc *doc);

/* Make what was added so far durable; nothing added is fine. */
MUST int index_adder_commit(struct index_adder *a);
const struct index_add_result *index_adder_result(const struct index_adder *a);

/* *ret_object is what was being worked on when it failed. */
MUST int index_add_all(struct indexdir *d, char *const *paths, size_t count,
	struct index_add_result *ret_result, const char **ret_object);

/* FAIL_ABSENT, and *ret_missing, when one is not there: then none is removed. */
MUST int index_remove_ids(
	struct indexdir *d, char *const *ids, size_t count, const char **ret_missing);

#endif
