/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_LINK_IMPL_H
#define VALISE_LINK_IMPL_H
/*
 * link_impl: what the files of link share.
 *
 *   link.c          the life of a link; one request out and back
 *   link_sign.c     which keys sign which path; the own enrolment
 *   link_words.c    what came of it as a FAIL_*, and in words
 *   link_files.c    DIR/station, DIR/request, DIR/enrol
 *   link_http.c     one HTTP request and its answer, blocking: over TLS, or on the
 *                   administrator's socket
 */
#include "sys/disk.h"
#include "valise/link.h"

enum link_kind { LINK_HOME, LINK_AT, LINK_ADMIN };

struct link_http;

struct link {
	enum link_kind kind;
	char dir[DISK_PATH_MAX]; /* of the officer, or of the station (admin) */
	char url[ADDRESS_URL_MAX + 1];
	struct keys *keys;
	struct link_http *http;
	bool has_answered; /* the last request, if only with an error */
	bool has_id;	   /* the credential's hash is known */
	bool has_asked;	   /* for the own enrolment, in this run */
	uint8_t credential_id[HASH_LEN];
	unsigned timeout_ms;
	char why[LINK_WHY_MAX], remedy[LINK_WHY_MAX];
};

/* One POST; the answer's body is appended to `answer`. */
struct link_call {
	const char *path; /* whole: "/c/1/inbox" */
	struct rd body;
	unsigned timeout_ms;
	struct buf *answer;
	unsigned status; /* out */
};

/*
 * To a URL, whose host may be a name; pin NULL: any key (sys/tls.h, first use).  Or to a socket
 * of our user on this machine.
 * Errors of asking: FAIL_ABSENT no such host, no socket; FAIL_CLOSED nobody answers, or the
 * connection ended; FAIL_TIMEOUT; FAIL_MISMATCH somebody with another key answers;
 * FAIL_REFUSED a socket of somebody else, a .onion host; FAIL_FORMAT, FAIL_LIMIT an answer
 * that is none; FAIL_NOMEM.
 */
MUST int link_http_new(const char *url, const uint8_t *pin, struct link_http **ret_http);
MUST int link_http_new_local(const char *socket_path, struct link_http **ret_http);
void link_http_free(struct link_http *t);
MUST int link_http_ask(struct link_http *t, struct link_call *call);

/* The key that was proven; FAIL_ABSENT before the first answer. */
MUST int link_http_key(const struct link_http *t, uint8_t ret_key[LINK_KEY_LEN]);

/* Say why the link's last use failed, and return r. */
int link_because(struct link *link, int r, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Forget why. */
void link_clear(struct link *link);

/* What the transport or the station said. */
int link_because_wire(struct link *link, int r);
int link_because_status(struct link *link, unsigned status, struct rd body);

/* Post these bytes to a path; they are wrapped already, or need not be. */
MUST int link_exchange(
	struct link *link, const char *path, struct rd body, struct buf *ret_answer);

/* The body of a post_signed around this body. */
MUST int link_wrap(struct link *link, const char *path, struct rd body, struct buf *out);

/* Was the last request answered, if only with an error? */
bool link_has_answered(const struct link *link);

/* DIR/NAME; FAIL_USAGE when it is too long. */
MUST int link_file_path(const char *dir, const char *name, char ret_path[DISK_PATH_MAX]);

#endif
