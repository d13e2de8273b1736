/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PREFLIGHT_H
#define VALISE_PREFLIGHT_H
/*
 * preflight: what a sender is told about the recipients of a cable before it goes.
 *
 *   CY/duty: 1 of 3 officers lacks SECRET and will not be able to open it.
 *   CY/dutty: there is no such desk or officer; did you mean CY/duty?
 *
 * Refused (exit 4): an action addressee of whom nobody could open it.  An unknown address is
 * exit 1.  The receiving station decides again, and its decision counts.
 */
#include <jansson.h>
#include <stdio.h>

#include "valise/recipients.h"

struct preflight {
	const char *verb;
	FILE *out;	  /* lines for people, or NULL */
	json_t *refusals; /* an array that gets an object for each line, or NULL */
	size_t line_count;
	bool is_anyway; /* what nobody may open is told, and goes */
};

/* Reports what stops the cable; the exit status. */
MUST int preflight_tell(struct preflight *preflight, const struct recipients *recipients,
	const struct label *label);

/* Why somebody may not have a label: "lacks SECRET". */
void preflight_why(
	const struct decision *decision, const struct label *label, struct buf *out);

#endif
