/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/roster_draft.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "label/policy.h"
#include "member/field.h"
#include "valise/report.h"

/*
 * A draft points into the files it is made from; they live until it is written.  Rules are only
 * ever made here: whether they may be lowered is for those who sign and check.
 */

enum { RULE_TEXT_MAX = 2 * LABEL_NAME_MAX + 4, DELAY_MAX_S = ROSTER_ENROL_DELAY_MAX_S };

struct draft {
	const struct args *args;
	struct own_officer *officer;
	struct exchange_roster old; /* of a later roster */
	struct roster *roster;
	size_t note_count;
	struct note *notes[ROSTER_MEMBERS_MAX];
	char rules[ROSTER_RULES_MAX][RULE_TEXT_MAX];
};

static void
draft_free(struct draft *d)
{
	if (d == NULL)
		return;
	own_officer_free(d->officer);
	exchange_roster_done(&d->old);
	roster_free(d->roster);
	for (size_t i = 0; i < d->note_count; i++)
		note_free(d->notes[i]);
	mem_free(d);
}

static int
draft_begin(const struct args *args, struct draft **ret_draft)
{
	struct draft *d = NULL;
	int r;

	if ((r = mem_new(&d, sizeof *d)) != 0 ||
		(r = mem_new(&d->roster, sizeof *d->roster)) != 0) {
		draft_free(d);
		return exchange_fail(args, "make", "a roster", NULL, r);
	}
	d->args = args;
	*ret_draft = d;
	return 0;
}

int
roster_draft_own(const struct roster *roster, const struct own_officer *officer,
	struct note_key *ret_key)
{
	const struct entry_enrol *enrol;
	const struct entry *entry;
	size_t at = 0;
	int r;

	if (!subject_has_enrol(&officer->subject))
		return FAIL_ABSENT;
	if ((r = roster_find(roster, officer->subject.member, &at)) != 0)
		return r;
	entry = &roster->members[at];
	if ((enrol = entry_enrol_find(entry, officer->subject.enrol)) == NULL)
		return FAIL_ABSENT;
	return entry_enrol_key(entry, (size_t)(enrol - entry->enrols), ret_key);
}

static int
take_number(const struct args *args, const char *option, uint64_t min, uint64_t max,
	uint64_t *ret_number)
{
	const char *text = args_get(args, option);
	uint64_t number = 0;

	if (text == NULL)
		return 0;
	if (field_number(address_of(text), max, &number) != 0 || number < min)
		return report_usage("roster", "--%s %s: a number of %llu to %llu", option,
			text, (unsigned long long)min, (unsigned long long)max);
	*ret_number = number;
	return 0;
}

/* "CONCORD: SECRET" for what is typed as SECRET. */
static int
print_class(const char *typed, size_t len, char ret_text[RULE_TEXT_MAX])
{
	struct label *label = NULL;
	int r;

	if ((r = label_from_text(typed, len, &label)) != 0)
		return r;
	if (label->category_count > 0)
		r = FAIL_FORMAT;
	else
		(void)snprintf(ret_text, RULE_TEXT_MAX, "%s: %s", label->policy,
			label->classification);
	label_free(label);
	return r;
}

/* "2/3" or "2/3/internal" */
static int
parse_shares(const char *text, struct roster_rule *rule)
{
	unsigned t = 0, n = 0;
	int end = 0;

	if (sscanf(text, "%3u/%3u%n", &t, &n, &end) != 2 || t < 1 || t > n ||
		n > ROSTER_SHARES_MAX)
		return FAIL_FORMAT;
	rule->is_internal = strcmp(text + end, "/internal") == 0;
	if (text[end] != '\0' && !rule->is_internal)
		return FAIL_FORMAT;
	rule->threshold = (uint8_t)t;
	rule->count = (uint8_t)n;
	return 0;
}

/* Replace the rule of that class, or put it where it sorts. */
static int
put_rule(struct roster *roster, const struct roster_rule *rule)
{
	size_t at = 0;

	while (at < roster->rule_count &&
		address_compare(roster->rules[at].text, rule->text) < 0)
		at++;
	if (at < roster->rule_count &&
		address_compare(roster->rules[at].text, rule->text) == 0) {
		roster->rules[at] = *rule;
		return 0;
	}
	if (roster->rule_count == ROSTER_RULES_MAX)
		return FAIL_LIMIT;
	memmove(&roster->rules[at + 1], &roster->rules[at],
		(roster->rule_count - at) * sizeof *rule);
	roster->rules[at] = *rule;
	roster->rule_count++;
	return 0;
}

