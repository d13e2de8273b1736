/* SPDX-License-Identifier: Apache-2.0 */
#include "member/custodians.h"

#include <string.h>

/* Everybody who holds the roster comes to the same answer, so a custodian can check it. */

enum {
	ONE_SHARE_MEMBERS_MAX = 3,
	TWO_SHARE_MEMBERS_MAX = 6,
	SPARE_CUSTODIANS = 2,
};

static uint8_t
threshold_of(size_t member_count)
{
	if (member_count <= ONE_SHARE_MEMBERS_MAX)
		return 1;
	return member_count <= TWO_SHARE_MEMBERS_MAX ? 2 : 3;
}

static bool
is_rule_of(const struct roster_rule *rule, const char *policy, const char *class)
{
	size_t policy_len = strlen(policy), class_len = strlen(class);

	return rule->text.len == policy_len + 2 + class_len &&
		memcmp(rule->text.ptr, policy, policy_len) == 0 &&
		memcmp(rule->text.ptr + policy_len, ": ", 2) == 0 &&
		memcmp(rule->text.ptr + policy_len + 2, class, class_len) == 0;
}

int
custodians_rule(const struct roster *roster, const char *policy, const char *class,
	struct custodians_rule *ret_rule)
{
	size_t others = roster->member_count - 1;
	struct custodians_rule rule = {.threshold = threshold_of(roster->member_count)};

	rule.count = (uint8_t)(rule.threshold + SPARE_CUSTODIANS);
	for (size_t i = 0; i < roster->rule_count; i++) {
		const struct roster_rule *asked = &roster->rules[i];

		if (!is_rule_of(asked, policy, class))
			continue;
		rule.is_internal = asked->is_internal;
		if (asked->threshold > rule.threshold)
			rule.threshold = asked->threshold;
		if (asked->count > rule.count)
			rule.count = asked->count;
	}
	if (others == 0)
		return FAIL_ABSENT;
	if (rule.threshold > others)
		return FAIL_REFUSED;
	if (rule.count > others)
		rule.count = (uint8_t)others;
	*ret_rule = rule;
	return 0;
}

/* A 256-bit number modulo a small one, byte by byte. */
static size_t
first_of(const uint8_t document_id[CUSTODIANS_DOCUMENT_ID_LEN], size_t member_count)
{
	uint8_t hash[HASH_LEN];
	size_t rest = 0;

	hash_sha256(document_id, CUSTODIANS_DOCUMENT_ID_LEN, hash);
	for (size_t i = 0; i < sizeof hash; i++)
		rest = (rest * 256 + hash[i]) % member_count;
	return rest;
}

int
custodians_choose(const struct roster *roster, const struct custodians_question *question,
	size_t count, size_t ret_members[ROSTER_SHARES_MAX])
{
	size_t m = roster->member_count, first = first_of(question->document_id, m);
	size_t members[ROSTER_SHARES_MAX], chosen = 0;

	if (count > ROSTER_SHARES_MAX || count > m - 1)
		return FAIL_REFUSED;
	/* Once round for those addressed, once for the others. */
	for (size_t step = 0; step < 2 * m && chosen < count; step++) {
		size_t member = (first + step) % m;
		bool is_their_turn = question->is_addressed[member] == (step < m);

		if (member != question->originator && is_their_turn)
			members[chosen++] = member;
	}
	CHECK(chosen == count);
	memcpy(ret_members, members, count * sizeof members[0]);
	return 0;
}
