/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CABLE_RECEIPT_H
#define CABLE_RECEIPT_H
/*
 * receipt: what a station says, and signs, about one cable and one addressee.
 *
 *   magic[8] version:u16 kind:u8 answer:u8 document_id[16] envelope_hash[32] member<u8>
 *   addressee<u8> officer<u8> time:u64 text<u16> key_id[32] signature[64]
 *
 * Normative: docs/format/receipt.md.  It stands alone: whoever has the signing member's `sign`
 * key can check it years later, away from every station.  Delivered, read, acknowledged and
 * refused come from the addressee's own member; non-receipt from whoever's clock ran out.
 *
 * It proves what that station said.  That an officer opened the cable is proven by the record
 * (REQUEST on the log); `officer` repeats it for people.
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION; FAIL_SIGNER (signed with another key than
 *         the one given), FAIL_SIGNATURE.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "envelope/core.h"

enum { RECEIPT_VERSION = 1, RECEIPT_TEXT_MAX = 1024, RECEIPT_LEN_MAX = 1419 };

enum receipt_kind {
	RECEIPT_DELIVERED = 1,
	RECEIPT_READ = 2,
	RECEIPT_ACKNOWLEDGED = 3,
	RECEIPT_REFUSED = 4,
	RECEIPT_NON_RECEIPT = 5,
};

/* What `answer` means, by kind; 0 for delivered and read. */
enum receipt_acknowledged {
	RECEIPT_RECEIVED = 0,
	RECEIPT_WILL_COMPLY = 1,
	RECEIPT_CANNOT_COMPLY = 2,
};

enum receipt_refused {
	RECEIPT_NOT_CLEARED = 1, /* the label, for the addressee or the station */
	RECEIPT_NO_SUCH_ADDRESSEE = 2,
	RECEIPT_ON_HOLD = 3,
	RECEIPT_RECALLED = 4,
	RECEIPT_EXPIRED = 5,
	RECEIPT_NOT_VALID = 6, /* form, signature, custody rule */
	RECEIPT_OTHER = 7,     /* the text says what */
};

enum receipt_missing {
	RECEIPT_NOT_DELIVERED = 1,
	RECEIPT_NOT_READ = 2,
	RECEIPT_NOT_ACKNOWLEDGED = 3,
};

/* Points into the bytes it was parsed from. */
struct receipt {
	uint8_t kind;
	uint8_t answer;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	struct rd member;    /* who signs */
	struct rd addressee; /* as in the cable: a desk or an officer */
	struct rd officer;   /* who read or acknowledged; else empty */
	uint64_t time_s;
	struct rd text; /* a line for people, such as the sentence of a refusal */
	uint8_t key_id[HASH_LEN];
	uint8_t signature[SIGN_LEN];
};

/* The whole of in must be one receipt.  Says nothing about the signature. */
MUST int receipt_parse(struct rd in, struct receipt *ret_receipt);
MUST int receipt_write(const struct receipt *receipt, struct buf *out);

/* Fill in key_id and signature.  FAIL_FORMAT when a rule is broken. */
MUST int receipt_sign(struct receipt *receipt, const uint8_t seed[SIGN_SEED_LEN]);

MUST int receipt_verify(
	const struct receipt *receipt, const uint8_t public_key[SIGN_PUBLIC_LEN]);

/* Append what is signed. */
MUST int receipt_signed(const struct receipt *receipt, struct buf *out);

/* "non-receipt"; NULL for numbers that do not exist. */
const char *receipt_kind_text(uint8_t kind);

#endif
