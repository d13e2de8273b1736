/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INIT_MEMBER_H
#define VALISE_INIT_MEMBER_H
/*
 * init_member: `valise init MEMBER`: the long-lived keys of a member's station, and valise.conf.
 *
 * They make no officer and open no document; who enrols is named by `valise officer found`.
 */
#include "valise/args.h"

/* An exit status; has reported. */
MUST int init_member(const struct args *args);

#endif
