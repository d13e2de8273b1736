/* SPDX-License-Identifier: Apache-2.0 */
#include "member/enrol.h"

#include <string.h>

#include "member/signing.h"

/* Signatures cover the credential byte by byte; whoever signs has parsed it first. */

static const uint8_t magic[RD_MAGIC_LEN] = {'V', 'E', 'N', 'R', 'O', 'L', 0x0d, 0x0a};

static int
check_credential(struct rd bytes)
{
	struct credential c;
	int r = credential_parse(bytes.ptr, bytes.len, &c);

	return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
}

static int
parse_start(struct rd *in)
{
	int r;

	if ((r = rd_magic(in, magic)) != 0)
		return r;
	return rd_version(in, ENROL_VERSION);
}

static int
parse_signatures(struct rd *list, struct enrol *e)
{
	int r;

	while (list->len > 0) {
		struct enrol_signature *s = &e->signatures[e->signature_count];

		if (e->signature_count == ENROL_SIGNERS)
			return FAIL_FORMAT;
		if ((r = rd_copy(list, sizeof s->key_id, s->key_id)) != 0 ||
			(r = rd_copy(list, sizeof s->bytes, s->bytes)) != 0)
			return FAIL_FORMAT;
		if (e->signature_count > 0 &&
			memcmp(s[-1].key_id, s->key_id, sizeof s->key_id) >= 0)
			return FAIL_FORMAT;
		e->signature_count++;
	}
	return 0;
}

int
enrol_parse(const void *ptr, size_t len, struct enrol *ret_enrol)
{
	struct rd in = rd_of(ptr, len), list;
	struct enrol e = {0};
	int r;

	if (len > ENROL_BYTES_MAX)
		return FAIL_LIMIT;
	if ((r = parse_start(&in)) != 0 ||
		(r = rd_vec16(&in, 1, CREDENTIAL_BYTES_MAX, &e.credential)) != 0 ||
		(r = rd_vec16(&in, sizeof e.signatures[0], sizeof e.signatures, &list)) !=
			0 ||
		(r = rd_end(&in)) != 0 || (r = parse_signatures(&list, &e)) != 0 ||
		(r = check_credential(e.credential)) != 0)
		return r;
	*ret_enrol = e;
	return 0;
}

int
enrol_write(const struct enrol *enrol, struct buf *out)
{
	size_t mark;
	int r;

	CHECK(enrol->signature_count >= 1 && enrol->signature_count <= ENROL_SIGNERS);
	if ((r = check_credential(enrol->credential)) != 0)
		return r;
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, ENROL_VERSION);
	buf_vec(out, 2, enrol->credential.ptr, enrol->credential.len);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < enrol->signature_count; i++) {
		buf_bytes(out, enrol->signatures[i].key_id, ENROL_KEY_ID_LEN);
		buf_bytes(out, enrol->signatures[i].bytes, SIGN_LEN);
	}
	buf_vec_end(out, mark, 2);
	return buf_error(out);
}

static void
begin(const struct enrol *enrol, struct buf *ret_bytes)
{
	signing_begin(ret_bytes, "enrol", CREDENTIAL_BYTES_MAX);
	buf_bytes(ret_bytes, enrol->credential.ptr, enrol->credential.len);
}

int
enrol_add(struct enrol *enrol, const struct enrol_signature *signature)
{
	size_t at = 0;

	for (size_t i = 0; i < enrol->signature_count; i++)
		if (memcmp(enrol->signatures[i].key_id, signature->key_id,
			    sizeof signature->key_id) == 0)
			return FAIL_EXISTS;
	if (enrol->signature_count == ENROL_SIGNERS)
		return FAIL_LIMIT;
	if (enrol->signature_count == 1 &&
		memcmp(enrol->signatures[0].key_id, signature->key_id,
			sizeof signature->key_id) < 0)
		at = 1;
	else
		enrol->signatures[1] = enrol->signatures[0];
	enrol->signatures[at] = *signature;
	enrol->signature_count++;
	return 0;
}

int
enrol_sign(struct enrol *enrol, const uint8_t seed[SIGN_SEED_LEN])
{
	struct enrol_signature s;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct buf bytes;
	int r;

	sign_public(seed, public_key);
	hash_sha256(public_key, sizeof public_key, s.key_id);
	begin(enrol, &bytes);
	if ((r = signing_sign(&bytes, seed, s.bytes)) != 0)
		return r;
	return enrol_add(enrol, &s);
}

static const uint8_t *
find_key(const uint8_t *key_id, const uint8_t (*keys)[SIGN_PUBLIC_LEN], size_t key_count)
{
	uint8_t id[ENROL_KEY_ID_LEN];

	for (size_t i = 0; i < key_count; i++) {
		hash_sha256(keys[i], SIGN_PUBLIC_LEN, id);
		if (memcmp(id, key_id, sizeof id) == 0)
			return keys[i];
	}
	return NULL;
}

int
enrol_verify(const struct enrol *enrol, const uint8_t (*keys)[SIGN_PUBLIC_LEN],
	size_t key_count)
{
	struct credential c;
	int r;

	if ((r = credential_parse(enrol->credential.ptr, enrol->credential.len, &c)) !=
			0 ||
		(r = subject_verify(&c.subject, c.possession)) != 0)
		return r;
	for (size_t i = 0; i < enrol->signature_count; i++) {
		const struct enrol_signature *s = &enrol->signatures[i];
		const uint8_t *key = find_key(s->key_id, keys, key_count);
		struct buf bytes;

		if (key == NULL)
			return FAIL_SIGNER;
		begin(enrol, &bytes);
		if ((r = signing_verify(&bytes, key, s->bytes)) != 0)
			return r;
	}
	return enrol->signature_count == ENROL_SIGNERS ? 0 : FAIL_ABSENT;
}
