/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_RANDOM_H
#define SYS_RANDOM_H
/*
 * random: the system's randomness as a `struct rng` (getrandom(2), the kernel's generator).
 *
 * It waits until the kernel has been seeded, once after boot, and never falls back to anything
 * weaker: FAIL_RANDOM.  Any thread may use it.
 */
#include "base/rng.h"

/* Never NULL; there is one, and nobody frees it. */
struct rng *random_system(void);

#endif
