/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_ENROL_H
#define MEMBER_ENROL_H
/*
 * enrol: a credential with the signatures of enrolment officers under it (the ENROL object).
 *
 *   magic[8] version:u16 credential<u16> signatures<u16>
 *   struct { key_id[32]; signature[64]; } signatures, 1 or 2, ascending by key id
 *
 * Normative: docs/format/credential.md, section 5.  With one signature it is on its way from
 * the first officer to the second; it counts with two.  Key id = SHA-256(enrol public key).
 *
 *   signed = "valise/v1 enrol" || 0x00 || credential
 *
 * Attack answered: one officer, or the holder of one stolen key file, enrols nobody; key ids
 * ascend, so one key cannot sign twice, and the roster admits no key under two numbers.
 *
 * Errors  FAIL_FORMAT, FAIL_VERSION, FAIL_TRUNCATED, FAIL_LIMIT; enrol_verify() below.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "member/credential.h"

enum {
	ENROL_VERSION = 1,
	ENROL_SIGNERS = 2,
	ENROL_BYTES_MAX = 16384,
	ENROL_KEY_ID_LEN = HASH_LEN,
};

struct enrol_signature {
	uint8_t key_id[ENROL_KEY_ID_LEN];
	uint8_t bytes[SIGN_LEN];
};

struct enrol {
	struct rd credential; /* its bytes; credential_parse() accepts them */
	size_t signature_count;
	struct enrol_signature signatures[ENROL_SIGNERS];
};

MUST int enrol_parse(const void *ptr, size_t len, struct enrol *ret_enrol);
MUST int enrol_write(const struct enrol *enrol, struct buf *out);

/*
 * Add a signature.  FAIL_EXISTS when this key has signed, FAIL_LIMIT when two have.
 */
MUST int enrol_sign(struct enrol *enrol, const uint8_t seed[SIGN_SEED_LEN]);

/* The same with a signature that an agent made; it is not verified. */
MUST int enrol_add(struct enrol *enrol, const struct enrol_signature *signature);

/*
 * Does it count: two of these enrol keys of its member signed, and the device holds its key?
 * FAIL_SIGNATURE  a signature or the possession is false
 * FAIL_SIGNER     a signature is by none of these keys
 * FAIL_ABSENT     only one has signed so far (and that signature is good)
 */
MUST int enrol_verify(const struct enrol *enrol, const uint8_t (*keys)[SIGN_PUBLIC_LEN],
	size_t key_count);

#endif
