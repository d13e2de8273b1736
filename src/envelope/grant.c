/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/grant.h"

#include <string.h>

/*
 * A grant is written in three steps by three hands: the granter's client (begin, sign), then
 * the originator's station (countersign).  Each step appends; nothing that was signed moves.
 */

static const uint8_t magic[RD_MAGIC_LEN] = {
	0x56, 0x47, 0x52, 0x41, 0x4e, 0x54, 0x0d, 0x0a};
static const char signed_prefix[] = "valise/v1 grant";
static const char counted_prefix[] = "valise/v1 grant-counted";

static int
parse_start(struct rd *in, struct grant *grant)
{
	int r;

	if ((r = rd_magic(in, magic)) != 0 || (r = rd_version(in, GRANT_VERSION)) != 0)
		return r;
	if ((r = rd_u16(in, &grant->suite)) != 0)
		return r;
	return kem_enc_len(grant->suite) > 0 ? 0 : FAIL_SUITE;
}

static int
parse_count(struct rd *in, struct grant *grant)
{
	struct rd signature;
	int r;

	if ((r = rd_vec8(in, 0, SIGN_LEN, &signature)) != 0)
		return r;
	if (signature.len != 0 && signature.len != SIGN_LEN)
		return FAIL_FORMAT;
	grant->is_counted = signature.len == SIGN_LEN;
	if (grant->is_counted)
		memcpy(grant->countersignature, signature.ptr, SIGN_LEN);
	return 0;
}

int
grant_parse(struct rd in, struct grant *ret_grant)
{
	struct grant grant = {0};
	struct rd at = in;
	int r;

	if ((r = parse_start(&at, &grant)) != 0 ||
		(r = rd_copy(&at, HASH_LEN, grant.envelope_hash)) != 0 ||
		(r = rd_vec16(&at, 1, TRAILER_IDENTITY_MAX, &grant.credential)) != 0 ||
		(r = rd_bytes(&at, KEM_ID_LEN, &grant.slot.key_id)) != 0 ||
		(r = rd_bytes(&at, kem_enc_len(grant.suite), &grant.slot.enc)) != 0 ||
		(r = rd_bytes(&at, SLOT_SEALED_LEN, &grant.slot.sealed)) != 0)
		return r;
	grant.signed_bytes = rd_of(in.ptr, in.len - at.len);
	if ((r = signer_parse(&at, &grant.granter)) != 0)
		return r;
	if (grant.granter.role != SIGNER_GRANTER)
		return FAIL_FORMAT;
	grant.counted_bytes = rd_of(in.ptr, in.len - at.len);
	if ((r = parse_count(&at, &grant)) != 0 || (r = rd_end(&at)) != 0)
		return r;
	*ret_grant = grant;
	return 0;
}

int
grant_begin(const struct grant_plan *plan, struct rng *rng,
	const uint8_t r_secret[SLOT_SECRET_LEN], struct buf *out)
{
	uint8_t credential_hash[HASH_LEN];
	struct slot_place place = {.role = "grant",
		.suite = plan->suite,
		.core_hash = plan->core_hash,
		.credential_hash = credential_hash};

	if (plan->credential.len < 1 || plan->credential.len > TRAILER_IDENTITY_MAX)
		return FAIL_LIMIT;
	hash_sha256(plan->credential.ptr, plan->credential.len, credential_hash);
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, GRANT_VERSION);
	buf_u16(out, plan->suite);
	buf_bytes(out, plan->envelope_hash, HASH_LEN);
	buf_vec(out, 2, plan->credential.ptr, plan->credential.len);
	return slot_seal(&place, plan->device, rng, r_secret, out);
}

int
grant_signed(struct rd begun, struct buf *ret_message)
{
	buf_bytes(ret_message, signed_prefix, sizeof signed_prefix);
	buf_bytes(ret_message, begun.ptr, begun.len);
	return buf_error(ret_message);
}

int
grant_sign(const struct signer *granter, struct buf *out)
{
	if (granter->role != SIGNER_GRANTER)
		return FAIL_FORMAT;
	signer_write(granter, out);
	buf_u8(out, 0);
	return buf_error(out);
}

int
grant_counted(const struct grant *grant, struct buf *ret_message)
{
	uint8_t hash[HASH_LEN];

	hash_sha256(grant->counted_bytes.ptr, grant->counted_bytes.len, hash);
	buf_bytes(ret_message, counted_prefix, sizeof counted_prefix);
	buf_bytes(ret_message, hash, sizeof hash);
	return buf_error(ret_message);
}

int
grant_countersign(
	const struct grant *grant, const uint8_t signature[SIGN_LEN], struct buf *out)
{
	buf_bytes(out, grant->counted_bytes.ptr, grant->counted_bytes.len);
	buf_vec(out, 1, signature, SIGN_LEN);
	return buf_error(out);
}

void
grant_place(const struct grant *grant, const uint8_t core_hash[HASH_LEN],
	const uint8_t credential_hash[HASH_LEN], struct slot_place *ret_place)
{
	*ret_place = (struct slot_place){.role = "grant",
		.suite = grant->suite,
		.core_hash = core_hash,
		.credential_hash = credential_hash};
}
