/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_CREDENTIAL_H
#define MEMBER_CREDENTIAL_H
/*
 * credential: what two enrolment officers say of one device of an officer.
 *
 *   magic[8] version:u16 subject possession[64] desks<u16> clearances<u16> from:u64 until:u64
 *
 * Normative: docs/format/credential.md, section 2.  By itself it proves possession of its key
 * and nothing else; with the two signatures of member/enrol.h it counts.  A parsed credential
 * points into the bytes it came from, which must outlive it.
 *
 * Hash    SHA-256 of the bytes, the name of a credential in log, grants and orders.
 * Errors  FAIL_FORMAT, FAIL_VERSION, FAIL_SUITE, FAIL_TRUNCATED, FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "member/clearances.h"
#include "member/desks.h"
#include "member/subject.h"

enum { CREDENTIAL_VERSION = 1, CREDENTIAL_BYTES_MAX = 16000 };

struct credential {
	struct subject subject;
	uint8_t possession[SIGN_LEN];
	struct desks desks;
	struct rd clearances; /* member/clearances.h */
	uint64_t from_s;      /* valid at from_s <= now < until_s */
	uint64_t until_s;
};

/* The whole of the bytes; possession is not verified. */
MUST int credential_parse(const void *ptr, size_t len, struct credential *ret_credential);
MUST int credential_write(const struct credential *credential, struct buf *out);

MUST bool credential_is_valid_at(const struct credential *credential, uint64_t now_s);

#endif
