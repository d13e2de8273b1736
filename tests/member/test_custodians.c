/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "community.h"
#include "crypto/crypto.h"
#include "member/custodians.h"

static struct roster *
of_size(size_t m)
{
	static char names[ROSTER_MEMBERS_MAX][8];
	const char *list[ROSTER_MEMBERS_MAX];

	for (size_t i = 0; i < m; i++) {
		(void)snprintf(names[i], sizeof names[i], "M%c", (char)('A' + i));
		list[i] = names[i];
	}
	return community_roster(list, m);
}

static void
shares_follow_the_number_of_members(void **state)
{
	static const struct {
		size_t m;
		uint8_t t, n;
	} table[] = {{2, 1, 1}, {3, 1, 2}, {4, 2, 3}, {5, 2, 4}, {6, 2, 4}, {7, 3, 5},
		{20, 3, 5}};
	struct custodians_rule rule;
	struct roster *roster;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		roster = of_size(table[i].m);
		assert_int_equal(custodians_rule(roster, "CONCORD", "SECRET", &rule), 0);
		assert_int_equal(rule.threshold, table[i].t);
		assert_int_equal(rule.count, table[i].n);
		assert_false(rule.is_internal);
		roster_free(roster);
	}
	roster = of_size(1);
	assert_int_equal(
		custodians_rule(roster, "CONCORD", "SECRET", &rule), FAIL_ABSENT);
	roster_free(roster);
}

static void
a_rule_asks_more_and_never_less(void **state)
{
	struct custodians_rule rule;
	struct roster *roster = of_size(7);

	(void)state;
	roster->rule_count = 1;
	roster->rules[0] = (struct roster_rule){.text = address_of("CONCORD: SECRET"),
		.threshold = 4,
		.count = 6,
		.is_internal = true};
	assert_int_equal(custodians_rule(roster, "CONCORD", "SECRET", &rule), 0);
	assert_int_equal(rule.threshold, 4);
	assert_int_equal(rule.count, 6);
	assert_true(rule.is_internal);
	/* Another class, and one whose name only begins alike. */
	assert_int_equal(custodians_rule(roster, "CONCORD", "TOP SECRET", &rule), 0);
	assert_int_equal(rule.threshold, 3);
	assert_int_equal(custodians_rule(roster, "CONCORD", "SECRE", &rule), 0);
	assert_int_equal(rule.threshold, 3);
	roster->rules[0].threshold = 1;
	roster->rules[0].count = 1;
	assert_int_equal(custodians_rule(roster, "CONCORD", "SECRET", &rule), 0);
	assert_int_equal(rule.threshold, 3);
	assert_int_equal(rule.count, 5);
	roster->rules[0].threshold = 7;
	roster->rules[0].count = 7;
	assert_int_equal(
		custodians_rule(roster, "CONCORD", "SECRET", &rule), FAIL_REFUSED);
	roster_free(roster);
}

static bool
is_among(const size_t *members, size_t count, size_t member)
{
	for (size_t i = 0; i < count; i++)
		if (members[i] == member)
			return true;
	return false;
}

static void
those_addressed_come_first(void **state)
{
	bool is_addressed[ROSTER_MEMBERS_MAX] = {[1] = true, [5] = true};
	struct custodians_question q = {.originator = 1, .is_addressed = is_addressed};
	struct roster *roster = of_size(7);
	size_t members[ROSTER_SHARES_MAX], loads[7] = {0};

	(void)state;
	for (unsigned id = 0; id < 1000; id++) {
		q.document_id[0] = (uint8_t)id;
		q.document_id[1] = (uint8_t)(id >> 8);
		assert_int_equal(custodians_choose(roster, &q, 5, members), 0);
		assert_int_equal(members[0], 5);
		assert_false(is_among(members, 5, 1));
		for (size_t i = 0; i < 5; i++) {
			assert_false(is_among(members, i, members[i]));
			loads[members[i]]++;
		}
	}
	/* The rest is spread: who stands before a gap in the round is left out twice as
	 * often, 2 of 7 times. */
	for (size_t i = 0; i < 7; i++)
		if (i != 1 && i != 5)
			assert_in_range(loads[i], 650, 920);
	assert_int_equal(custodians_choose(roster, &q, 6, members), 0);
	assert_int_equal(custodians_choose(roster, &q, 7, members), FAIL_REFUSED);
	roster_free(roster);
}

/* Computed apart: SHA-256 of 16 zero bytes is 374708ff...37bb = 1 mod 5. */
static void
the_first_one_is_the_hash_modulo_m(void **state)
{
	bool is_addressed[ROSTER_MEMBERS_MAX] = {false};
	struct custodians_question q = {.originator = 0, .is_addressed = is_addressed};
	struct roster *roster = of_size(5);
	size_t members[ROSTER_SHARES_MAX];

	(void)state;
	assert_int_equal(custodians_choose(roster, &q, 4, members), 0);
	assert_int_equal(members[0], 1);
	assert_int_equal(members[1], 2);
	roster_free(roster);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_follow_the_number_of_members),
		cmocka_unit_test(a_rule_asks_more_and_never_less),
		cmocka_unit_test(those_addressed_come_first),
		cmocka_unit_test(the_first_one_is_the_hash_modulo_m),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
