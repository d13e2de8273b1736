/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OFFICER_SIGN_H
#define VALISE_OFFICER_SIGN_H
/*
 * officer_sign: what an enrolment officer gives: desks, clearance, validity; and the signature for it.
 */
#include "base/buf.h"
#include "member/entry.h"
#include "valise/args.h"

/* `officer sign`: a file, or names that wait at the station.  Reports. */
MUST int officer_sign(const struct args *args);

/*
 * The --clearance options as ceilings of an entry; the lines lie in CLEARANCES_MAX empty
 * buffers, which the caller frees.  Reports.
 */
MUST int officer_ceilings(
	const struct args *args, struct buf *lines, struct entry *entry);

#endif
