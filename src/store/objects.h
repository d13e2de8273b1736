/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_OBJECTS_H
#define STORE_OBJECTS_H
/*
 * objects: shares kept as custodian, later readers, signed objects that travel, counters.
 *
 * All of them are bytes that another room wrote and checked; nothing is ever replaced.
 *
 * Errors  store/db.h; FAIL_EXISTS, FAIL_ABSENT.
 */
#include "crypto/hash.h"
#include "envelope/core.h"
#include "store/db.h"

struct objects_keep {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	uint8_t number;	 /* of the share */
	struct rd keep;	 /* KEEP, custody/keep.h */
	struct rd share; /* sealed by the custody process; says nothing to us */
	uint64_t kept_s;
};

MUST int objects_put_keep(struct db *db, const struct objects_keep *keep);

/* Append KEEP to keep and the sealed share to share. */
MUST int objects_get_keep(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct buf *keep, struct buf *share);

struct objects_grant {
	const uint8_t *document_id;	/* CORE_DOCUMENT_ID_LEN */
	const uint8_t *credential_hash; /* HASH_LEN */
	struct rd bytes;		/* envelope/grant.h */
	uint64_t kept_s;
};

MUST int objects_put_grant(struct db *db, const struct objects_grant *grant);
MUST int objects_get_grant(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const uint8_t credential_hash[HASH_LEN], struct buf *out);

/* In the order in which they were kept; no call of the database from within. */
typedef int objects_grant_fn(void *ctx, struct rd grant);
MUST int objects_each_grant(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], objects_grant_fn *each,
	void *ctx);

/* kind is the TYPE of the signature's context, "send". */
struct objects_signed {
	struct rd kind;
	const uint8_t *hash; /* HASH_LEN; of the whole object */
	struct rd bytes;
	uint64_t kept_s;
};

MUST int objects_put_signed(struct db *db, const struct objects_signed *object);
MUST int objects_get_signed(
	struct db *db, struct rd kind, const uint8_t hash[HASH_LEN], struct buf *out);

/* All of a kind, in the order in which they came; no call of the database from within. */
typedef int objects_signed_fn(void *ctx, struct rd bytes);
MUST int objects_each_signed(
	struct db *db, struct rd kind, objects_signed_fn *each, void *ctx);

/* Quotas and registration numbers, by name and day (days since 1970; 0: not by day). */
struct objects_counter {
	struct rd name;
	uint64_t day;
};

enum { OBJECTS_COUNT_MAX = 1 << 30 };

/* Add by, at most OBJECTS_COUNT_MAX, and tell the new total. */
MUST int objects_count(struct db *db, const struct objects_counter *counter, uint32_t by,
	uint64_t *ret_total);

/* 0 when it was never counted. */
MUST int objects_counted(
	struct db *db, const struct objects_counter *counter, uint64_t *ret_total);

#endif
