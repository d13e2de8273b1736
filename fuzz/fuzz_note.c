/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "crypto/crypto.h"
#include "note/note.h"

/*
 * The first byte chooses: a note, or a verifier key.  What parses writes as the same bytes.  A
 * note is also verified with a key that each of its signatures claims, so that the comparison
 * of names and the check of lengths run.
 */

static void
check_signature(const struct note *note, const struct note_signature *s)
{
	struct note_key key = {.type = NOTE_ED25519, .public_len = SIGN_PUBLIC_LEN};
	bool is_signer = true;

	memcpy(key.name, s->name.ptr, s->name.len);
	memcpy(key.id, s->key_id, sizeof key.id);
	CHECK(note_signature_find(note, &key) != NULL);
	CHECK(note_verify(note, &key, 1, &is_signer) == FAIL_SIGNATURE);
	CHECK(!is_signer);
}

static void
check_note(const uint8_t *data, size_t size)
{
	struct note *note = NULL;
	struct buf b;

	if (note_parse(data, size, &note) != 0)
		return;
	buf_init(&b, NOTE_BYTES_MAX);
	note_write(note, &b);
	CHECK(buf_error(&b) == 0);
	CHECK(b.len == size && memcmp(b.data, data, size) == 0);
	for (size_t i = 0; i < note->signature_count; i++)
		check_signature(note, &note->signatures[i]);
	buf_done(&b);
	note_free(note);
}

static void
check_key(const uint8_t *data, size_t size)
{
	struct note_key key;
	struct buf b;

	if (note_key_parse((const char *)data, size, &key) != 0)
		return;
	buf_init(&b, 4096);
	note_key_write(&key, &b);
	CHECK(buf_error(&b) == 0);
	CHECK(b.len == size && memcmp(b.data, data, size) == 0);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;

	if (!is_ready)
		CHECK(crypto_init() == 0);
	is_ready = true;
	if (size == 0)
		return 0;
	if (data[0] == 'k')
		check_key(data + 1, size - 1);
	else
		check_note(data + 1, size - 1);
	return 0;
}
