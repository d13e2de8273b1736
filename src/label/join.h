/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LABEL_JOIN_H
#define LABEL_JOIN_H
/*
 * join: the dominant label: what a whole is that holds two parts.
 *
 *   class          the higher one, by rank
 *   RESTRICTIVE    union: the reader must hold what either part asks for
 *   INFORMATIVE    union
 *   PERMISSIVE     intersection where both parts have the tag; the tag of one part stays as it
 *                  is where the other has none.  An EMPTY intersection stays in the label as a
 *                  tag without values: originator only.
 *
 * STANAG 4774.1 drops an empty or one-sided permissive tag, which would release "REL TO PT"
 * joined with "REL TO FR" to everybody.  Here whoever may not have a part may not have the
 * whole (a property test), as long as the clearance has all classes up to its highest; one of
 * SECRET alone, without RESTRICTED, has the whole of the two and not the lower part.
 *
 * Errors  FAIL_FORMAT: a part is not valid; FAIL_MISMATCH: two policies; FAIL_LIMIT: the union
 *         has too many values.  Then a person has to decide.
 */
#include <stdbool.h>

#include "base/fail.h"
#include "label/label.h"

MUST int label_join(
	const struct label *a, const struct label *b, struct label **ret_label);

/*
 * Does the label of the whole cover a part: may everybody who may have the whole have the part
 * too?  False for labels that are not valid or of two policies.
 */
MUST bool label_covers(const struct label *whole, const struct label *part);

#endif
