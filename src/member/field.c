/* SPDX-License-Identifier: Apache-2.0 */
#include "member/field.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "note/note.h"

/* Nothing is copied: values point into the text. */

bool
field_is_next(struct rd in, const char *word)
{
	size_t len = strlen(word);

	return in.len > len && memcmp(in.ptr, word, len) == 0 && in.ptr[len] == ' ';
}

static int
take_line(struct rd *in, struct rd *ret_line)
{
	const uint8_t *end = in->len > 0 ? memchr(in->ptr, '\n', in->len) : NULL;

	if (end == NULL)
		return FAIL_FORMAT;
	*ret_line = rd_of(in->ptr, (size_t)(end - in->ptr));
	*in = rd_of(end + 1, in->len - ret_line->len - 1);
	return 0;
}

int
field_take(struct rd *in, const char *word, struct rd *ret_value)
{
	struct rd line;
	int r;

	if (!field_is_next(*in, word))
		return FAIL_FORMAT;
	if ((r = take_line(in, &line)) != 0)
		return r;
	*ret_value = rd_of(line.ptr + strlen(word) + 1, line.len - strlen(word) - 1);
	return 0;
}

int
field_expect(struct rd *in, const char *text)
{
	size_t len = strlen(text);
	struct rd rest = *in, line;
	int r;

	if ((r = take_line(&rest, &line)) != 0)
		return r;
	if (line.len != len || memcmp(line.ptr, text, len) != 0)
		return FAIL_FORMAT;
	*in = rest;
	return 0;
}

struct rd
field_word(struct rd *value)
{
	const uint8_t *space =
		value->len > 0 ? memchr(value->ptr, ' ', value->len) : NULL;
	struct rd word = *value;

	if (space == NULL) {
		*value = rd_of(value->ptr + value->len, 0);
		return word;
	}
	word.len = (size_t)(space - value->ptr);
	*value = rd_of(space + 1, value->len - word.len - 1);
	return word;
}

int
field_number(struct rd value, uint64_t max, uint64_t *ret_number)
{
	uint64_t n = 0;

	if (value.len == 0)
		return FAIL_FORMAT;
	for (size_t i = 0; i < value.len; i++) {
		uint64_t digit = (uint64_t)value.ptr[i] - '0';

		if (value.ptr[i] < '0' || value.ptr[i] > '9')
			return FAIL_FORMAT;
		if (n > max / 10 || n * 10 > max - digit)
			return FAIL_LIMIT;
		n = n * 10 + digit;
	}
	*ret_number = n;
	return 0;
}

int
field_hex(struct rd value, uint8_t *ret_bytes, size_t len)
{
	return text_unhex((const char *)value.ptr, value.len, ret_bytes, len);
}

int
field_base64(struct rd value, uint8_t *ret_bytes, size_t len)
{
	size_t got = 0;
	int r;

	if (value.len != text_base64_len(len))
		return FAIL_FORMAT;
	if ((r = text_unbase64(
		     (const char *)value.ptr, value.len, ret_bytes, len, &got)) != 0)
		return r == FAIL_LIMIT ? FAIL_FORMAT : r;
	return got == len ? 0 : FAIL_FORMAT;
}

int
field_kem(struct rd value, struct kem_public *ret_key)
{
	struct rd suite = field_word(&value);
	struct kem_public key = {0};
	uint64_t number;
	int r;

	if ((r = field_number(suite, UINT16_MAX, &number)) != 0)
		return FAIL_FORMAT;
	key.suite = (uint16_t)number;
	key.len = (uint16_t)kem_public_len(key.suite);
	if (key.len == 0)
		return FAIL_SUITE;
	if ((r = field_base64(value, key.bytes, key.len)) != 0)
		return r;
	*ret_key = key;
	return 0;
}

int
field_vkey(struct rd value, uint8_t type, struct rd *ret_name,
	uint8_t ret_key[SIGN_PUBLIC_LEN])
{
	struct note_key key;
	int r;

	if ((r = note_key_parse((const char *)value.ptr, value.len, &key)) != 0)
		return r;
	if (key.type != type || key.public_len != SIGN_PUBLIC_LEN)
		return FAIL_FORMAT;
	*ret_name = rd_of(value.ptr, strlen(key.name));
	memcpy(ret_key, key.public_key, SIGN_PUBLIC_LEN);
	return 0;
}

static void
begin(struct buf *out, const char *word)
{
	buf_text(out, word);
	buf_u8(out, ' ');
}

void
field_put(struct buf *out, const char *word, struct rd value)
{
	begin(out, word);
	buf_bytes(out, value.ptr, value.len);
	buf_u8(out, '\n');
}

void
field_put_hex(struct buf *out, const char *word, const uint8_t *ptr, size_t len)
{
	char hex[2 * KEM_ID_LEN + 1];

	CHECK(len <= KEM_ID_LEN);
	text_hex(ptr, len, hex);
	field_put(out, word, rd_of(hex, 2 * len));
}

void
field_put_base64(struct buf *out, const char *word, const uint8_t *ptr, size_t len)
{
	char base64[(KEM_PUBLIC_MAX + 2) / 3 * 4 + 1];

	CHECK(len <= KEM_PUBLIC_MAX);
	text_base64(ptr, len, base64);
	field_put(out, word, rd_of(base64, strlen(base64)));
}

void
field_put_kem(struct buf *out, const char *word, const struct kem_public *key)
{
	begin(out, word);
	buf_printf(out, "%" PRIu16, key->suite);
	field_put_base64(out, "", key->bytes, key->len);
}

int
field_put_vkey(struct buf *out, const char *word, uint8_t type, const char *name,
	const uint8_t key[SIGN_PUBLIC_LEN])
{
	struct note_key vkey;
	int r;

	if ((r = note_key_make(name, type, key, SIGN_PUBLIC_LEN, &vkey)) != 0)
		return r;
	begin(out, word);
	note_key_write(&vkey, out);
	buf_u8(out, '\n');
	return 0;
}
