/* SPDX-License-Identifier: Apache-2.0 */
#include "member/order.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "member/address.h"
#include "member/signing.h"

/* The type stands in the fields and in the beginning of what is signed. */

static const uint8_t magic[RD_MAGIC_LEN] = {'V', 'O', 'R', 'D', 'E', 'R', 0x0d, 0x0a};

static const char *
type_text(uint8_t type)
{
	static const char *const texts[] = {NULL, "revoke", "hold", "lift"};

	return type <= ORDER_LIFT ? texts[type] : NULL;
}

static int
check_target(const struct order *o)
{
	struct rd member, name;
	bool is_address = address_split(o->target, &member, &name) == 0;

	if (o->type != ORDER_REVOKE) {
		if (o->credential.len != 0)
			return FAIL_FORMAT;
		return is_address || address_is_member(o->target) ? 0 : FAIL_FORMAT;
	}
	/* Nobody revokes the officers of another member; a HOLD is what is asked for there. */
	if (!is_address || address_compare(member, o->member) != 0)
		return FAIL_FORMAT;
	return o->credential.len == 0 || o->credential.len == HASH_LEN ? 0 : FAIL_FORMAT;
}

static int
check(const struct order *o)
{
	if (type_text(o->type) == NULL || !address_is_member(o->member) ||
		o->at_s > TIME_S_MAX)
		return FAIL_FORMAT;
	if (o->reason.len > ORDER_REASON_MAX ||
		!text_is_line(o->reason.ptr, o->reason.len))
		return FAIL_FORMAT;
	return check_target(o);
}

static int
parse_start(struct rd *in)
{
	int r;

	if ((r = rd_magic(in, magic)) != 0)
		return r;
	return rd_version(in, ORDER_VERSION);
}

static int
parse_fields(struct rd *in, struct order *o)
{
	int r;

	if ((r = rd_u8(in, &o->type)) != 0 ||
		(r = rd_vec8(in, 1, ADDRESS_MEMBER_MAX, &o->member)) != 0 ||
		(r = rd_vec8(in, 1, ADDRESS_MAX, &o->target)) != 0 ||
		(r = rd_vec8(in, 0, HASH_LEN, &o->credential)) != 0 ||
		(r = rd_u64(in, &o->at_s)) != 0)
		return r;
	return rd_vec8(in, 0, ORDER_REASON_MAX, &o->reason);
}

int
order_parse(const void *ptr, size_t len, struct order *ret_order)
{
	struct rd in = rd_of(ptr, len);
	struct order o = {0};
	int r;

	if (len > ORDER_BYTES_MAX)
		return FAIL_LIMIT;
	if ((r = parse_start(&in)) != 0 || (r = parse_fields(&in, &o)) != 0 ||
		(r = rd_copy(&in, sizeof o.key_id, o.key_id)) != 0 ||
		(r = rd_copy(&in, sizeof o.signature, o.signature)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = check(&o)) != 0)
		return r;
	*ret_order = o;
	return 0;
}

static void
write_fields(const struct order *o, struct buf *out)
{
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, ORDER_VERSION);
	buf_u8(out, o->type);
	buf_vec(out, 1, o->member.ptr, o->member.len);
	buf_vec(out, 1, o->target.ptr, o->target.len);
	buf_vec(out, 1, o->credential.ptr, o->credential.len);
	buf_u64(out, o->at_s);
	buf_vec(out, 1, o->reason.ptr, o->reason.len);
	buf_bytes(out, o->key_id, sizeof o->key_id);
}

static void
begin(const struct order *o, struct buf *ret_bytes)
{
	signing_begin(ret_bytes, type_text(o->type), ORDER_BYTES_MAX);
	write_fields(o, ret_bytes);
}

int
order_sign(struct order *order, const uint8_t seed[SIGN_SEED_LEN], struct buf *out)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct buf bytes;
	int r;

	if ((r = check(order)) != 0)
		return r;
	sign_public(seed, public_key);
	hash_sha256(public_key, sizeof public_key, order->key_id);
	begin(order, &bytes);
	if ((r = signing_sign(&bytes, seed, order->signature)) != 0)
		return r;
	write_fields(order, out);
	buf_bytes(out, order->signature, sizeof order->signature);
	return buf_error(out);
}

int
order_verify(const struct order *order, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	uint8_t key_id[HASH_LEN];
	struct buf bytes;

	hash_sha256(public_key, SIGN_PUBLIC_LEN, key_id);
	if (memcmp(key_id, order->key_id, sizeof key_id) != 0)
		return FAIL_SIGNER;
	begin(order, &bytes);
	return signing_verify(&bytes, public_key, order->signature);
}
