/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SCAN_SPARSE_H
#define VALISE_SCAN_SPARSE_H
/*
 * scan_sparse: what `valise scan --sparse FILE` does: find where an ally's text may be, without
 * a word of it at hand; write a query for one such window; read the answer to it.
 *
 * Output  JSON lines {"path","window":[from,to],"grams":[hits,of],"score"}; `window` counts bytes
 *         of the member's text; what was not examined as `valise scan` says it; last a summary.
 * Limits  of a member's text the first SCAN_SPARSE_TEXT_MAX bytes; the rest is told as "limit".
 */
#include "valise/args.h"

enum { SCAN_SPARSE_TEXT_MAX = 512 * 1024 * 1024, SCAN_SPARSE_AROUND = 400 };

/* An exit status; has reported what went wrong. */
int scan_sparse(const struct args *args);

#endif
