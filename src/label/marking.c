/* SPDX-License-Identifier: Apache-2.0 */
#include "label/policy.h"

#include <string.h>

#include "base/buf.h"

/*
 * A marking names the owner, the class, then the categories: designators that the reader must
 * hold first, words that only inform next, the list of those who may read last, because it is
 * the one of open length.  The text form of a label is the same in English, with ':'.
 */

static const char *
word_in(const struct policy_tag *tag, const char *value, enum policy_language language)
{
	for (size_t i = 0; i < tag->word_count; i++)
		if (strcmp(tag->words[i].name, value) == 0)
			return tag->words[i].marking[language];
	return value;
}

static void
put_category(const struct policy_tag *tag, const struct label *label,
	enum policy_language language, struct buf *out)
{
	const struct label_category *c = label_category_find(label, tag->name);

	if (c == NULL)
		return;
	if (tag->prefix.name != NULL)
		buf_printf(out, " %s", tag->prefix.marking[language]);
	if (c->value_count == 0)
		buf_printf(out, " %s", tag->nobody.marking[language]);
	for (size_t i = 0; i < c->value_count; i++)
		buf_printf(out, "%s %s", i > 0 && tag->prefix.name != NULL ? "," : "",
			word_in(tag, label->values[c->value_first + i], language));
}

static void
put_label(const struct policy *policy, const char *before, const struct label *label,
	enum policy_language language, struct buf *out)
{
	static const enum label_type order[] = {
		LABEL_RESTRICTIVE, LABEL_INFORMATIVE, LABEL_PERMISSIVE};
	const struct policy_class *class =
		policy_class_find(policy, label->classification);

	buf_printf(out, "%s%s", before, class->word.marking[language]);
	for (size_t k = 0; k < sizeof order / sizeof order[0]; k++)
		for (size_t i = 0; i < policy->tag_count; i++)
			if (policy->tags[i].type == order[k])
				put_category(&policy->tags[i], label, language, out);
}

static int
take_text(struct buf *b, char *ret_out, size_t out_size)
{
	int r;

	buf_u8(b, 0);
	if ((r = buf_error(b)) == 0 && b->len > out_size)
		r = FAIL_LIMIT;
	if (r == 0)
		memcpy(ret_out, b->data, b->len);
	buf_done(b);
	return r;
}

int
label_marking(const struct label *label, enum policy_language language, char *ret_out,
	size_t out_size)
{
	const struct policy *policy = policy_find(label->policy);
	struct buf b;

	if (!label_is_valid(label))
		return FAIL_FORMAT;
	/* buf_printf() needs one byte of room for a NUL that it then takes back. */
	buf_init(&b, LABEL_TEXT_MAX + 2);
	put_label(policy, policy->before, label, language, &b);
	return take_text(&b, ret_out, out_size);
}

int
label_to_text(const struct label *label, char ret_text[LABEL_TEXT_MAX + 1])
{
	const struct policy *policy = policy_find(label->policy);
	struct buf b;

	if (!label_is_valid(label))
		return FAIL_FORMAT;
	buf_init(&b, LABEL_TEXT_MAX + 2);
	buf_printf(&b, "%s:", policy->id);
	put_label(policy, "", label, POLICY_EN, &b);
	return take_text(&b, ret_text, LABEL_TEXT_MAX + 1);
}
