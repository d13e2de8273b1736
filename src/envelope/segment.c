/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/segment.h"

#include <string.h>

/*
 * Nonces repeat only if one body key seals two bodies; R, S and V are new for every sealing,
 * so it never does.
 */

static void
write_nonce(struct segment_at at, uint8_t out[AEAD_NONCE_LEN])
{
	memset(out, 0, AEAD_NONCE_LEN);
	out[7] = (uint8_t)(at.index >> 24);
	out[8] = (uint8_t)(at.index >> 16);
	out[9] = (uint8_t)(at.index >> 8);
	out[10] = (uint8_t)at.index;
	out[11] = at.is_last ? 1 : 0;
}

int
segment_seal(struct aead *key, const uint8_t header_hash[HASH_LEN], struct segment_at at,
	const uint8_t *in, size_t len, uint8_t *ret_frame, size_t *ret_len)
{
	uint8_t nonce[AEAD_NONCE_LEN];
	size_t sealed_len = len + AEAD_TAG_LEN;
	int r;

	CHECK(len == SEGMENT_PLAIN_MAX ||
		(at.is_last && len < SEGMENT_PLAIN_MAX && (len > 0 || at.index == 0)));
	write_nonce(at, nonce);
	if ((r = aead_seal(key, nonce, header_hash, HASH_LEN, in, len,
		     ret_frame + SEGMENT_FRAME_HEAD)) != 0)
		return r;
	ret_frame[0] = at.is_last ? 1 : 0;
	ret_frame[1] = (uint8_t)(sealed_len >> 16);
	ret_frame[2] = (uint8_t)(sealed_len >> 8);
	ret_frame[3] = (uint8_t)sealed_len;
	*ret_len = SEGMENT_FRAME_HEAD + sealed_len;
	return 0;
}

int
segment_head(const uint8_t head[SEGMENT_FRAME_HEAD], uint32_t index, bool *ret_is_last,
	size_t *ret_sealed_len)
{
	size_t len = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];

	if (head[0] > 1 || len < AEAD_TAG_LEN || len > SEGMENT_SEALED_MAX)
		return FAIL_FORMAT;
	if (head[0] == 0 && len != SEGMENT_SEALED_MAX)
		return FAIL_FORMAT;
	if (len == AEAD_TAG_LEN && index != 0)
		return FAIL_FORMAT;
	*ret_is_last = head[0] == 1;
	*ret_sealed_len = len;
	return 0;
}

int
segment_open(struct aead *key, const uint8_t header_hash[HASH_LEN], struct segment_at at,
	const uint8_t *sealed, size_t len, uint8_t *ret_out)
{
	uint8_t nonce[AEAD_NONCE_LEN];

	write_nonce(at, nonce);
	return aead_open(key, nonce, header_hash, HASH_LEN, sealed, len, ret_out);
}
