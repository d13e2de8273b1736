/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_GRANT_H
#define VALISE_GRANT_H
/*
 * grant: what an enrolment officer gives: desks, clearance, validity; and the signature for it.
 */
#include "base/buf.h"
#include "member/entry.h"
#include "valise/args.h"

/* `officer sign`.  Reports. */
MUST int grant_sign(const struct args *args);

/*
 * The --clearance options as ceilings of an entry; the lines lie in CLEARANCES_MAX empty
 * buffers, which the caller frees.  Reports.
 */
MUST int grant_ceilings(const struct args *args, struct buf *lines, struct entry *entry);

#endif
