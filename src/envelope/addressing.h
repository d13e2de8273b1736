/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_ADDRESSING_H
#define ENVELOPE_ADDRESSING_H
/*
 * addressing: to whom an envelope goes and how it is handled; what custodians do not see.
 *
 *   dtg:u64 reference<u8> type:u8 type_name<u8> precedence_action:u8 precedence_info:u8
 *   reply_by:u64 action<u24> info<u24> exempted<u24> sics<u16> references<u16> title<u16>
 *
 * Terms are those of ACP 127 and STANAG 4406: action and info addressees with a precedence
 * each, exempted addresses, date-time group, subject indicator codes (SIC), message type.
 * Normative: docs/format/envelope.md, section 2.  The core holds SHA-256(salt || addressing).
 *
 * A `struct addressing` is some 20 KiB: keep it on the heap (mem_new).  It points into the
 * bytes it was parsed from, or into what the caller put there to write it.
 *
 * Errors  FAIL_FORMAT (a rule broken), FAIL_TRUNCATED, FAIL_LIMIT (addressing_add_*).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "member/address.h"

enum {
	ADDRESSING_LEN_MAX = 1 << 20,
	ADDRESSING_SALT_LEN = 32,
	ADDRESSING_REFERENCE_MAX = 64,
	ADDRESSING_TYPE_NAME_MAX = 64,
	ADDRESSING_ADDRESS_MAX = ADDRESS_MAX,
	ADDRESSING_ADDRESSES_MAX = 1024,
	ADDRESSING_SICS_MAX = 8,
	ADDRESSING_SIC_MIN = 3,
	ADDRESSING_SIC_MAX = 8,
	ADDRESSING_REFERENCES_MAX = 64,
	ADDRESSING_TITLE_MAX = 480,	  /* bytes */
	ADDRESSING_TITLE_CHARS_MAX = 120, /* code points */
};

enum message_type {
	MESSAGE_NORMAL,
	MESSAGE_OPERATION,
	MESSAGE_EXERCISE,
	MESSAGE_DRILL,
	MESSAGE_PROJECT
};

enum precedence {
	PRECEDENCE_ROUTINE,
	PRECEDENCE_PRIORITY,
	PRECEDENCE_IMMEDIATE,
	PRECEDENCE_FLASH
};

struct addressing_reference {
	struct rd document_id; /* 0 or 16 bytes */
	struct rd text;
};

struct addressing {
	uint64_t dtg_s;
	struct rd reference;
	uint8_t type;
	struct rd type_name;
	uint8_t precedence_action;
	uint8_t precedence_info;
	uint64_t reply_by_s; /* 0: none */
	/* All addresses in one array: first action, then info, then exempted. */
	size_t action_count;
	size_t info_count;
	size_t exempted_count;
	struct rd addresses[ADDRESSING_ADDRESSES_MAX];
	size_t sic_count;
	struct rd sics[ADDRESSING_SICS_MAX];
	size_t reference_count;
	struct addressing_reference references[ADDRESSING_REFERENCES_MAX];
	struct rd title;
};

/* The whole of in must be one addressing.  ret_addressing is filled in any case. */
MUST int addressing_parse(struct rd in, struct addressing *ret_addressing);
MUST int addressing_write(const struct addressing *a, struct buf *out);

/* "PT/defence-policy": MEMBER '/' [a-z0-9][a-z0-9._-]{0,63}. */
bool addressing_is_address(const uint8_t *ptr, size_t len);
bool addressing_is_sic(const uint8_t *ptr, size_t len);

bool addressing_is_flash(const struct addressing *a);

/* "ROUTINE"; "exercise".  NULL for numbers that do not exist. */
const char *precedence_text(uint8_t precedence);
const char *message_type_text(uint8_t type);

/* The other way, without regard to case; also R, P, O (or I), Z.  FAIL_FORMAT. */
MUST int precedence_parse(const char *s, size_t len, uint8_t *ret_precedence);
MUST int message_type_parse(const char *s, size_t len, uint8_t *ret_type);

/* SHA-256(salt || addressing). */
MUST int addressing_hash(const uint8_t salt[ADDRESSING_SALT_LEN], const uint8_t *ptr,
	size_t len, uint8_t ret_hash[HASH_LEN]);

#endif
