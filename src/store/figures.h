/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_FIGURES_H
#define STORE_FIGURES_H
/*
 * figures: what the rows of a station can be counted for: `valise status` and /metrics.
 *
 * Each number is read along an index of what is still to be done, so that counting costs no
 * more with a million documents than with one.
 *
 * Errors  store/db.h.
 */
#include "store/db.h"

struct figures_documents {
	uint64_t all;	   /* ever registered here */
	uint64_t arriving; /* chunks are missing */
	uint64_t sealing;  /* custody is to make SEND */
	uint64_t keeping;  /* custodians are to answer */
	uint64_t clocks;   /* addressees whose time runs */
};

MUST int figures_count(struct db *db, struct figures_documents *ret_figures);

/* What waits for a member. */
MUST int figures_queue(struct db *db, struct rd member, uint64_t *ret_count);

#endif
