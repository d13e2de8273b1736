/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LABEL_LABEL_H
#define LABEL_LABEL_H
/*
 * label: what a document is: a policy, a class of that policy, and categories.
 *
 * The words are those of STANAG 4774 (ADatP-4774).  A RESTRICTIVE category asks the reader to
 * hold every value, a PERMISSIVE one to hold at least one, an INFORMATIVE one asks nothing.
 * A PERMISSIVE category without values permits nobody but the originator; it comes from
 * joining two labels that share no value, and must never read as "no restriction".
 *
 * Form     label_parse() proves that bytes are in the one canonical form.  Whether the policy
 *          knows the words is another question: label_is_valid() in label/policy.h.
 * Storage  `struct label` is flat: no pointers inside, copied with `=`.
 *
 *   struct {                                        docs/format/label.md
 *       opaque   policy<1..64>;                     length of 1 byte
 *       opaque   classification<1..64>;             length of 1 byte
 *       Category categories<0..2^16-1>;             sorted by tag, no tag twice
 *   } Label;
 *   struct {
 *       opaque   tag<1..64>;
 *       uint8    type;                              1, 2 or 3
 *       Value    values<0..2^16-1>;                 sorted, none twice; empty: type 2 only
 *   } Category;
 *   opaque Value<1..64>;
 *
 * Sorted is by bytes, the shorter first where one begins the other.  All text is UTF-8 fit for
 * one line, without space at an end and without two spaces in a row (token of XML Schema).
 *
 * Errors   FAIL_FORMAT, FAIL_TRUNCATED; FAIL_LIMIT for more categories or values than fit.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"

enum {
	LABEL_NAME_MAX = 64,	  /* bytes of a policy, class, tag or value */
	LABEL_CATEGORIES_MAX = 8, /* in one label */
	LABEL_VALUES_MAX = 64,	  /* in all categories of one label together */
	LABEL_BYTES_MAX = 4836,	  /* the largest canonical form */
	LABEL_TEXT_MAX =
		1024, /* bytes of the text form and of a marking, without the NUL */
};

enum label_type {
	LABEL_RESTRICTIVE = 1,
	LABEL_PERMISSIVE = 2,
	LABEL_INFORMATIVE = 3,
};

/* The values of a category are value_count names from label->values[value_first] on. */
struct label_category {
	char tag[LABEL_NAME_MAX + 1];
	enum label_type type;
	size_t value_first;
	size_t value_count;
};

struct label {
	char policy[LABEL_NAME_MAX + 1];
	char classification[LABEL_NAME_MAX + 1];
	size_t category_count;
	struct label_category categories[LABEL_CATEGORIES_MAX];
	size_t value_count;
	char values[LABEL_VALUES_MAX][LABEL_NAME_MAX + 1];
};

/* A label without categories.  FAIL_FORMAT when a name cannot stand in a label. */
MUST int label_new(
	const char *policy, const char *classification, struct label **ret_label);
void label_free(struct label *label);

/*
 * Add one value where it sorts; value NULL makes the category without adding to it.  Adding
 * what is there changes nothing.  FAIL_MISMATCH when the tag is there with another type;
 * the label is unchanged after any failure.
 */
MUST int label_add(
	struct label *label, const char *tag, enum label_type type, const char *value);

/* The category of that tag, or NULL. */
const struct label_category *label_category_find(
	const struct label *label, const char *tag);

/* Reads one label and leaves what follows it. */
MUST int label_parse(struct rd *in, struct label **ret_label);

/* The label is one that label_parse(), label_from_text() or label_add() made (CHECK). */
void label_write(const struct label *label, struct buf *out);

/*
 * As people type it: "SECRET", "CONCORD:SECRET REL TO PT, FR", "tlp:amber+strict", "TRÈS
 * SECRET", "business:CONFIDENTIAL".  Without a policy the alliance's is meant.  EN, FR and PT
 * words mean the same, in any case, with or without accents.  A word that the policy does not
 * have is FAIL_FORMAT; over LABEL_TEXT_MAX bytes is FAIL_LIMIT.  What comes out is valid.
 */
MUST int label_from_text(const char *text, size_t len, struct label **ret_label);

/*
 * The one text that a valid label writes as; label_from_text() gives the same label back.
 * The policy always stands in it.  FAIL_FORMAT when the label is not valid.
 */
MUST int label_to_text(const struct label *label, char ret_text[LABEL_TEXT_MAX + 1]);

#endif
