/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CUSTODY_KEPT_H
#define CUSTODY_KEPT_H
/*
 * kept: KEPT, a custodian's receipt: my share is checked, and durable on my disk.
 *
 *   version:u16 envelope_hash[32] member<u8> number:u8 time:u64 signature[64]
 *
 * Normative: docs/format/opening.md.  A parsed KEPT points into its bytes.
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION, FAIL_SIGNATURE.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/sign.h"
#include "envelope/core.h"

enum { KEPT_VERSION = 1, KEPT_LEN_MAX = 256 };

struct kept {
	uint8_t envelope_hash[HASH_LEN];
	struct rd member;
	uint8_t number;
	uint64_t time_s;
	uint8_t signature[SIGN_LEN];
};

MUST int kept_parse(struct rd in, struct kept *ret_kept);
void kept_write(const struct kept *kept, struct buf *out);
MUST int kept_sign(struct kept *kept, const uint8_t seed[SIGN_SEED_LEN]);
MUST int kept_verify(const struct kept *kept, const uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif
