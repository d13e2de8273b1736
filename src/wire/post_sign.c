/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/post_sign.h"

void
post_signed_message(struct rd path, const struct post_signed *message, struct buf *out)
{
	uint8_t body[HASH_LEN];

	hash_sha256(message->body.ptr, message->body.len, body);
	post_signed_message_hashed(path, message, body, out);
}

void
post_signed_message_hashed(struct rd path, const struct post_signed *message,
	const uint8_t body[HASH_LEN], struct buf *out)
{
	if (path.len == 0 || path.len > FRONT_PATH_MAX) {
		if (out->error == 0)
			out->error = FAIL_FORMAT;
		return;
	}
	buf_text(out, "valise/v1 client");
	buf_u8(out, 0);
	buf_vec(out, 1, path.ptr, path.len);
	buf_u8(out, message->key_kind);
	buf_bytes(out, message->key_id, 32);
	buf_u64(out, message->time_s);
	buf_bytes(out, message->nonce, 16);
	buf_bytes(out, body, HASH_LEN);
}
