/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LABEL_TYPED_H
#define LABEL_TYPED_H
/*
 * typed: the words that people type, one after the other, from folded text (label/fold.h).
 *
 * Shared by labels and clearances, so that both read the same words in the same way.
 */
#include "base/fail.h"
#include "label/label.h"
#include "label/policy.h"

/* "NAME:" or "NAME " before a class; without it the default policy is meant. */
const struct policy *typed_policy(const char **text);

/* The class that the text begins with, in any spelling, and step behind it; NULL for none. */
const struct policy_class *typed_class(const struct policy *policy, const char **text);

/* The rest of the text, which must be categories, into the label. */
MUST int typed_categories(
	const struct policy *policy, const char *text, struct label *label);

#endif
