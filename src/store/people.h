/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H
/*
 * people: the rosters, directories and credentials that the station holds.
 *
 * The rows hold the signed bytes and what they are found by; whoever puts a row has verified
 * it (member/roster.h, member/directory.h, member/enrol.h).  Nothing here is ever replaced:
 * an older roster still judges the next one, and the time at which a credential was first
 * kept decides when it counts (roster: enrol-delay).
 *
 * Errors  store/db.h; FAIL_EXISTS for a roster serial, or a directory number, that is there.
 */
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

struct people_directory {
	struct rd member;
	uint32_t number;
	struct rd note;
	uint64_t kept_s;
};

MUST int people_put_directory(struct db *db, const struct people_directory *directory);
MUST int people_newest_directory(
	struct db *db, struct rd member, struct buf *out, uint32_t *ret_number);

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

#endif
