/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "sweep.h"

/*
 * The harness can fail.  The linker puts these functions in the place of the room's own
 * (--wrap), so that one check at a time is missing from the code under test; the sweeps of
 * test_alter.c must then find faults.  What they find nothing in would be a check that no test
 * holds.
 */

static enum { HONEST, EQUAL, SIGNED, COMPARED, ENDED } planted;

bool __real_ct_equal(const void *a, const void *b, size_t len);
bool __wrap_ct_equal(const void *a, const void *b, size_t len);
int __real_sign_verify(
	const uint8_t *key, const void *ptr, size_t len, const uint8_t *sig);
int __wrap_sign_verify(
	const uint8_t *key, const void *ptr, size_t len, const uint8_t *sig);
int __real_trailer_compare(const struct trailer_sums *a, const struct trailer_sums *b);
int __wrap_trailer_compare(const struct trailer_sums *a, const struct trailer_sums *b);
int __real_rd_end(const struct rd *in);
int __wrap_rd_end(const struct rd *in);

bool
__wrap_ct_equal(const void *a, const void *b, size_t len)
{
	return planted == EQUAL || __real_ct_equal(a, b, len);
}

int
__wrap_sign_verify(const uint8_t *key, const void *ptr, size_t len, const uint8_t *sig)
{
	return planted == SIGNED ? 0 : __real_sign_verify(key, ptr, len, sig);
}

int
__wrap_trailer_compare(const struct trailer_sums *a, const struct trailer_sums *b)
{
	return planted == COMPARED ? 0 : __real_trailer_compare(a, b);
}

int
__wrap_rd_end(const struct rd *in)
{
	return planted == ENDED ? 0 : __real_rd_end(in);
}

static struct sealed solo;

/* All sweeps together; how much was accepted goes to *ret_accepted. */
static size_t
faults_of_all_sweeps(size_t *ret_accepted)
{
	struct sweep sweep = {.sealed = &solo, .is_quiet = planted != HONEST};

	sweep_bytes(&sweep, SWEEP_ONE_BIT, 0, solo.bytes.len);
	sweep_cuts(&sweep);
	sweep_appended(&sweep);
	*ret_accepted = sweep.refused[STAGE_ACCEPTED];
	return sweep.faults;
}

static void
finds_nothing_in_the_honest_room(void **state)
{
	size_t accepted;

	(void)state;
	planted = HONEST;
	assert_int_equal(faults_of_all_sweeps(&accepted), 0);
	assert_int_equal(accepted, 0);
}

static void
finds_hashes_that_are_not_compared(void **state)
{
	size_t accepted;

	(void)state;
	planted = EQUAL;
	assert_true(faults_of_all_sweeps(&accepted) > 0);
	assert_true(accepted >= ADDRESSING_SALT_LEN); /* the salt, at the least */
}

static void
finds_signatures_that_are_not_verified(void **state)
{
	size_t accepted;

	(void)state;
	planted = SIGNED;
	assert_true(faults_of_all_sweeps(&accepted) > 0);
	assert_true(accepted >= SIGN_LEN);
}

/* The signature still refuses them, at another stage than it should be. */
static void
finds_counts_that_are_not_compared(void **state)
{
	size_t accepted;

	(void)state;
	planted = COMPARED;
	assert_true(faults_of_all_sweeps(&accepted) > 0);
	assert_int_equal(accepted, 0);
}

static void
finds_bytes_left_over(void **state)
{
	size_t accepted;

	(void)state;
	planted = ENDED;
	assert_true(faults_of_all_sweeps(&accepted) > 0);
	assert_true(accepted >= 256);
}

static int
setup(void **state)
{
	struct fixture_spec spec = fixture_solo();

	if (crypto_setup(state) != 0)
		return -1;
	fixture_sealed(&spec, &solo);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sealed_done(&solo);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_nothing_in_the_honest_room),
		cmocka_unit_test(finds_hashes_that_are_not_compared),
		cmocka_unit_test(finds_signatures_that_are_not_verified),
		cmocka_unit_test(finds_counts_that_are_not_compared),
		cmocka_unit_test(finds_bytes_left_over),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
