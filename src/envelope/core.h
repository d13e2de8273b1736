/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_CORE_H
#define ENVELOPE_CORE_H
/*
 * core: what an envelope says to everyone who handles it.
 *
 *   magic[8] version:u16 suite:u16 document_id[16] log_origin<u8> roster_hash<u8>
 *   originator<u8> label<u16> flags:u32 expiry:u64 rule:u8 threshold:u8 custodians<u16>
 *   commitment[32] log_key[32] addressing_hash[32]
 *
 * Normative: docs/format/envelope.md, section 1.  A parsed core points into the bytes it came
 * from, which must outlive it.
 *
 * Errors  FAIL_FORMAT (not this format, not canonical, a rule broken), FAIL_VERSION,
 *         FAIL_SUITE (no such suite; one that this build lacks still parses),
 *         FAIL_TRUNCATED, FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "crypto/shamir.h"
#include "label/label.h"
#include "member/address.h"

enum {
	CORE_VERSION = 1,
	CORE_DOCUMENT_ID_LEN = 16,
	CORE_LOG_ORIGIN_MAX = 255,
	CORE_MEMBER_MAX = ADDRESS_MEMBER_MAX,
	CORE_LABEL_MAX = LABEL_BYTES_MAX,
	CORE_CUSTODIANS_MAX = SHAMIR_SHARES_MAX,
	CORE_LEN_MAX = 8192,
};

enum core_flag {
	CORE_FLASH = 1u << 0,	   /* opening at send is asked for the named devices */
	CORE_CONTROLLED = 1u << 1, /* forwarding needs the originator's consent */
};

enum core_rule {
	CORE_RULE_SOLO = 0,
	CORE_RULE_MEMBERS = 1,
	CORE_RULE_INTERNAL = 2,
};

struct core_custodian {
	struct rd member;
	uint8_t share_hash[HASH_LEN];
};

struct core {
	uint16_t suite;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	struct rd log_origin;
	struct rd roster_hash;
	struct rd originator;
	struct rd label; /* canonical binary label, label/label.h */
	uint32_t flags;
	uint64_t expiry_s; /* 0: none */
	uint8_t rule;
	uint8_t threshold;
	uint8_t custodian_count;
	struct core_custodian custodians[CORE_CUSTODIANS_MAX];
	uint8_t commitment[HASH_LEN];
	uint8_t log_key[HASH_LEN];
	uint8_t addressing_hash[HASH_LEN];
};

MUST int core_parse(struct rd *in, struct core *ret_core);
MUST int core_write(const struct core *core, struct buf *out);

bool core_is_solo(const struct core *core);

/* A member's name: [A-Z][A-Z0-9-]{0,31}. */
bool core_is_member(const uint8_t *ptr, size_t len);

/* SHA-256("valise/v1 core" || core). */
MUST int core_hash(const uint8_t *ptr, size_t len, uint8_t ret_hash[HASH_LEN]);

/* SHA-256("valise/v1 share" || document id || number || share). */
void core_share_hash(const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct shamir_share *share, uint8_t ret_hash[HASH_LEN]);

/* Is this share the one the core names?  FAIL_SHARE if not. */
MUST int core_check_share(const struct core *core, const struct shamir_share *share);

#endif