static int
take_custody(struct draft *d)
{
	const char *text;
	size_t at = 0, count = 0;

	while ((text = args_next(d->args, "custody", &at)) != NULL) {
		const char *equal = strrchr(text, '=');
		struct roster_rule rule = {0};

		if (count == ROSTER_RULES_MAX || equal == NULL ||
			print_class(text, (size_t)(equal - text), d->rules[count]) != 0 ||
			parse_shares(equal + 1, &rule) != 0)
			return report_usage("roster",
				"--custody %s: such as SECRET=2/3 or "
				"RESTRICTED=1/2/internal",
				text);
		rule.text = address_of(d->rules[count++]);
		if (put_rule(d->roster, &rule) != 0)
			return report_usage("roster", "--custody: at most %d rules",
				ROSTER_RULES_MAX);
	}
	return 0;
}

/* The rules that the options name; what they do not name stays. */
static int
take_rules(struct draft *d)
{
	uint64_t threshold = d->roster->threshold, suite = d->roster->require_suite;
	const char *delay = args_get(d->args, "enrol-delay");
	uint64_t delay_s = d->roster->enrol_delay_s;

	if (take_number(d->args, "threshold", 1, ROSTER_MEMBERS_MAX, &threshold) != 0 ||
		take_number(d->args, "require-suite", SUITE_1, SUITE_2, &suite) != 0)
		return FAIL_USAGE;
	if (delay != NULL && text_parse_duration(delay, DELAY_MAX_S, &delay_s) != 0)
		return report_usage("roster",
			"--enrol-delay %s: such as 24h or 0, at most 30d", delay);
	if (threshold > d->roster->member_count)
		return report_usage("roster",
			"--threshold %llu: there are %zu members; more than all cannot "
			"sign",
			(unsigned long long)threshold, d->roster->member_count);
	d->roster->threshold = (uint8_t)threshold;
	d->roster->require_suite = (uint16_t)suite;
	d->roster->enrol_delay_s = (uint32_t)delay_s;
	return take_custody(d);
}

static int
take_policies(struct draft *d)
{
	const char *name;
	size_t at = 0;

	while ((name = args_next(d->args, "policy", &at)) != NULL) {
		const struct policy *policy = policy_find(name);
		struct rd id;
		size_t i = d->roster->policy_count;

		if (policy == NULL)
			return report_usage("roster",
				"--policy %s: `valise policy` lists them", name);
		id = address_of(policy->id);
		if (i == ROSTER_POLICIES_MAX)
			return report_usage(
				"roster", "--policy: at most %d", ROSTER_POLICIES_MAX);
		for (; i > 0 && address_compare(d->roster->policies[i - 1], id) > 0; i--)
			d->roster->policies[i] = d->roster->policies[i - 1];
		d->roster->policies[i] = id;
		d->roster->policy_count++;
	}
	return d->roster->policy_count > 0
		? 0
		: report_usage("roster", "new needs --policy, such as --policy alliance");
}

static int
take_member(struct draft *d, const char *path, size_t *words_at)
{
	char whose[ADDRESS_MEMBER_MAX + 1];
	uint8_t hash[HASH_LEN];
	struct entry entry;
	int r;

	if ((r = exchange_entry_read(d->args, path, &d->notes[d->note_count], &entry)) !=
		0)
		return r;
	d->note_count++;
	(void)snprintf(whose, sizeof whose, "%.*s", (int)entry.name.len,
		(const char *)entry.name.ptr);
	if (words_at != NULL &&
		((r = entry_hash(&entry, hash)) != 0 ||
			(r = exchange_confirm(d->args, whose, hash, words_at)) != 0))
		return r;
	if ((r = roster_add(d->roster, &entry)) != 0)
		return exchange_fail(d->args, "add", whose,
			r == FAIL_EXISTS ? "It is a member already." : NULL, r);
	return 0;
}

