/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_PEOPLE_H
#define VALISED_STORE_PEOPLE_H
/*
 * store_people: who there is: rosters, directories, credentials, orders and desks, in memory
 * and in the rows.
 *
 *   store_people.c            what is in memory: read from the rows, dropped, read again
 *   store_people_find.c       lookups in it, credentials learnt, holds
 *   store_people_roster.c     joining, rosters that follow
 *   store_people_found.c      the founding file; what custody has missed
 *   store_people_directory.c  directories of members; answers with notes
 *   store_people_first.c      directories that the roster names: their credentials count at once
 *   store_people_own.c        what our own directory should say
 *   store_people_publish.c    our own directory, made anew when something changed; weekly keys
 *   store_people_enrol.c      requests to be enrolled and their signatures
 *   store_people_order.c      REVOKE, HOLD, LIFT
 *   store_people_desk.c       the administrator's word about desks
 *   store_people_status.c     what the station says of itself
 *
 * The rows are the truth.  Work that changes people calls people_touch(); when its rows are
 * taken back, everything in memory is read anew before the next piece of work.  A change
 * replaces what it concerns at once: pointers to rosters, directories and credentials live
 * until then.
 *
 * Before `join` the founding file stands where the roster will: a roster of one member, which
 * store_roster() does not show, but by which our own enrolments and orders are judged.
 */
#include "member/counts.h"
#include "member/order.h"
#include "member/request.h"
#include "store/people.h"
#include "valised/store_core.h"

enum {
	PEOPLE_BUCKETS = 1024,
	PEOPLE_PENDING_MAX = 256,
	PEOPLE_PENDING_S = 14 * 86400,
	PEOPLE_PREVIOUS_S = 3600, /* how long the roster before still counts */
	PEOPLE_TICK_MS = 3600 * 1000,
	PEOPLE_AGAIN_MS = 5 * 1000,
};

struct people_held_roster {
	struct note *note;
	struct roster *roster; /* points into the note */
	uint8_t hash[HASH_LEN];
	uint64_t kept_s;
};

/* What is known of a member besides its entry. */
struct people_member {
	char name[ADDRESS_MEMBER_MAX + 1];
	struct note *note;
	struct directory *directory; /* the newest, or NULL */
	struct note *first_note;
	struct directory *first; /* the one whose hash its entry has, where it is here */
};

struct people_person {
	struct people_person *next;
	struct store_credential c;
	uint8_t bytes[]; /* the ENROL object */
};

/* ENROL objects of ours whose signatures are good by the judge, by their hashes. */
struct people_judged {
	uint8_t (*hashes)[HASH_LEN]; /* all zero: free */
	size_t places;		     /* a power of two, or 0 */
	size_t count;
};

struct people_order {
	struct people_order *next;
	struct order order;
	uint8_t bytes[ORDER_BYTES_MAX];
};

struct people {
	bool is_stale;	 /* read everything anew */
	bool is_touched; /* by the work that runs */

	struct note *founding;
	struct roster *alone; /* of the founding file */
	struct people_held_roster newest, previous;
	struct people_member *members; /* those of the roster; before it, we ourselves */
	size_t member_count;
	struct people_person *persons[PEOPLE_BUCKETS];
	struct people_judged judged;
	struct people_order *orders, **orders_end; /* in the order in which they came */

	/* Custody's keys, as its last answer to TICK had them. */
	struct directory_custody custody[DIRECTORY_CUSTODY_MAX];
	size_t custody_count;
	uint64_t tick_ms; /* when to TICK next */
	bool is_ticking;

	bool is_due; /* our directory may have to be made anew */
	bool is_signing;
	uint64_t sign_ms; /* not before */
	uint32_t skip;	  /* numbers that custody has signed and we have not */

	/* By place in the roster; 0: not since this process began. */
	uint64_t contact_ms[ROSTER_MEMBERS_MAX];
};

/* store_people.c */
void people_touch(struct store *s);
MUST int people_load(struct store *s);

/* The roster, else that of the founding file, else NULL. */
const struct roster *people_judge(const struct store *s);

/* A list of post_* messages into a reply; `items` is emptied. */
MUST int people_reply_list(struct store *s, uint64_t number, struct buf *items);

/* store_people_find.c */
struct people_member *people_member_of(const struct store *s, struct rd name);
MUST int people_person_add(struct store *s, struct rd enrol, uint64_t since_s,
	struct people_person **ret_person);
void people_persons_free(struct people *p);
MUST bool people_is_revoked(const struct store *s, const struct store_credential *c);

/* enrol_verify() with the keys of the judge; the sentence says what is wrong. */
MUST int people_verify_enrol(struct store *s, const struct enrol *enrol);

/* The same, once for each: three signatures of thousands of credentials take seconds. */
MUST int people_verify_once(struct store *s, struct rd bytes, const struct enrol *enrol);

/* store_people_roster.c */
store_handler_fn people_take_roster;
MUST int people_send_pins(struct store *s);

/* store_people_found.c: founding file; what custody has missed. */
store_handler_fn people_found;
MUST int people_give_custody(struct store *s);

/* store_people_directory.c */
store_handler_fn people_directory_by_member, people_ask_roster, people_ask_directory,
	people_own_directory;
MUST int people_directory_load(struct store *s, struct people_member *member);
MUST int people_directory_keep(
	struct store *s, struct note *note, struct directory *directory);

/* The note and what it says; both or none. */
MUST int people_directory_parse(
	struct rd bytes, struct note **ret_note, struct directory **ret_directory);

/* store_people_first.c */

/* Is this the text of the directory that the entry names? */
MUST bool people_first_is(const struct entry *entry, struct rd text);
MUST int people_first_load(
	struct store *s, struct people_member *member, const struct entry *entry);
MUST int people_first_keep(
	struct store *s, const struct entry *entry, const struct note *note);

/* A new roster may name one that is here already; then memory must be read anew. */
MUST int people_first_seek(struct store *s, bool *ret_is_found);

/* store_people_own.c */

/* Append the text that our directory should have under this number. */
MUST int people_own_write(struct store *s, uint32_t number, struct buf *out);

/* Something changed: is what our directory would say a directory?  It is made soon. */
MUST int people_own_changed(struct store *s);

/* store_people_publish.c */
MUST int people_own_pump(struct store *s);
MUST int people_own_tick(struct store *s);
uint64_t people_own_next_ms(const struct store *s); /* UINT64_MAX: nothing to do */

/* Queue our first directory, if the roster names it, and the newest to a member. */
MUST int people_own_introduce(struct store *s, struct rd member);

/* store_people_enrol.c */
store_handler_fn people_take_request, people_enrolled, people_pending,
	people_take_signature;

/* store_people_order.c */
store_handler_fn people_order_by_client, people_order_by_member;
MUST int people_order_add(struct store *s, struct rd bytes);
void people_orders_free(struct people *p);

/* store_people_desk.c */
store_handler_fn people_desk;

/* store_people_status.c */
store_handler_fn people_station, people_status;

#endif
