/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_AGENT_H
#define WIRE_AGENT_H
/*
 * agent: what is said between valise and valise-agent, one request and one answer at a time.
 *
 * A message is a uint8 type and its fields, nothing after them; frames are of sys/peer.h.
 *
 *   request             fields                              answer
 *   1 HELLO             uint16 version                      uint16 version
 *   2 PUBLIC            -                                   the public keys
 *   3 SIGN_ENVELOPE     header hash[32], uint64 body_len,   signature[64]
 *                       uint32 segments, uint32 boxes,
 *                       root[32]
 *   4 UNWRAP            uint8 role, uint16 suite,           key[32]
 *                       uint32 index, key id[32],
 *                       core hash[32], enc (u16 vector),
 *                       sealed[48]
 *   5 STATUS            -                                   uint64 until_s
 *   6 LOCK              -                                   -
 *
 * An answer has the type of its request plus 128.  Type 255 is a refusal: uint8 -FAIL_*.
 * HELLO comes first on every connection; anything else before it ends the connection.
 *
 * Errors  FAIL_TRUNCATED, FAIL_FORMAT (unknown type, bytes left, other values), FAIL_VERSION.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "envelope/own.h"

enum { AGENT_VERSION = 1, AGENT_MESSAGE_MAX = 8192 };

enum agent_type {
	AGENT_HELLO = 1,
	AGENT_PUBLIC = 2,
	AGENT_SIGN_ENVELOPE = 3,
	AGENT_UNWRAP = 4,
	AGENT_STATUS = 5,
	AGENT_LOCK = 6,
	AGENT_TYPES, /* one past the last */
};

enum { AGENT_ANSWER = 128, AGENT_REFUSAL = 255 };

struct agent_request {
	enum agent_type type;
	uint16_t version;	    /* HELLO */
	struct own_signing signing; /* SIGN_ENVELOPE */
	struct own_slot slot;	    /* UNWRAP */
};

struct agent_answer {
	enum agent_type type;	      /* of the request */
	int refusal;		      /* 0, or FAIL_*; then nothing else is set */
	uint16_t version;	      /* HELLO */
	struct solo_public public;    /* PUBLIC */
	uint8_t signature[SIGN_LEN];  /* SIGN_ENVELOPE */
	uint8_t key[SLOT_SECRET_LEN]; /* UNWRAP; wipe it */
	uint64_t until_s;	      /* STATUS */
};

/* Append to out; buf_error() tells whether it fitted. */
void agent_write_request(const struct agent_request *request, struct buf *out);
void agent_write_answer(const struct agent_answer *answer, struct buf *out);

MUST int agent_parse_request(
	const void *ptr, size_t len, struct agent_request *ret_request);

/* `type` is that of the request sent; another answer than to it is FAIL_FORMAT. */
MUST int agent_parse_answer(const void *ptr, size_t len, enum agent_type type,
	struct agent_answer *ret_answer);

#endif
