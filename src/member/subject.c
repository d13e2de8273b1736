/* SPDX-License-Identifier: Apache-2.0 */
#include "member/subject.h"

#include <string.h>

#include "crypto/crypto.h"
#include "member/address.h"
#include "member/signing.h"

/* One check serves reading and writing, so that nothing is written that would be refused. */

static const char *const kinds[SUBJECT_KINDS] = {
	"officer", "releasing-officer", "registrar", "security-officer", "index-host"};

static const uint8_t no_key[SIGN_PUBLIC_LEN];

bool
subject_has_enrol(const struct subject *subject)
{
	return subject->kind == SUBJECT_REGISTRAR || subject->kind == SUBJECT_SECURITY;
}

static int
check(const struct subject *s)
{
	bool has_key = memcmp(s->enrol, no_key, sizeof no_key) != 0;

	if (!address_is_member(s->member) || !address_is_name(s->officer) ||
		!address_is_name(s->device))
		return FAIL_FORMAT;
	if (s->kind < 1 || s->kind > SUBJECT_KINDS || has_key != subject_has_enrol(s))
		return FAIL_FORMAT;
	/* One key for two purposes would let a station that holds `sign` enrol. */
	if (has_key && memcmp(s->enrol, s->sign, sizeof s->sign) == 0)
		return FAIL_FORMAT;
	if (kem_public_len(s->reader.suite) == 0)
		return FAIL_SUITE;
	return s->reader.len == kem_public_len(s->reader.suite) ? 0 : FAIL_FORMAT;
}

static int
parse_enrol(struct rd *in, struct subject *s)
{
	struct rd enrol;
	int r;

	if ((r = rd_vec8(in, 0, SIGN_PUBLIC_LEN, &enrol)) != 0)
		return r;
	if (enrol.len != 0 && enrol.len != SIGN_PUBLIC_LEN)
		return FAIL_FORMAT;
	/* Zeros written out would be a second spelling of no key. */
	if (enrol.len > 0 && memcmp(enrol.ptr, no_key, sizeof no_key) == 0)
		return FAIL_FORMAT;
	if (enrol.len > 0)
		memcpy(s->enrol, enrol.ptr, sizeof s->enrol);
	return 0;
}

int
subject_parse(struct rd *in, struct subject *ret_subject)
{
	struct subject s = {0};
	struct rd at = *in;
	int r;

	if ((r = rd_vec8(&at, 1, ADDRESS_MEMBER_MAX, &s.member)) != 0 ||
		(r = rd_vec8(&at, 1, ADDRESS_NAME_MAX, &s.officer)) != 0 ||
		(r = rd_vec8(&at, 1, ADDRESS_NAME_MAX, &s.device)) != 0 ||
		(r = rd_u8(&at, &s.kind)) != 0 ||
		(r = rd_u16(&at, &s.reader.suite)) != 0 ||
		(r = rd_copy(&at, sizeof s.sign, s.sign)) != 0)
		return r;
	s.reader.len = (uint16_t)kem_public_len(s.reader.suite);
	if (s.reader.len == 0)
		return FAIL_SUITE;
	if ((r = rd_copy(&at, s.reader.len, s.reader.bytes)) != 0 ||
		(r = parse_enrol(&at, &s)) != 0 || (r = check(&s)) != 0)
		return r;
	*ret_subject = s;
	*in = at;
	return 0;
}

int
subject_write(const struct subject *subject, struct buf *out)
{
	int r;

	if ((r = check(subject)) != 0)
		return r;
	buf_vec(out, 1, subject->member.ptr, subject->member.len);
	buf_vec(out, 1, subject->officer.ptr, subject->officer.len);
	buf_vec(out, 1, subject->device.ptr, subject->device.len);
	buf_u8(out, subject->kind);
	buf_u16(out, subject->reader.suite);
	buf_bytes(out, subject->sign, sizeof subject->sign);
	buf_bytes(out, subject->reader.bytes, subject->reader.len);
	buf_vec(out, 1, subject->enrol, subject_has_enrol(subject) ? SIGN_PUBLIC_LEN : 0);
	return buf_error(out);
}

bool
subject_equal(const struct subject *a, const struct subject *b)
{
	return address_compare(a->member, b->member) == 0 &&
		address_compare(a->officer, b->officer) == 0 &&
		address_compare(a->device, b->device) == 0 && a->kind == b->kind &&
		a->reader.suite == b->reader.suite && a->reader.len == b->reader.len &&
		memcmp(a->reader.bytes, b->reader.bytes, a->reader.len) == 0 &&
		memcmp(a->sign, b->sign, sizeof a->sign) == 0 &&
		memcmp(a->enrol, b->enrol, sizeof a->enrol) == 0;
}

/* The signed or hashed bytes of a type; the buffer is done with on failure. */
static int
begin(const struct subject *subject, const char *type, struct buf *ret_bytes)
{
	int r;

	signing_begin(ret_bytes, type, SUBJECT_BYTES_MAX);
	if ((r = subject_write(subject, ret_bytes)) != 0)
		buf_done(ret_bytes);
	return r;
}

int
subject_hash(const struct subject *subject, uint8_t ret_hash[HASH_LEN])
{
	struct buf bytes;
	int r;

	if ((r = begin(subject, "subject", &bytes)) != 0)
		return r;
	hash_sha256(bytes.data, bytes.len, ret_hash);
	buf_done(&bytes);
	return 0;
}

int
subject_prove(const struct subject *subject, const uint8_t seed[SIGN_SEED_LEN],
	uint8_t ret_signature[SIGN_LEN])
{
	struct buf bytes;
	int r;

	if ((r = begin(subject, "credential-possession", &bytes)) != 0)
		return r;
	return signing_sign(&bytes, seed, ret_signature);
}

int
subject_verify(const struct subject *subject, const uint8_t signature[SIGN_LEN])
{
	struct buf bytes;
	int r;

	if ((r = begin(subject, "credential-possession", &bytes)) != 0)
		return r;
	return signing_verify(&bytes, subject->sign, signature);
}

const char *
subject_kind_text(uint8_t kind)
{
	return kind >= 1 && kind <= SUBJECT_KINDS ? kinds[kind - 1] : NULL;
}

uint8_t
subject_kind_of(const char *text)
{
	for (uint8_t i = 0; i < SUBJECT_KINDS; i++)
		if (strcmp(kinds[i], text) == 0)
			return (uint8_t)(i + 1);
	return 0;
}
