/* SPDX-License-Identifier: Apache-2.0 */
#include "label/decide.h"

#include <stdio.h>
#include <string.h>

/*
 * One pass a rule, each ending at the first thing that fails it.  No rule looks at ranks: a
 * clearance is a set, and being cleared for SECRET does not imply RESTRICTED unless it says so.
 */

static void
deny(struct decision *d, enum decide_rule rule, const char *tag, const char *value)
{
	d->rule = rule;
	(void)snprintf(d->tag, sizeof d->tag, "%s", tag);
	(void)snprintf(d->value, sizeof d->value, "%s", value);
}

/* Rules 1 and 2. */
static bool
is_class_held(const struct policy *policy, const struct label *label,
	const struct clearance *clearance, struct decision *d)
{
	if (policy == NULL || strcmp(policy->id, label->policy) != 0)
		deny(d, DECIDE_POLICY_UNKNOWN, "", "");
	else if (strcmp(clearance->policy, policy->id) != 0)
		deny(d, DECIDE_POLICY_OTHER, "", "");
	else if (policy_class_find(policy, label->classification) == NULL)
		deny(d, DECIDE_CLASS_UNKNOWN, "", "");
	else if (!clearance_has_class(clearance, label->classification))
		deny(d, DECIDE_CLASS, "", "");
	return d->rule == DECIDE_ALLOWED;
}

/* Rule 3. */
static bool
is_category_known(const struct policy *policy, const struct label *label,
	const struct label_category *c, struct decision *d)
{
	const struct policy_class *class =
		policy_class_find(policy, label->classification);
	const struct policy_tag *tag = policy_tag_find(policy, c->tag);

	if (tag == NULL || tag->type != c->type) {
		deny(d, DECIDE_TAG_UNKNOWN, c->tag, "");
		return false;
	}
	for (size_t i = 0; i < c->value_count; i++) {
		const char *value = label->values[c->value_first + i];

		if (!policy_tag_has(tag, value)) {
			deny(d, DECIDE_VALUE_UNKNOWN, c->tag, value);
			return false;
		}
	}
	if (class->hierarchy < tag->hierarchy_min)
		deny(d, DECIDE_MISPLACED, c->tag, "");
	return d->rule == DECIDE_ALLOWED;
}

/* Rule 4: every value. */
static bool
are_all_held(const struct label *label, const struct label_category *c,
	const struct clearance *clearance, struct decision *d)
{
	for (size_t i = 0; i < c->value_count; i++) {
		const char *value = label->values[c->value_first + i];

		if (!clearance_holds(clearance, c->tag, c->type, value)) {
			deny(d, DECIDE_RESTRICTIVE, c->tag, value);
			return false;
		}
	}
	return true;
}

/* Rule 5: one value at least. */
static bool
is_one_held(const struct label *label, const struct label_category *c,
	const struct clearance *clearance, struct decision *d)
{
	for (size_t i = 0; i < c->value_count; i++)
		if (clearance_holds(clearance, c->tag, c->type,
			    label->values[c->value_first + i]))
			return true;
	deny(d, c->value_count == 0 ? DECIDE_ORIGINATOR_ONLY : DECIDE_PERMISSIVE, c->tag,
		"");
	return false;
}

static bool
is_category_met(const struct label *label, const struct label_category *c,
	const struct clearance *clearance, struct decision *d)
{
	switch (c->type) {
	case LABEL_RESTRICTIVE:
		return are_all_held(label, c, clearance, d);
	case LABEL_PERMISSIVE:
		return is_one_held(label, c, clearance, d);
	case LABEL_INFORMATIVE:
		break;
	}
	return true;
}

void
decide_under(const struct policy *policy, const struct label *label,
	const struct clearance *clearance, struct decision *ret_decision)
{
	const struct label_category *categories = label->categories;

	*ret_decision = (struct decision){.rule = DECIDE_ALLOWED};
	if (!is_class_held(policy, label, clearance, ret_decision))
		return;
	for (size_t i = 0; i < label->category_count; i++)
		if (!is_category_known(policy, label, &categories[i], ret_decision))
			return;
	for (size_t i = 0; i < label->category_count; i++)
		if (!is_category_met(label, &categories[i], clearance, ret_decision))
			return;
}

void
decide(const struct label *label, const struct clearance *clearance,
	struct decision *ret_decision)
{
	decide_under(policy_find(label->policy), label, clearance, ret_decision);
}
