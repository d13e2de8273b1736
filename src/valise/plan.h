/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PLAN_H
#define VALISE_PLAN_H
/*
 * plan: the header of new solo envelopes, from the options of a command line.
 *
 * --to, --info, --label, --prec, --type, --title, --subject, --ref, --sic.  The words are the
 * user's; what is wrong with them is told with the option's name.
 */
#include <stdint.h>

#include "base/fail.h"
#include "envelope/header.h"
#include "member/solo.h"
#include "valise/args.h"

struct plan;

/* An exit status; failures are reported.  The plan points into args and the public keys. */
MUST int plan_new(const struct args *args, const struct solo_public *public,
	uint64_t now_s, struct plan **ret_plan);
void plan_free(struct plan *plan);

const struct header_plan *plan_header(const struct plan *plan);

/* The label's marking in English. */
const char *plan_marking(const struct plan *plan);

#endif
