/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/grant.h"
#include "fixture.h"
#include "newcomer.h"

/*
 * A grant as three hands write it: begun and signed by the granter, countersigned by the
 * originator's station; then read by the new reader's device.
 */

static void
is_written_by_three_hands(void **state)
{
	struct buf counted, bare;

	(void)state;
	buf_init(&counted, GRANT_LEN_MAX);
	buf_init(&bare, GRANT_LEN_MAX);
	newcomer_grant(SUITE_1, true, &counted);
	newcomer_grant(SUITE_1, false, &bare);
	assert_int_equal(newcomer_accept(bytes_of(&counted)), 0);
	assert_int_equal(newcomer_accept(bytes_of(&bare)), FAIL_AGAIN);
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
	newcomer_grant(SUITE_2, true, &grant);
	assert_int_equal(newcomer_accept(bytes_of(&grant)), 0);
	buf_done(&grant);
}

static void
every_altered_byte_is_refused(void **state)
{
	struct buf grant;

	(void)state;
	buf_init(&grant, GRANT_LEN_MAX);
	newcomer_grant(SUITE_1, true, &grant);
	for (size_t i = 0; i < grant.len; i++) {
		for (unsigned way = 0; way < 3; way++) {
			uint8_t honest = grant.data[i];
			int r;

			grant.data[i] = (uint8_t)(way == 0 ? honest ^ 1
					: way == 1	   ? honest ^ 0x80
							   : honest + 1);
			r = newcomer_accept(bytes_of(&grant));
			assert_true(r == FAIL_FORMAT || r == FAIL_TRUNCATED ||
				r == FAIL_VERSION || r == FAIL_SUITE ||
				r == FAIL_MISMATCH || r == FAIL_SIGNER ||
				r == FAIL_SIGNATURE);
			grant.data[i] = honest;
		}
	}
	assert_int_equal(newcomer_accept(bytes_of(&grant)), 0);
	buf_done(&grant);
}

static void
every_cut_and_a_byte_more_are_refused(void **state)
{
	struct grant grant;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, GRANT_LEN_MAX);
	newcomer_grant(SUITE_1, true, &bytes);
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
	newcomer_grant(SUITE_1, true, &bytes);
	assert_int_equal(grant_parse(bytes_of(&bytes), &grant), 0);
	hash_sha256(grant.credential.ptr, grant.credential.len, hash);
	fixture_seed("newcomer", 0, seed);
	grant_place(&grant, newcomer_core_hash, hash, &place);
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), 0);
	hash[0] ^= 1;
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), FAIL_ALTERED);
	hash[0] ^= 1;
	grant_place(&grant, newcomer_envelope_hash, hash, &place);
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), FAIL_ALTERED);
	grant_place(&grant, newcomer_core_hash, hash, &place);
	place.role = "R";
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), FAIL_ALTERED);
	fixture_seed("stranger", 0, seed);
	grant_place(&grant, newcomer_core_hash, hash, &place);
	assert_int_equal(slot_open(&place, &grant.slot, seed, secret), FAIL_ALTERED);
	buf_done(&bytes);
}

static void
keeps_its_limits_and_roles(void **state)
{
	static uint8_t credential[TRAILER_IDENTITY_MAX + 1];
	struct grant_plan plan = {.suite = SUITE_1,
		.envelope_hash = newcomer_envelope_hash,
		.core_hash = newcomer_core_hash};
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
	assert_int_equal(grant_begin(&plan, &rng.rng, newcomer_r, &out), FAIL_LIMIT);
	plan.credential = rd_of(credential, sizeof credential);
	assert_int_equal(grant_begin(&plan, &rng.rng, newcomer_r, &out), FAIL_LIMIT);
	assert_int_equal(out.len, 0);
	plan.credential.len--;
	assert_int_equal(grant_begin(&plan, &rng.rng, newcomer_r, &out), 0);
	assert_int_equal(grant_sign(&author, &out), FAIL_FORMAT);
	plan.suite = SUITE_2; /* the device's key is of suite 1 */
	buf_clear(&out);
	assert_int_equal(grant_begin(&plan, &rng.rng, newcomer_r, &out), FAIL_SUITE);
	plan.suite = SUITE_1;
	rng.fail_after = 0;
	buf_clear(&out);
	assert_int_equal(grant_begin(&plan, &rng.rng, newcomer_r, &out), FAIL_RANDOM);
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
