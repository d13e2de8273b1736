/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PEOPLE_H
#define VALISE_PEOPLE_H
/*
 * people: who there is, as far as this officer's machine knows and can prove.
 *
 *   DIR/roster               newest roster; the next one must follow it (member/roster.h)
 *   DIR/directories/MEMBER   newest directory of each member, signed by its station
 *   DIR/enrol                own ENROL object
 *   DIR/seen                 roster serial and directory numbers, so that a station cannot go
 *                            back to an old one that still has a revoked officer
 *   DIR/known                who read an address when this officer last wrote to it
 *
 * people_load() asks the home station for what is newer, verifies it and keeps it.  A note
 * that does not verify, or is older than what was seen, is refused (FAIL_MISMATCH,
 * FAIL_SIGNATURE, FAIL_REFUSED): it does not replace what is held.
 *
 * Trust   The first roster comes from the station that the officer compared words with at
 *         `enrol`; each later one must follow it by the members' own signatures.
 *         A reader is handed out only when two enrolment officers of the reader's member
 *         signed (directory_verify_credential).
 * Errors  in link_why() and link_remedy() of the link; link_fail() tells them.
 */
#include <stdbool.h>

#include "member/credential.h"
#include "member/directory.h"
#include "member/roster.h"
#include "valise/link.h"

struct people;

/* Refresh and read everything.  Not enrolled yet, or no roster yet, is no error. */
MUST int people_load(struct link *link, struct people **ret_people);

/* What is held, without asking anybody (sealing away from the station). */
MUST int people_load_held(struct link *link, struct people **ret_people);
void people_free(struct people *p);

/* NULL before `join`. */
const struct roster *people_roster(const struct people *p);
struct rd people_roster_text(const struct people *p);

/* The members, one after the other, from 0; before the first roster only the own one; NULL. */
const struct entry *people_member(const struct people *p, size_t i);

/* The newest verified directory of a member, or NULL. */
const struct directory *people_directory(const struct people *p, struct rd member);

/* Own ENROL object and credential; len 0 and NULL until two have signed. */
struct rd people_own_enrol(const struct people *p);
const struct credential *people_self(const struct people *p);

/* How far the own enrolment is, in the station's words ("1 of 2 ..."); empty once it is here. */
const char *people_waiting(const struct people *p);

/*
 * The credentials that read an address ("CY/duty"), one a call: begin with *at = 0.
 * FAIL_ABSENT at the end, or at once when there is no such address; FAIL_SIGNATURE,
 * FAIL_SIGNER when a credential is not signed by its member's enrolment officers.
 * *ret_enrol points into people.
 */
MUST int people_next_reader(
	struct people *p, struct rd address, size_t *at, struct rd *ret_enrol);

/* Is there anybody of that name, or such a desk? */
MUST bool people_has(const struct people *p, struct rd address);

/*
 * Say on stderr who reads this address that did not when we last wrote to it:
 * "new at CY/duty since your last cable: nikos.p (from 2026-11-23)".  Before the first wrap.
 */
void people_say_new(struct people *p, struct rd address);

/* Keep who reads these addresses now: after the cable went. */
MUST int people_keep_known(struct people *p, const struct rd *addresses, size_t count);

#endif
