/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_SCHEDULE_H
#define ENVELOPE_SCHEDULE_H
/*
 * schedule: from R, S and V to the keys of the body and of the boxes.
 *
 *   V_x   = HKDF-Expand(V, x)        x = "body", or "slot" || u32 i || u8 b
 *   prk_x = HKDF-Extract("valise/v1" || u16 suite || document id, R || S || V_x)
 *   commitment, body key, box commitment, box key = HKDF-Expand(prk_x, name)
 *
 * Why three secrets: R is the reader's, S is shared among other members, V is the
 * originator's; none of them opens anything alone.  V_x lets the originator hand out the key
 * of one box of a pair and keep the other.  Normative: docs/format/envelope.md, section 4.
 *
 * A prk is as secret as the text: wipe it (mem_wipe) when done.
 */
#include <stdint.h>

#include "crypto/hkdf.h"
#include "envelope/core.h"

enum { SCHEDULE_LEN = 32 };

/* The V-key of the body, or of box (pair, b): what an originator's station hands out. */
MUST int schedule_v_body(const uint8_t v[SCHEDULE_LEN], uint8_t ret_v_x[SCHEDULE_LEN]);
MUST int schedule_v_box(const uint8_t v[SCHEDULE_LEN], uint32_t pair, uint8_t b,
	uint8_t ret_v_x[SCHEDULE_LEN]);

struct schedule_secrets {
	uint8_t r[SCHEDULE_LEN];
	uint8_t s[SCHEDULE_LEN];
	uint8_t v_x[SCHEDULE_LEN];
};

/* Extract. */
MUST int schedule_prk(uint16_t suite, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct schedule_secrets *secrets, uint8_t ret_prk[SCHEDULE_LEN]);

/* Expand: name is "commit", "body" or "box". */
MUST int schedule_key(
	const uint8_t prk[SCHEDULE_LEN], const char *name, uint8_t ret_key[SCHEDULE_LEN]);

/* The same, compared with the core's commitment first: FAIL_COMMITMENT. */
MUST int schedule_body_key(const struct core *core,
	const struct schedule_secrets *secrets, uint8_t ret_key[SCHEDULE_LEN]);

#endif
