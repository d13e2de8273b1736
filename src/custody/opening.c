/* SPDX-License-Identifier: Apache-2.0 */
#include "custody/opening.h"

#include <string.h>

#include "base/text.h"
#include "member/signing.h"

/*
 * The fields are written by one function for the object and for the signature.
 */

enum { VERSION = 1, CREDENTIAL_MAX = 16384, AUTHORISATION_MAX = 256 };

/* Suite, then a key of that suite's length. */
static int
read_ephemeral(struct rd *in, uint16_t suite, struct kem_public *ret_key)
{
	struct rd key;
	int r;

	if ((r = rd_vec16(in, 1, KEM_PUBLIC_MAX, &key)) != 0)
		return r;
	if (key.len != kem_public_len(suite))
		return FAIL_FORMAT;
	*ret_key = (struct kem_public){.suite = suite, .len = (uint16_t)key.len};
	memcpy(ret_key->bytes, key.ptr, key.len);
	return 0;
}

static int
request_check(const struct opening_request *request)
{
	if (kem_public_len(request->ephemeral.suite) == 0)
		return FAIL_SUITE;
	if (request->log_origin.len < 1 ||
		request->log_origin.len > CORE_LOG_ORIGIN_MAX ||
		!text_is_line(request->log_origin.ptr, request->log_origin.len) ||
		request->credential.len < 1 || request->credential.len > CREDENTIAL_MAX ||
		request->purpose.len > OPENING_PURPOSE_MAX ||
		(request->purpose.len > 0 &&
			!text_is_line(request->purpose.ptr, request->purpose.len)))
		return FAIL_FORMAT;
	return 0;
}

int
opening_request_parse(struct rd in, struct opening_request *ret_request)
{
	struct opening_request q = {0};
	uint16_t suite;
	int r;

	if ((r = rd_version(&in, VERSION)) != 0 || (r = rd_u16(&in, &suite)) != 0)
		return r;
	if (kem_public_len(suite) == 0)
		return FAIL_SUITE;
	if ((r = rd_copy(&in, CORE_DOCUMENT_ID_LEN, q.document_id)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, q.envelope_hash)) != 0 ||
		(r = rd_vec8(&in, 1, CORE_LOG_ORIGIN_MAX, &q.log_origin)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, q.roster_hash)) != 0 ||
		(r = rd_vec16(&in, 1, CREDENTIAL_MAX, &q.credential)) != 0 ||
		(r = read_ephemeral(&in, suite, &q.ephemeral)) != 0 ||
		(r = rd_vec8(&in, 0, OPENING_PURPOSE_MAX, &q.purpose)) != 0 ||
		(r = rd_u64(&in, &q.not_after_s)) != 0 ||
		(r = rd_copy(&in, OPENING_NONCE_LEN, q.nonce)) != 0 ||
		(r = rd_copy(&in, SIGN_LEN, q.signature)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = request_check(&q)) != 0)
		return r;
	*ret_request = q;
	return 0;
}

static void
request_fields(const struct opening_request *q, struct buf *out)
{
	buf_u16(out, VERSION);
	buf_u16(out, q->ephemeral.suite);
	buf_bytes(out, q->document_id, CORE_DOCUMENT_ID_LEN);
	buf_bytes(out, q->envelope_hash, HASH_LEN);
	buf_vec(out, 1, q->log_origin.ptr, q->log_origin.len);
	buf_bytes(out, q->roster_hash, HASH_LEN);
	buf_vec(out, 2, q->credential.ptr, q->credential.len);
	buf_vec(out, 2, q->ephemeral.bytes, q->ephemeral.len);
	buf_vec(out, 1, q->purpose.ptr, q->purpose.len);
	buf_u64(out, q->not_after_s);
	buf_bytes(out, q->nonce, OPENING_NONCE_LEN);
}

int
opening_request_write(const struct opening_request *request, struct buf *out)
{
	int r;

	if ((r = request_check(request)) != 0)
		return r;
	request_fields(request, out);
	buf_bytes(out, request->signature, SIGN_LEN);
	return buf_error(out);
}

int
opening_request_signed(const struct opening_request *request, struct buf *ret_message)
{
	int r;

	if ((r = request_check(request)) != 0)
		return r;
	signing_begin(ret_message, "request", OPENING_LEN_MAX);
	request_fields(request, ret_message);
	return buf_error(ret_message);
}

int
opening_request_verify(
	const struct opening_request *request, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	struct buf b;

	signing_begin(&b, "request", OPENING_LEN_MAX);
	request_fields(request, &b);
	return signing_verify(&b, public_key, request->signature);
}

void
opening_request_hash(struct rd request_bytes, uint8_t ret_hash[HASH_LEN])
{
	hash_sha256(request_bytes.ptr, request_bytes.len, ret_hash);
}

int
opening_evidence_parse(struct rd in, struct opening_evidence *ret_evidence)
{
	struct opening_evidence e;
	int r;

	if ((r = rd_u8(&in, &e.kind)) != 0 ||
		(r = rd_vec24(&in, 1, (1u << 24) - 1, &e.bytes)) != 0 ||
		(r = rd_end(&in)) != 0)
		return r;
	if (e.kind > OPENING_GRANT)
		return FAIL_FORMAT;
	*ret_evidence = e;
	return 0;
}

void
opening_evidence_write(const struct opening_evidence *evidence, struct buf *out)
{
	buf_u8(out, evidence->kind);
	buf_vec(out, 3, evidence->bytes.ptr, evidence->bytes.len);
}

int
opening_authorisation_parse(struct rd in, struct opening_authorisation *ret_authorisation)
{
	struct opening_authorisation a;
	int r;

	if ((r = rd_version(&in, VERSION)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, a.request_hash)) != 0 ||
		(r = rd_u32(&in, &a.copy)) != 0 || (r = rd_u64(&in, &a.time_s)) != 0 ||
		(r = rd_copy(&in, SIGN_LEN, a.signature)) != 0 || (r = rd_end(&in)) != 0)
		return r;
	if (a.copy == 0)
		return FAIL_FORMAT;
	*ret_authorisation = a;
	return 0;
}

static void
authorisation_fields(const struct opening_authorisation *a, struct buf *out)
{
	buf_u16(out, VERSION);
	buf_bytes(out, a->request_hash, HASH_LEN);
	buf_u32(out, a->copy);
	buf_u64(out, a->time_s);
}

void
opening_authorisation_write(const struct opening_authorisation *a, struct buf *out)
{
	authorisation_fields(a, out);
	buf_bytes(out, a->signature, SIGN_LEN);
}

int
opening_authorisation_sign(
	struct opening_authorisation *a, const uint8_t seed[SIGN_SEED_LEN])
{
	struct buf b;

	signing_begin(&b, "authorisation", AUTHORISATION_MAX);
	authorisation_fields(a, &b);
	return signing_sign(&b, seed, a->signature);
}

int
opening_authorisation_verify(
	const struct opening_authorisation *a, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	struct buf b;

	signing_begin(&b, "authorisation", AUTHORISATION_MAX);
	authorisation_fields(a, &b);
	return signing_verify(&b, public_key, a->signature);
}
