/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_PARENT_H
#define WIRE_PARENT_H
/*
 * parent: the little that roles say to the parent, which started them and holds nothing.
 *
 *   custody -> parent   UNLOCKED  the keys are open; the others may be started
 *   front   -> parent   SERVES    it has the `tls` seed and listens
 *   store   -> parent   READY     custody has said READY, and the database is open
 *   store   -> parent   NOTIFY    run the `notify` hook: a cable has come
 *
 * One message is one datagram of a socket pair (SOCK_SEQPACKET), at most PARENT_MESSAGE_MAX
 * bytes: type, number (0), body as in wire/front.h.  The parent says nothing; when its end is
 * closed, front stops, answers what it owes, and ends, and the others after it.
 */
#include "wire/codec.h"
#include "wire/front.h"

enum parent_type {
	PARENT_UNLOCKED = 1,
	PARENT_SERVES = 2,
	PARENT_READY = 3,
	PARENT_NOTIFY = 4,
};

enum { PARENT_MESSAGE_MAX = 64 };

/* May this role send this? */
MUST bool parent_may(enum role sender, uint8_t type, size_t body_len);

struct parent_unlocked {
	uint8_t by; /* enum vault_unlock */
};

struct parent_notify {
	uint8_t precedence;
	uint64_t number; /* N of the register */
};

extern const struct codec parent_unlocked_codec;
extern const struct codec parent_notify_codec;

#endif
