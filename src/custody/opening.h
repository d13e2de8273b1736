/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CUSTODY_OPENING_H
#define CUSTODY_OPENING_H
/*
 * opening: REQUEST and AUTHORISATION: how one device asks for the keys of one copy.
 *
 *   device       REQUEST with a new ephemeral key
 *   originator   AUTHORISATION, and an ANSWER (custody/answer.h) with the V-key of the body
 *   custodians   each, after its own checks, an ANSWER with its share
 *   device       opens the answers, checks share hashes and commitment, wipes the ephemeral key
 *
 * Normative: docs/format/opening.md.  Parsed objects point into the bytes they came from.
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION, FAIL_SUITE, FAIL_SIGNATURE.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/kem.h"
#include "crypto/sign.h"
#include "envelope/core.h"

enum {
	OPENING_NONCE_LEN = 32,
	OPENING_PURPOSE_MAX = 64,
	OPENING_LIFE_MAX_S = 600,
	OPENING_LEN_MAX = 20 * 1024,
};

struct opening_request {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	struct rd log_origin;
	uint8_t roster_hash[HASH_LEN];
	struct rd credential;
	struct kem_public ephemeral; /* its suite is the request's */
	struct rd purpose;
	uint64_t not_after_s;
	uint8_t nonce[OPENING_NONCE_LEN];
	uint8_t signature[SIGN_LEN];
};

MUST int opening_request_parse(struct rd in, struct opening_request *ret_request);
MUST int opening_request_write(const struct opening_request *request, struct buf *out);

/* The bytes that the device signs, and their verification with the credential's key. */
MUST int opening_request_signed(
	const struct opening_request *request, struct buf *ret_message);
MUST int opening_request_verify(
	const struct opening_request *request, const uint8_t public_key[SIGN_PUBLIC_LEN]);

/* SHA-256 of the whole object. */
void opening_request_hash(struct rd request_bytes, uint8_t ret_hash[HASH_LEN]);

/* What makes the officer a reader. */
enum opening_evidence_kind { OPENING_R_SLOTS = 0, OPENING_GRANT = 1 };

struct opening_evidence {
	uint8_t kind;
	struct rd bytes;
};

MUST int opening_evidence_parse(struct rd in, struct opening_evidence *ret_evidence);
void opening_evidence_write(const struct opening_evidence *evidence, struct buf *out);

struct opening_authorisation {
	uint8_t request_hash[HASH_LEN];
	uint32_t copy; /* from 1 */
	uint64_t time_s;
	uint8_t signature[SIGN_LEN];
};

MUST int opening_authorisation_parse(
	struct rd in, struct opening_authorisation *ret_authorisation);
void opening_authorisation_write(const struct opening_authorisation *a, struct buf *out);
MUST int opening_authorisation_sign(
	struct opening_authorisation *a, const uint8_t seed[SIGN_SEED_LEN]);
MUST int opening_authorisation_verify(
	const struct opening_authorisation *a, const uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif
