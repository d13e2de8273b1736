/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/receipt.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "envelope/addressing.h"

/*
 * One check serves reading, writing and signing, so that nothing is signed that a reader would
 * refuse.  Signed is the receipt as it is written, without its signature.
 */

static const uint8_t magic[8] = {'V', 'R', 'E', 'C', 'P', 'T', '\r', '\n'};
static const char signed_prefix[] = "valise/v1 receipt"; /* with its NUL */

static const struct {
	const char *text;
	uint8_t answer_min, answer_max;
	bool has_officer;
} kinds[] = {
	[RECEIPT_DELIVERED] = {"delivered", 0, 0, false},
	[RECEIPT_READ] = {"read", 0, 0, true},
	[RECEIPT_ACKNOWLEDGED] = {"acknowledged", RECEIPT_RECEIVED, RECEIPT_CANNOT_COMPLY,
		true},
	[RECEIPT_REFUSED] = {"refused", RECEIPT_NOT_CLEARED, RECEIPT_OTHER, false},
	[RECEIPT_NON_RECEIPT] = {"non-receipt", RECEIPT_NOT_DELIVERED,
		RECEIPT_NOT_ACKNOWLEDGED, false},
};

const char *
receipt_kind_text(uint8_t kind)
{
	return kind < sizeof kinds / sizeof kinds[0] ? kinds[kind].text : NULL;
}

/* Does the address belong to the member? */
static bool
is_of(struct rd address, struct rd member)
{
	return address.len > member.len && address.ptr[member.len] == '/' &&
		memcmp(address.ptr, member.ptr, member.len) == 0;
}

static bool
is_officer_right(const struct receipt *r)
{
	if (!kinds[r->kind].has_officer)
		return r->officer.len == 0;
	return addressing_is_address(r->officer.ptr, r->officer.len) &&
		is_of(r->officer, r->member);
}

/* Only the addressee's own member can say what became of a cable there. */
static bool
are_names_right(const struct receipt *r)
{
	return core_is_member(r->member.ptr, r->member.len) &&
		addressing_is_address(r->addressee.ptr, r->addressee.len) &&
		(r->kind == RECEIPT_NON_RECEIPT || is_of(r->addressee, r->member)) &&
		is_officer_right(r);
}

static int
check(const struct receipt *r)
{
	if (receipt_kind_text(r->kind) == NULL || r->answer < kinds[r->kind].answer_min ||
		r->answer > kinds[r->kind].answer_max || !are_names_right(r))
		return FAIL_FORMAT;
	if (r->time_s == 0 || r->time_s > TIME_S_MAX)
		return FAIL_FORMAT;
	if (r->text.len > RECEIPT_TEXT_MAX || !text_is_line(r->text.ptr, r->text.len))
		return FAIL_FORMAT;
	return 0;
}

static void
write_fields(const struct receipt *r, struct buf *out)
{
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, RECEIPT_VERSION);
	buf_u8(out, r->kind);
	buf_u8(out, r->answer);
	buf_bytes(out, r->document_id, sizeof r->document_id);
	buf_bytes(out, r->envelope_hash, sizeof r->envelope_hash);
	buf_vec(out, 1, r->member.ptr, r->member.len);
	buf_vec(out, 1, r->addressee.ptr, r->addressee.len);
	buf_vec(out, 1, r->officer.ptr, r->officer.len);
	buf_u64(out, r->time_s);
	buf_vec(out, 2, r->text.ptr, r->text.len);
	buf_bytes(out, r->key_id, sizeof r->key_id);
}

static int
parse_head(struct rd *in, struct receipt *r)
{
	const uint8_t *start;
	uint16_t version;
	int f;

	if ((f = rd_bytes(in, sizeof magic, &start)) != 0)
		return f;
	if (memcmp(start, magic, sizeof magic) != 0)
		return FAIL_FORMAT;
	if ((f = rd_u16(in, &version)) != 0)
		return f;
	if (version != RECEIPT_VERSION)
		return FAIL_VERSION;
	if ((f = rd_u8(in, &r->kind)) != 0 || (f = rd_u8(in, &r->answer)) != 0 ||
		(f = rd_copy(in, sizeof r->document_id, r->document_id)) != 0)
		return f;
	return rd_copy(in, sizeof r->envelope_hash, r->envelope_hash);
}

int
receipt_parse(struct rd in, struct receipt *ret_receipt)
{
	struct receipt r = {0};
	int f;

	if ((f = parse_head(&in, &r)) != 0 ||
		(f = rd_vec8(&in, 1, CORE_MEMBER_MAX, &r.member)) != 0 ||
		(f = rd_vec8(&in, 3, ADDRESSING_ADDRESS_MAX, &r.addressee)) != 0 ||
		(f = rd_vec8(&in, 0, ADDRESSING_ADDRESS_MAX, &r.officer)) != 0 ||
		(f = rd_u64(&in, &r.time_s)) != 0 ||
		(f = rd_vec16(&in, 0, RECEIPT_TEXT_MAX, &r.text)) != 0 ||
		(f = rd_copy(&in, sizeof r.key_id, r.key_id)) != 0 ||
		(f = rd_copy(&in, sizeof r.signature, r.signature)) != 0 ||
		(f = rd_end(&in)) != 0 || (f = check(&r)) != 0)
		return f;
	*ret_receipt = r;
	return 0;
}

int
receipt_write(const struct receipt *receipt, struct buf *out)
{
	int r;

	if ((r = check(receipt)) != 0)
		return r;
	write_fields(receipt, out);
	buf_bytes(out, receipt->signature, sizeof receipt->signature);
	return buf_error(out);
}

int
receipt_signed(const struct receipt *receipt, struct buf *out)
{
	int r;

	if ((r = check(receipt)) != 0)
		return r;
	buf_bytes(out, signed_prefix, sizeof signed_prefix);
	write_fields(receipt, out);
	return buf_error(out);
}

int
receipt_sign(struct receipt *receipt, const uint8_t seed[SIGN_SEED_LEN])
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct buf message;
	int r;

	sign_public(seed, public_key);
	hash_sha256(public_key, sizeof public_key, receipt->key_id);
	buf_init(&message, sizeof signed_prefix + RECEIPT_LEN_MAX);
	if ((r = receipt_signed(receipt, &message)) == 0)
		sign_message(seed, message.data, message.len, receipt->signature);
	buf_done(&message);
	return r;
}

int
receipt_verify(const struct receipt *receipt, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t key_id[HASH_LEN];
	struct buf message;
	int r;

	hash_sha256(public_key, SIGN_PUBLIC_LEN, key_id);
	if (memcmp(key_id, receipt->key_id, sizeof key_id) != 0)
		return FAIL_SIGNER;
	buf_init(&message, sizeof signed_prefix + RECEIPT_LEN_MAX);
	if ((r = receipt_signed(receipt, &message)) == 0)
		r = sign_verify(
			public_key, message.data, message.len, receipt->signature);
	buf_done(&message);
	return r;
}
