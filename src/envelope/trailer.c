/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/trailer.h"

#include <string.h>

#include "crypto/crypto.h"

/*
 * Sizes and root are signed together with the header hash, so one signature covers every
 * byte of the file but the signers' own.
 */

static const char signed_prefix[] =
	"valise/v1 envelope"; /* its NUL is part of what is signed */

int
signer_parse(struct rd *in, struct signer *ret_signer)
{
	struct signer signer = {0};
	int r;

	if ((r = rd_u8(in, &signer.role)) != 0 || (r = rd_u8(in, &signer.kind)) != 0 ||
		(r = rd_vec16(in, SIGN_PUBLIC_LEN, TRAILER_IDENTITY_MAX,
			 &signer.identity)) != 0 ||
		(r = rd_copy(in, SIGN_LEN, signer.signature)) != 0)
		return r;
	if (signer.kind > SIGNER_CREDENTIAL ||
		(signer.kind == SIGNER_BARE_KEY &&
			signer.identity.len != SIGN_PUBLIC_LEN))
		return FAIL_FORMAT;
	*ret_signer = signer;
	return 0;
}

void
signer_write(const struct signer *signer, struct buf *out)
{
	buf_u8(out, signer->role);
	buf_u8(out, signer->kind);
	buf_vec(out, 2, signer->identity.ptr, signer->identity.len);
	buf_bytes(out, signer->signature, SIGN_LEN);
}

/* Author first, releaser second; all of one kind, and bare keys sign alone. */
static int
check_signers(const struct trailer *t)
{
	if (t->signer_count < 1 || t->signer_count > TRAILER_SIGNERS_MAX)
		return FAIL_FORMAT;
	for (uint8_t i = 0; i < t->signer_count; i++) {
		if (t->signers[i].role != SIGNER_AUTHOR + i ||
			t->signers[i].kind != t->signers[0].kind)
			return FAIL_FORMAT;
	}
	if (t->signers[0].kind == SIGNER_BARE_KEY && t->signer_count != 1)
		return FAIL_FORMAT;
	return t->sums.boxes % 2 == 0 && t->sums.segments > 0 ? 0 : FAIL_FORMAT;
}

int
trailer_parse(struct rd in, struct trailer *ret_trailer)
{
	struct trailer t = {0};
	struct rd list;
	int r;

	if ((r = rd_u64(&in, &t.sums.body_len)) != 0 ||
		(r = rd_u32(&in, &t.sums.segments)) != 0 ||
		(r = rd_u32(&in, &t.sums.boxes)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, t.sums.root)) != 0 ||
		(r = rd_vec16(&in, 1, UINT16_MAX, &list)) != 0 || (r = rd_end(&in)) != 0)
		return r;
	while (list.len > 0) {
		if (t.signer_count == TRAILER_SIGNERS_MAX ||
			signer_parse(&list, &t.signers[t.signer_count]) != 0)
			return FAIL_FORMAT;
		t.signer_count++;
	}
	if ((r = check_signers(&t)) != 0)
		return r;
	*ret_trailer = t;
	return 0;
}

int
trailer_write(const struct trailer *trailer, struct buf *out)
{
	size_t mark;
	int r;

	if ((r = check_signers(trailer)) != 0)
		return r;
	buf_u64(out, trailer->sums.body_len);
	buf_u32(out, trailer->sums.segments);
	buf_u32(out, trailer->sums.boxes);
	buf_bytes(out, trailer->sums.root, HASH_LEN);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < trailer->signer_count; i++)
		signer_write(&trailer->signers[i], out);
	buf_vec_end(out, mark, 2);
	return buf_error(out);
}

static uint8_t *
put_uint(uint8_t *at, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		at[i] = (uint8_t)(v >> 8 * (width - 1 - i));
	return at + width;
}

void
trailer_signed(const uint8_t header_hash[HASH_LEN], const struct trailer_sums *sums,
	uint8_t ret_signed[TRAILER_SIGNED_LEN])
{
	uint8_t *at = ret_signed;

	memcpy(at, signed_prefix, sizeof signed_prefix);
	at += sizeof signed_prefix;
	memcpy(at, header_hash, HASH_LEN);
	at += HASH_LEN;
	at = put_uint(at, sums->body_len, 8);
	at = put_uint(at, sums->segments, 4);
	at = put_uint(at, sums->boxes, 4);
	memcpy(at, sums->root, HASH_LEN);
	at += HASH_LEN;
	CHECK(at == ret_signed + TRAILER_SIGNED_LEN);
}

void
trailer_envelope_hash(const uint8_t header_hash[HASH_LEN],
	const struct trailer_sums *sums, uint8_t ret_hash[HASH_LEN])
{
	uint8_t message[TRAILER_SIGNED_LEN];

	trailer_signed(header_hash, sums, message);
	hash_sha256(message, sizeof message, ret_hash);
}

int
trailer_compare(const struct trailer_sums *stated, const struct trailer_sums *seen)
{
	if (stated->body_len != seen->body_len || stated->segments != seen->segments ||
		stated->boxes != seen->boxes ||
		!ct_equal(stated->root, seen->root, HASH_LEN))
		return FAIL_ALTERED;
	return 0;
}

int
trailer_verify(const struct trailer *trailer, size_t signer,
	const uint8_t header_hash[HASH_LEN], const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t message[TRAILER_SIGNED_LEN];

	CHECK(signer < trailer->signer_count);
	trailer_signed(header_hash, &trailer->sums, message);
	return sign_verify(
		public_key, message, sizeof message, trailer->signers[signer].signature);
}

int
trailer_verify_bare(
	const struct trailer *trailer, size_t signer, const uint8_t header_hash[HASH_LEN])
{
	CHECK(signer < trailer->signer_count);
	if (trailer->signers[signer].kind != SIGNER_BARE_KEY)
		return FAIL_SIGNATURE;
	return trailer_verify(
		trailer, signer, header_hash, trailer->signers[signer].identity.ptr);
}
