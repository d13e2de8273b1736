/* SPDX-License-Identifier: Apache-2.0 */
#include "member/roster.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/field.h"
#include "member/outside.h"

/*
 * Read in the order of the lines, checked as a whole, written again and compared: what passes
 * has one spelling, and the checks are the writer's too.
 */

static const char first_line[] = "valise/v1 roster";

static bool
is_policy(const struct roster *roster, struct rd policy)
{
	for (size_t i = 0; i < roster->policy_count; i++)
		if (address_compare(roster->policies[i], policy) == 0)
			return true;
	return false;
}

/* "CONCORD: SECRET" under a policy of this roster: a clearance of one class. */
static int
check_rule(const struct roster *roster, const struct roster_rule *rule)
{
	struct clearance *c = NULL;
	bool is_good;
	int r;

	if (rule->threshold < 1 || rule->threshold > rule->count ||
		rule->count > ROSTER_SHARES_MAX)
		return FAIL_FORMAT;
	if ((r = clearances_line_parse(rule->text, &c)) != 0)
		return r;
	is_good = c->class_count == 1 && c->held_count == 0 &&
		is_policy(roster, address_of(c->policy));
	clearance_free(c);
	return is_good ? 0 : FAIL_FORMAT;
}

static int
check_rules(const struct roster *roster)
{
	int r;

	for (size_t i = 0; i < roster->rule_count; i++) {
		if (i > 0 &&
			address_compare(
				roster->rules[i - 1].text, roster->rules[i].text) >= 0)
			return FAIL_FORMAT;
		if ((r = check_rule(roster, &roster->rules[i])) != 0)
			return r;
	}
	return 0;
}

static int
check_policies(const struct roster *roster)
{
	if (roster->policy_count < 1 || roster->policy_count > ROSTER_POLICIES_MAX)
		return FAIL_FORMAT;
	for (size_t i = 0; i < roster->policy_count; i++) {
		struct rd p = roster->policies[i];

		/* Its name must be one that a clearance can have. */
		if (p.len == 0 || p.len > LABEL_NAME_MAX ||
			memchr(p.ptr, ':', p.len) != NULL)
			return FAIL_FORMAT;
		if (i > 0 && address_compare(roster->policies[i - 1], p) >= 0)
			return FAIL_FORMAT;
	}
	return 0;
}

/* Two entries that share a name of the network or a key would be one that counts twice. */
static int
check_pair(const struct entry *a, const struct entry *b)
{
	const uint8_t *a_keys[ENTRY_KEYS_MAX], *b_keys[ENTRY_KEYS_MAX];
	size_t a_count = entry_keys(a, a_keys), b_count = entry_keys(b, b_keys);

	if (address_compare(a->name, b->name) >= 0)
		return FAIL_FORMAT;
	if (address_compare(a->domain, b->domain) == 0)
		return FAIL_FORMAT;
	for (size_t i = 0; i < a_count; i++)
		for (size_t k = 0; k < b_count; k++)
			if (memcmp(a_keys[i], b_keys[k], SIGN_PUBLIC_LEN) == 0)
				return FAIL_FORMAT;
	return 0;
}

static int
check_members(const struct roster *roster)
{
	int r;

	if (roster->member_count < 1 || roster->member_count > ROSTER_MEMBERS_MAX)
		return FAIL_FORMAT;
	if (roster->threshold < 1 || roster->threshold > roster->member_count)
		return FAIL_FORMAT;
	for (size_t i = 0; i < roster->member_count; i++) {
		const struct entry *e = &roster->members[i];

		if (e->audit.suite < roster->require_suite ||
			(e->registry.len > 0 &&
				e->registry.suite < roster->require_suite))
			return FAIL_SUITE;
		for (size_t k = i + 1; k < roster->member_count; k++)
			if ((r = check_pair(e, &roster->members[k])) != 0)
				return r;
	}
	return 0;
}

