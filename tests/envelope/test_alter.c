/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "sweep.h"

/*
 * Nothing altered, cut or appended is accepted, and each is noticed where it should be.
 */

static struct sealed solo, members;

static void
every_value_of_the_first_64_bytes(void **state)
{
	struct sweep sweep = {.sealed = &solo};

	(void)state;
	sweep_bytes(&sweep, SWEEP_ALL_VALUES, 0, 64);
	assert_int_equal(sweep.tried, 64 * 255);
	assert_int_equal(sweep.faults, 0);
}

static void
every_byte_of_a_solo_envelope(void **state)
{
	struct sweep sweep = {.sealed = &solo};

	(void)state;
	sweep_bytes(&sweep, SWEEP_THREE_WAYS, 0, solo.bytes.len);
	assert_int_equal(sweep.tried, 3 * solo.bytes.len);
	assert_int_equal(sweep.faults, 0);
	assert_int_equal(sweep.refused[STAGE_ACCEPTED], 0);
	/* The sweep really came everywhere. */
	for (enum stage stage = STAGE_HEADER; stage <= STAGE_SIGNATURE; stage++)
		assert_true(sweep.refused[stage] > 0);
}

static void
every_byte_of_a_community_envelope(void **state)
{
	struct sweep sweep = {.sealed = &members};

	(void)state;
	sweep_bytes(&sweep, SWEEP_ONE_BIT, 0, members.bytes.len);
	assert_int_equal(sweep.faults, 0);
	assert_int_equal(sweep.refused[STAGE_ACCEPTED], 0);
}

static void
every_truncation(void **state)
{
	const struct sealed *all[] = {&solo, &members};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		struct sweep sweep = {.sealed = all[i]};

		sweep_cuts(&sweep);
		assert_int_equal(sweep.tried, all[i]->bytes.len);
		assert_int_equal(sweep.faults, 0);
	}
}

static void
one_byte_more(void **state)
{
	struct sweep sweep = {.sealed = &solo};

	(void)state;
	sweep_appended(&sweep);
	assert_int_equal(sweep.faults, 0);
}

/* A reader that forgets one of its checks is found out by the same sweep. */
static void
a_verifier_that_forgets_a_check_is_noticed(void **state)
{
	static const enum stage forgotten[] = {
		STAGE_COUNTS, STAGE_SIGNER, STAGE_SIGNATURE, STAGE_SEGMENTS};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(forgotten); i++) {
		struct sweep sweep = {
			.sealed = &solo, .leave_out = forgotten[i], .is_quiet = true};

		sweep_bytes(
			&sweep, SWEEP_ONE_BIT, solo.at[PART_SEGMENTS], solo.bytes.len);
		assert_true(sweep.faults > 0);
	}
}

static int
setup(void **state)
{
	struct fixture_spec spec = fixture_solo();

	if (crypto_setup(state) != 0)
		return -1;
	fixture_sealed(&spec, &solo);
	spec = fixture_members(2, 3);
	spec.pairs = 2;
	fixture_sealed(&spec, &members);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sealed_done(&solo);
	sealed_done(&members);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_of_the_first_64_bytes),
		cmocka_unit_test(every_byte_of_a_solo_envelope),
		cmocka_unit_test(every_byte_of_a_community_envelope),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(one_byte_more),
		cmocka_unit_test(a_verifier_that_forgets_a_check_is_noticed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
