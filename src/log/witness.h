/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_WITNESS_H
#define LOG_WITNESS_H
/*
 * witness: what one who cosigns heads of a log says to a new one: the decision alone.
 *
 *   request   old SIZE                 the size the asker believes we have seen
 *             BASE64 ...               0..63 hashes: consistency from SIZE to the new head
 *                                      (an empty line)
 *             the head, a signed note
 *
 *   404 unknown origin      400 malformed, "old 01", old above the new size
 *   403 not signed by its log, or no note     409 old is not the size we have seen
 *   422 another root at the same size, a proof that does not hold, any proof from 0, and size 0
 *       with another root than that of nothing
 *   200 cosign, after the new head is durable; also for the size already seen, with a new time
 *
 * Pure: who calls it holds the last head, makes the new one durable, and lets one of many that
 * ask at once win (compare and swap on the size).
 *
 * Source  C2SP tlog-witness v1.0.0.
 */
#include <stdint.h>

#include "log/checkpoint.h"
#include "log/proof.h"

enum { WITNESS_HASHES_MAX = 63, WITNESS_REQUEST_MAX = 1 << 17 };

struct witness_request {
	uint64_t old_size;
	struct proof proof;
	struct rd head; /* the bytes of the note */
};

/* FAIL_FORMAT, FAIL_LIMIT: 400. */
MUST int witness_parse(struct rd body, struct witness_request *ret_request);

/* The largest head of a log that this witness has cosigned; size 0 when none. */
struct witness_seen {
	uint64_t size;
	uint8_t root[HASH_LEN];
};

/*
 * Judge the request's head, already parsed (NULL: it is no signed note), by the key of its log
 * (NULL: unknown; which, its first line says).  Returns the status; with 200 *ret_head is what to keep and to cosign.
 */
int witness_judge(const struct witness_request *request, const struct note *head,
	const struct note_key *log, const struct witness_seen *seen,
	struct checkpoint *ret_head);

#endif