static int
check(const struct roster *roster)
{
	static const uint8_t zeros[HASH_LEN];
	bool is_first = roster->serial == 1;
	int r;

	if (!address_is_name(roster->community) || roster->serial < 1)
		return FAIL_FORMAT;
	if (is_first != (memcmp(roster->previous, zeros, sizeof zeros) == 0))
		return FAIL_FORMAT;
	if (roster->enrol_delay_s > ROSTER_ENROL_DELAY_MAX_S)
		return FAIL_LIMIT;
	if (roster->require_suite != SUITE_1 && roster->require_suite != SUITE_2)
		return FAIL_SUITE;
	if ((r = check_policies(roster)) != 0 || (r = check_rules(roster)) != 0)
		return r;
	return check_members(roster);
}

static int
take_number(struct rd *in, const char *word, uint64_t max, uint64_t *ret_number)
{
	struct rd value;
	int r;

	if ((r = field_take(in, word, &value)) != 0)
		return r;
	return field_number(value, max, ret_number);
}

static int
parse_head(struct rd *in, struct roster *roster)
{
	uint64_t serial = 0, threshold = 0, delay = 0, suite = 0;
	struct rd previous;
	int r;

	if ((r = field_expect(in, first_line)) != 0 ||
		(r = field_take(in, "community", &roster->community)) != 0 ||
		(r = take_number(in, "serial", UINT32_MAX, &serial)) != 0 ||
		(r = field_take(in, "previous", &previous)) != 0 ||
		(r = field_hex(previous, roster->previous, HASH_LEN)) != 0 ||
		(r = take_number(in, "threshold", UINT8_MAX, &threshold)) != 0 ||
		(r = take_number(in, "enrol-delay", UINT32_MAX, &delay)) != 0 ||
		(r = take_number(in, "require-suite", UINT16_MAX, &suite)) != 0)
		return r;
	roster->serial = (uint32_t)serial;
	roster->threshold = (uint8_t)threshold;
	roster->enrol_delay_s = (uint32_t)delay;
	roster->require_suite = (uint16_t)suite;
	return 0;
}

static int
parse_rule(struct rd value, struct roster_rule *rule)
{
	struct rd t = field_word(&value), n = field_word(&value),
		  who = field_word(&value);
	uint64_t threshold = 0, count = 0;
	int r;

	if ((r = field_number(t, UINT8_MAX, &threshold)) != 0 ||
		(r = field_number(n, UINT8_MAX, &count)) != 0)
		return r;
	rule->is_internal = address_compare(who, address_of("internal")) == 0;
	if (!rule->is_internal && address_compare(who, address_of("members")) != 0)
		return FAIL_FORMAT;
	rule->threshold = (uint8_t)threshold;
	rule->count = (uint8_t)count;
	rule->text = value;
	return 0;
}

static int
parse_lists(struct rd *in, struct roster *roster)
{
	struct rd value;
	int r;

	while (field_is_next(*in, "policy")) {
		if (roster->policy_count == ROSTER_POLICIES_MAX)
			return FAIL_LIMIT;
		if ((r = field_take(
			     in, "policy", &roster->policies[roster->policy_count])) != 0)
			return r;
		roster->policy_count++;
	}
	while (field_is_next(*in, "custody")) {
		if (roster->rule_count == ROSTER_RULES_MAX)
			return FAIL_LIMIT;
		if ((r = field_take(in, "custody", &value)) != 0 ||
			(r = parse_rule(value, &roster->rules[roster->rule_count])) != 0)
			return r;
		roster->rule_count++;
	}
	return outside_parse(in, &roster->outside);
}

static int
parse_members(struct rd *in, struct roster *roster)
{
	int r;

	while (in->len > 0) {
		if (roster->member_count == ROSTER_MEMBERS_MAX)
			return FAIL_LIMIT;
		if ((r = field_expect(in, "")) != 0 ||
			(r = entry_parse(in, &roster->members[roster->member_count])) !=
				0)
			return r;
		roster->member_count++;
	}
	return 0;
}

