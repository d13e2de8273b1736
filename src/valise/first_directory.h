/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FIRST_DIRECTORY_H
#define VALISE_FIRST_DIRECTORY_H
/*
 * first_directory: the directories that the roster names by their hashes, as they are needed.
 *
 * Kept in DIR/directories/MEMBER.first; what is not there is asked of the station once.  No
 * signature is looked at: the hash stands in the roster, which the members have signed, so a
 * directory that has it is the one they meant, and one that has not is not taken.
 */
#include "valise/courier.h"
#include "member/directory.h"
#include "member/roster.h"
#include "sys/disk.h"

struct first_directory;

struct first_directories {
	const char *dir;	       /* the home */
	const struct courier *courier; /* NULL: ask nobody */
	const struct roster *roster;
	struct first_directory *slots[ROSTER_MEMBERS_MAX];
	bool is_tried[ROSTER_MEMBERS_MAX];
};

void first_directories_init(struct first_directories *all, const char *dir,
	const struct courier *courier, const struct roster *roster);
void first_directories_done(struct first_directories *all);

/* NULL: the roster names none, or it is not to be had. */
const struct directory *first_directories_find(
	struct first_directories *all, struct rd member);

#endif
