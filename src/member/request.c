/* SPDX-License-Identifier: Apache-2.0 */
#include "member/request.h"

#include <string.h>

#include "base/time.h"
#include "member/signing.h"

/*
 * The signature at the end covers the wish and the audit key; possession covers the subject
 * alone, because that is what the credential carries on.
 */

static const uint8_t magic[RD_MAGIC_LEN] = {'V', 'A', 'S', 'K', 'E', 'D', 0x0d, 0x0a};

static int
check(const struct request *q)
{
	bool may_offer = q->subject.kind == SUBJECT_SECURITY;

	if (q->made_s > TIME_S_MAX)
		return FAIL_FORMAT;
	if (q->audit.len == 0)
		return 0;
	return may_offer && q->audit.suite == q->subject.reader.suite &&
			q->audit.len == q->subject.reader.len
		? 0
		: FAIL_FORMAT;
}

static int
parse_audit(struct rd *in, struct request *q)
{
	struct rd audit;
	int r;

	if ((r = rd_vec16(in, 0, KEM_PUBLIC_MAX, &audit)) != 0)
		return r;
	if (audit.len == 0)
		return 0;
	q->audit.suite = q->subject.reader.suite;
	q->audit.len = (uint16_t)audit.len;
	memcpy(q->audit.bytes, audit.ptr, audit.len);
	return 0;
}

static int
parse_start(struct rd *in)
{
	int r;

	if ((r = rd_magic(in, magic)) != 0)
		return r;
	return rd_version(in, REQUEST_VERSION);
}

/* The bytes under the enrol key's proof; the buffer is done with on failure. */
static int
begin_enrol(const struct subject *subject, struct buf *ret_bytes)
{
	int r;

	signing_begin(ret_bytes, "enrol-possession", SUBJECT_BYTES_MAX);
	if ((r = subject_write(subject, ret_bytes)) != 0)
		buf_done(ret_bytes);
	return r;
}

static int
verify_enrol(const struct subject *subject, struct rd signature)
{
	struct buf bytes;
	int r;

	if (!subject_has_enrol(subject))
		return signature.len == 0 ? 0 : FAIL_FORMAT;
	if (signature.len != SIGN_LEN)
		return FAIL_FORMAT;
	if ((r = begin_enrol(subject, &bytes)) != 0)
		return r;
	return signing_verify(&bytes, subject->enrol, signature.ptr);
}

static int
verify(const struct request *q, struct rd fields, struct rd enrol,
	const uint8_t *signature)
{
	struct buf bytes;
	int r;

	if ((r = subject_verify(&q->subject, q->possession)) != 0 ||
		(r = verify_enrol(&q->subject, enrol)) != 0)
		return r;
	signing_begin(&bytes, "enrol-request", REQUEST_BYTES_MAX);
	buf_bytes(&bytes, fields.ptr, fields.len);
	return signing_verify(&bytes, q->subject.sign, signature);
}

static int
parse_fields(struct rd *in, struct request *q)
{
	int r;

	if ((r = subject_parse(in, &q->subject)) != 0 ||
		(r = rd_copy(in, sizeof q->possession, q->possession)) != 0 ||
		(r = desks_parse(in, &q->desks)) != 0 || (r = parse_audit(in, q)) != 0)
		return r;
	return rd_u64(in, &q->made_s);
}

int
request_parse(const void *ptr, size_t len, struct request *ret_request)
{
	struct rd in = rd_of(ptr, len), enrol;
	uint8_t signature[SIGN_LEN];
	struct request q = {0};
	int r;

	if (len > REQUEST_BYTES_MAX)
		return FAIL_LIMIT;
	if ((r = parse_start(&in)) != 0 || (r = parse_fields(&in, &q)) != 0 ||
		(r = rd_vec8(&in, 0, SIGN_LEN, &enrol)) != 0 ||
		(r = rd_copy(&in, sizeof signature, signature)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = check(&q)) != 0 ||
		(r = verify(&q, rd_of(ptr, len - SIGN_LEN), enrol, signature)) != 0)
		return r;
	*ret_request = q;
	return 0;
}

static int
check_seed(const uint8_t *seed, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t computed[SIGN_PUBLIC_LEN];

	sign_public(seed, computed);
	return memcmp(computed, public_key, sizeof computed) == 0 ? 0 : FAIL_MISMATCH;
}

static int
write_enrol(const struct subject *subject, const uint8_t *seed, struct buf *out)
{
	uint8_t signature[SIGN_LEN];
	struct buf bytes;
	int r;

	if (!subject_has_enrol(subject)) {
		buf_vec(out, 1, NULL, 0);
		return 0;
	}
	CHECK(seed != NULL);
	if ((r = check_seed(seed, subject->enrol)) != 0 ||
		(r = begin_enrol(subject, &bytes)) != 0 ||
		(r = signing_sign(&bytes, seed, signature)) != 0)
		return r;
	buf_vec(out, 1, signature, sizeof signature);
	return 0;
}

int
request_write(const struct request *request, const uint8_t sign_seed[SIGN_SEED_LEN],
	const uint8_t *enrol_seed, struct buf *out)
{
	uint8_t signature[SIGN_LEN];
	size_t before = out->len;
	struct buf bytes;
	int r;

	if ((r = check(request)) != 0 ||
		(r = check_seed(sign_seed, request->subject.sign)) != 0 ||
		(r = subject_prove(&request->subject, sign_seed, signature)) != 0)
		return r;
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, REQUEST_VERSION);
	if ((r = subject_write(&request->subject, out)) != 0)
		return r;
	buf_bytes(out, signature, sizeof signature);
	desks_write(&request->desks, out);
	buf_vec(out, 2, request->audit.bytes, request->audit.len);
	buf_u64(out, request->made_s);
	if ((r = write_enrol(&request->subject, enrol_seed, out)) != 0 ||
		(r = buf_error(out)) != 0)
		return r;
	signing_begin(&bytes, "enrol-request", REQUEST_BYTES_MAX);
	buf_bytes(&bytes, out->data + before, out->len - before);
	if ((r = signing_sign(&bytes, sign_seed, signature)) != 0)
		return r;
	buf_bytes(out, signature, sizeof signature);
	return buf_error(out);
}