static int
check_spelling(const struct roster *roster, struct rd text)
{
	struct buf again;
	int r;

	buf_init(&again, ROSTER_TEXT_MAX);
	if ((r = roster_write(roster, &again)) == 0 &&
		address_compare(rd_of(again.data, again.len), text) != 0)
		r = FAIL_FORMAT;
	buf_done(&again);
	return r;
}

int
roster_parse(struct rd text, struct roster **ret_roster)
{
	struct roster *roster = NULL;
	struct rd in = text;
	int r;

	if (text.len > ROSTER_TEXT_MAX)
		return FAIL_LIMIT;
	if ((r = mem_new(&roster, sizeof *roster)) != 0)
		return r;
	roster->text = text;
	if ((r = parse_head(&in, roster)) != 0 || (r = parse_lists(&in, roster)) != 0 ||
		(r = parse_members(&in, roster)) != 0 ||
		(r = check_spelling(roster, text)) != 0)
		goto out;

	*ret_roster = roster;
	roster = NULL;
out:
	roster_free(roster);
	return r;
}

void
roster_free(struct roster *roster)
{
	mem_free(roster);
}

int
roster_write(const struct roster *roster, struct buf *out)
{
	int r;

	if ((r = check(roster)) != 0)
		return r;
	buf_printf(out, "%s\n", first_line);
	field_put(out, "community", roster->community);
	buf_printf(out, "serial %" PRIu32 "\n", roster->serial);
	field_put_hex(out, "previous", roster->previous, HASH_LEN);
	buf_printf(out, "threshold %u\nenrol-delay %" PRIu32 "\nrequire-suite %u\n",
		(unsigned)roster->threshold, roster->enrol_delay_s,
		(unsigned)roster->require_suite);
	for (size_t i = 0; i < roster->policy_count; i++)
		field_put(out, "policy", roster->policies[i]);
	for (size_t i = 0; i < roster->rule_count; i++) {
		const struct roster_rule *rule = &roster->rules[i];

		buf_printf(out, "custody %u %u", (unsigned)rule->threshold,
			(unsigned)rule->count);
		field_put(out, rule->is_internal ? " internal" : " members", rule->text);
	}
	buf_bytes(out, roster->outside.ptr, roster->outside.len);
	for (size_t i = 0; i < roster->member_count; i++) {
		buf_u8(out, '\n');
		if ((r = entry_write(&roster->members[i], out)) != 0)
			return r;
	}
	return buf_error(out);
}

void
roster_hash(struct rd text, uint8_t ret_hash[HASH_LEN])
{
	hash_sha256(text.ptr, text.len, ret_hash);
}

int
roster_find(const struct roster *roster, struct rd name, size_t *ret_member)
{
	for (size_t i = 0; i < roster->member_count; i++)
		if (address_compare(roster->members[i].name, name) == 0) {
			*ret_member = i;
			return 0;
		}
	return FAIL_ABSENT;
}

int
roster_add(struct roster *roster, const struct entry *entry)
{
	size_t at = 0;

	if (roster_find(roster, entry->name, &at) == 0)
		return FAIL_EXISTS;
	if (roster->member_count == ROSTER_MEMBERS_MAX)
		return FAIL_LIMIT;
	at = 0;
	while (at < roster->member_count &&
		address_compare(roster->members[at].name, entry->name) < 0)
		at++;
	memmove(&roster->members[at + 1], &roster->members[at],
		(roster->member_count - at) * sizeof *entry);
	roster->members[at] = *entry;
	roster->member_count++;
	return 0;
}

size_t
roster_quorum(size_t member_count)
{
	return member_count < 2 ? 0 : 2 * member_count / 3;
}

size_t
roster_absent_max(size_t member_count)
{
	return member_count < 2 ? 0 : member_count - 1 - roster_quorum(member_count);
}
