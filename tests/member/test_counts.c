/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "community.h"
#include "crypto/crypto.h"
#include "member/counts.h"
#include "people.h"

static struct roster *roster;
static struct buf bytes;

static int
setup(void **state)
{
	static const char *const names[] = {"PT", "CY"};

	(void)state;
	roster = community_roster(names, 2);
	buf_init(&bytes, ENROL_BYTES_MAX);
	people_enrol("PT", "ana.silva", SUBJECT_OFFICER, &bytes);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	roster_free(roster);
	buf_done(&bytes);
	return 0;
}

static void
an_enrolment_counts_after_the_delay(void **state)
{
	struct counts_kept kept = {.since_s = 1000};
	uint64_t ready_s = 1000 + ROSTER_ENROL_DELAY_S, from_s = 0;
	struct enrol e;

	(void)state;
	assert_int_equal(enrol_parse(bytes.data, bytes.len, &e), 0);
	assert_int_equal(
		counts_enrol(roster, &e, &kept, ready_s - 1, &from_s), FAIL_AGAIN);
	assert_int_equal(from_s, ready_s);
	assert_int_equal(counts_enrol(roster, &e, &kept, ready_s, &from_s), 0);
	/* Those of the first directory need not wait; a clock gone mad makes nobody an officer. */
	kept.is_first = true;
	assert_int_equal(counts_enrol(roster, &e, &kept, 0, &from_s), 0);
	kept = (struct counts_kept){.since_s = UINT64_MAX};
	assert_int_equal(counts_enrol(roster, &e, &kept, ready_s, &from_s), FAIL_AGAIN);
}

static void
only_by_keys_of_the_roster(void **state)
{
	struct counts_kept kept = {.is_first = true};
	struct buf other;
	struct enrol e;
	uint64_t from_s;

	(void)state;
	assert_int_equal(enrol_parse(bytes.data, bytes.len, &e), 0);
	e.signature_count = 1;
	assert_int_equal(counts_enrol(roster, &e, &kept, 0, &from_s), FAIL_ABSENT);
	/* FR has enrolled somebody, and is no member. */
	buf_init(&other, ENROL_BYTES_MAX);
	people_enrol("FR", "jean", SUBJECT_OFFICER, &other);
	assert_int_equal(enrol_parse(other.data, other.len, &e), 0);
	assert_int_equal(counts_enrol(roster, &e, &kept, 0, &from_s), FAIL_ABSENT);
	buf_done(&other);
}

static struct order
order_of(uint8_t type, const char *target, const char *officer)
{
	struct order o = {.type = type,
		.member = address_of("PT"),
		.target = address_of(target),
		.credential = rd_of("", 0),
		.at_s = PEOPLE_FROM_S,
		.reason = rd_of("", 0)};
	struct buf out;
	uint8_t seed[32];

	people_seed("PT", officer, "enrol", seed);
	buf_init(&out, ORDER_BYTES_MAX);
	assert_int_equal(order_sign(&o, seed, &out), 0);
	buf_done(&out);
	return o;
}

static void
a_registrar_orders_nothing(void **state)
{
	struct order o = order_of(ORDER_HOLD, "CY", "sergio");

	(void)state;
	assert_int_equal(counts_order(roster, &o), 0);
	o.signature[0] ^= 1;
	assert_int_equal(counts_order(roster, &o), FAIL_SIGNATURE);
	o = order_of(ORDER_HOLD, "CY", "rita");
	assert_int_equal(counts_order(roster, &o), FAIL_SIGNER);
	o.member = address_of("FR");
	assert_int_equal(counts_order(roster, &o), FAIL_ABSENT);
}

static void
whom_an_order_concerns(void **state)
{
	static const struct {
		uint8_t type;
		const char *target;
		bool is_concerned;
	} table[] = {{ORDER_REVOKE, "PT/ana.silva", true},
		{ORDER_REVOKE, "PT/bea.costa", false}, {ORDER_REVOKE, "PT/duty", false},
		{ORDER_HOLD, "PT", true}, {ORDER_HOLD, "CY", false},
		{ORDER_HOLD, "PT/ana.silva", true}, {ORDER_HOLD, "PT/duty", true},
		{ORDER_HOLD, "CY/duty", false}, {ORDER_LIFT, "PT/duty", true}};
	uint8_t hash[HASH_LEN];
	struct credential c;
	struct enrol e;
	struct order o;

	(void)state;
	assert_int_equal(enrol_parse(bytes.data, bytes.len, &e), 0);
	assert_int_equal(credential_parse(e.credential.ptr, e.credential.len, &c), 0);
	hash_sha256(e.credential.ptr, e.credential.len, hash);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		o = order_of(table[i].type, table[i].target, "sergio");
		assert_int_equal(counts_concerns(&o, &c, hash), table[i].is_concerned);
	}
	/* One device by its hash; and a credential granted after the revocation stands. */
	o = order_of(ORDER_REVOKE, "PT/ana.silva", "sergio");
	o.credential = rd_of(hash, sizeof hash);
	assert_true(counts_concerns(&o, &c, hash));
	uint8_t other[HASH_LEN] = {0};
	assert_false(counts_concerns(&o, &c, other));
	o.credential.len = 0;
	c.from_s = o.at_s + 1;
	assert_false(counts_concerns(&o, &c, hash));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_enrolment_counts_after_the_delay),
		cmocka_unit_test(only_by_keys_of_the_roster),
		cmocka_unit_test(a_registrar_orders_nothing),
		cmocka_unit_test(whom_an_order_concerns),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
