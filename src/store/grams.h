/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_GRAMS_H
#define STORE_GRAMS_H
/*
 * grams: blobs that wait at the station for an index host of its member.
 *
 *   put by the sender's client -> told once a set is whole -> got -> done, or GRAMS_KEPT_S over
 *
 * The blobs are sealed to the host (envelope/grams.h); here they are bytes.  A blob that is put
 * again is the same one.  Rows refer to no document: they go when that is destroyed.
 *
 * Errors  store/db.h; FAIL_ABSENT.
 */
#include "crypto/hash.h"
#include "envelope/grams.h"
#include "store/db.h"

enum { GRAMS_KEPT_S = 90 * 24 * 3600, GRAMS_PAGE = 500 };

struct grams_row {
	const uint8_t *host; /* HASH_LEN: of its credential */
	struct grams_place place;
	struct rd bytes;
	uint64_t kept_s;
};

MUST int grams_put_row(struct db *db, const struct grams_row *row);

/* Whole sets of this host after a number, oldest first, at most GRAMS_PAGE. */
struct grams_set {
	uint64_t number;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t set_id[GRAMS_SET_ID_LEN];
	uint16_t pieces;
	uint64_t kept_s;
};
typedef int grams_set_fn(void *ctx, const struct grams_set *set);
MUST int grams_each_set(struct db *db, const uint8_t host[HASH_LEN], uint64_t after,
	grams_set_fn *each, void *ctx);

/* Append the blob at this place (pieces is not looked at). */
MUST int grams_get(struct db *db, const uint8_t host[HASH_LEN],
	const struct grams_place *place, struct buf *out);

/* The set is in the index: its rows go.  None there is fine. */
MUST int grams_done(
	struct db *db, const uint8_t host[HASH_LEN], const struct grams_place *place);

/* All of a document, for every host. */
MUST int grams_forget(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);

/* What has waited since before this time. */
MUST int grams_expire(struct db *db, uint64_t before_s);

/* Documents of this member that were destroyed, after a number, at most GRAMS_PAGE. */
typedef int grams_gone_fn(
	void *ctx, uint64_t number, const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);
struct grams_gone {
	struct rd member;
	uint64_t after;
};
MUST int grams_each_gone(
	struct db *db, const struct grams_gone *which, grams_gone_fn *each, void *ctx);

/* How many blobs wait, and since when the oldest does (0: none). */
MUST int grams_count(struct db *db, uint64_t *ret_count, uint64_t *ret_oldest_s);

#endif
