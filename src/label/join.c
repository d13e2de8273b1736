/* SPDX-License-Identifier: Apache-2.0 */
#include "label/join.h"

#include <string.h>

#include "label/policy.h"

static const struct policy_class *
class_of(const struct label *label)
{
	return policy_class_find(policy_find(label->policy), label->classification);
}

static bool
has_value(const struct label *label, const char *tag, const char *value)
{
	const struct label_category *c = label_category_find(label, tag);

	for (size_t i = 0; c != NULL && i < c->value_count; i++)
		if (strcmp(label->values[c->value_first + i], value) == 0)
			return true;
	return false;
}

/* The values of one category of `from`; of a permissive tag those that `other` has as well. */
static int
add_category(const struct label *from, const struct label_category *c,
	const struct label *other, struct label *whole)
{
	bool is_shared =
		c->type == LABEL_PERMISSIVE && label_category_find(other, c->tag) != NULL;
	int r = 0;

	/* First the tag itself: it stays even when no value does. */
	if (c->type == LABEL_PERMISSIVE)
		r = label_add(whole, c->tag, c->type, NULL);
	for (size_t i = 0; i < c->value_count && r == 0; i++) {
		const char *value = from->values[c->value_first + i];

		if (!is_shared || has_value(other, c->tag, value))
			r = label_add(whole, c->tag, c->type, value);
	}
	return r;
}

static int
add_categories(const struct label *from, const struct label *other, struct label *whole)
{
	int r = 0;

	for (size_t i = 0; i < from->category_count && r == 0; i++)
		r = add_category(from, &from->categories[i], other, whole);
	return r;
}

int
label_join(const struct label *a, const struct label *b, struct label **ret_label)
{
	const struct label *higher;
	struct label *whole = NULL;
	int r;

	if (!label_is_valid(a) || !label_is_valid(b))
		return FAIL_FORMAT;
	if (strcmp(a->policy, b->policy) != 0)
		return FAIL_MISMATCH;
	higher = class_of(a)->hierarchy >= class_of(b)->hierarchy ? a : b;
	if ((r = label_new(a->policy, higher->classification, &whole)) != 0 ||
		(r = add_categories(a, b, whole)) != 0 ||
		(r = add_categories(b, a, whole)) != 0)
		goto out;
	/* A policy could have rules that the join breaks; then it is not for us to decide. */
	if (!label_is_valid(whole)) {
		r = FAIL_MISMATCH;
		goto out;
	}

	*ret_label = whole;
	whole = NULL;
out:
	label_free(whole);
	return r;
}

/* Everything a RESTRICTIVE part asks for, the whole asks for. */
static bool
asks_for_all(const struct label *whole, const struct label *part,
	const struct label_category *c)
{
	for (size_t i = 0; i < c->value_count; i++)
		if (!has_value(whole, c->tag, part->values[c->value_first + i]))
			return false;
	return true;
}

/*
 * One value of the whole suffices its reader, so each of them must suffice for the part.  A
 * whole that is for the originator only covers what is for the originator only or more.
 */
static bool
permits_no_more(const struct label *whole, const struct label *part,
	const struct label_category *c)
{
	const struct label_category *own = label_category_find(whole, c->tag);

	if (own == NULL)
		return false;
	for (size_t i = 0; i < own->value_count; i++)
		if (!has_value(part, c->tag, whole->values[own->value_first + i]))
			return false;
	return true;
}

bool
label_covers(const struct label *whole, const struct label *part)
{
	if (!label_is_valid(whole) || !label_is_valid(part) ||
		strcmp(whole->policy, part->policy) != 0 ||
		class_of(whole)->hierarchy < class_of(part)->hierarchy)
		return false;
	for (size_t i = 0; i < part->category_count; i++) {
		const struct label_category *c = &part->categories[i];

		if (c->type == LABEL_RESTRICTIVE && !asks_for_all(whole, part, c))
			return false;
		if (c->type == LABEL_PERMISSIVE && !permits_no_more(whole, part, c))
			return false;
	}
	return true;
}
