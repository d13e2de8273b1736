/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_CUSTODIANS_H
#define MEMBER_CUSTODIANS_H
/*
 * custodians: which other members keep the shares of a document's key, and how many open it.
 *
 *   members m   1    2, 3   4..6   7 and more
 *   t           -    1      2      3             n = min(m - 1, t + 2, 16)
 *
 * A rule of the roster for the document's class may ask more, never less: t is the larger of
 * the two, n the larger of n and the rule's, at most m - 1 and at least t.
 *
 * Who     addressed members first, then the others; both in roster order, beginning at
 *         SHA-256(document id) mod m (the hash as one big-endian number), round and round.
 * Errors  FAIL_ABSENT   one member alone: there is no custodian yet
 *         FAIL_REFUSED  the rule asks more custodians than there are other members
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "member/roster.h"

enum { CUSTODIANS_DOCUMENT_ID_LEN = 16 };

struct custodians_rule {
	uint8_t threshold;
	uint8_t count;
	bool is_internal; /* the roster permits rule `internal` for this class */
};

/* policy and class as they stand in a label. */
MUST int custodians_rule(const struct roster *roster, const char *policy,
	const char *class, struct custodians_rule *ret_rule);

struct custodians_question {
	size_t originator; /* index in the roster */
	const bool
		*is_addressed; /* one for each member; the originator's does not matter */
	uint8_t document_id[CUSTODIANS_DOCUMENT_ID_LEN];
};

/* Writes `count` indices of the roster, in the order of the shares. */
MUST int custodians_choose(const struct roster *roster,
	const struct custodians_question *question, size_t count,
	size_t ret_members[ROSTER_SHARES_MAX]);

#endif
