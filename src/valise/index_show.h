/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INDEX_SHOW_H
#define VALISE_INDEX_SHOW_H
/*
 * index_show: what an index holds, and what its theft would give away.
 */
#include <stdbool.h>

#include "base/fail.h"
#include "store/indexdir.h"

/* One document a line: id, bytes, characters, grams. */
MUST int index_show_list(const struct indexdir *d, bool is_json);

MUST int index_show_stats(const struct indexdir *d, bool is_json);

#endif
