/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H
/*
 * people: the rosters, directories and credentials that the station holds.
 *
 * The rows hold the signed bytes and what they are found by; whoever puts a row has verified
 * it (member/roster.h, member/directory.h, member/enrol.h).  Nothing here is ever replaced:
 * an older roster still judges the next one, and the time at which a credential was first
 * kept decides when it counts (roster: enrol-delay).  Only who waits to be enrolled, and the
 * administrator's word about desks, change.
 *
 * Errors  store/db.h; FAIL_EXISTS for a roster serial, or a directory number, that is there.
 */
#include <stdbool.h>

#include "crypto/hash.h"
#include "store/db.h"

struct people_roster {
	uint32_t serial;
	uint8_t hash[HASH_LEN];
	struct rd note;
	uint64_t kept_s;
};

MUST int people_put_roster(struct db *db, const struct people_roster *roster);

/* Append the note.  FAIL_ABSENT. */
MUST int people_get_roster(struct db *db, uint32_t serial, struct buf *out);
MUST int people_newest_roster(struct db *db, struct buf *out, uint32_t *ret_serial);

/* All notes, oldest first; the callback may not call the database. */
typedef int people_note_fn(void *ctx, struct rd note, uint64_t kept_s);
MUST int people_each_roster(struct db *db, people_note_fn *each, void *ctx);

struct people_directory {
	struct rd member;
	uint32_t number;
	struct rd note;
	uint64_t kept_s;
};

MUST int people_put_directory(struct db *db, const struct people_directory *directory);
MUST int people_newest_directory(
	struct db *db, struct rd member, struct buf *out, uint32_t *ret_number);

/* All that are kept of a member, the lowest number first: a roster may name one by its hash. */
MUST int people_each_directory(
	struct db *db, struct rd member, people_note_fn *each, void *ctx);

struct people_credential {
	uint8_t hash[HASH_LEN];
	struct rd member;
	struct rd officer;
	struct rd device;
	struct rd enrol; /* the ENROL object */
	uint64_t first_kept_s;
};

/* One that is there stays as it is, with its first time. */
MUST int people_put_credential(struct db *db, const struct people_credential *credential);
MUST int people_get_credential(struct db *db, const uint8_t hash[HASH_LEN],
	struct buf *out, uint64_t *ret_first_kept_s);

/* All of a member, in the order in which they came; no call of the database from within. */
typedef int people_credential_fn(void *ctx, struct rd enrol, uint64_t first_kept_s);
MUST int people_each_credential(
	struct db *db, struct rd member, people_credential_fn *each, void *ctx);

/* A device that waits to be enrolled; enrol is empty, or has one signature. */
struct people_pending {
	const uint8_t *hash; /* subject_hash(), HASH_LEN */
	struct rd request;
	struct rd enrol;
	uint64_t kept_s;
};

/* One of the same subject gives way; its time stays. */
MUST int people_put_pending(struct db *db, const struct people_pending *pending);

/* Append the two. */
MUST int people_get_pending(struct db *db, const uint8_t hash[HASH_LEN],
	struct buf *request, struct buf *enrol);
MUST int people_forget_pending(struct db *db, const uint8_t hash[HASH_LEN]);
MUST int people_expire_pending(struct db *db, uint64_t before_s, uint64_t *ret_count);

typedef int people_pending_fn(void *ctx, struct rd request, struct rd enrol);
MUST int people_each_pending(struct db *db, people_pending_fn *each, void *ctx);

/* What the administrator says of a desk: officer empty: of the desk itself. */
struct people_desk {
	struct rd name;
	struct rd officer;
	bool is_removed;
	struct rd hours;
};

MUST int people_put_desk(struct db *db, const struct people_desk *desk);

/* By name, then officer: the desk itself before its officers. */
typedef int people_desk_fn(void *ctx, const struct people_desk *desk);
MUST int people_each_desk(struct db *db, people_desk_fn *each, void *ctx);

#endif
