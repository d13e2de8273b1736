/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_SEGMENT_H
#define ENVELOPE_SEGMENT_H
/*
 * segment: the body in sealed pieces of 64 KiB, each on its own, in any order, in parallel.
 *
 *   last:u8 sealed<u24>        nonce = 11-byte counter || last        aad = header hash
 *
 * The `last` flag in the nonce makes a cut or an extension of the body a false tag, as in the
 * STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar 2015).  Normative:
 * docs/format/envelope.md, section 5.
 *
 * A frame is the 4 bytes before the sealed bytes and those bytes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

enum {
	SEGMENT_PLAIN_MAX = 65536,
	SEGMENT_SEALED_MAX = SEGMENT_PLAIN_MAX + AEAD_TAG_LEN,
	SEGMENT_FRAME_HEAD = 4,
	SEGMENT_FRAME_MAX = SEGMENT_FRAME_HEAD + SEGMENT_SEALED_MAX,
};

/* The number of a segment and whether it is the last one. */
struct segment_at {
	uint32_t index;
	bool is_last;
};

/* Seal len <= SEGMENT_PLAIN_MAX bytes as one frame; *ret_len is its length. */
MUST int segment_seal(struct aead *key, const uint8_t header_hash[HASH_LEN],
	struct segment_at at, const uint8_t *in, size_t len, uint8_t *ret_frame,
	size_t *ret_len);

/*
 * The 4 bytes before a segment: FAIL_FORMAT if the lengths cannot be (a segment that is not
 * last must be full; one that is last and empty must be the first).
 */
MUST int segment_head(const uint8_t head[SEGMENT_FRAME_HEAD], uint32_t index,
	bool *ret_is_last, size_t *ret_sealed_len);

/* Open the sealed bytes of a frame; FAIL_ALTERED. */
MUST int segment_open(struct aead *key, const uint8_t header_hash[HASH_LEN],
	struct segment_at at, const uint8_t *sealed, size_t len, uint8_t *ret_out);

#endif
