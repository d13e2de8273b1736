/* SPDX-License-Identifier: Apache-2.0 */
#include "label/decide.h"

#include <string.h>

#include "base/buf.h"

/*
 * The words of a decision.  A refusal has one form for each rule: what is wrong, a semicolon,
 * what to do.  In a form stand
 *   $p  the label's policy     $c  its class     $t  the tag     $v  the value
 *   $l  all values of the tag in the label       $h  the clearance's policy
 */

static const struct {
	const char *name;
	const char *form;
} rules[] = {
	[DECIDE_ALLOWED] = {"allowed", ""},
	[DECIDE_POLICY_UNKNOWN] = {"policy-unknown",
		"No policy $p is known here, and what is unknown opens to nobody; ask "
		"the "
		"originator for a label of a known policy."},
	[DECIDE_POLICY_OTHER] = {"policy-other",
		"The label is of policy $p and the clearance of $h; ask the security "
		"officer for a clearance of $p."},
	[DECIDE_CLASS_UNKNOWN] = {"class-unknown",
		"Policy $p has no class $c, and what is unknown opens to nobody; ask the "
		"originator for a valid label."},
	[DECIDE_CLASS] = {"class",
		"The clearance does not include class $c of $p; ask the security officer "
		"for it, or the originator for a lower version."},
	[DECIDE_TAG_UNKNOWN] = {"tag-unknown",
		"Policy $p has no such category as $t, and what is unknown opens to "
		"nobody; ask the originator for a valid label."},
	[DECIDE_VALUE_UNKNOWN] = {"value-unknown",
		"Policy $p has no $v in $t, and what is unknown opens to nobody; ask the "
		"originator for a valid label."},
	[DECIDE_MISPLACED] = {"misplaced",
		"Class $c of $p may not carry $t, so the label is not valid; ask the "
		"originator for a valid one."},
	[DECIDE_RESTRICTIVE] = {"restrictive",
		"The label asks for $v ($t), which the clearance does not hold; ask the "
		"security officer to be admitted to it."},
	[DECIDE_PERMISSIVE] = {"permissive",
		"The label is $t $l only, and the clearance has none of these; ask the "
		"originator to release it."},
	[DECIDE_ORIGINATOR_ONLY] = {"originator-only",
		"The label permits nobody but its originator ($t: nobody); ask the "
		"originator to release it."},
};

const char *
decide_rule_text(enum decide_rule rule)
{
	CHECK((size_t)rule < sizeof rules / sizeof rules[0]);
	return rules[rule].name;
}

static void
put_values(const struct label *label, const char *tag, struct buf *out)
{
	const struct label_category *c = label_category_find(label, tag);

	for (size_t i = 0; c != NULL && i < c->value_count; i++) {
		if (i > 0)
			buf_text(out, ", ");
		buf_text(out, label->values[c->value_first + i]);
	}
}

static void
put(char what, const struct decision *decision, const struct label *label,
	const struct clearance *clearance, struct buf *out)
{
	switch (what) {
	case 'p':
		buf_text(out, label->policy);
		break;
	case 'c':
		buf_text(out, label->classification);
		break;
	case 't':
		buf_text(out, decision->tag);
		break;
	case 'v':
		buf_text(out, decision->value);
		break;
	case 'l':
		put_values(label, decision->tag, out);
		break;
	default:
		CHECK(what == 'h');
		buf_text(out, clearance->policy);
	}
}

int
decide_sentence(const struct decision *decision, const struct label *label,
	const struct clearance *clearance, struct buf *out)
{
	CHECK((size_t)decision->rule < sizeof rules / sizeof rules[0]);
	for (const char *at = rules[decision->rule].form; *at != '\0'; at++) {
		if (*at == '$')
			put(*++at, decision, label, clearance, out);
		else
			buf_u8(out, (uint8_t)*at);
	}
	return buf_error(out);
}
