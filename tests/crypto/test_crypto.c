/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/crypto.h"

static void
starts_twice(void **state)
{
	(void)state;
	assert_int_equal(crypto_init(), 0);
	assert_int_equal(crypto_init(), 0);
}

static void
knows_its_suites(void **state)
{
	(void)state;
	assert_true(crypto_has_suite(SUITE_1));
	assert_false(crypto_has_suite(0));
	assert_false(crypto_has_suite(3));
	assert_false(crypto_has_suite(0xffff));
}

static void
tells_equal_from_different(void **state)
{
	uint8_t a[67], b[67];

	(void)state;
	memset(a, 0x5a, sizeof a);
	memcpy(b, a, sizeof b);
	assert_true(ct_equal(a, b, sizeof a));
	assert_true(ct_equal(a, a, sizeof a));
	assert_true(ct_equal(NULL, NULL, 0));
	for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
		b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(ct_equal(a, b, sizeof a));
		assert_true(ct_equal(a, b, bit / 8));
		b[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_twice),
		cmocka_unit_test(knows_its_suites),
		cmocka_unit_test(tells_equal_from_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
