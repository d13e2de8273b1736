/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_HEADER_H
#define ENVELOPE_HEADER_H
/*
 * header: core, salt, addressing and slots as one: what stands before the body.
 *
 *   core | salt[32] | addressing<u32> | R slots<u24> | S and V slots<u24>
 *   header hash = SHA-256("valise/v1 header" || core || SHA-256(R slots) || SHA-256(SV slots))
 *
 * Sealing draws the document id, the salt, the log key and R, S, V anew; nothing of an older
 * envelope goes in, so no nonce and no key is ever used twice.  Which custodians follows from
 * the document id (member/custodians.h), so whoever asks other members draws it beforehand.
 * Normative: docs/format/envelope.md, sections 1 to 4.
 *
 * Limits  HEADER_LEN_MAX bytes.
 * Errors  of core.h and addressing.h; FAIL_TRUNCATED means that more bytes are needed and
 *         nothing wrong was seen so far; FAIL_ALTERED when the addressing is not the one that
 *         the core names.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/kem.h"
#include "envelope/addressing.h"
#include "envelope/core.h"
#include "envelope/schedule.h"
#include "envelope/slot.h"

enum { HEADER_LEN_MAX = 16 << 20 };

/* A parsed header; it points into the bytes it came from. */
struct header {
	struct core core;
	struct rd core_bytes;
	const uint8_t *salt; /* ADDRESSING_SALT_LEN */
	struct rd addressing;
	struct slots r;
	struct slots sv;
	uint8_t core_hash[HASH_LEN];
	uint8_t hash[HASH_LEN];
};

/* Parse at the start of in; *ret_len is the header's length. */
MUST int header_parse(struct rd in, struct header *ret_header, size_t *ret_len);

/* The header hash as a custodian computes it, who has the hash of the R slots only. */
MUST int header_hash_of(struct rd core, const uint8_t r_hash[HASH_LEN],
	struct rd sv_slots, uint8_t ret_hash[HASH_LEN]);

/* What goes into a new header. */
struct header_plan {
	/*
	 * suite, log_origin, roster_hash, originator, label, flags, expiry, rule, threshold,
	 * custodian_count and the custodians' members are the caller's; the rest is filled in.
	 */
	struct core core;
	/* The core's document_id is the caller's too: random, and never used before. */
	bool has_document_id;
	struct rd addressing;		  /* written by addressing_write() */
	const struct kem_public *readers; /* in any order; one given twice counts once */
	size_t reader_count;		  /* 1..SLOT_READERS_MAX */
	const struct kem_public
		*custodians; /* custodian_count keys, in the order of the core */
	const struct kem_public *originator; /* the key that V is wrapped to */
};

/* What sealing the body and the boxes needs afterwards; wipe with header_secrets_wipe(). */
struct header_secrets {
	uint8_t hash[HASH_LEN];
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t r[SCHEDULE_LEN];
	uint8_t s[SCHEDULE_LEN];
	uint8_t v[SCHEDULE_LEN];
	uint8_t body_key[SCHEDULE_LEN];
};

/* Append a new header to out. */
MUST int header_seal(const struct header_plan *plan, struct rng *rng, struct buf *out,
	struct header_secrets *ret_secrets);

void header_secrets_wipe(struct header_secrets *secrets);

/* The keys of somebody who opens, wherever they are kept. */
struct header_keyring {
	uint8_t (*reader_ids)[KEM_ID_LEN]; /* tried in this order */
	size_t reader_count;
	const uint8_t *custody_id; /* KEM_ID_LEN: the solo key */
	/* Open one slot with the private key that slot->key_id names. */
	int (*unwrap)(void *ctx, const struct slot_place *place, const struct slot *slot,
		uint8_t ret_secret[SLOT_SECRET_LEN]);
	void *ctx;
};

/*
 * The body key of a solo envelope.  FAIL_REFUSED when it is not a solo envelope, FAIL_NO_KEY,
 * FAIL_ALTERED (a slot), FAIL_SHARE, FAIL_COMMITMENT, or what unwrap answers.
 */
MUST int header_open_solo(const struct header *header,
	const struct header_keyring *keyring, uint8_t ret_body_key[SCHEDULE_LEN]);

#endif
