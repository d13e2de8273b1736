/* SPDX-License-Identifier: Apache-2.0 */
#include "member/keyfile.h"

#include <string.h>

#include "base/mem.h"

/*
 * The head is authenticated as it stands in the file, byte by byte, so nobody can lower the
 * cost of guessing, or move a body under another salt, and have the file still open.  A fixed
 * number of bytes follows from the suite, so there is one form and nothing to skip.
 */

static const char magic[] = "valise key"; /* with its NUL: 11 bytes */

enum { NO_RECOVERY = 0, WITH_RECOVERY = 1 };

static int
parse_magic(struct rd *in)
{
	const uint8_t *ptr;
	uint16_t version;
	int r;

	if ((r = rd_bytes(in, sizeof magic, &ptr)) != 0)
		return r;
	if (memcmp(ptr, magic, sizeof magic) != 0)
		return FAIL_FORMAT;
	if ((r = rd_u16(in, &version)) != 0)
		return r;
	return version == KEYFILE_VERSION ? 0 : FAIL_VERSION;
}

static int
parse_fields(struct rd *in, struct keyfile *file)
{
	int r;

	if ((r = rd_u8(in, &file->kind)) != 0 || (r = rd_u32(in, &file->mem_kib)) != 0 ||
		(r = rd_u32(in, &file->passes)) != 0 ||
		(r = rd_copy(in, sizeof file->salt, file->salt)) != 0)
		return r;
	return rd_copy(in, sizeof file->nonce, file->nonce);
}

static int
check_fields(const struct keyfile *file)
{
	if (file->kind < KEYFILE_KIND_SOLO || file->kind > KEYFILE_KIND_STATION)
		return FAIL_VERSION;
	if (file->mem_kib < PWHASH_MEM_KIB_MIN || file->mem_kib > PWHASH_MEM_KIB_MAX ||
		file->passes < PWHASH_PASSES_MIN || file->passes > PWHASH_PASSES_MAX)
		return FAIL_LIMIT;
	return 0;
}

int
keyfile_parse(const void *ptr, size_t len, struct keyfile *ret_file)
{
	struct rd in = rd_of(ptr, len);
	struct keyfile file = {0};
	int r;

	if (len > KEYFILE_MAX)
		return FAIL_LIMIT;
	if ((r = parse_magic(&in)) != 0 || (r = parse_fields(&in, &file)) != 0 ||
		(r = rd_vec16(&in, AEAD_TAG_LEN + 1, KEYFILE_MAX, &file.sealed)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = check_fields(&file)) != 0)
		return r;
	file.head = rd_of(ptr, (size_t)(file.sealed.ptr - (const uint8_t *)ptr));
	*ret_file = file;
	return 0;
}

static int
parse_seeds(struct rd *in, struct solo *s)
{
	uint8_t recovery;
	int r;

	if ((r = rd_copy(in, SOLO_SEED_LEN, solo_seed(s, SOLO_SIGN))) != 0 ||
		(r = rd_copy(in, SOLO_SEED_LEN, solo_seed(s, SOLO_READER))) != 0 ||
		(r = rd_copy(in, SOLO_SEED_LEN, solo_seed(s, SOLO_CUSTODY))) != 0 ||
		(r = rd_u8(in, &recovery)) != 0)
		return r;
	if (recovery != NO_RECOVERY && recovery != WITH_RECOVERY)
		return FAIL_FORMAT;
	s->has_recovery = recovery == WITH_RECOVERY;
	if (!s->has_recovery)
		return 0;
	return rd_copy(in, SOLO_SEED_LEN, solo_seed(s, SOLO_RECOVERY));
}

int
keyfile_parse_body(struct rd in, struct solo **ret_solo)
{
	struct solo *s = NULL;
	int r;

	if ((r = solo_new_empty(&s)) != 0)
		return r;
	if ((r = solo_public_parse(&in, &s->public)) != 0 ||
		(r = parse_seeds(&in, s)) != 0 || (r = rd_end(&in)) != 0)
		goto out;
	*ret_solo = s;
	s = NULL;
out:
	solo_free(s);
	return r;
}

/* The cipher under the passphrase's key; the key itself does not leave this function. */
static int
cipher_new(const struct keyfile *file, const struct secret *passphrase,
	struct aead **ret_aead)
{
	uint8_t key[PWHASH_KEY_LEN];
	int r;

	if ((r = pwhash_key(passphrase->bytes, passphrase->len, file->salt, file->mem_kib,
		     file->passes, key)) != 0)
		return r;
	r = aead_new(key, ret_aead);
	mem_wipe(key, sizeof key);
	return r;
}

