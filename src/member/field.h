/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_FIELD_H
#define MEMBER_FIELD_H
/*
 * field: the lines of our text formats: a word, a space, a value, a newline.
 *
 * Rosters, entries and directories are read line by line in a fixed order.  Values are read
 * leniently here where that is simple (numbers with leading zeros, say): whoever reads a whole
 * text writes it again and compares, so that one spelling is left.
 *
 * Errors  FAIL_FORMAT: another word, no newline, or no such value; FAIL_LIMIT.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "crypto/kem.h"
#include "crypto/sign.h"

/* Does the next line begin with this word? */
MUST bool field_is_next(struct rd in, const char *word);

/* The value of the next line, which must begin with this word. */
MUST int field_take(struct rd *in, const char *word, struct rd *ret_value);

/* The next line is exactly this text. */
MUST int field_expect(struct rd *in, const char *line);

/* What stands before the next space, or all of it; the reader moves behind the space. */
struct rd field_word(struct rd *value);

MUST int field_number(struct rd value, uint64_t max, uint64_t *ret_number);
MUST int field_hex(struct rd value, uint8_t *ret_bytes, size_t len);

/* Base64 of exactly len bytes. */
MUST int field_base64(struct rd value, uint8_t *ret_bytes, size_t len);

/* "SUITE BASE64": a KEM public key. */
MUST int field_kem(struct rd value, struct kem_public *ret_key);

/*
 * A verifier key of note/note.h: its type must be this one; ret_name points into value.
 */
MUST int field_vkey(struct rd value, uint8_t type, struct rd *ret_name,
	uint8_t ret_key[SIGN_PUBLIC_LEN]);

void field_put(struct buf *out, const char *word, struct rd value);
void field_put_hex(struct buf *out, const char *word, const uint8_t *ptr, size_t len);
void field_put_base64(struct buf *out, const char *word, const uint8_t *ptr, size_t len);
void field_put_kem(struct buf *out, const char *word, const struct kem_public *key);

/* The name of a key is printed from a format; FAIL_FORMAT when it is no name of a note. */
MUST int field_put_vkey(struct buf *out, const char *word, uint8_t type, const char *name,
	const uint8_t key[SIGN_PUBLIC_LEN]);

#endif
