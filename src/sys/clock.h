/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H
/*
 * clock: the two clocks of the system.  Domain rooms take a time as an argument instead.
 */
#include <stdint.h>

/* Seconds since 1970, UTC, as the machine believes; 0 when it is set before 1970. */
uint64_t clock_now_s(void);

/* The same in milliseconds. */
uint64_t clock_now_ms(void);

/* Milliseconds since some point in the past; never goes back, stands still in suspend. */
uint64_t clock_monotonic_ms(void);

#endif
