/* SPDX-License-Identifier: Apache-2.0 */
#include "member/entry.h"

#include <stdio.h>
#include <string.h>

#include "member/field.h"

/* The founding file: an entry by itself, signed by the station it describes. */

static const char first_line[] = "valise/v1 member";

static int
write_text(const struct entry *entry, struct buf *out)
{
	buf_printf(out, "%s\n", first_line);
	return entry_write(entry, out);
}

static int
sign_name(const struct entry *entry, char ret_name[NOTE_NAME_MAX + 1])
{
	int n = snprintf(ret_name, NOTE_NAME_MAX + 1, "%.*s/sign", (int)entry->name.len,
		(const char *)entry->name.ptr);

	return n > 0 && n <= NOTE_NAME_MAX ? 0 : FAIL_LIMIT;
}

/* The text has one spelling, and its own key has signed it. */
static int
check_note(const struct note *note, const struct entry *entry)
{
	char name[NOTE_NAME_MAX + 1];
	struct note_key key;
	bool is_signer;
	struct buf again;
	int r;

	buf_init(&again, ENTRY_TEXT_MAX);
	if ((r = write_text(entry, &again)) == 0 &&
		address_compare(rd_of(again.data, again.len), note->text) != 0)
		r = FAIL_FORMAT;
	buf_done(&again);
	if (r != 0 || (r = sign_name(entry, name)) != 0 ||
		(r = note_key_make(
			 name, NOTE_ED25519, entry->sign, sizeof entry->sign, &key)) != 0)
		return r;
	return note_verify(note, &key, 1, &is_signer);
}

int
entry_note_parse(const struct note *note, struct entry *ret_entry)
{
	struct rd in = note->text;
	struct entry entry;
	int r;

	if (in.len > ENTRY_TEXT_MAX)
		return FAIL_LIMIT;
	if ((r = field_expect(&in, first_line)) != 0 ||
		(r = entry_parse(&in, &entry)) != 0 || (r = rd_end(&in)) != 0 ||
		(r = check_note(note, &entry)) != 0)
		return r;
	*ret_entry = entry;
	return 0;
}

int
entry_note_write(const struct entry *entry, const uint8_t sign_seed[SIGN_SEED_LEN],
	struct buf *out)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	char name[NOTE_NAME_MAX + 1];
	struct buf text;
	int r;

	sign_public(sign_seed, public_key);
	if (memcmp(public_key, entry->sign, sizeof public_key) != 0)
		return FAIL_MISMATCH;
	buf_init(&text, ENTRY_TEXT_MAX);
	if ((r = write_text(entry, &text)) != 0 || (r = sign_name(entry, name)) != 0 ||
		(r = note_text_write(text.data, text.len, out)) != 0)
		goto out;
	r = note_sign(text.data, text.len, name, sign_seed, out);
out:
	buf_done(&text);
	return r;
}

int
entry_hash(const struct entry *entry, uint8_t ret_hash[HASH_LEN])
{
	struct buf text;
	int r;

	buf_init(&text, ENTRY_TEXT_MAX);
	if ((r = write_text(entry, &text)) == 0)
		hash_sha256(text.data, text.len, ret_hash);
	buf_done(&text);
	return r;
}
