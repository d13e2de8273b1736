/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_file.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hkdf.h"

/*
 * The name of a file stands in its key and in its authenticated bytes: no file can be put in the
 * place of another, and none can be put under another number.
 */

static const uint8_t magic[RD_MAGIC_LEN] = {
	0x56, 0x43, 0x55, 0x53, 0x54, 0x44, 0x0d, 0x0a};
enum { VERSION = 1 };

int
vault_derive(const uint8_t from[VAULT_SEED_LEN], const char *name,
	uint8_t ret_key[AEAD_KEY_LEN])
{
	static const char salt[] = "valise/v1";
	uint8_t prk[HKDF_PRK_LEN];
	char info[64];
	int n, r;

	n = snprintf(info, sizeof info, "valise/v1 custody %s", name);
	CHECK(n > 0 && (size_t)n < sizeof info);
	if ((r = hkdf_extract(salt, sizeof salt - 1, from, VAULT_SEED_LEN, prk)) == 0)
		r = hkdf_expand(prk, info, (size_t)n, ret_key, AEAD_KEY_LEN);
	mem_wipe(prk, sizeof prk);
	return r;
}

int
vault_box_seal(struct aead *key, struct rd aad, struct rng *rng, struct rd plain,
	struct buf *out)
{
	size_t start = out->len;
	uint8_t *at = buf_extend(out, plain.len + VAULT_BOX_OVERHEAD);
	int r;

	if (at == NULL)
		return buf_error(out);
	if ((r = rng_fill(rng, at, AEAD_NONCE_LEN)) == 0)
		r = aead_seal(key, at, aad.ptr, aad.len, plain.ptr, plain.len,
			at + AEAD_NONCE_LEN);
	if (r != 0)
		out->len = start;
	return r;
}

int
vault_box_open(struct aead *key, struct rd aad, struct rd box, uint8_t *ret_plain)
{
	if (box.len < VAULT_BOX_OVERHEAD)
		return FAIL_TRUNCATED;
	return aead_open(key, box.ptr, aad.ptr, aad.len, box.ptr + AEAD_NONCE_LEN,
		box.len - AEAD_NONCE_LEN, ret_plain);
}

void
vault_head_write(uint64_t number, struct buf *out)
{
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, VERSION);
	buf_u64(out, number);
}

int
vault_head_parse(struct rd *in, uint64_t *ret_number)
{
	int r;

	if ((r = rd_magic(in, magic)) != 0 || (r = rd_version(in, VERSION)) != 0)
		return r;
	return rd_u64(in, ret_number);
}

static size_t
aad_of(const struct vault_seal *seal, uint8_t aad[VAULT_AAD_MAX])
{
	struct buf head;
	int n = snprintf((char *)aad, VAULT_AAD_MAX - VAULT_HEAD_LEN,
		"valise/v1 custody %s", seal->name);

	CHECK(n > 0 && n < VAULT_AAD_MAX - VAULT_HEAD_LEN);
	/* No memory of its own: the head is written straight behind the name and its NUL. */
	head = (struct buf){
		.data = aad + n + 1, .cap = VAULT_HEAD_LEN, .max = VAULT_HEAD_LEN};
	vault_head_write(seal->number, &head);
	CHECK(head.error == 0 && head.len == VAULT_HEAD_LEN);
	return (size_t)n + 1 + VAULT_HEAD_LEN;
}

int
vault_file_seal(
	const struct vault_seal *seal, struct rng *rng, struct rd plain, struct buf *out)
{
	uint8_t aad[VAULT_AAD_MAX];
	size_t aad_len = aad_of(seal, aad);
	struct aead *key = NULL;
	int r;

	if ((r = aead_new(seal->key, &key)) != 0)
		return r;
	vault_head_write(seal->number, out);
	r = vault_box_seal(key, rd_of(aad, aad_len), rng, plain, out);
	aead_free(key);
	return r;
}

int
vault_file_open(const struct vault_seal *seal, struct rd bytes, uint8_t *ret_plain,
	size_t *ret_len)
{
	uint8_t aad[VAULT_AAD_MAX];
	size_t aad_len = aad_of(seal, aad);
	struct aead *key = NULL;
	uint64_t number = 0;
	int r;

	if ((r = vault_head_parse(&bytes, &number)) != 0)
		return r;
	if (bytes.len < VAULT_BOX_OVERHEAD)
		return FAIL_TRUNCATED;
	if (number != seal->number)
		return FAIL_ALTERED;
	if ((r = aead_new(seal->key, &key)) != 0)
		return r;
	if ((r = vault_box_open(key, rd_of(aad, aad_len), bytes, ret_plain)) == 0)
		*ret_len = bytes.len - VAULT_BOX_OVERHEAD;
	aead_free(key);
	return r;
}

int
vault_file_read(
	const struct vault_disk *disk, const char *name, size_t max, struct buf *out)
{
	enum { PIECE = 4096 };
	size_t start = out->len, got = PIECE;
	uint8_t *at;
	int r;

	while (got == PIECE) {
		if (out->len - start > max)
			return FAIL_LIMIT;
		if ((at = buf_extend(out, PIECE)) == NULL)
			return buf_error(out);
		if ((r = disk->read(disk->ctx, name, out->len - start - PIECE, at, PIECE,
			     &got)) != 0) {
			out->len -= PIECE;
			return r;
		}
		out->len -= PIECE - got;
	}
	return 0;
}

/* One piece: all of it, then nothing. */
static int
whole(void *arg, struct buf *piece)
{
	struct rd *left = arg;
	size_t n = left->len < VAULT_PIECE_MAX ? left->len : VAULT_PIECE_MAX;

	buf_bytes(piece, left->ptr, n);
	*left = rd_of(left->ptr + n, left->len - n);
	return 0;
}

int
vault_file_put(const struct vault_disk *disk, const struct vault_seal *seal,
	struct rng *rng, struct rd plain)
{
	struct rd left;
	struct vault_pieces pieces = {.next = whole, .arg = &left};
	struct buf bytes;
	int r;

	buf_init(&bytes, plain.len + VAULT_HEAD_LEN + VAULT_BOX_OVERHEAD);
	if ((r = vault_file_seal(seal, rng, plain, &bytes)) == 0) {
		left = rd_of(bytes.data, bytes.len);
		r = disk->replace(disk->ctx, seal->name, &pieces);
	}
	buf_done(&bytes);
	return r;
}
