/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PEOPLE_IMPL_H
#define VALISE_PEOPLE_IMPL_H
/*
 * people_impl: what the files of people share.
 *
 *   people.c        asking the station, and lookups
 *   people_held.c   the files of DIR, verified as they are read; what was seen
 *   people_known.c  newcomers at an address
 *
 * One slot a member of the roster, in its order; before the first roster there is one slot,
 * the own member's, whose entry comes from the founding file.
 */
#include "member/enrol.h"
#include "sys/disk.h"
#include "valise/people.h"

struct people_slot {
	struct note *note;
	struct directory *directory; /* points into note; NULL: none yet */
	bool *is_checked; /* one for each credential: its signatures are good */
};

/* The newest numbers that this machine has seen. */
struct people_seen {
	uint32_t serial;
	size_t count;
	struct {
		char member[ADDRESS_MEMBER_MAX + 1];
		uint32_t number;
	} directories[ROSTER_MEMBERS_MAX];
};

struct people {
	struct link *link;
	char dir[DISK_PATH_MAX];
	struct link_station station;
	struct note *roster_note;
	struct roster *roster; /* points into roster_note */
	struct note *founding_note;
	struct entry founding; /* points into founding_note, when that is there */
	size_t slot_count;
	struct people_slot slots[ROSTER_MEMBERS_MAX];
	struct buf enrol; /* own ENROL object, or empty */
	struct credential self;
	char waiting[LINK_WHY_MAX]; /* why enrol is empty */
	struct people_seen seen;
};

/* The entry of a slot: the roster's, or the founding file's. */
const struct entry *people_entry(const struct people *p, size_t slot);

/* FAIL_ABSENT. */
MUST int people_find_slot(const struct people *p, struct rd member, size_t *ret_slot);

/* Read what DIR holds.  A file that does not verify is FAIL_ALTERED and its name in *ret_name. */
MUST int people_read_held(struct people *p, const char **ret_name);

/*
 * Take a note that the station gave, if it is good and new, and keep it.  FAIL_FORMAT and
 * FAIL_SIGNATURE as of the formats; FAIL_REFUSED: a roster that does not follow the one held;
 * FAIL_MISMATCH: older than what was seen, or not of this station.
 */
MUST int people_take_roster(struct people *p, struct rd bytes);
MUST int people_take_directory(struct people *p, size_t slot, struct rd bytes);
MUST int people_take_founding(struct people *p, struct rd bytes);

/* DIR/enrol has come. */
MUST int people_read_enrol(struct people *p);

/* Write DIR/seen when it changed. */
MUST int people_keep_seen(struct people *p);

void people_slots_done(struct people *p);

#endif