/* How far it is from counting.  The draft has been written to `bytes`. */
static int
say_state(const struct draft *d, const struct buf *bytes)
{
	struct roster_verdict v = {.needed = d->roster->member_count};
	char words[EXCHANGE_WORDS_MAX];
	struct note *note = NULL;
	struct roster *next = NULL;
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = note_parse(bytes->data, bytes->len, &note)) != 0 ||
		(r = roster_parse(note->text, &next)) != 0)
		goto out;
	r = d->old.roster != NULL ? roster_follows(d->old.roster, next, note, &v)
				  : roster_first(next, note, &v);
	if (r == FAIL_REFUSED)
		r = 0;
	roster_hash(next->text, hash);
	exchange_words(hash, words);
	report_say(
		"%.*s, serial %u.  Its words: %s\n"
		"Your key has signed.  It counts when %zu member%s signed, with two keys "
		"each.\n",
		(int)next->community.len, (const char *)next->community.ptr,
		(unsigned)next->serial, words, v.needed,
		v.needed == 1 ? " has" : "s have");
out:
	roster_free(next);
	note_free(note);
	return r;
}

static int
finish(struct draft *d, const struct roster *judge)
{
	struct buf text, bytes;
	struct note_key key;
	int r;

	if ((r = roster_draft_own(judge, d->officer, &key)) != 0)
		return exchange_fail(d->args, "sign", "the roster",
			"Your enrol key is not in it: only registrars and security "
			"officers "
			"of its members sign.",
			FAIL_REFUSED);
	buf_init(&text, ROSTER_TEXT_MAX);
	buf_init(&bytes, NOTE_BYTES_MAX);
	if ((r = roster_write(d->roster, &text)) != 0) {
		r = exchange_fail(d->args, "make", "the roster",
			r == FAIL_SUITE
				? "A member's keys are not of the suite it requires."
				: "Two members share a domain or a key, or a rule names "
				  "a policy that the roster has not.",
			r);
		goto out;
	}
	if ((r = note_text_write(text.data, text.len, &bytes)) != 0 ||
		(r = note_sign(text.data, text.len, key.name,
			 own_officer_seed(d->officer, OWN_ENROL), &bytes)) != 0) {
		r = exchange_fail(d->args, "sign", "the roster", NULL, r);
		goto out;
	}
	if ((r = exchange_write(d->args, bytes.data, bytes.len)) == 0)
		r = say_state(d, &bytes);
out:
	buf_done(&text);
	buf_done(&bytes);
	return r;
}

int
roster_draft_new(const struct args *args)
{
	const char *member = args_get(args, "member");
	struct draft *d = NULL;
	int r;

	if (member == NULL)
		return report_usage("roster", "new needs --member, your founding file");
	if (!address_is_name(address_of(args->operands[1])))
		return report_usage("roster", "'%s': a community is named as in allies",
			args->operands[1]);
	if ((r = draft_begin(args, &d)) != 0)
		return r;
	d->roster->community = address_of(args->operands[1]);
	d->roster->serial = 1;
	d->roster->threshold = 1;
	d->roster->enrol_delay_s = ROSTER_ENROL_DELAY_S;
	d->roster->require_suite = SUITE_1;
	d->roster->outside = rd_of("", 0);
	if ((r = take_policies(d)) == 0 && (r = take_member(d, member, NULL)) == 0 &&
		(r = take_rules(d)) == 0 &&
		(r = exchange_officer(args, &d->officer)) == 0)
		r = finish(d, d->roster);
	draft_free(d);
	return r;
}

/* Only a roster that counts has a next one; of a later one its chain is not at hand. */
static int
check_old(const struct draft *d)
{
	struct roster_verdict v;
	struct roster_signers signers;
	const char *path = d->args->operands[1];
	int r;

	if (d->old.roster->serial == 1)
		r = roster_first(d->old.roster, d->old.note, &v);
	else
		r = roster_signers(d->old.roster, d->old.note, &signers);
	if (r != 0)
		return exchange_fail(d->args, "go on from", path,
			"It is not signed well: `valise roster check` says more.", r);
	return 0;
}

int
roster_draft_next(const struct args *args)
{
	struct draft *d = NULL;
	size_t words_at = 0;
	int r;

	if ((r = draft_begin(args, &d)) != 0)
		return r;
	if ((r = exchange_roster_read(args, args->operands[1], &d->old)) != 0 ||
		(r = check_old(d)) != 0)
		goto out;
	*d->roster = *d->old.roster;
	d->roster->serial++;
	roster_hash(d->old.roster->text, d->roster->previous);
	for (size_t i = 2; i < args->operand_count; i++)
		if ((r = take_member(d, args->operands[i], &words_at)) != 0)
			goto out;
	if ((r = take_rules(d)) == 0 && (r = exchange_officer(args, &d->officer)) == 0)
		r = finish(d, d->old.roster);
out:
	draft_free(d);
	return r;
}
