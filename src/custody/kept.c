/* SPDX-License-Identifier: Apache-2.0 */
#include "custody/kept.h"

#include "member/signing.h"

/*
 * The fields are written by one function for the object and for the signature.
 */

int
kept_parse(struct rd in, struct kept *ret_kept)
{
	struct kept kept;
	int r;

	if ((r = rd_version(&in, KEPT_VERSION)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, kept.envelope_hash)) != 0 ||
		(r = rd_vec8(&in, 1, CORE_MEMBER_MAX, &kept.member)) != 0 ||
		(r = rd_u8(&in, &kept.number)) != 0 ||
		(r = rd_u64(&in, &kept.time_s)) != 0 ||
		(r = rd_copy(&in, SIGN_LEN, kept.signature)) != 0 ||
		(r = rd_end(&in)) != 0)
		return r;
	if (!core_is_member(kept.member.ptr, kept.member.len) || kept.number < 1 ||
		kept.number > CORE_CUSTODIANS_MAX)
		return FAIL_FORMAT;
	*ret_kept = kept;
	return 0;
}

static void
kept_fields(const struct kept *kept, struct buf *out)
{
	buf_u16(out, KEPT_VERSION);
	buf_bytes(out, kept->envelope_hash, HASH_LEN);
	buf_vec(out, 1, kept->member.ptr, kept->member.len);
	buf_u8(out, kept->number);
	buf_u64(out, kept->time_s);
}

void
kept_write(const struct kept *kept, struct buf *out)
{
	kept_fields(kept, out);
	buf_bytes(out, kept->signature, SIGN_LEN);
}

int
kept_sign(struct kept *kept, const uint8_t seed[SIGN_SEED_LEN])
{
	struct buf b;

	signing_begin(&b, "kept", KEPT_LEN_MAX);
	kept_fields(kept, &b);
	return signing_sign(&b, seed, kept->signature);
}

int
kept_verify(const struct kept *kept, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	struct buf b;

	signing_begin(&b, "kept", KEPT_LEN_MAX);
	kept_fields(kept, &b);
	return signing_verify(&b, public_key, kept->signature);
}
