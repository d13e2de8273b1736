/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/crypto.h"
#include "member/address.h"
#include "member/order.h"
#include "people.h"

static uint8_t seed[32], key[SIGN_PUBLIC_LEN];

static int
setup(void **state)
{
	(void)state;
	people_seed("PT", "sergio", "enrol", seed);
	sign_public(seed, key);
	return 0;
}

static struct order
revoke(void)
{
	return (struct order){.type = ORDER_REVOKE,
		.member = address_of("PT"),
		.target = address_of("PT/ana.silva"),
		.credential = rd_of("", 0),
		.at_s = PEOPLE_FROM_S,
		.reason = address_of("device lost on 3 May")};
}

static void
one_security_officer_revokes(void **state)
{
	struct order o = revoke(), again;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, ORDER_BYTES_MAX);
	assert_int_equal(order_sign(&o, seed, &bytes), 0);
	assert_int_equal(order_parse(bytes.data, bytes.len, &again), 0);
	assert_int_equal(order_verify(&again, key), 0);
	key[0] ^= 1;
	assert_int_equal(order_verify(&again, key), FAIL_SIGNER);
	key[0] ^= 1;
	for (size_t i = 0; i < bytes.len * 8; i++) {
		bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
		if (order_parse(bytes.data, bytes.len, &again) == 0)
			assert_int_not_equal(order_verify(&again, key), 0);
		bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_not_equal(order_parse(bytes.data, len, &again), 0);
	buf_done(&bytes);
}

static int
try(struct order o)
{
	struct buf bytes;
	int r;

	buf_init(&bytes, ORDER_BYTES_MAX);
	r = order_sign(&o, seed, &bytes);
	buf_done(&bytes);
	return r;
}

static void
who_may_be_meant(void **state)
{
	uint8_t hash[HASH_LEN] = {1};
	char reason[ORDER_REASON_MAX + 1];
	struct order o = revoke();

	(void)state;
	o.credential = rd_of(hash, sizeof hash);
	assert_int_equal(try(o), 0);
	o.credential.len--;
	assert_int_equal(try(o), FAIL_FORMAT);
	o = revoke();
	o.target = address_of("CY/eleni.k"); /* not ours to revoke */
	assert_int_equal(try(o), FAIL_FORMAT);
	o.type = ORDER_HOLD;
	assert_int_equal(try(o), 0);
	o.target = address_of("CY");
	assert_int_equal(try(o), 0);
	o.type = ORDER_LIFT;
	assert_int_equal(try(o), 0);
	o.type = ORDER_LIFT + 1;
	assert_int_equal(try(o), FAIL_FORMAT);
	o.type = ORDER_REVOKE;
	assert_int_equal(try(o), FAIL_FORMAT);
	o = revoke();
	o.type = ORDER_HOLD;
	o.credential = rd_of(hash, sizeof hash);
	assert_int_equal(try(o), FAIL_FORMAT);
	o = revoke();
	memset(reason, 'x', sizeof reason);
	o.reason = rd_of(reason, ORDER_REASON_MAX);
	assert_int_equal(try(o), 0);
	o.reason.len++;
	assert_int_equal(try(o), FAIL_FORMAT);
	o.reason = address_of("two\nlines");
	assert_int_equal(try(o), FAIL_FORMAT);
}

/* A signature for one purpose is none for another. */
static void
a_hold_is_not_a_lift(void **state)
{
	struct order o = revoke();
	struct buf bytes;

	(void)state;
	buf_init(&bytes, ORDER_BYTES_MAX);
	o.type = ORDER_HOLD;
	assert_int_equal(order_sign(&o, seed, &bytes), 0);
	o.type = ORDER_LIFT;
	assert_int_equal(order_verify(&o, key), FAIL_SIGNATURE);
	buf_done(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_security_officer_revokes),
		cmocka_unit_test(who_may_be_meant),
		cmocka_unit_test(a_hold_is_not_a_lift),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, setup, NULL);
}
