/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_AGENT_KEYS_H
#define WIRE_AGENT_KEYS_H
/*
 * agent_keys: what unlocked keys do for one request of wire/agent.h, and nothing else.
 *
 * The agent answers with it, and so does `valise` when it opened the key file itself: what keys
 * may sign does not depend on where they are.  The signed bytes are built here from typed
 * fields, or the object is parsed first and refused unless it is what its request says.
 *
 *   SIGN_ENVELOPE   a trailer's sums             sign     envelope/own.h, own_device.h
 *   SIGN_CLIENT     a request to the station     sign     by credential
 *                                                enrol    by enrol key, whose id it must name
 *   SIGN_REQUEST    REQUEST of this device       sign     its credential is this key's
 *   SIGN_GRANT      GRANT                        sign
 *   SIGN_ENROL      credential of this member    enrol    possession is proven
 *   SIGN_ORDER      REVOKE, HOLD, LIFT           enrol    security officers
 *   UNWRAP          one slot                     reader, or the solo keys
 *
 * Errors  FAIL_MISMATCH: keys of this kind have no such request; FAIL_REFUSED: these keys may
 *         not; those of the objects.
 */
#include "member/keyfile.h"
#include "member/own_officer.h"
#include "wire/agent.h"

/* One of the two; the other is NULL.  They stay the caller's. */
struct agent_keys {
	const struct solo *solo;
	const struct own_officer *officer;
};

enum keyfile_kind agent_keys_kind(const struct agent_keys *keys);

/* Fills what the answer to this request has besides type and refusal. */
MUST int agent_keys_answer(const struct agent_keys *keys,
	const struct agent_request *request, struct agent_answer *answer);

#endif
