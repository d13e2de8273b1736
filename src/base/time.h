/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TIME_H
#define BASE_TIME_H
/*
 * time: calendar arithmetic on seconds since 1970, UTC, without the C library's time zones.
 *
 * The clock itself is sys/clock.h; here a time is an argument.  The calendar is the proleptic
 * Gregorian one, without leap seconds, as POSIX counts.
 *
 * Limits  years 1970 to 9999 (TIME_S_MAX).
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

#define TIME_S_MAX UINT64_C(253402300799) /* 9999-12-31T23:59:59Z */

struct time_utc {
	unsigned year, month, day, hour, minute, second; /* month and day from 1 */
};

/* FAIL_LIMIT after TIME_S_MAX. */
MUST int time_split(uint64_t s, struct time_utc *ret_utc);

/* FAIL_FORMAT when such a day or hour does not exist. */
MUST int time_join(const struct time_utc *utc, uint64_t *ret_s);

enum { TIME_TEXT_MAX = 32 };

/* RFC 3339: "2026-11-22T10:30:00Z". */
MUST int time_rfc3339(uint64_t s, char ret_out[TIME_TEXT_MAX]);
MUST int time_parse_rfc3339(const char *s, size_t len, uint64_t *ret_s);

/* Date-time group of ACP 121: "221030Z NOV 26" (minutes; year in two digits). */
MUST int time_dtg(uint64_t s, char ret_out[TIME_TEXT_MAX]);

/* The two digits mean 1970 to 2069. */
MUST int time_parse_dtg(const char *s, size_t len, uint64_t *ret_s);

#endif
