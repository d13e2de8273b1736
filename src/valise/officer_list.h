/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OFFICER_LIST_H
#define VALISE_OFFICER_LIST_H
/*
 * officer_list: `officer list`: who of the own member is enrolled, and who waits.
 */
#include "member/enrol.h"
#include "valise/args.h"

/* Reports. */
MUST int officer_list(const struct args *args);

#endif
