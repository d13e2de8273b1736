/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ENVELOPE_NEWCOMER_H
#define TESTS_ENVELOPE_NEWCOMER_H
/*
 * newcomer: a grant of the fixture, and the reader whom it admits.
 *
 * The granter signs, the originator's station countersigns, the newcomer's device opens R.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "envelope/slot.h"

extern const uint8_t newcomer_core_hash[HASH_LEN];
extern const uint8_t newcomer_envelope_hash[HASH_LEN];
extern const uint8_t newcomer_r[SLOT_SECRET_LEN];

/* Begun, signed, and countersigned if asked; the same bytes every time. */
void newcomer_grant(uint16_t suite, bool is_counted, struct buf *out);

/*
 * What the new reader's client asks: form, envelope, granter, countersignature, R.
 * FAIL_MISMATCH (another envelope), FAIL_SIGNER, FAIL_AGAIN (not countersigned yet),
 * FAIL_SIGNATURE, FAIL_ALTERED, or what parsing answers.
 */
MUST int newcomer_accept(struct rd in);

#endif
