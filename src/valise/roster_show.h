/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_ROSTER_SHOW_H
#define VALISE_ROSTER_SHOW_H
/*
 * roster_show: what a roster says, who has signed it, and what follows from it.
 */
#include "valise/args.h"

/* `roster show`.  Reports. */
MUST int roster_show(const struct args *args);

#endif
