/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BANNER_H
#define VALISE_BANNER_H
/*
 * banner: the marking of a label as a coloured line across the terminal.
 *
 * The colours are the policy's, as 24-bit SGR sequences.  Without a terminal that shows colour
 * (sys/terminal.h) it is the marking alone.
 */
#include <stdio.h>

#include "base/fail.h"
#include "label/label.h"
#include "label/policy.h"

/* FAIL_FORMAT when the label is not valid; then nothing is printed. */
MUST int banner_print(
	FILE *out, const struct label *label, enum policy_language language);

#endif
