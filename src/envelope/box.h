/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_BOX_H
#define ENVELOPE_BOX_H
/*
 * box: one wording of a passage, of which a copy gets this or the other.
 *
 *   box = commitment[32] || AES-256-GCM(length:u24 || text || zeros)
 *   aad = header hash || u32 pair || u8 b        keys: envelope/schedule.h
 *
 * Both boxes of a pair are equally long, so that their lengths do not tell the wordings apart.
 * GCM does not commit to its key: the 32 bytes before it do, and are compared first, so no
 * box opens two ways.  Normative: docs/format/envelope.md, section 6.
 *
 * Errors  FAIL_COMMITMENT (not the key of this box), FAIL_ALTERED, FAIL_FORMAT (padding).
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "envelope/schedule.h"

enum {
	BOX_TEXT_MAX = 65536,
	BOX_LEN_MIN = HASH_LEN + 3 + AEAD_TAG_LEN,
	BOX_LEN_MAX = BOX_LEN_MIN + BOX_TEXT_MAX,
	BOX_PAIRS_MAX = 4096,
};

struct box_at {
	const uint8_t *header_hash; /* HASH_LEN */
	uint32_t pair;
	uint8_t b; /* 0 or 1 */
};

/* Seal text under prk, as long as a box for text_max bytes (text.len <= text_max). */
MUST int box_seal(struct box_at at, const uint8_t prk[SCHEDULE_LEN], struct rd text,
	size_t text_max, struct buf *out);

/* Append the text of a box to out. */
MUST int box_open(struct box_at at, const uint8_t prk[SCHEDULE_LEN], struct rd box,
	struct buf *out);

/* One pair as it stands in the file: two vectors<u24> of equal length. */
MUST int box_parse_pair(struct rd *in, struct rd ret_boxes[2]);
void box_write_pair(const struct rd boxes[2], struct buf *out);

#endif
