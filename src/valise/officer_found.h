/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OFFICER_FOUND_H
#define VALISE_OFFICER_FOUND_H
/*
 * officer_found: `officer found`: the administrator names the enrolment officers of a new member.
 *
 * From now on these two or more enrol, and the administrator cannot.
 */
#include "valise/args.h"

/* Reports. */
MUST int officer_found(const struct args *args);

#endif
