/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "note/name.h"

/*
 * A note is copied once; names and text point into the copy, decoded signatures stand in a
 * second block.  Whatever is parsed has one spelling, so writing it gives the same bytes.
 */

static const char dash[] = "\xe2\x80\x94 ";
enum { DASH_LEN = 4 };

static int
check_text(const uint8_t *text, size_t len)
{
	if (len > NOTE_TEXT_MAX)
		return FAIL_LIMIT;
	if (len == 0 || text[len - 1] != '\n' || !text_is_utf8(text, len))
		return FAIL_FORMAT;
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 && text[i] != '\n')
			return FAIL_FORMAT;
	return 0;
}

/* One line without its newline; the signature is decoded to *blob, which moves on. */
static int
parse_line(struct rd line, uint8_t **blob, struct note_signature *ret_signature)
{
	const uint8_t *space;
	struct rd name;
	size_t len;
	int r;

	if (line.len < DASH_LEN || memcmp(line.ptr, dash, DASH_LEN) != 0)
		return FAIL_FORMAT;
	line = rd_of(line.ptr + DASH_LEN, line.len - DASH_LEN);
	if ((space = memchr(line.ptr, ' ', line.len)) == NULL)
		return FAIL_FORMAT;
	name = rd_of(line.ptr, (size_t)(space - line.ptr));
	if (!name_is_good(name.ptr, name.len))
		return FAIL_FORMAT;
	line = rd_of(space + 1, line.len - name.len - 1);
	if ((r = text_unbase64(
		     (const char *)line.ptr, line.len, *blob, NOTE_BLOB_MAX, &len)) != 0)
		return r;
	if (len <= NOTE_KEY_ID_LEN)
		return FAIL_FORMAT;
	ret_signature->name = name;
	memcpy(ret_signature->key_id, *blob, NOTE_KEY_ID_LEN);
	ret_signature->bytes = rd_of(*blob + NOTE_KEY_ID_LEN, len - NOTE_KEY_ID_LEN);
	*blob += len;
	return 0;
}

static int
parse_lines(struct rd lines, struct note *note)
{
	uint8_t *blob = note->blobs;
	int r;

	if (lines.len == 0 || lines.ptr[lines.len - 1] != '\n')
		return FAIL_FORMAT;
	while (lines.len > 0) {
		const uint8_t *end = memchr(lines.ptr, '\n', lines.len);
		size_t len = (size_t)(end - lines.ptr);

		if (note->signature_count == NOTE_SIGNATURES_MAX)
			return FAIL_LIMIT;
		if ((r = parse_line(rd_of(lines.ptr, len), &blob,
			     &note->signatures[note->signature_count])) != 0)
			return r;
		note->signature_count++;
		lines = rd_of(end + 1, lines.len - len - 1);
	}
	return 0;
}

/* The border: the last empty line, since the text may have empty lines of its own. */
static int
split(const struct note *note, struct rd *ret_text, struct rd *ret_lines)
{
	size_t i = note->bytes_len;

	while (i >= 2 && (note->bytes[i - 1] != '\n' || note->bytes[i - 2] != '\n'))
		i--;
	if (i < 2)
		return FAIL_FORMAT;
	*ret_text = rd_of(note->bytes, i - 1);
	*ret_lines = rd_of(note->bytes + i, note->bytes_len - i);
	return 0;
}

int
note_parse(const void *ptr, size_t len, struct note **ret_note)
{
	struct note *note = NULL;
	struct rd lines;
	int r;

	if (len > NOTE_BYTES_MAX)
		return FAIL_LIMIT;
	if ((r = mem_new(&note, sizeof *note)) != 0 ||
		(r = mem_new(&note->bytes, len)) != 0)
		goto out;
	note->bytes_len = len;
	if (len > 0)
		memcpy(note->bytes, ptr, len);
	/* Base64 never grows by decoding; NOTE_BLOB_MAX more lets the last line state its limit. */
	if ((r = split(note, &note->text, &lines)) != 0 ||
		(r = mem_new(&note->blobs, lines.len + NOTE_BLOB_MAX)) != 0 ||
		(r = check_text(note->text.ptr, note->text.len)) != 0 ||
		(r = parse_lines(lines, note)) != 0)
		goto out;

	*ret_note = note;
	note = NULL;
out:
	note_free(note);
	return r;
}

