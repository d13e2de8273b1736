/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_ROLE_H
#define VALISED_ROLE_H
/*
 * role: what every process of a station does between its fork and its work.
 *
 *   role_begin()   dies with the parent; ignores the signals that the parent acts on; closes
 *                  every descriptor that is not its own
 *   role_lock_in() the locks of its profile, or none with `sandbox off`
 *   role_tell()    a word to the parent (wire/parent.h)
 *
 *                                    opens before it locks itself in        then keeps
 *   role_custody  (role_custody.c)   terminal, key file, DIR/custody        DIR/custody
 *   role_store    (role_store.c)     - (its database is opened afterwards)  DIR/store
 *   role_front    (role_front.c)     /etc/resolv.conf, /etc/hosts           TCP
 *
 * A role returns how it ended, which is the exit status of its process.
 */
#include <stdbool.h>

#include "member/config.h"
#include "sys/sandbox.h"
#include "wire/parent.h"

enum role_end {
	ROLE_END_OK = 0,	/* asked to stop, everything done */
	ROLE_END_AGAIN = 75,	/* anything else: start all again */
	ROLE_END_FOLLOWED = 76, /* another role was gone */
	ROLE_END_FATAL = 78,	/* would fail again: passphrase, other keys, schema */
};

/* What the parent gives to a role; -1 where a role has none. */
struct role_plan {
	const struct config *config;
	const char *dir;
	int parent_fd;		  /* SOCK_SEQPACKET */
	int listen_fd, admin_fd;  /* front */
	int store_fd, custody_fd; /* the channel to that role */
	int front_fd;		  /* store: the channel to front */
	int seed_fd;		  /* pipe: the `tls` seed, once, from custody to front */
};

enum { ROLE_DIR_MAX = 1024 };

MUST int role_begin(const struct role_plan *plan);
MUST int role_lock_in(const struct role_plan *plan, enum sandbox_profile profile,
	const char *const *dirs, size_t dirs_count);
MUST int role_tell(const struct role_plan *plan, uint8_t type, const struct codec *codec,
	const void *message);

/* "DIR/NAME"; FAIL_LIMIT. */
MUST int role_path(const char *dir, const char *name, char ret_path[ROLE_DIR_MAX]);

int role_front(const struct role_plan *plan);
int role_store(const struct role_plan *plan);
int role_custody(const struct role_plan *plan);

/* The exit status of a role that ran and ended with 0 or a FAIL_*. */
int role_end_of(int r);

/* The log line of a start that failed; returns the end that belongs to it. */
int role_failed(const char *role, const char *at, int r);

#endif
