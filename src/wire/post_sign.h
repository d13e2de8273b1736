/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_POST_SIGN_H
#define WIRE_POST_SIGN_H
/*
 * post_sign: the bytes under the signature of an officer's request (struct post_signed).
 *
 *   signed = "valise/v1 client" || 0x00 || opaque path<1..64> (u8) || key_kind || key_id ||
 *            time || nonce || SHA-256(body)
 *
 * Client and station build them here, both from the same fields.
 * Attacks answered: the same body for another path; an old request sent again (time, nonce);
 * a request in the name of another key (key_id).
 */
#include "base/buf.h"
#include "crypto/hash.h"
#include "wire/front.h"
#include "wire/post.h"

enum { POST_SIGNED_MESSAGE_MAX = 17 + 1 + FRONT_PATH_MAX + 1 + 32 + 8 + 16 + 32 };

/*
 * Append them.  path is what follows "/c/1/": "inbox".  signed->signature and version are not
 * looked at.  A path that is empty or too long makes the buffer's error FAIL_FORMAT.
 */
void post_signed_message(
	struct rd path, const struct post_signed *message, struct buf *out);

/* The same from a hash of the body; message->body is not looked at (wire/agent_keys.h). */
void post_signed_message_hashed(struct rd path, const struct post_signed *message,
	const uint8_t body[HASH_LEN], struct buf *out);

#endif
