/* SPDX-License-Identifier: Apache-2.0 */
#include "label/clearance.h"

#include <string.h>

#include "label/fold.h"
#include "label/policy.h"
#include "label/typed.h"

/*
 * The categories of a clearance are read and written through a label of its highest class, so
 * that they have the words of labels and their rules: no designator below the class that may
 * carry it, no value that the policy does not know.
 */

static const char only[] = "ONLY";

static bool
is_end(char c)
{
	return c == '\0' || c == ' ';
}

/* All classes up to the one that is named. */
static int
take_up_to(const struct policy *policy, const char **text, struct clearance *c)
{
	const struct policy_class *top = typed_class(policy, text);
	int r = 0;

	if (top == NULL || !is_end(**text))
		return FAIL_FORMAT;
	for (size_t i = 0; i < policy->class_count && r == 0; i++)
		if (policy->classes[i].hierarchy <= top->hierarchy)
			r = clearance_add_class(c, policy->classes[i].word.name);
	return r;
}

/* Exactly the classes that are named, joined by commas. */
static int
take_only(const struct policy *policy, const char **text, struct clearance *c)
{
	const struct policy_class *class;
	int r;

	for (;;) {
		if ((class = typed_class(policy, text)) == NULL)
			return FAIL_FORMAT;
		/* Twice the same word is a slip for another one. */
		if (clearance_has_class(c, class->word.name))
			return FAIL_FORMAT;
		if ((r = clearance_add_class(c, class->word.name)) != 0)
			return r;
		if (**text != ',')
			return is_end(**text) ? 0 : FAIL_FORMAT;
		++*text;
	}
}

static int
take_classes(const struct policy *policy, const char **text, struct clearance *c)
{
	size_t n = fold_starts(*text, only);

	if (n == 0 || (*text)[n] != ' ')
		return take_up_to(policy, text, c);
	*text += n + 1;
	return take_only(policy, text, c);
}

/* NULL when the policy does not know every class of the clearance. */
static const struct policy_class *
highest_class(const struct policy *policy, const struct clearance *c)
{
	const struct policy_class *highest = NULL;

	for (size_t i = 0; i < c->class_count; i++) {
		const struct policy_class *class =
			policy_class_find(policy, c->classes[i]);

		if (class == NULL)
			return NULL;
		if (highest == NULL || class->hierarchy > highest->hierarchy)
			highest = class;
	}
	return highest;
}

/* What the label carries, as something held. */
static int
hold_categories(const struct label *label, struct clearance *c)
{
	int r = 0;

	for (size_t i = 0; i < label->category_count && r == 0; i++) {
		const struct label_category *category = &label->categories[i];

		/* Nobody belongs to "originator only". */
		if (category->value_count == 0)
			return FAIL_FORMAT;
		for (size_t k = 0; k < category->value_count && r == 0; k++)
			r = clearance_add(c, category->tag, category->type,
				label->values[category->value_first + k]);
	}
	return r;
}

static int
take_categories(const struct policy *policy, const char *text, struct clearance *c)
{
	const struct policy_class *highest = highest_class(policy, c);
	struct label *label = NULL;
	int r;

	CHECK(highest != NULL);
	if ((r = label_new(policy->id, highest->word.name, &label)) != 0 ||
		(r = typed_categories(policy, text, label)) != 0)
		goto out;
	r = label_is_valid(label) ? hold_categories(label, c) : FAIL_FORMAT;
out:
	label_free(label);
	return r;
}

int
clearance_from_text(const char *text, size_t len, struct clearance **ret_clearance)
{
	char folded[LABEL_TEXT_MAX + 1];
	const struct policy *policy;
	struct clearance *c = NULL;
	const char *at = folded;
	int r;

	if (len > LABEL_TEXT_MAX)
		return FAIL_LIMIT;
	if ((r = fold_text(text, len, folded, sizeof folded)) != 0)
		return r;
	policy = typed_policy(&at);
	if ((r = clearance_new(policy->id, &c)) != 0 ||
		(r = take_classes(policy, &at, c)) != 0)
		goto out;
	if (*at == ' ')
		at++;
	if ((r = take_categories(policy, at, c)) != 0)
		goto out;

	*ret_clearance = c;
	c = NULL;
out:
	clearance_free(c);
	return r;
}

/* The label of the highest class with all that is held. */
static int
label_of(const struct policy *policy, const struct clearance *c, struct label **ret_label)
{
	const struct policy_class *highest = highest_class(policy, c);
	struct label *label = NULL;
	int r;

	if (highest == NULL)
		return FAIL_FORMAT;
	if ((r = label_new(policy->id, highest->word.name, &label)) != 0)
		return r;
	for (size_t i = 0; i < c->held_count && r == 0; i++)
		r = label_add(label, c->held[i].tag, c->held[i].type, c->held[i].value);
	if (r != 0 || !label_is_valid(label)) {
		label_free(label);
		return FAIL_FORMAT;
	}
	*ret_label = label;
	return 0;
}

/* Are these all classes up to the highest of them? */
static bool
is_up_to(const struct policy *policy, const struct clearance *c)
{
	const struct policy_class *highest = highest_class(policy, c);

	for (size_t i = 0; i < policy->class_count; i++)
		if (policy->classes[i].hierarchy < highest->hierarchy &&
			!clearance_has_class(c, policy->classes[i].word.name))
			return false;
	return true;
}

/* text is "POLICY:HIGHEST and categories"; the class becomes the list of them, by rank. */
static void
put_only(const struct policy *policy, const struct clearance *c, const char *text,
	struct buf *out)
{
	const char *rest = text + strlen(policy->id) + 1 +
		strlen(highest_class(policy, c)->word.name);
	const char *before = " ";

	buf_printf(out, "%s:%s", policy->id, only);
	for (size_t i = 0; i < policy->class_count; i++) {
		if (!clearance_has_class(c, policy->classes[i].word.name))
			continue;
		buf_printf(out, "%s%s", before, policy->classes[i].word.name);
		before = ", ";
	}
	buf_text(out, rest);
}

int
clearance_to_text(const struct clearance *clearance, char ret_text[LABEL_TEXT_MAX + 1])
{
	const struct policy *policy = policy_find(clearance->policy);
	char text[LABEL_TEXT_MAX + 1];
	struct label *label = NULL;
	struct buf b;
	int r;

	if (policy == NULL || strcmp(policy->id, clearance->policy) != 0)
		return FAIL_FORMAT;
	if ((r = label_of(policy, clearance, &label)) != 0)
		return r;
	r = label_to_text(label, text);
	label_free(label);
	if (r != 0)
		return r;
	buf_init(&b, LABEL_TEXT_MAX + 1);
	if (is_up_to(policy, clearance))
		buf_text(&b, text);
	else
		put_only(policy, clearance, text, &b);
	buf_u8(&b, 0);
	if ((r = buf_error(&b)) == 0)
		memcpy(ret_text, b.data, b.len);
	buf_done(&b);
	return r;
}
