/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LABEL_POLICY_H
#define LABEL_POLICY_H
/*
 * policy: which words a label may use, what they mean, and how they are shown.
 *
 * Three policies are built in, as constant tables:
 *
 *   TLP       Traffic Light Protocol 2.0 (FIRST, August 2022), with FIRST's colours
 *   BUSINESS  four classes for firms and offices
 *   CONCORD   a fictitious alliance: five classes; countries in "Releasable To"; designators
 *             from CONFIDENTIAL up; administrative words.  Also found as "alliance".
 *
 * A table says of each class its name in labels, its rank (`hierarchy`), its colour, and its
 * marking in English, French and Portuguese.  Names, not ranks, decide about clearances: a
 * clearance holds a set of classes (STANAG 4774), ranks serve joining and sorting only.
 *
 * Unknown anything is refused: a label whose policy, class, tag or value is in no table is
 * not valid, has no marking and opens to nobody.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "label/label.h"

enum policy_language { POLICY_EN, POLICY_FR, POLICY_PT };
enum { POLICY_LANGUAGES = 3 };

/* One word in a label and on paper. */
struct policy_word {
	const char *name;		       /* as it stands in a label */
	const char *marking[POLICY_LANGUAGES]; /* as it stands on paper */
};

struct policy_class {
	struct policy_word word;
	const char *also; /* an older spelling that is read and never written; or NULL */
	unsigned hierarchy;	/* higher is more sensitive; distinct within a policy */
	uint32_t color;		/* 0xRRGGBB of the banner */
	uint32_t color_of_text; /* 0xRRGGBB upon it */
};

struct policy_tag {
	const char *name;
	enum label_type type;
	struct policy_word prefix; /* before the values: "REL TO"; name NULL: none */
	struct policy_word nobody; /* stands for no value at all; PERMISSIVE only */
	const struct policy_word *words;
	size_t word_count;	/* 0: values are free, 2 to 8 capital letters */
	unsigned hierarchy_min; /* classes below may not carry this tag */
};

struct policy {
	const char *id;	    /* as it stands in a label */
	const char *also;   /* another name that people may type; or NULL */
	const char *before; /* before the class in a marking: "TLP:", "CONCORD ", "" */
	const struct policy_class *classes; /* lowest first */
	size_t class_count;
	const struct policy_tag *tags;
	size_t tag_count;
};

/* By id or other name, in any case; NULL when unknown. */
const struct policy *policy_find(const char *name);

/* The policy that is meant where none is named. */
const struct policy *policy_default(void);

/* The built-in policies, 0 to policy_count() - 1. */
size_t policy_count(void);
const struct policy *policy_at(size_t i);

/* By name exactly as in a label; NULL when unknown. */
const struct policy_class *policy_class_find(
	const struct policy *policy, const char *name);
const struct policy_tag *policy_tag_find(const struct policy *policy, const char *name);

/* Is this, exactly as spelt, a value of the tag? */
MUST bool policy_tag_has(const struct policy_tag *tag, const char *value);

/* Does its policy exist and have all its words, in places where they may stand? */
MUST bool label_is_valid(const struct label *label);

/*
 * The marking for top and bottom of a page: "CONCORD SECRET REL TO FR, PT".  FAIL_FORMAT when
 * the label is not valid, FAIL_LIMIT when out_size is too small; LABEL_TEXT_MAX + 1 always
 * suffices.
 */
MUST int label_marking(const struct label *label, enum policy_language language,
	char *ret_out, size_t out_size);

#endif
