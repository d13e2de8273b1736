/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/sign.h"
#include "envelope/grant.h"
#include "fixture.h"

/*
 * A grant as three hands write it: begun and signed by the granter, countersigned by the
 * originator's station; then read by the new reader's device.
 */

static const uint8_t core_hash_bytes[HASH_LEN] = {0xc0};
static const uint8_t envelope_hash[HASH_LEN] = {0xe0};
static const uint8_t r_secret[SLOT_SECRET_LEN] = {0x52};

static void
sign_as(const char *name, const struct buf *message, uint8_t ret_signature[SIGN_LEN])
{
	uint8_t seed[SIGN_SEED_LEN];

	fixture_seed(name, 0, seed);
	sign_message(seed, message->data, message->len, ret_signature);
}

/* Begun, signed, and countersigned if asked. */
static void
write_grant(uint16_t suite, bool is_counted, struct buf *out)
{
	uint8_t credential[FIXTURE_CREDENTIAL_LEN], granter[FIXTURE_CREDENTIAL_LEN];
	struct grant_plan plan = {.suite = suite,
		.envelope_hash = envelope_hash,
		.core_hash = core_hash_bytes,
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
	assert_int_equal(grant_begin(&plan, &rng.rng, r_secret, &begun), 0);
	assert_int_equal(grant_signed(bytes_of(&begun), &message), 0);
	sign_as("granter", &message, signer.signature);
	signer.identity = rd_of(granter, sizeof granter);
	assert_int_equal(grant_sign(&signer, &begun), 0);
	if (is_counted) {
		assert_int_equal(grant_parse(bytes_of(&begun), &grant), 0);
		assert_false(grant.is_counted);
		buf_clear(&message);
		assert_int_equal(grant_counted(&grant, &message), 0);
		sign_as("station", &message, countersignature);
		assert_int_equal(grant_countersign(&grant, countersignature, out), 0);
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

/* What the new reader's client asks: parse, granter, countersignature, R. */
static int
accept(struct rd in)
{
	uint8_t hash[HASH_LEN], seed[KEM_SEED_LEN], secret[SLOT_SECRET_LEN];
	uint8_t granter[FIXTURE_CREDENTIAL_LEN];
	struct slot_place place;
	struct grant grant;
	struct buf message;
	int r;

	if ((r = grant_parse(in, &grant)) != 0)
		return r;
	if (memcmp(grant.envelope_hash, envelope_hash, HASH_LEN) != 0)
		return FAIL_MISMATCH;
	fixture_credential("granter", granter);
	if (grant.granter.kind != SIGNER_CREDENTIAL ||
		grant.granter.identity.len != sizeof granter ||
		memcmp(grant.granter.identity.ptr, granter, sizeof granter) != 0)
		return FAIL_SIGNER;
	if (!grant.is_counted)
		return FAIL_AGAIN;
	buf_init(&message, GRANT_LEN_MAX);
	if ((r = grant_signed(grant.signed_bytes, &message)) == 0)
		r = verify("granter", &message, grant.granter.signature);
	buf_clear(&message);
	if (r == 0 && (r = grant_counted(&grant, &message)) == 0)
		r = verify("station", &message, grant.countersignature);
	buf_done(&message);
	if (r != 0)
		return r;
	hash_sha256(grant.credential.ptr, grant.credential.len, hash);
	grant_place(&grant, core_hash_bytes, hash, &place);
	fixture_seed("newcomer", 0, seed);
	if ((r = slot_open(&place, &grant.slot, seed, secret)) == 0)
		assert_memory_equal(secret, r_secret, sizeof secret);
	return r;
}

static void
is_written_by_three_hands(void **state)
{
	struct buf counted, bare;

	(void)state;
	buf_init(&counted, GRANT_LEN_MAX);
	buf_init(&bare, GRANT_LEN_MAX);
	write_grant(SUITE_1, true, &counted);
	write_grant(SUITE_1, false, &bare);
	assert_int_equal(accept(bytes_of(&counted)), 0);
	assert_int_equal(accept(bytes_of(&bare)), FAIL_AGAIN);
	/* Countersigning appends; nothing that was signed has moved. */
	assert_memory_equal(counted.data, bare.data, bare.len - 1);
	assert_int_equal(counted.len, bare.len + SIGN_LEN);
	buf_done(&counted);
	buf_done(&bare);
}

static void
is_written_in_suite_2(void **state)
{
	struct buf grant;

	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	buf_init(&grant, GRANT_LEN_MAX);
	write_grant(SUITE_2, true, &grant);
	assert_int_equal(accept(bytes_of(&grant)), 0);
	buf_done(&grant);
}

static void
every_altered_byte_is_refused(void **state)
{
	struct buf grant;

	(void)state;
	buf_init(&grant, GRANT_LEN_MAX);
	write_grant(SUITE_1, true, &grant);
	for (size_t i = 0; i < grant.len; i++) {
		for (unsigned way = 0; way < 3; way++) {
			uint8_t honest = grant.data[i];
			int r;

			grant.data[i] = (uint8_t)(way == 0 ? honest ^ 1
					: way == 1	   ? honest ^ 0x80
							   : honest + 1);
			r = accept(bytes_of(&grant));
			assert_true(r == FAIL_FORMAT || r == FAIL_TRUNCATED ||
				r == FAIL_VERSION || r == FAIL_SUITE ||
				r == FAIL_MISMATCH || r == FAIL_SIGNER ||
				r == FAIL_SIGNATURE);
			grant.data[i] = honest;
		}
	}
	assert_int_equal(accept(bytes_of(&grant)), 0);
	buf_done(&grant);
}

static void
every_cut_and_a_byte_more_are_refused(void **state)
{
	struct grant grant;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, GRANT_LEN_MAX);
	write_grant(SUITE_1, true, &bytes);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(
			grant_parse(rd_of(bytes.data, len), &grant), FAIL_TRUNCATED);
	buf_u8(&bytes, 0);
	assert_int_equal(grant_parse(bytes_of(&bytes), &grant), FAIL_FORMAT);
	buf_done(&bytes);
}

/* The slot is bound to the credential, the core and the role. */
static void
r_opens_for_its_credential_only(void **state)
{
	uint8_t hash[HASH_LEN], seed[KEM_SEED_LEN], secret[SLOT_SECRET_LEN];
	struct slot_place place;
	struct grant grant;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, GRANT_LEN_MAX);
	write_grant(SUITE_1, true, &bytes);
	assert_int_equal(grant_parse(bytes_of(&bytes), &grant), 0);
	hash_sha256(grant.credential.ptr, grant.credential.len, hash);
	fixture_seed("newcomer", 0, seed);
	grant_place(&grant, core_hash_bytes, hash, &place);
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), 0);
	hash[0] ^= 1;
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), FAIL_ALTERED);
	hash[0] ^= 1;
	grant_place(&grant, envelope_hash, hash, &place);
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), FAIL_ALTERED);
	grant_place(&grant, core_hash_bytes, hash, &place);
	place.role = "R";
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), FAIL_ALTERED);
	fixture_seed("stranger", 0, seed);
	grant_place(&grant, core_hash_bytes, hash, &place);
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), FAIL_ALTERED);
	buf_done(&bytes);
}

