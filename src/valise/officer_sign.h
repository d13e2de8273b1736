/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OFFICER_SIGN_H
#define VALISE_OFFICER_SIGN_H
/*
 * officer_sign: `officer sign`: the two signatures under an enrolment.
 *
 * Of a request, a file's or one that waits at the station, the first signature; of what a
 * colleague has granted, the second.  Words are compared first (valise/exchange.h).
 */
#include "valise/args.h"

/* Reports. */
MUST int officer_sign(const struct args *args);

#endif
