/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_DRAFTING_H
#define VALISE_DRAFTING_H
/*
 * drafting: a first text through the editor, or a given text, into a saved cable.
 *
 * What was written is never lost: a draft that has a fault is saved as it is when the user does
 * not want to edit again, or there is no terminal to ask on; one that cannot be saved stays
 * where the editor left it, and that is said.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "cable/cable.h"
#include "valise/args.h"

struct drafting_plan {
	const struct args *args;
	struct buf *first; /* what the editor starts with */
	const char *out;   /* where it is saved */
	const char
		*number;  /* "3": a draft of DIR/drafts, or NULL: a file of the user's */
	bool is_new;	  /* leaving it unchanged saves nothing */
	bool is_forced;	  /* replace what is there */
	const char *text; /* instead of the editor: a file with the text, or "-" */
};

/* An exit status; failures are reported. */
MUST int drafting_run(const struct drafting_plan *plan);

#endif
