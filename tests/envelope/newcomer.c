/* SPDX-License-Identifier: Apache-2.0 */
#include "newcomer.h"

#include <string.h>

#include "crypto/sign.h"
#include "envelope/grant.h"
#include "fixture.h"

const uint8_t newcomer_core_hash[HASH_LEN] = {0xc0};
const uint8_t newcomer_envelope_hash[HASH_LEN] = {0xe0};
const uint8_t newcomer_r[SLOT_SECRET_LEN] = {0x52};

static void
sign_as(const char *name, const struct buf *message, uint8_t ret_signature[SIGN_LEN])
{
	uint8_t seed[SIGN_SEED_LEN];

	fixture_seed(name, 0, seed);
	sign_message(seed, message->data, message->len, ret_signature);
}

/* Begun, signed, and countersigned if asked. */
void
newcomer_grant(uint16_t suite, bool is_counted, struct buf *out)
{
	uint8_t credential[FIXTURE_CREDENTIAL_LEN], granter[FIXTURE_CREDENTIAL_LEN];
	struct grant_plan plan = {.suite = suite,
		.envelope_hash = newcomer_envelope_hash,
		.core_hash = newcomer_core_hash,
		.credential = rd_of(credential, sizeof credential)};
	struct signer signer = {.role = SIGNER_GRANTER, .kind = SIGNER_CREDENTIAL};
	uint8_t countersignature[SIGN_LEN];
	struct kem_public device;
	struct fixture_rng rng;
	struct buf message, begun;
	struct grant grant;

	fixture_rng_init(&rng, "grant");
	fixture_credential("newcomer", credential);
	fixture_credential("granter", granter);
	fixture_key(suite, "newcomer", 0, &device);
	plan.device = &device;
	buf_init(&message, GRANT_LEN_MAX);
	buf_init(&begun, GRANT_LEN_MAX);
	CHECK(grant_begin(&plan, &rng.rng, newcomer_r, &begun) == 0);
	CHECK(grant_signed(rd_of(begun.data, begun.len), &message) == 0);
	sign_as("granter", &message, signer.signature);
	signer.identity = rd_of(granter, sizeof granter);
	CHECK(grant_sign(&signer, &begun) == 0);
	if (is_counted) {
		CHECK(grant_parse(rd_of(begun.data, begun.len), &grant) == 0);
		CHECK(!grant.is_counted);
		buf_clear(&message);
		CHECK(grant_counted(&grant, &message) == 0);
		sign_as("station", &message, countersignature);
		CHECK(grant_countersign(&grant, countersignature, out) == 0);
	} else {
		buf_bytes(out, begun.data, begun.len);
	}
	buf_done(&message);
	buf_done(&begun);
}

static int
verify(const char *name, const struct buf *message, const uint8_t *signature)
{
	uint8_t seed[SIGN_SEED_LEN], key[SIGN_PUBLIC_LEN];

	fixture_seed(name, 0, seed);
	sign_public(seed, key);
	return sign_verify(key, message->data, message->len, signature);
}

static int
verify_both(const struct grant *grant)
{
	struct buf message;
	int r;

	buf_init(&message, GRANT_LEN_MAX);
	if ((r = grant_signed(grant->signed_bytes, &message)) == 0)
		r = verify("granter", &message, grant->granter.signature);
	buf_clear(&message);
	if (r == 0 && (r = grant_counted(grant, &message)) == 0)
		r = verify("station", &message, grant->countersignature);
	buf_done(&message);
	return r;
}

static int
open_r(const struct grant *grant)
{
	uint8_t hash[HASH_LEN], seed[KEM_SEED_LEN], secret[SLOT_SECRET_LEN];
	struct slot_place place;
	int r;

	hash_sha256(grant->credential.ptr, grant->credential.len, hash);
	grant_place(grant, newcomer_core_hash, hash, &place);
	fixture_seed("newcomer", 0, seed);
	if ((r = slot_open(&place, &grant->slot, seed, secret)) != 0)
		return r;
	return memcmp(secret, newcomer_r, sizeof secret) == 0 ? 0 : FAIL_MISMATCH;
}

int
newcomer_accept(struct rd in)
{
	uint8_t granter[FIXTURE_CREDENTIAL_LEN];
	struct grant grant;
	int r;

	if ((r = grant_parse(in, &grant)) != 0)
		return r;
	if (memcmp(grant.envelope_hash, newcomer_envelope_hash, HASH_LEN) != 0)
		return FAIL_MISMATCH;
	fixture_credential("granter", granter);
	if (grant.granter.kind != SIGNER_CREDENTIAL ||
		grant.granter.identity.len != sizeof granter ||
		memcmp(grant.granter.identity.ptr, granter, sizeof granter) != 0)
		return FAIL_SIGNER;
	if (!grant.is_counted)
		return FAIL_AGAIN;
	if ((r = verify_both(&grant)) != 0)
		return r;
	return open_r(&grant);
}
