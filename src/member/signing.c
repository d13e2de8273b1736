/* SPDX-License-Identifier: Apache-2.0 */
#include "member/signing.h"

#include <string.h>

/* The buffer's error is asked here, so that a signature over half the fields cannot be made. */

static const char before[] = "valise/v1 ";

void
signing_begin(struct buf *b, const char *type, size_t max)
{
	buf_init(b, sizeof before + strlen(type) + 1 + max);
	buf_text(b, before);
	buf_text(b, type);
	buf_u8(b, 0);
}

int
signing_sign(
	struct buf *b, const uint8_t seed[SIGN_SEED_LEN], uint8_t ret_signature[SIGN_LEN])
{
	int r;

	if ((r = buf_error(b)) == 0)
		sign_message(seed, b->data, b->len, ret_signature);
	buf_done(b);
	return r;
}

int
signing_verify(struct buf *b, const uint8_t public_key[SIGN_PUBLIC_LEN],
	const uint8_t signature[SIGN_LEN])
{
	int r;

	if ((r = buf_error(b)) == 0)
		r = sign_verify(public_key, b->data, b->len, signature);
	buf_done(b);
	return r;
}
