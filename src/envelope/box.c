/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/box.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"

/*
 * The nonce is zero: every box has a key of its own, used once.
 */

enum { LENGTH_LEN = 3, AAD_LEN = HASH_LEN + 4 + 1 };

static const uint8_t nonce[AEAD_NONCE_LEN];

static void
write_aad(struct box_at at, uint8_t out[AAD_LEN])
{
	memcpy(out, at.header_hash, HASH_LEN);
	for (size_t i = 0; i < 4; i++)
		out[HASH_LEN + i] = (uint8_t)(at.pair >> 8 * (3 - i));
	out[HASH_LEN + 4] = at.b;
}

static int
box_aead(const uint8_t prk[SCHEDULE_LEN], struct aead **ret_aead)
{
	uint8_t key[SCHEDULE_LEN];
	int r;

	if ((r = schedule_key(prk, "box", key)) == 0)
		r = aead_new(key, ret_aead);
	mem_wipe(key, sizeof key);
	return r;
}

int
box_seal(struct box_at at, const uint8_t prk[SCHEDULE_LEN], struct rd text,
	size_t text_max, struct buf *out)
{
	uint8_t aad[AAD_LEN], commitment[HASH_LEN];
	struct aead *aead = NULL;
	uint8_t *plain;
	int r;

	if (text_max > BOX_TEXT_MAX || text.len > text_max)
		return FAIL_LIMIT;
	if ((r = schedule_key(prk, "commit", commitment)) != 0 ||
		(r = box_aead(prk, &aead)) != 0)
		return r;
	buf_bytes(out, commitment, sizeof commitment);
	if ((plain = buf_extend(out, LENGTH_LEN + text_max + AEAD_TAG_LEN)) == NULL) {
		r = buf_error(out);
		goto out;
	}
	memset(plain, 0, LENGTH_LEN + text_max);
	plain[0] = (uint8_t)(text.len >> 16);
	plain[1] = (uint8_t)(text.len >> 8);
	plain[2] = (uint8_t)text.len;
	if (text.len > 0)
		memcpy(plain + LENGTH_LEN, text.ptr, text.len);
	write_aad(at, aad);
	r = aead_seal(aead, nonce, aad, sizeof aad, plain, LENGTH_LEN + text_max, plain);
out:
	aead_free(aead);
	return r;
}

/* Length, text, zeros: append the text. */
static int
put_text(const uint8_t *plain, size_t len, struct buf *out)
{
	size_t text_len = (size_t)plain[0] << 16 | (size_t)plain[1] << 8 | plain[2];

	if (text_len > len - LENGTH_LEN)
		return FAIL_FORMAT;
	for (size_t i = LENGTH_LEN + text_len; i < len; i++)
		if (plain[i] != 0)
			return FAIL_FORMAT;
	buf_bytes(out, plain + LENGTH_LEN, text_len);
	return buf_error(out);
}

int
box_open(
	struct box_at at, const uint8_t prk[SCHEDULE_LEN], struct rd box, struct buf *out)
{
	uint8_t aad[AAD_LEN], commitment[HASH_LEN];
	struct aead *aead = NULL;
	uint8_t *plain = NULL;
	size_t len;
	int r;

	if (box.len < BOX_LEN_MIN || box.len > BOX_LEN_MAX)
		return FAIL_FORMAT;
	if ((r = schedule_key(prk, "commit", commitment)) != 0)
		return r;
	if (!ct_equal(commitment, box.ptr, HASH_LEN))
		return FAIL_COMMITMENT;
	len = box.len - HASH_LEN - AEAD_TAG_LEN;
	if ((r = mem_new(&plain, len)) != 0 || (r = box_aead(prk, &aead)) != 0)
		goto out;
	write_aad(at, aad);
	if ((r = aead_open(aead, nonce, aad, sizeof aad, box.ptr + HASH_LEN,
		     box.len - HASH_LEN, plain)) != 0)
		goto out;
	r = put_text(plain, len, out);
out:
	aead_free(aead);
	mem_free_wiped(plain, len);
	return r;
}

int
box_parse_pair(struct rd *in, struct rd ret_boxes[2])
{
	struct rd at = *in, boxes[2];
	int r;

	if ((r = rd_vec24(&at, BOX_LEN_MIN, BOX_LEN_MAX, &boxes[0])) != 0 ||
		(r = rd_vec24(&at, BOX_LEN_MIN, BOX_LEN_MAX, &boxes[1])) != 0)
		return r;
	if (boxes[0].len != boxes[1].len)
		return FAIL_FORMAT;
	ret_boxes[0] = boxes[0];
	ret_boxes[1] = boxes[1];
	*in = at;
	return 0;
}

void
box_write_pair(const struct rd boxes[2], struct buf *out)
{
	buf_vec(out, 3, boxes[0].ptr, boxes[0].len);
	buf_vec(out, 3, boxes[1].ptr, boxes[1].len);
}
