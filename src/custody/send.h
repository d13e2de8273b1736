/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CUSTODY_SEND_H
#define CUSTODY_SEND_H
/*
 * send: SEND, the originator's station saying that an envelope was sent by its rules.
 *
 *   originator's station   SEND, signed; KEEP (custody/keep.h) to each custodian
 *   custodian's station    checks KEEP, keeps its share durably, then KEPT (custody/kept.h)
 *   "sent"                 t KEPT are in hand
 *
 * Normative: docs/format/opening.md.
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION, FAIL_SIGNATURE.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/sign.h"
#include "envelope/core.h"

enum { SEND_VERSION = 1, SEND_LEN = 2 + 16 + 32 + 32 + 8 + 64 };

struct send {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	uint8_t codebook_hash[HASH_LEN]; /* zero: no codebook */
	uint64_t time_s;
	uint8_t signature[SIGN_LEN];
};

MUST int send_parse(struct rd in, struct send *ret_send);
void send_write(const struct send *send, struct buf *out);

/* Fill in the signature; verify it. */
MUST int send_sign(struct send *send, const uint8_t seed[SIGN_SEED_LEN]);
MUST int send_verify(const struct send *send, const uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif
