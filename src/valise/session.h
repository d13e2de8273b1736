/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SESSION_H
#define VALISE_SESSION_H
/*
 * session: what every verb about cables has in hand: home, keys, station, people.
 *
 *   session_begin() -> ... -> session_end()
 *
 * Nothing is asked of the station before somebody needs it; people are loaded once, by the
 * first session_people().  Failures are reported in words; the answers are exit statuses.
 */
#include "sys/disk.h"
#include "valise/args.h"
#include "valise/courier.h"
#include "valise/first_directory.h"
#include "valise/keys.h"
#include "valise/link.h"
#include "valise/people.h"
#include "valise/recipients.h"
#include "valise/verb.h"

struct session {
	const struct args *args;
	char dir[DISK_PATH_MAX];
	struct keys *keys;
	struct link *link;
	struct courier courier; /* asks through the link */
	struct people *people;
	struct circle circle; /* after session_people() */
	struct first_directories *firsts;
	bool may_be_away; /* what is held will do when the station is away */
	bool is_away;	  /* and it is */
	bool is_offline;  /* what is held will do: ask nobody */
};

/* Home and keys (this may ask for the passphrase); session_end() also after a failure. */
MUST int session_begin(const struct args *args, struct session *ret_session);
void session_end(struct session *session);

/* Only the home: for what needs neither keys nor a station. */
MUST int session_begin_home(const struct args *args, struct session *ret_session);

/* Enrolled, with a roster: EXIT_FAILED with the remedy when not. */
MUST int session_people(struct session *session);

/* Report what became of a question to the station; the exit status. */
MUST int session_fail(
	struct session *session, const char *attempt, const char *object, int r);

/* The same for what is not the station's doing. */
MUST int session_fail_here(
	struct session *session, const char *attempt, const char *object, int r);

/* "12": a number of the register into a question about it; FAIL_USAGE is reported. */
MUST int session_number(struct session *session, const char *word, uint64_t *ret_number);

#endif
