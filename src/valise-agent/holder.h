/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_AGENT_HOLDER_H
#define VALISE_AGENT_HOLDER_H
/*
 * holder: the one who holds the unlocked keys and answers for them, without socket or loop.
 *
 * A permit table says which request may be made in which state of a connection, and who
 * answers it; nothing else is ever done with the keys.
 *
 *   state      permits
 *   NEW        HELLO
 *   GREETED    all others
 *
 * What keys answer to their requests: wire/agent_keys.h.
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED (malformed), FAIL_REFUSED (not permitted in this state):
 *         the connection ends.  A request that is well formed and cannot be met gets a refusal
 *         as its answer, and the connection goes on.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "wire/agent_keys.h"

struct holder {
	struct agent_keys keys;
	uint64_t until_s;
	bool is_locked; /* LOCK was asked for: answer, wipe, end */
};

enum session_state { SESSION_NEW, SESSION_GREETED };

struct session {
	enum session_state state;
};

/* Append the answer to one request; `out` holds AGENT_MESSAGE_MAX bytes at least. */
MUST int holder_handle(struct holder *h, struct session *session, const void *ptr,
	size_t len, struct buf *out);

#endif
