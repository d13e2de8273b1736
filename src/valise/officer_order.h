/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OFFICER_ORDER_H
#define VALISE_OFFICER_ORDER_H
/*
 * officer_order: what a security officer orders alone: revoke, hold, lift (member/order.h).
 *
 * An order is signed by the enrol key and posted to the own station, which acts on it at once
 * and passes it to every member.  With --out it becomes a file instead, and anybody may carry
 * that to any station: `hold --file FILE --at URL`.
 */
#include "valise/args.h"

/* `officer revoke NAME [--device D]`, `officer replace NAME [--device LOST]`.  Report. */
MUST int officer_revoke(const struct args *args);
MUST int officer_replace(const struct args *args);

/* `hold TARGET`, `hold --lift TARGET`, `hold --file FILE --at URL`.  Report. */
MUST int officer_hold(const struct args *args);
MUST int officer_carry(const struct args *args);

#endif