void
note_free(struct note *note)
{
	if (note == NULL)
		return;
	mem_free(note->bytes);
	mem_free(note->blobs);
	mem_free(note);
}

static void
write_line(struct rd name, const uint8_t *blob, size_t len, struct buf *out)
{
	char base64[(NOTE_BLOB_MAX + 2) / 3 * 4 + 1];

	CHECK(len <= NOTE_BLOB_MAX);
	text_base64(blob, len, base64);
	buf_bytes(out, dash, DASH_LEN);
	buf_bytes(out, name.ptr, name.len);
	buf_u8(out, ' ');
	buf_text(out, base64);
	buf_u8(out, '\n');
}

void
note_write(const struct note *note, struct buf *out)
{
	buf_bytes(out, note->text.ptr, note->text.len);
	buf_u8(out, '\n');
	for (size_t i = 0; i < note->signature_count; i++) {
		const struct note_signature *s = &note->signatures[i];

		/* The key id stands before the signature's bytes in the same block. */
		write_line(s->name, s->bytes.ptr - NOTE_KEY_ID_LEN,
			s->bytes.len + NOTE_KEY_ID_LEN, out);
	}
}

static bool
is_by(const struct note_signature *s, const struct note_key *key)
{
	return s->name.len == strlen(key->name) &&
		memcmp(s->name.ptr, key->name, s->name.len) == 0 &&
		memcmp(s->key_id, key->id, NOTE_KEY_ID_LEN) == 0;
}

const struct note_signature *
note_signature_find(const struct note *note, const struct note_key *key)
{
	for (size_t i = 0; i < note->signature_count; i++)
		if (is_by(&note->signatures[i], key))
			return &note->signatures[i];
	return NULL;
}

/* Every signature of one key: all must verify, so that no order of lines changes the verdict. */
static int
verify_key(const struct note *note, const struct note_key *key, bool *ret_is_signer)
{
	bool is_signer = false;
	int r;

	if (key->type != NOTE_ED25519 || key->public_len != SIGN_PUBLIC_LEN)
		return FAIL_UNSUPPORTED;
	for (size_t i = 0; i < note->signature_count; i++) {
		const struct note_signature *s = &note->signatures[i];

		if (!is_by(s, key))
			continue;
		if (s->bytes.len != SIGN_LEN)
			return FAIL_SIGNATURE;
		if ((r = sign_verify(key->public_key, note->text.ptr, note->text.len,
			     s->bytes.ptr)) != 0)
			return r;
		is_signer = true;
	}
	*ret_is_signer = is_signer;
	return 0;
}

int
note_verify(const struct note *note, const struct note_key *keys, size_t key_count,
	bool *ret_is_signer)
{
	bool is_signed = false;
	int r;

	for (size_t i = 0; i < key_count; i++) {
		if ((r = verify_key(note, &keys[i], &ret_is_signer[i])) != 0)
			goto out;
		is_signed = is_signed || ret_is_signer[i];
	}
	r = is_signed ? 0 : FAIL_SIGNATURE;
out:
	/* Nobody counts as a signer of a refused note, also for a caller that forgets to look. */
	for (size_t i = 0; r != 0 && i < key_count; i++)
		ret_is_signer[i] = false;
	return r;
}

int
note_text_write(const void *text, size_t len, struct buf *out)
{
	int r;

	if ((r = check_text(text, len)) != 0)
		return r;
	buf_bytes(out, text, len);
	buf_u8(out, '\n');
	return buf_error(out);
}

void
note_line_write(const char *name, const uint8_t *blob, size_t len, struct buf *out)
{
	write_line(rd_of(name, strlen(name)), blob, len, out);
}

int
note_sign(const void *text, size_t len, const char *name,
	const uint8_t seed[SIGN_SEED_LEN], struct buf *out)
{
	uint8_t public_key[SIGN_PUBLIC_LEN], blob[NOTE_KEY_ID_LEN + SIGN_LEN];
	struct note_key key;
	int r;

	if ((r = check_text(text, len)) != 0)
		return r;
	sign_public(seed, public_key);
	if ((r = note_key_make(
		     name, NOTE_ED25519, public_key, sizeof public_key, &key)) != 0)
		return r;
	memcpy(blob, key.id, NOTE_KEY_ID_LEN);
	sign_message(seed, text, len, blob + NOTE_KEY_ID_LEN);
	note_line_write(key.name, blob, sizeof blob, out);
	return buf_error(out);
}
