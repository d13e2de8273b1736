/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_SUBJECT_H
#define MEMBER_SUBJECT_H
/*
 * subject: whose keys these are: the part that a request and its credential share.
 *
 *   member<u8> officer<u8> device<u8> kind:u8 suite:u16 sign[32] reader[32|1216] enrol<u8>
 *
 * Normative: docs/format/credential.md, section 1.  The officer's device makes it and proves
 * with a signature that it holds `sign`; the enrolment officers add what is granted and can
 * change nothing here.  Texts point into the bytes it came from, which must outlive it.
 *
 * Words   people compare a subject by telephone as 12 words (note/words.h) of
 *         subject_hash() = SHA-256("valise/v1 subject" || 0x00 || subject).
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_SUITE, FAIL_SIGNATURE (possession).
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "crypto/sign.h"

enum subject_kind {
	SUBJECT_OFFICER = 1,	/* reads and writes */
	SUBJECT_RELEASER = 2,	/* the second pair of eyes, besides */
	SUBJECT_REGISTRAR = 3,	/* an enrolment officer */
	SUBJECT_SECURITY = 4,	/* an enrolment officer who may revoke and hold */
	SUBJECT_INDEX_HOST = 5, /* the machine that holds an index of our text */
};

enum { SUBJECT_KINDS = 5, SUBJECT_BYTES_MAX = 2048 };

struct subject {
	struct rd member;
	struct rd officer; /* for an index host: the host's name */
	struct rd device;
	uint8_t kind;
	uint8_t sign[SIGN_PUBLIC_LEN];
	struct kem_public reader;	/* names the suite */
	uint8_t enrol[SIGN_PUBLIC_LEN]; /* registrar and security officer; else zero */
};

MUST int subject_parse(struct rd *in, struct subject *ret_subject);
MUST int subject_write(const struct subject *subject, struct buf *out);

/* Registrar or security officer: has an enrol key. */
MUST bool subject_has_enrol(const struct subject *subject);

MUST bool subject_equal(const struct subject *a, const struct subject *b);

MUST int subject_hash(const struct subject *subject, uint8_t ret_hash[HASH_LEN]);

/* Proof of possession: `sign` over "valise/v1 credential-possession" || 0x00 || subject. */
MUST int subject_prove(const struct subject *subject, const uint8_t seed[SIGN_SEED_LEN],
	uint8_t ret_signature[SIGN_LEN]);
MUST int subject_verify(const struct subject *subject, const uint8_t signature[SIGN_LEN]);

/* "officer", "releasing-officer", "registrar", "security-officer", "index-host"; NULL. */
const char *subject_kind_text(uint8_t kind);

/* The kind of that name, or 0. */
uint8_t subject_kind_of(const char *text);

#endif
