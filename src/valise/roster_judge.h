/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_ROSTER_JUDGE_H
#define VALISE_ROSTER_JUDGE_H
/*
 * roster_judge: `roster sign` and `roster check`.  Both report.
 *
 * Exit   3 where a signature, the form or the words are off; 4 where the rules refuse it.
 */
#include "valise/args.h"
#include "valise/exchange.h"

MUST int roster_judge_sign(const struct args *args);
MUST int roster_judge_check(const struct args *args);

/* Does `next`, from the file `path`, follow `held`?  Reports why not. */
MUST int roster_judge_follows(const struct args *args, const char *path,
	const struct exchange_roster *held, const struct exchange_roster *next);

#endif
