/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_QUERY_ASK_H
#define VALISE_QUERY_ASK_H
/*
 * query_ask: `valise sightings confirm --to MEMBER --out ANSWER [--wait DURATION] QUERY`.
 *
 * The query goes over the own station to the member's, which keeps it for its index host; the
 * answer is asked for until it is there.  Asking again with the same query is the same
 * question: it costs nothing of the budget, and has the answer once there is one.  Exit 75
 * while there is none.  Both are sealed under the ally's key: the stations see lengths.
 */
#include "valise/args.h"

int query_ask(const struct args *args);

#endif
