/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SPARSE_BUILD_H
#define LEAK_SPARSE_BUILD_H
/*
 * sparse_build: a set for one ally and epoch, out of an index and its ledger.
 *
 * Members  the grams that may leave (leak/sparse_choose.h); decoys, a fifth to a quarter of
 *          the set, how many exactly being secret, so that the number of members tells
 *          neither how much we have nor how much was added; SPARSE_CANARIES of the ally's own.
 * Same     index, ledger, ally, epoch and time give the same bytes.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "leak/index.h"
#include "leak/sparse_choose.h"
#include "leak/sparse_ledger.h"

enum {
	SPARSE_CANARIES = 32,
	SPARSE_DECOYS_MIN = 64,
	SPARSE_DECOYS_PERCENT = 26, /* of the real ones: 20.6 % of what is in the set */
	SPARSE_DECOYS_SPREAD = 8,   /* and up to so many percent more */
};

struct sparse_request {
	const char *ally;
	uint32_t epoch;
	uint64_t made_s;
};

struct sparse_built {
	struct sparse_chosen chosen; /* its hashes are gone */
	uint32_t decoys, canaries, members;
};

/* Append the set to `out`. */
MUST int sparse_build(const struct index *index, const struct sparse_ledger *ledger,
	const struct sparse_request *request, struct buf *out,
	struct sparse_built *ret_built);

#endif
