/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_REQUEST_H
#define MEMBER_REQUEST_H
/*
 * request: "please enrol this device", made by the device itself.
 *
 *   magic[8] version:u16 subject possession[64] desks<u16> audit<u16> made:u64
 *   enrol_possession<u8> signature[64]
 *
 * Normative: docs/format/credential.md, section 4.  Subject and possession go into the
 * credential unchanged; desks are a wish.  A security officer offers an audit key (KEM of the
 * suite of the subject): one of them becomes the member's.
 *
 *   enrol_possession  by `enrol`, over "valise/v1 enrol-possession" || 0x00 || subject
 *   signature         by `sign`, over "valise/v1 enrol-request" || 0x00 || all before it
 *
 * request_parse() verifies all three signatures: there is no use for a request without them.
 * Errors  FAIL_FORMAT, FAIL_VERSION, FAIL_SUITE, FAIL_TRUNCATED, FAIL_LIMIT, FAIL_SIGNATURE.
 */
#include <stdint.h>

#include "base/buf.h"
#include "crypto/kem.h"
#include "member/desks.h"
#include "member/subject.h"

enum { REQUEST_VERSION = 1, REQUEST_BYTES_MAX = 8192 };

struct request {
	struct subject subject;
	uint8_t possession[SIGN_LEN];
	struct desks desks;
	struct kem_public audit; /* len 0: offers none */
	uint64_t made_s;
};

MUST int request_parse(const void *ptr, size_t len, struct request *ret_request);

/*
 * Sign and write; possession is made here and need not be set.  enrol_seed is NULL for kinds
 * without an enrol key.  FAIL_MISMATCH when a seed is not that of the subject's key.
 */
MUST int request_write(const struct request *request,
	const uint8_t sign_seed[SIGN_SEED_LEN], const uint8_t *enrol_seed,
	struct buf *out);

#endif
