/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_ORDER_H
#define MEMBER_ORDER_H
/*
 * order: what one security officer may do alone, at once and everywhere: REVOKE, HOLD, LIFT.
 *
 *   magic[8] version:u16 type:u8 member<u8> target<u8> credential<u8> at:u64 reason<u8>
 *   key_id[32] signature[64]
 *
 * Normative: docs/format/credential.md, section 6.
 *
 *   REVOKE  of the own member: target an officer, and with `credential` (hash) that device only
 *   HOLD    target a member, a desk or an officer, of any member: stops openings of the
 *           documents of the member whose order it is
 *   LIFT    ends a HOLD with the same target
 *
 *   signed = "valise/v1 revoke" (or hold, lift) || 0x00 || all before the signature
 *
 * An order is public and short: the reason is a line for the record, not for content.
 * Errors  FAIL_FORMAT, FAIL_VERSION, FAIL_TRUNCATED, FAIL_LIMIT; order_verify(): FAIL_SIGNER
 *         when it is by another key, FAIL_SIGNATURE.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

enum { ORDER_VERSION = 1, ORDER_REASON_MAX = 128, ORDER_BYTES_MAX = 512 };

enum order_type { ORDER_REVOKE = 1, ORDER_HOLD = 2, ORDER_LIFT = 3 };

struct order {
	uint8_t type;
	struct rd member;     /* whose security officer orders */
	struct rd target;     /* a member, or an address */
	struct rd credential; /* 0 or 32 bytes; REVOKE only */
	uint64_t at_s;
	struct rd reason;	  /* a line of text, may be empty */
	uint8_t key_id[HASH_LEN]; /* SHA-256 of the enrol public key */
	uint8_t signature[SIGN_LEN];
};

/* The whole of the bytes; the signature is not verified. */
MUST int order_parse(const void *ptr, size_t len, struct order *ret_order);

/* Sets key_id and signature, and writes. */
MUST int order_sign(
	struct order *order, const uint8_t seed[SIGN_SEED_LEN], struct buf *out);

/* By this key of a security officer? */
MUST int order_verify(
	const struct order *order, const uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif
