/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_LABELED_H
#define CRYPTO_LABELED_H
/*
 * labeled: LabeledExtract and LabeledExpand of HPKE (RFC 9180, section 4), over HMAC-SHA256.
 * Seen inside this room only.
 *
 *   extract  HMAC(salt, "HPKE-v1" || suite_id || label || ikm)
 *   expand   the first block of HKDF-Expand(prk, I2OSP(L, 2) || "HPKE-v1" || suite_id || label
 *            || info, L); we never need more than one block, so L <= 32
 *
 * The parts go into HMAC one after another: nothing is copied together, so nothing is
 * bounded, and nothing can fail.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/rd.h"

enum { LABELED_LEN = 32 };

/* "KEM" || kem_id for the KEM, "HPKE" || kem_id || kdf_id || aead_id for HPKE itself. */
struct labeled {
	struct rd suite_id;
	const char *label;
};

void labeled_extract(const struct labeled *l, struct rd salt, struct rd ikm,
	uint8_t ret_prk[LABELED_LEN]);

/* out_len <= LABELED_LEN, or it is a broken invariant. */
void labeled_expand(const struct labeled *l, const uint8_t prk[LABELED_LEN],
	struct rd info, uint8_t *ret_out, size_t out_len);

#endif
