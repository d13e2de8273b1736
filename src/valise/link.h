/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_LINK_H
#define VALISE_LINK_H
/*
 * link: one verb's connection to a station, blocking: ask, and have the answer.
 *
 *   link_new()        an officer's, to the home station of DIR/station; key pinned
 *   link_new_at()     to a URL whose key nobody knows yet (`enrol`, `hold --at`): open requests
 *                     only; whoever uses it compares words before trusting anything
 *   link_new_admin()  the administrator's, on the socket run/admin of a station's directory
 *
 * Nothing is connected before the first link_ask(); one connection serves all of a run.  Each
 * request is wrapped and signed as docs/format/station.md says for its path: by the credential
 * of DIR/enrol, else by an enrol key, or not at all where the path is open.
 *
 * Files     DIR/station  `url`, `key` (hex of the TLS key), `member`: lines, written by `enrol`
 *           DIR/enrol    own ENROL object, once it is signed twice
 *           DIR/request  own request, to ask how far it is
 * Prints    nothing.  After a failure link_why() and link_remedy() say what to tell people;
 *           link_fail() does it.
 * Errors    FAIL_ABSENT no station file or no such thing there; FAIL_CLOSED and FAIL_TIMEOUT
 *           become FAIL_AGAIN (exit 75); FAIL_MISMATCH another key than pinned (exit 3); what
 *           a post_error says: FAIL_SIGNATURE, FAIL_REFUSED, FAIL_EXISTS ...; FAIL_FORMAT an
 *           answer that is none.
 * Threads   one.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "member/address.h"
#include "valise/args.h"
#include "valise/keys.h"
#include "wire/codec.h"
#include "wire/post.h"

enum { LINK_KEY_LEN = 32, LINK_WHY_MAX = 512 };

struct link;

/* Where a home's station is: DIR/station. */
struct link_station {
	char url[ADDRESS_URL_MAX + 1];
	char member[ADDRESS_MEMBER_MAX + 1];
	uint8_t key[LINK_KEY_LEN];
};

MUST int link_station_read(const char *dir, struct link_station *ret_station);

/* Replaces what is there. */
MUST int link_station_write(const char *dir, const struct link_station *station);

/* FAIL_NOMEM, and FAIL_USAGE for a directory whose name is too long.  keys stay the caller's. */
MUST int link_new(const char *dir, struct keys *keys, struct link **ret_link);

/* FAIL_USAGE also when it is no URL. */
MUST int link_new_at(const char *url, struct link **ret_link);
MUST int link_new_admin(const char *dir, struct link **ret_link);
void link_free(struct link *link);

/*
 * Post to a path without its door ("inbox") and append the answer's body to ret_answer, whose
 * max bounds it.  codec NULL: an empty body.
 */
MUST int link_ask(struct link *link, const char *path, const struct codec *codec,
	const void *message, struct buf *ret_answer);

/* How long one request may take; 60 s at first. */
void link_set_timeout(struct link *link, unsigned ms);

/* Why the last request failed: a phrase and a sentence, never NULL. */
const char *link_why(const struct link *link);
const char *link_remedy(const struct link *link);

/* Report a failure of this verb on this object in the link's words; returns r. */
int link_fail(const struct args *args, const struct link *link, const char *attempt,
	const char *object, int r);

/* The key that the station proved (link_new_at(), after the first answer); FAIL_ABSENT. */
MUST int link_key(const struct link *link, uint8_t ret_key[LINK_KEY_LEN]);

/* Where the officer's files are, and which keys sign; NULL for the other two kinds. */
const char *link_dir(const struct link *link);
struct keys *link_keys(const struct link *link);

/*
 * Have the own ENROL object in DIR/enrol: asks the station for it where it is not there, or has
 * ended.  Every request that needs it does this by itself.  FAIL_AGAIN: it waits for signatures;
 * link_why() says how many.
 */
MUST int link_enrol(struct link *link);

#endif
