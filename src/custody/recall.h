/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CUSTODY_RECALL_H
#define CUSTODY_RECALL_H
/*
 * recall: RECALL and DESTROY: the originator's station saying that a document ends.
 *
 *   version:u16 kind:u8 document_id[16] envelope_hash[32] time:u64 reason<u8> officer<u8>
 *   signature[64]
 *
 *   recall    nobody opens it any more; what was opened stays listed
 *   destroy   the same, and whoever keeps a key of it wipes that key
 *
 * The kind is signed and also chooses the TYPE of the signature ("recall", "destroy"): neither
 * can be passed off as the other.  Normative: docs/format/opening.md.  A parsed one points into
 * its bytes.
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION, FAIL_SIGNATURE.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/sign.h"
#include "envelope/core.h"

enum {
	RECALL_VERSION = 1,
	RECALL_REASON_MAX = 128,
	RECALL_OFFICER_MAX = ADDRESS_MAX,
	RECALL_LEN_MAX = 2 + 1 + 16 + 32 + 8 + 1 + RECALL_REASON_MAX + 1 +
		RECALL_OFFICER_MAX + SIGN_LEN,
};

enum recall_kind { RECALL_RECALL = 1, RECALL_DESTROY = 2 };

struct recall {
	uint8_t kind;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	uint64_t time_s;
	struct rd reason;  /* a line of text for people; may be empty */
	struct rd officer; /* who decided it, "PT/ana.silva"; may be empty */
	uint8_t signature[SIGN_LEN];
};

MUST int recall_parse(struct rd in, struct recall *ret_recall);

/* FAIL_FORMAT when a field breaks a rule. */
MUST int recall_write(const struct recall *recall, struct buf *out);

/* Fill in the signature; verify it. */
MUST int recall_sign(struct recall *recall, const uint8_t seed[SIGN_SEED_LEN]);
MUST int recall_verify(
	const struct recall *recall, const uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif
