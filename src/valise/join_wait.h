/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_JOIN_WAIT_H
#define VALISE_JOIN_WAIT_H
/*
 * join_wait: after a roster was taken, which of the other members answer, and how soon.
 *
 * A member is reached when the station has its directory.  Who is not is no error: the station
 * tries again, and what is sent meanwhile waits.
 */
#include <stdint.h>

#include "valise/args.h"

/* Wait until all are reached, for at most this long, and tell about each. */
void join_wait(const char *dir, uint64_t for_ms);

#endif
