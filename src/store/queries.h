/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_QUERIES_H
#define STORE_QUERIES_H
/*
 * queries: what members asked our index hosts, and what those answered.
 *
 *   put -> waiting -> answered        kept for good: who asked when, and that it was answered
 *
 * Query and answer are sealed under the ally's key (docs/format/confirm.md): bytes here.
 *
 * Errors  store/db.h; FAIL_ABSENT.
 */
#include "base/buf.h"
#include "crypto/hash.h"
#include "store/db.h"

enum { QUERIES_PAGE = 100, QUERIES_WAITING_MAX = 1000 };

struct queries_key {
	struct rd member;    /* who asked */
	const uint8_t *hash; /* HASH_LEN: SHA-256 of the query */
};

/* One that is there already stays as it is. */
MUST int queries_put(
	struct db *db, const struct queries_key *key, struct rd query, uint64_t now_s);

/* How many of this member wait. */
MUST int queries_count(struct db *db, struct rd member, uint64_t *ret_count);

/* What waits after a number, oldest first, at most QUERIES_PAGE. */
struct queries_row {
	uint64_t number;
	struct rd member;
	uint64_t kept_s;
	struct rd query;
};
typedef int queries_fn(void *ctx, const struct queries_row *row);
MUST int queries_each_waiting(struct db *db, uint64_t after, queries_fn *each, void *ctx);

/* The first answer stands; a second is no error, nor one to a question nobody asked. */
MUST int queries_answer(
	struct db *db, const struct queries_key *key, struct rd answer, uint64_t now_s);

/* Append the answer, which may be empty; FAIL_AGAIN while it waits. */
MUST int queries_get(struct db *db, const struct queries_key *key, struct buf *answer);

#endif