int
keyfile_open_body(const void *ptr, size_t len, enum keyfile_kind kind,
	const struct secret *passphrase, struct secret **ret_body)
{
	struct secret *body = NULL;
	struct aead *cipher = NULL;
	struct keyfile file;
	int r;

	if ((r = keyfile_parse(ptr, len, &file)) != 0)
		return r;
	if (file.kind != kind)
		return FAIL_MISMATCH;
	if ((r = secret_new(file.sealed.len - AEAD_TAG_LEN, &body)) != 0 ||
		(r = cipher_new(&file, passphrase, &cipher)) != 0)
		goto out;
	r = aead_open(cipher, file.nonce, file.head.ptr, file.head.len, file.sealed.ptr,
		file.sealed.len, body->bytes);
	if (r == FAIL_ALTERED)
		r = FAIL_PASSPHRASE;
	if (r != 0)
		goto out;
	*ret_body = body;
	body = NULL;
out:
	aead_free(cipher);
	secret_free(body);
	return r;
}

int
keyfile_open(const void *ptr, size_t len, const struct secret *passphrase,
	struct solo **ret_solo)
{
	struct secret *body = NULL;
	struct solo *s = NULL;
	int r;

	if ((r = keyfile_open_body(ptr, len, KEYFILE_KIND_SOLO, passphrase, &body)) != 0)
		return r;
	if ((r = keyfile_parse_body(rd_of(body->bytes, body->len), &s)) != 0 ||
		(r = solo_check(s)) != 0)
		goto out;
	*ret_solo = s;
	s = NULL;
out:
	solo_free(s);
	secret_free(body);
	return r;
}

static void
write_body(const struct solo *s, struct buf *out)
{
	solo_public_write(&s->public, out);
	buf_bytes(out, solo_seed(s, SOLO_SIGN), SOLO_SEED_LEN);
	buf_bytes(out, solo_seed(s, SOLO_READER), SOLO_SEED_LEN);
	buf_bytes(out, solo_seed(s, SOLO_CUSTODY), SOLO_SEED_LEN);
	buf_u8(out, s->has_recovery ? WITH_RECOVERY : NO_RECOVERY);
	if (s->has_recovery)
		buf_bytes(out, solo_seed(s, SOLO_RECOVERY), SOLO_SEED_LEN);
}

/* The head, with the length of the sealed part in it. */
static void
write_head(const struct keyfile *file, size_t sealed_len, struct buf *out)
{
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, KEYFILE_VERSION);
	buf_u8(out, file->kind);
	buf_u32(out, file->mem_kib);
	buf_u32(out, file->passes);
	buf_bytes(out, file->salt, sizeof file->salt);
	buf_bytes(out, file->nonce, sizeof file->nonce);
	buf_u16(out, (uint16_t)sealed_len);
}

static int
seal_body(
	const struct keyfile *file, struct aead *cipher, struct rd body, struct buf *out)
{
	size_t sealed_len = body.len + AEAD_TAG_LEN, begin = out->len, head_len;
	uint8_t *at;

	write_head(file, sealed_len, out);
	head_len = out->len - begin;
	if ((at = buf_extend(out, sealed_len)) == NULL)
		return buf_error(out);
	return aead_seal(
		cipher, file->nonce, at - head_len, head_len, body.ptr, body.len, at);
}

int
keyfile_seal_body(enum keyfile_kind kind, struct rd body, const struct secret *passphrase,
	struct rng *rng, struct buf *out)
{
	struct keyfile file = {.kind = (uint8_t)kind,
		.mem_kib = PWHASH_MEM_KIB,
		.passes = PWHASH_PASSES};
	struct aead *cipher = NULL;
	int r;

	if (body.len > KEYFILE_MAX - AEAD_TAG_LEN)
		return FAIL_LIMIT;
	if ((r = rng_fill(rng, file.salt, sizeof file.salt)) != 0 ||
		(r = rng_fill(rng, file.nonce, sizeof file.nonce)) != 0 ||
		(r = cipher_new(&file, passphrase, &cipher)) != 0)
		return r;
	r = seal_body(&file, cipher, body, out);
	aead_free(cipher);
	return r;
}

int
keyfile_seal(const struct solo *s, const struct secret *passphrase, struct rng *rng,
	struct buf *out)
{
	struct buf body;
	int r;

	buf_init(&body, KEYFILE_MAX);
	write_body(s, &body);
	if ((r = buf_error(&body)) == 0)
		r = keyfile_seal_body(KEYFILE_KIND_SOLO, rd_of(body.data, body.len),
			passphrase, rng, out);
	buf_done(&body);
	return r;
}
