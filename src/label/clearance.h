/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LABEL_CLEARANCE_H
#define LABEL_CLEARANCE_H
/*
 * clearance: what a person, a station or a channel may have.
 *
 * A policy, a SET of its classes, and the category values that are held (STANAG 4774,
 * ConfidentialityClearance).  A set and not a ceiling: "up to SECRET" is spelt out when the
 * clearance is made, so a class that a policy gains later is held by nobody.  A value of a
 * RESTRICTIVE tag is a designator that was granted; one of a PERMISSIVE tag is a country or
 * group that the holder belongs to.  An INFORMATIVE tag asks nothing, so none can be held.
 *
 *   struct {                                       docs/format/label.md, section 4
 *       opaque policy<1..64>;                      length of 1 byte
 *       Class  classes<2..2^16-1>;                 at least one; sorted, none twice
 *       Held   held<0..2^16-1>;                    sorted by tag, then value; none twice
 *   } Clearance;
 *   opaque Class<1..64>;
 *   struct { opaque tag<1..64>; uint8 type; opaque value<1..64>; } Held;
 *
 * Names are those of labels (label/label.h).  A tag has one type throughout.  A name that the
 * policy does not know grants nothing; it does no harm either (label/decide.h).
 *
 * Storage  flat, copied with `=`; some 10 KiB, so on the heap.
 * Errors   FAIL_FORMAT, FAIL_TRUNCATED; FAIL_LIMIT for more than fits.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "label/label.h"

enum {
	CLEARANCE_CLASSES_MAX = 16,
	CLEARANCE_HELD_MAX = 64,
	CLEARANCE_BYTES_MAX = 9493, /* the largest canonical form */
};

struct clearance_held {
	char tag[LABEL_NAME_MAX + 1];
	enum label_type type;
	char value[LABEL_NAME_MAX + 1];
};

struct clearance {
	char policy[LABEL_NAME_MAX + 1];
	size_t class_count;
	char classes[CLEARANCE_CLASSES_MAX][LABEL_NAME_MAX + 1];
	size_t held_count;
	struct clearance_held held[CLEARANCE_HELD_MAX];
};

/* A clearance for nothing.  FAIL_FORMAT when the name cannot stand in one. */
MUST int clearance_new(const char *policy, struct clearance **ret_clearance);
void clearance_free(struct clearance *clearance);

/* Adding what is there changes nothing; after a failure the clearance is unchanged. */
MUST int clearance_add_class(struct clearance *clearance, const char *class);

/* FAIL_FORMAT for an INFORMATIVE tag, FAIL_MISMATCH when the tag is there with another type. */
MUST int clearance_add(struct clearance *clearance, const char *tag, enum label_type type,
	const char *value);

bool clearance_has_class(const struct clearance *clearance, const char *class);
bool clearance_holds(const struct clearance *clearance, const char *tag,
	enum label_type type, const char *value);

/* Take one value away; false when it was not held. */
bool clearance_remove(struct clearance *clearance, const char *tag, const char *value);

/* Reads one clearance and leaves what follows it. */
MUST int clearance_parse(struct rd *in, struct clearance **ret_clearance);

/* The clearance has at least one class (CHECK). */
void clearance_write(const struct clearance *clearance, struct buf *out);

/*
 * As people type it, in the words of labels (label_from_text()): "SECRET" is every class of the
 * alliance up to SECRET; "SECRET LANTERN REL TO PT, EU" holds a designator, and belongs to PT
 * and EU; "ONLY UNCLASSIFIED, SECRET" is exactly these two.  What comes out has names of its
 * policy only.  FAIL_FORMAT for anything else, FAIL_LIMIT over LABEL_TEXT_MAX bytes.
 */
MUST int clearance_from_text(
	const char *text, size_t len, struct clearance **ret_clearance);

/*
 * The one text of a clearance: the short form when its classes are all up to its highest one,
 * else with ONLY.  FAIL_FORMAT when its policy does not know every name.
 */
MUST int clearance_to_text(
	const struct clearance *clearance, char ret_text[LABEL_TEXT_MAX + 1]);

#endif
