/* SPDX-License-Identifier: Apache-2.0 */
#include "log/checkpoint.h"

#include <string.h>

#include "base/text.h"
#include "log/line.h"

enum { COSIGNATURE_LEN = 8 + SIGN_LEN, MESSAGE_MAX = 1 << 16 };

int
checkpoint_parse(struct rd text, struct checkpoint *ret_checkpoint)
{
	struct checkpoint c;
	struct rd line;
	int r;

	if ((r = line_take(&text, &c.origin)) != 0)
		return r;
	if (c.origin.len == 0 || c.origin.len > NOTE_NAME_MAX)
		return FAIL_FORMAT;
	if ((r = line_take(&text, &line)) != 0 || (r = line_number(line, &c.size)) != 0 ||
		(r = line_take(&text, &line)) != 0)
		return r;
	if ((r = line_hash(line, c.root)) != 0)
		return r;
	while (text.len > 0)
		if ((r = line_take(&text, &line)) != 0 || line.len == 0)
			return FAIL_FORMAT;
	*ret_checkpoint = c;
	return 0;
}

int
checkpoint_write(const struct checkpoint *checkpoint, struct buf *out)
{
	char root[64];

	if (checkpoint->origin.len == 0 || checkpoint->origin.len > NOTE_NAME_MAX ||
		checkpoint->size >> 63 != 0)
		return FAIL_FORMAT;
	text_base64(checkpoint->root, HASH_LEN, root);
	buf_bytes(out, checkpoint->origin.ptr, checkpoint->origin.len);
	buf_printf(out, "\n%llu\n%s\n", (unsigned long long)checkpoint->size, root);
	return buf_error(out);
}

int
checkpoint_verify(const struct note *note, const struct note_key *log,
	struct checkpoint *ret_checkpoint)
{
	struct checkpoint c;
	bool is_signer;
	int r;

	if ((r = checkpoint_parse(note->text, &c)) != 0)
		return r;
	if (c.origin.len != strlen(log->name) ||
		memcmp(c.origin.ptr, log->name, c.origin.len) != 0)
		return FAIL_MISMATCH;
	if (note_signature_find(note, log) == NULL)
		return FAIL_ABSENT;
	if ((r = note_verify(note, log, 1, &is_signer)) != 0)
		return r;
	*ret_checkpoint = c;
	return 0;
}

/* What a witness signs. */
static int
cosignature_message(struct rd text, uint64_t time_s, struct buf *out)
{
	buf_init(out, MESSAGE_MAX);
	buf_printf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s);
	buf_bytes(out, text.ptr, text.len);
	return buf_error(out);
}

int
checkpoint_cosign(
	struct rd text, const struct checkpoint_cosigner *cosigner, struct buf *out)
{
	uint8_t blob[NOTE_KEY_ID_LEN + COSIGNATURE_LEN], public_key[SIGN_PUBLIC_LEN];
	struct note_key key;
	struct buf message;
	int r;

	sign_public(cosigner->seed, public_key);
	if ((r = note_key_make(cosigner->name, NOTE_COSIGNATURE, public_key,
		     sizeof public_key, &key)) != 0)
		return r;
	if ((r = cosignature_message(text, cosigner->time_s, &message)) != 0)
		goto out;
	memcpy(blob, key.id, NOTE_KEY_ID_LEN);
	for (size_t i = 0; i < 8; i++)
		blob[NOTE_KEY_ID_LEN + i] = (uint8_t)(cosigner->time_s >> (56 - 8 * i));
	sign_message(
		cosigner->seed, message.data, message.len, blob + NOTE_KEY_ID_LEN + 8);
	note_line_write(cosigner->name, blob, sizeof blob, out);
	r = buf_error(out);
out:
	buf_done(&message);
	return r;
}

int
checkpoint_cosigned(
	const struct note *note, const struct note_key *witness, uint64_t *ret_time_s)
{
	const struct note_signature *s = note_signature_find(note, witness);
	struct buf message;
	uint64_t time_s;
	struct rd in;
	int r;

	if (s == NULL)
		return FAIL_ABSENT;
	if (witness->type != NOTE_COSIGNATURE)
		return FAIL_UNSUPPORTED;
	in = s->bytes;
	if (in.len != COSIGNATURE_LEN || rd_u64(&in, &time_s) != 0 || time_s >> 63 != 0)
		return FAIL_SIGNATURE;
	if ((r = cosignature_message(note->text, time_s, &message)) == 0)
		r = sign_verify(witness->public_key, message.data, message.len, in.ptr);
	buf_done(&message);
	if (r == 0)
		*ret_time_s = time_s;
	return r;
}
