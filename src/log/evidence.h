/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_EVIDENCE_H
#define LOG_EVIDENCE_H
/*
 * evidence: a tlog-proof: one entry, its place in a log, and the cosigned head, as one text.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra BASE64                 may be missing; not authenticated
 *   index 17
 *   BASE64 ...                   the inclusion proof, leaf upwards
 *                                (an empty line)
 *   the head, a signed note
 *
 * Whoever has the entry, the log's key and a policy checks it without asking anybody.
 *
 * Source  C2SP tlog-proof v1.
 * Errors  FAIL_FORMAT, FAIL_LIMIT, FAIL_NOMEM; evidence_check() those of checkpoint.h, proof.h
 *         and policy.h.
 */
#include <stdint.h>

#include "log/checkpoint.h"
#include "log/policy.h"
#include "log/proof.h"

enum { EVIDENCE_EXTRA_MAX = 16384, EVIDENCE_LEN_MAX = 1 << 18 };

struct evidence {
	struct rd extra; /* base64 as written; len 0: none */
	uint64_t index;
	struct proof proof;
	struct rd head; /* the bytes of the note */
};

/* Points into text. */
MUST int evidence_parse(struct rd text, struct evidence *ret_evidence);
MUST int evidence_write(const struct evidence *evidence, struct buf *out);

struct evidence_question {
	const struct note_key *log;
	const struct policy *policy; /* its quorum */
	const struct policy_times *times;
	const uint8_t *leaf; /* HASH_LEN: tree_leaf() of the entry */
};

/* Is this leaf in a head of this log that has a quorum? */
MUST int evidence_check(const struct evidence *evidence,
	const struct evidence_question *question, struct checkpoint *ret_head,
	bool *ret_has_cosigned);

#endif
