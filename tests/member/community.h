/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MEMBER_COMMUNITY_H
#define TESTS_MEMBER_COMMUNITY_H
/*
 * community: made-up members with all their keys, and rosters of them, signed by whom one says.
 */
#include "member/roster.h"
#include "note/note.h"

/* Domain, URL and ceiling are made from the name; enrol/1 is rita, enrol/2 sergio. */
void community_entry(const char *name, struct entry *ret_entry);

/* Serial 1, threshold 1, policy CONCORD, these members; free with roster_free(). */
struct roster *community_roster(const char *const *names, size_t count);

/* "PT" signs with both keys; "PT1" and "PT2" with one. */
void community_sign(const struct roster *roster, const char *const *signers, size_t count,
	struct buf *out);

struct note *community_note(
	const struct roster *roster, const char *const *signers, size_t count);

#endif
