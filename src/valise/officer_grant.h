/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OFFICER_GRANT_H
#define VALISE_OFFICER_GRANT_H
/*
 * officer_grant: what an enrolment officer gives: desks, clearance, validity.
 *
 *   --clearance C...   at least one, one for each policy
 *   --desk NAME...     instead of those asked for
 *   --until DAY        a year from now when it is not given
 */
#include "base/buf.h"
#include "member/entry.h"
#include "member/request.h"
#include "valise/args.h"

/* The credential of a request, with what the options grant; `object` is its name in messages.
 * Reports. */
MUST int officer_grant(const struct args *args, const struct request *q,
	const char *object, struct buf *ret_bytes);

/*
 * The --clearance options as ceilings of an entry; the lines lie in CLEARANCES_MAX empty
 * buffers, which the caller frees.  Reports.
 */
MUST int officer_ceilings(
	const struct args *args, struct buf *lines, struct entry *entry);

#endif
