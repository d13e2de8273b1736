/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LABEL_DECIDE_H
#define LABEL_DECIDE_H
/*
 * decide: may the holder of this clearance have what carries this label?
 *
 * The access control decision function (ACDF) of STANAG 4774, for persons, stations and
 * channels alike.  Everything must hold, in this order; the first rule that does not is named:
 *
 *   1. the label's policy is known, and the clearance names the same one
 *   2. the label's class is known, and in the clearance's set of classes
 *   3. the label's tags and values are known, of the policy's type, and in a class that may
 *      carry them: the label is valid (label_is_valid())
 *   4. every value of a RESTRICTIVE tag is held
 *   5. of each PERMISSIVE tag in the label at least one value is held; a tag without values
 *      permits nobody but the originator
 *
 * INFORMATIVE tags ask nothing.  Unknown anything in the label denies.  What the policy does
 * not know in a clearance grants nothing.  So taking a value or a class from a clearance never
 * turns a denial into a permission.
 *
 * No policies are mapped onto one another yet: another policy is a denial.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"
#include "label/clearance.h"
#include "label/label.h"
#include "label/policy.h"

enum decide_rule {
	DECIDE_ALLOWED,
	DECIDE_POLICY_UNKNOWN,
	DECIDE_POLICY_OTHER,
	DECIDE_CLASS_UNKNOWN,
	DECIDE_CLASS,
	DECIDE_TAG_UNKNOWN, /* also: known with another type */
	DECIDE_VALUE_UNKNOWN,
	DECIDE_MISPLACED, /* the class may not carry the tag */
	DECIDE_RESTRICTIVE,
	DECIDE_PERMISSIVE,
	DECIDE_ORIGINATOR_ONLY,
};

struct decision {
	enum decide_rule rule;
	char tag[LABEL_NAME_MAX + 1]; /* from TAG_UNKNOWN on; else empty */
	char value[LABEL_NAME_MAX +
		1]; /* VALUE_UNKNOWN, RESTRICTIVE: which; else empty */
};

/* Under the built-in policy that the label names. */
void decide(const struct label *label, const struct clearance *clearance,
	struct decision *ret_decision);

/* Under this policy, which may be NULL: unknown. */
void decide_under(const struct policy *policy, const struct label *label,
	const struct clearance *clearance, struct decision *ret_decision);

/* "restrictive": stable, for programs; "allowed". */
const char *decide_rule_text(enum decide_rule rule);

enum { DECIDE_SENTENCE_MAX = 8192 }; /* bytes that any sentence fits in */

/*
 * Append one English sentence that names the rule and the remedy: "The clearance does not
 * include class SECRET of CONCORD; ask the security officer for it, or the originator for a
 * lower version."  Nothing when it was allowed.  Names come from the label as they are: lines
 * of text, in any script.
 */
MUST int decide_sentence(const struct decision *decision, const struct label *label,
	const struct clearance *clearance, struct buf *out);

#endif
