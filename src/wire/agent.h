/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_AGENT_H
#define WIRE_AGENT_H
/*
 * agent: what is said between valise and valise-agent, one request and one answer at a time.
 *
 * A message is a uint8 type and its fields, nothing after them; frames are of sys/peer.h.
 *
 *   request             fields                              answer
 *   1 HELLO             uint16 version                      uint16 version, uint8 kind of key file
 *   2 PUBLIC            -                                   the public keys of a solo key
 *   3 SIGN_ENVELOPE     header hash[32], uint64 body_len,   signature[64]
 *                       uint32 segments, uint32 boxes,
 *                       root[32]
 *   4 UNWRAP            uint8 role, uint16 suite,           key[32]
 *                       uint32 index, key id[32],
 *                       core hash[32], credential hash
 *                       (u8 vector, 32 bytes for 'G', else
 *                       none), enc (u16 vector), sealed[48]
 *   5 STATUS            -                                   uint64 until_s
 *   6 LOCK              -                                   -
 *   7 SUBJECT           -                                   subject of an officer's key (u16 vector)
 *   8 SIGN_CLIENT       path (u8 vector), uint8 key_kind,   signature[64]
 *                       key id[32], uint64 time,
 *                       nonce[16], body hash[32]
 *   9 SIGN_REQUEST      REQUEST without its signature       signature[64]
 *                       (u16 vector)
 *  10 SIGN_GRANT        GRANT before its granter            signature[64]
 *                       (u16 vector)
 *  11 SIGN_ENROL        credential (u16 vector)             signature[64]
 *  12 SIGN_ORDER        uint8 type, target (u8 vector),     ORDER (u16 vector)
 *                       credential hash (u8 vector),
 *                       uint64 at, reason (u8 vector)
 *
 * 2 is for solo keys (kind 1), 7 to 12 for an officer's (kind 2), 3 and 4 for both.  Which
 * bytes are signed, the holder of the keys decides: wire/agent_keys.h.
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
#include "member/address.h"
#include "member/order.h"
#include "member/subject.h"
#include "wire/front.h"
#include "wire/post.h"

enum {
	AGENT_VERSION = 2,
	AGENT_MESSAGE_MAX = 32 * 1024,
	AGENT_NONCE_LEN = 16,
	AGENT_OBJECT_MAX = SUBJECT_BYTES_MAX,
};

enum agent_type {
	AGENT_HELLO = 1,
	AGENT_PUBLIC = 2,
	AGENT_SIGN_ENVELOPE = 3,
	AGENT_UNWRAP = 4,
	AGENT_STATUS = 5,
	AGENT_LOCK = 6,
	AGENT_SUBJECT = 7,
	AGENT_SIGN_CLIENT = 8,
	AGENT_SIGN_REQUEST = 9,
	AGENT_SIGN_GRANT = 10,
	AGENT_SIGN_ENROL = 11,
	AGENT_SIGN_ORDER = 12,
	AGENT_TYPES, /* one past the last */
};

enum { AGENT_ANSWER = 128, AGENT_REFUSAL = 255 };

/* What stands under a request to the station (wire/post_sign.h). */
struct agent_client {
	struct rd path;	  /* what follows "/c/1/" */
	uint8_t key_kind; /* enum post_key_kind */
	uint8_t key_id[HASH_LEN];
	uint64_t time_s;
	uint8_t nonce[AGENT_NONCE_LEN];
	uint8_t body_hash[HASH_LEN];
};

/* What is parsed points into the message where it is a `struct rd`; all else is copied. */
struct agent_request {
	enum agent_type type;
	uint16_t version;	    /* HELLO */
	struct own_signing signing; /* SIGN_ENVELOPE */
	struct own_slot slot;	    /* UNWRAP */
	struct agent_client client; /* SIGN_CLIENT */
	struct rd bytes;	    /* SIGN_REQUEST, SIGN_GRANT, SIGN_ENROL */
	struct order
		order; /* SIGN_ORDER; member, key id and signature are the holder's */
};

struct agent_answer {
	enum agent_type type;	      /* of the request */
	int refusal;		      /* 0, or FAIL_*; then nothing else is set */
	uint16_t version;	      /* HELLO */
	uint8_t kind;		      /* HELLO: enum keyfile_kind */
	struct solo_public public;    /* PUBLIC */
	uint8_t signature[SIGN_LEN];  /* all SIGN_ but SIGN_ORDER */
	uint8_t key[SLOT_SECRET_LEN]; /* UNWRAP; wipe it */
	uint64_t until_s;	      /* STATUS */
	uint16_t object_len;	      /* SUBJECT, SIGN_ORDER */
	uint8_t object[AGENT_OBJECT_MAX];
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
