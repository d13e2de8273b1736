/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_CLEARANCES_H
#define MEMBER_CLEARANCES_H
/*
 * clearances: one clearance per policy, as credentials carry them, and as lines of a roster.
 *
 *   Clearance clearances<..>;      label/clearance.h; at most 8, ascending by policy, none twice
 *
 * A roster is read also where a site's policy is not at hand, so its lines cannot use the
 * words of the policy: they are the sets themselves, in the order of the binary form.
 *
 *   CONCORD: RESTRICTED, SECRET, UNCLASSIFIED; permissive Releasable To = FR, PT
 *
 * Only names without , ; : = have a line; each clearance has one.
 * Errors  FAIL_FORMAT, FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "label/clearance.h"

enum { CLEARANCES_MAX = 8, CLEARANCES_LINE_MAX = 8192 };

/* Is all of this a list in its one form? */
MUST int clearances_check(struct rd list);

/* The one under a policy; FAIL_ABSENT. */
MUST int clearances_find(
	struct rd list, const char *policy, struct clearance **ret_clearance);

MUST int clearances_line_parse(struct rd text, struct clearance **ret_clearance);

/* FAIL_FORMAT for names that have no line. */
MUST int clearances_line_write(const struct clearance *clearance, struct buf *out);

#endif
