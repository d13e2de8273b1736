/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note.h"

#include <string.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "note/name.h"

/*
 * The key id ties name, type and public key together: a key pasted
 * under another name, or as another type, has another id and is refused when it is parsed.
 */

enum { ID_HEX_LEN = 2 * NOTE_KEY_ID_LEN };

static bool
is_length_of_type(uint8_t type, size_t len)
{
	if (type == NOTE_ED25519 || type == NOTE_COSIGNATURE)
		return len == SIGN_PUBLIC_LEN;
	if (type == NOTE_COSIGNATURE_MLDSA)
		return len == NOTE_PUBLIC_MAX;
	return len >= 1 && len <= NOTE_PUBLIC_MAX;
}

int
note_key_make(const char *name, uint8_t type, const uint8_t *public_key,
	size_t public_len, struct note_key *ret_key)
{
	uint8_t in[NOTE_NAME_MAX + 2 + NOTE_PUBLIC_MAX], digest[HASH_LEN];
	size_t len = strlen(name);

	if (!name_is_good(name, len) || !is_length_of_type(type, public_len))
		return FAIL_FORMAT;
	memcpy(in, name, len);
	in[len] = '\n';
	in[len + 1] = type;
	memcpy(in + len + 2, public_key, public_len);
	hash_sha256(in, len + 2 + public_len, digest);

	*ret_key = (struct note_key){.type = type, .public_len = public_len};
	memcpy(ret_key->name, name, len);
	memcpy(ret_key->id, digest, NOTE_KEY_ID_LEN);
	memcpy(ret_key->public_key, public_key, public_len);
	return 0;
}

int
note_key_parse(const char *vkey, size_t len, struct note_key *ret_key)
{
	uint8_t id[NOTE_KEY_ID_LEN], blob[1 + NOTE_PUBLIC_MAX];
	char name[NOTE_NAME_MAX + 1] = "";
	const char *plus = memchr(vkey, '+', len);
	size_t name_len, blob_len;
	struct note_key key;
	int r;

	if (plus == NULL || (name_len = (size_t)(plus - vkey)) > NOTE_NAME_MAX)
		return FAIL_FORMAT;
	if (!name_is_good(vkey, name_len))
		return FAIL_FORMAT;
	memcpy(name, vkey, name_len);
	vkey += name_len + 1;
	len -= name_len + 1;
	if (len < ID_HEX_LEN + 1 || vkey[ID_HEX_LEN] != '+')
		return FAIL_FORMAT;
	if ((r = text_unhex(vkey, ID_HEX_LEN, id, sizeof id)) != 0 ||
		(r = text_unbase64(vkey + ID_HEX_LEN + 1, len - ID_HEX_LEN - 1, blob,
			 sizeof blob, &blob_len)) != 0)
		return r;
	if (blob_len < 2)
		return FAIL_FORMAT;
	if ((r = note_key_make(name, blob[0], blob + 1, blob_len - 1, &key)) != 0)
		return r;
	if (memcmp(key.id, id, sizeof id) != 0)
		return FAIL_FORMAT;
	*ret_key = key;
	return 0;
}

void
note_key_write(const struct note_key *key, struct buf *out)
{
	uint8_t blob[1 + NOTE_PUBLIC_MAX] = {key->type};
	char hex[ID_HEX_LEN + 1], base64[(1 + NOTE_PUBLIC_MAX + 2) / 3 * 4 + 1];

	CHECK(key->public_len <= NOTE_PUBLIC_MAX);
	memcpy(blob + 1, key->public_key, key->public_len);
	text_hex(key->id, NOTE_KEY_ID_LEN, hex);
	text_base64(blob, 1 + key->public_len, base64);
	buf_printf(out, "%s+%s+%s", key->name, hex, base64);
}
