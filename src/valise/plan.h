/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PLAN_H
#define VALISE_PLAN_H
/*
 * plan: the header of new solo envelopes, from the options of a command line or from a cable.
 *
 * --to, --info, --label, --prec, --type, --title, --subject, --ref, --sic.  The words are the
 * user's; what is wrong with them is told with the option's name.  A cable has been parsed, so
 * nothing can be wrong with it.  The date-time group is now_s.
 */
#include <stdint.h>

#include "base/fail.h"
#include "cable/cable.h"
#include "envelope/header.h"
#include "member/solo.h"
#include "valise/args.h"

struct plan;

/*
 * From a cable, or from the options when it is NULL.  An exit status; failures are reported.
 * The plan points into args and cable.  It is made before a key is asked for, so that nobody
 * types a passphrase to hear of a mistyped address.
 */
MUST int plan_new(const struct args *args, const struct cable *cable, uint64_t now_s,
	struct plan **ret_plan);

/* Whose keys it seals to; the plan points into them. */
void plan_seal_to(struct plan *plan, const struct solo_public *public);

void plan_free(struct plan *plan);

/* After plan_seal_to(). */
const struct header_plan *plan_header(const struct plan *plan);

/* The label's marking in English. */
const char *plan_marking(const struct plan *plan);

#endif
