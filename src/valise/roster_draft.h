/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_ROSTER_DRAFT_H
#define VALISE_ROSTER_DRAFT_H
/*
 * roster_draft: `roster new`, `roster add` and `roster amend`: make a roster and sign it with
 * the own enrol key, the first of its signatures.  Both report.
 */
#include "valise/exchange.h"

MUST int roster_draft_new(const struct args *args);
MUST int roster_draft_next(const struct args *args);

/* The number of our enrol key in that roster, and our entry; FAIL_ABSENT. */
MUST int roster_draft_own(const struct roster *roster, const struct own_officer *officer,
	struct note_key *ret_key);

#endif