static void
keeps_its_limits_and_roles(void **state)
{
	static uint8_t credential[TRAILER_IDENTITY_MAX + 1];
	struct grant_plan plan = {.suite = SUITE_1,
		.envelope_hash = envelope_hash,
		.core_hash = core_hash_bytes};
	struct signer author = {.role = SIGNER_AUTHOR, .identity = rd_of(credential, 32)};
	struct kem_public device;
	struct fixture_rng rng;
	struct buf out;

	(void)state;
	fixture_rng_init(&rng, "limits");
	fixture_key(SUITE_1, "newcomer", 0, &device);
	plan.device = &device;
	buf_init(&out, GRANT_LEN_MAX);
	plan.credential = rd_of(credential, 0);
	assert_int_equal(grant_begin(&plan, &rng.rng, r_secret, &out), FAIL_LIMIT);
	plan.credential = rd_of(credential, sizeof credential);
	assert_int_equal(grant_begin(&plan, &rng.rng, r_secret, &out), FAIL_LIMIT);
	assert_int_equal(out.len, 0);
	plan.credential.len--;
	assert_int_equal(grant_begin(&plan, &rng.rng, r_secret, &out), 0);
	assert_int_equal(grant_sign(&author, &out), FAIL_FORMAT);
	plan.suite = SUITE_2; /* the device's key is of suite 1 */
	buf_clear(&out);
	assert_int_equal(grant_begin(&plan, &rng.rng, r_secret, &out), FAIL_SUITE);
	plan.suite = SUITE_1;
	rng.fail_after = 0;
	buf_clear(&out);
	assert_int_equal(grant_begin(&plan, &rng.rng, r_secret, &out), FAIL_RANDOM);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_written_by_three_hands),
		cmocka_unit_test(is_written_in_suite_2),
		cmocka_unit_test(every_altered_byte_is_refused),
		cmocka_unit_test(every_cut_and_a_byte_more_are_refused),
		cmocka_unit_test(r_opens_for_its_credential_only),
		cmocka_unit_test(keeps_its_limits_and_roles),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
