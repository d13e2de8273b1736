/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_SIGNING_H
#define MEMBER_SIGNING_H
/*
 * signing: the bytes under every binary signature of this room.
 *
 *   signed = "valise/v1 " || type || 0x00 || fields
 *
 * The type keeps a signature made for one purpose from being shown for another (a request
 * taken for a credential, say).  Notes are signed as text and begin with a line
 * "valise/v1 TYPE" followed by a newline, never by 0x00: the two cannot be confused either.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "crypto/sign.h"

/* An empty buffer of at most max bytes of fields, with the beginning in it. */
void signing_begin(struct buf *b, const char *type, size_t max);

/* Sign or verify what the buffer holds; both empty the buffer and free its memory. */
MUST int signing_sign(struct buf *b, const uint8_t seed[SIGN_SEED_LEN],
	uint8_t ret_signature[SIGN_LEN]);
MUST int signing_verify(struct buf *b, const uint8_t public_key[SIGN_PUBLIC_LEN],
	const uint8_t signature[SIGN_LEN]);

#endif
