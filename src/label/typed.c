/* SPDX-License-Identifier: Apache-2.0 */
#include "label/typed.h"

#include <string.h>

#include "label/fold.h"

/*
 * The text is folded once and then read from left to right: policy, class, categories.  Every
 * step takes a word of a table or fails, so nothing unknown is skipped.  A list of free values
 * goes on after a comma only: a forgotten comma is refused and does not release to a country
 * that somebody meant as something else, nor hide a designator among the countries.
 */

static bool
is_end(char c)
{
	return c == '\0' || c == ' ';
}

/* The length of whichever spelling of the word the text begins with; 0 for none. */
static size_t
starts_word(const char *text, const struct policy_word *word)
{
	size_t n;

	if (word->name == NULL)
		return 0;
	if ((n = fold_starts(text, word->name)) > 0)
		return n;
	for (size_t i = 0; i < POLICY_LANGUAGES; i++)
		if ((n = fold_starts(text, word->marking[i])) > 0)
			return n;
	return 0;
}

/* Step over n bytes and the one space that may follow. */
static const char *
after(const char *text, size_t n)
{
	text += n;
	return *text == ' ' ? text + 1 : text;
}

const struct policy *
typed_policy(const char **text)
{
	for (size_t i = 0; i < policy_count(); i++) {
		const struct policy *p = policy_at(i);
		size_t n = fold_starts(*text, p->id);

		if (n == 0 && p->also != NULL)
			n = fold_starts(*text, p->also);
		if (n > 0 && ((*text)[n] == ' ' || (*text)[n] == ':')) {
			*text += n + 1;
			return p;
		}
	}
	return policy_default();
}

const struct policy_class *
typed_class(const struct policy *policy, const char **text)
{
	for (size_t i = 0; i < policy->class_count; i++) {
		const struct policy_class *c = &policy->classes[i];
		size_t n = starts_word(*text, &c->word);

		if (n == 0 && c->also != NULL)
			n = fold_starts(*text, c->also);
		if (n > 0) {
			*text += n;
			return c;
		}
	}
	return NULL;
}

/* "PT, FR": values joined by commas, which the fold left without spaces. */
static int
take_list(const struct policy_tag *tag, const char **text, struct label *label)
{
	char value[LABEL_NAME_MAX + 1];
	int r;

	for (;;) {
		size_t n = strcspn(*text, " ,:");

		if (n == 0 || n > LABEL_NAME_MAX)
			return FAIL_FORMAT;
		memcpy(value, *text, n);
		value[n] = '\0';
		if (!policy_tag_has(tag, value))
			return FAIL_FORMAT;
		if ((r = label_add(label, tag->name, tag->type, value)) != 0)
			return r;
		if ((*text)[n] != ',') {
			if (!is_end((*text)[n]))
				return FAIL_FORMAT;
			*text = after(*text, n);
			return 0;
		}
		*text += n + 1;
	}
}

/* FAIL_ABSENT when the text does not begin with this tag. */
static int
take_prefixed(const struct policy_tag *tag, const char **text, struct label *label)
{
	size_t n = starts_word(*text, &tag->prefix);

	if (n == 0)
		return FAIL_ABSENT;
	/* Twice "REL TO" would leave open whether the lists are joined or intersected. */
	if (label_category_find(label, tag->name) != NULL)
		return FAIL_FORMAT;
	*text += n;
	if (**text != ' ' && **text != ':')
		return FAIL_FORMAT;
	++*text;
	if ((n = starts_word(*text, &tag->nobody)) == 0)
		return take_list(tag, text, label);
	if (!is_end((*text)[n]))
		return FAIL_FORMAT;
	*text = after(*text, n);
	return label_add(label, tag->name, tag->type, NULL);
}

static int
take_word(const struct policy_tag *tag, const char **text, struct label *label)
{
	for (size_t i = 0; i < tag->word_count; i++) {
		size_t n = starts_word(*text, &tag->words[i]);

		if (n > 0 && is_end((*text)[n])) {
			*text = after(*text, n);
			return label_add(label, tag->name, tag->type, tag->words[i].name);
		}
	}
	return FAIL_ABSENT;
}

/* FAIL_ABSENT when no tag of the policy begins here. */
static int
take_category(const struct policy *policy, const char **text, struct label *label)
{
	int r = FAIL_ABSENT;

	for (size_t i = 0; i < policy->tag_count && r == FAIL_ABSENT; i++) {
		const struct policy_tag *tag = &policy->tags[i];

		if (tag->prefix.name != NULL)
			r = take_prefixed(tag, text, label);
		else
			r = take_word(tag, text, label);
	}
	return r;
}

int
typed_categories(const struct policy *policy, const char *text, struct label *label)
{
	int r;

	while (*text != '\0')
		if ((r = take_category(policy, &text, label)) != 0)
			return r == FAIL_ABSENT ? FAIL_FORMAT : r;
	return 0;
}

int
label_from_text(const char *text, size_t len, struct label **ret_label)
{
	char folded[LABEL_TEXT_MAX + 1];
	const struct policy_class *class;
	const struct policy *policy;
	struct label *label = NULL;
	const char *at = folded;
	int r;

	if (len > LABEL_TEXT_MAX)
		return FAIL_LIMIT;
	if ((r = fold_text(text, len, folded, sizeof folded)) != 0)
		return r;
	policy = typed_policy(&at);
	if ((class = typed_class(policy, &at)) == NULL || !is_end(*at))
		return FAIL_FORMAT;
	if ((r = label_new(policy->id, class->word.name, &label)) != 0)
		goto out;
	if ((r = typed_categories(policy, after(at, 0), label)) != 0)
		goto out;
	if (!label_is_valid(label)) {
		r = FAIL_FORMAT;
		goto out;
	}

	*ret_label = label;
	label = NULL;
out:
	label_free(label);
	return r;
}
