/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CUSTODY_ANSWER_H
#define CUSTODY_ANSWER_H
/*
 * answer: a V-key or a share, sealed to the ephemeral key of one REQUEST.
 *
 * An answer is bound to 32 bytes (`binding`): SHA-256(REQUEST) until the record exists, then the
 * hash of the request's leaf.  So an answer to one request opens nothing under another, and
 * the station that relays it can neither read it nor pass it off as an answer to itself.
 *
 *   HPKE info = "valise/v1 answer" || 0 || u16 suite || u8 kind
 *        aad  = binding || core hash || u8 number || member
 *
 * Normative: docs/format/opening.md.  Parsed answers point into the bytes they came from.
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION, FAIL_SUITE, FAIL_SIGNATURE, FAIL_ALTERED.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/kem.h"
#include "crypto/sign.h"
#include "envelope/core.h"

enum { ANSWER_SECRET_LEN = 32, ANSWER_LEN_MAX = 2048 };

enum answer_kind { ANSWER_V_KEY = 1, ANSWER_SHARE = 2 };

struct answer {
	uint16_t suite;
	uint8_t kind;
	uint8_t binding[HASH_LEN];
	struct rd member;
	uint8_t number; /* of the share; 0 for the V-key */
	struct rd enc;
	struct rd sealed;
	uint8_t signature[SIGN_LEN];
};

MUST int answer_parse(struct rd in, struct answer *ret_answer);

/* What an answer is about; the secret is not in it. */
struct answer_plan {
	uint8_t kind;
	uint8_t number;
	const uint8_t *binding;	  /* HASH_LEN */
	const uint8_t *core_hash; /* HASH_LEN */
	struct rd member;
	const struct kem_public *ephemeral;
	const uint8_t *seed; /* SIGN_SEED_LEN: the station's `sign` key */
};

/* Seal a V-key or share to the ephemeral key, sign, append. */
MUST int answer_seal(const struct answer_plan *plan, struct rng *rng,
	const uint8_t secret[ANSWER_SECRET_LEN], struct buf *out);

MUST int answer_verify(
	const struct answer *answer, const uint8_t public_key[SIGN_PUBLIC_LEN]);

MUST int answer_open(const struct answer *answer, const uint8_t core_hash[HASH_LEN],
	const uint8_t ephemeral_seed[KEM_SEED_LEN],
	uint8_t ret_secret[ANSWER_SECRET_LEN]);

#endif
