/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CABLE_MOMENT_H
#define CABLE_MOMENT_H
/*
 * moment: a point in time as cables write it: a date-time group where minutes suffice.
 *
 *   221030Z NOV 26           ACP 121; years 1970 to 2069
 *   2026-11-22T10:30:07Z     RFC 3339, where there are seconds or another century
 *
 * Both are read; each moment is written in one way.  Never 0, which means "none" everywhere.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/time.h"

/* FAIL_FORMAT. */
MUST int moment_parse(const char *s, size_t len, uint64_t *ret_s);

/* FAIL_LIMIT after the year 9999, FAIL_FORMAT for 0. */
MUST int moment_write(uint64_t s, char ret_out[TIME_TEXT_MAX]);

#endif
