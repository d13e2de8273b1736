/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_LINK_IMPL_H
#define VALISE_LINK_IMPL_H
/*
 * link_impl: what the files of link share.
 *
 *   link.c          which keys sign which path, statuses into FAIL_*, words for people
 *   link_files.c    DIR/station, DIR/request, DIR/enrol
 *   link_http.c     one HTTP request and its answer, blocking: over TLS, or on the
 *                   administrator's socket
 */
#include "sys/disk.h"
#include "valise/link.h"

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
struct link_http;
MUST int link_http_new(const char *url, const uint8_t *pin, struct link_http **ret_http);
MUST int link_http_new_local(const char *socket_path, struct link_http **ret_http);
void link_http_free(struct link_http *t);
MUST int link_http_ask(struct link_http *t, struct link_call *call);

/* The key that was proven; FAIL_ABSENT before the first answer. */
MUST int link_http_key(const struct link_http *t, uint8_t ret_key[LINK_KEY_LEN]);

/* Say why the link's last use failed, and return r. */
int link_because(struct link *link, int r, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Was the last request answered, if only with an error? */
bool link_has_answered(const struct link *link);

/* DIR/NAME; FAIL_USAGE when it is too long. */
MUST int link_file_path(const char *dir, const char *name, char ret_path[DISK_PATH_MAX]);

#endif
