/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/*
 * Days are counted in years that begin on 1 March: the leap day is then the last of its year
 * and the months before it have a fixed pattern of lengths (153 days in five months).  A
 * cycle of 400 years has 146,097 days.  Parsers write the time again and compare, so each
 * moment has one spelling.
 */

enum {
	DAY_S = 86400,
	CYCLE_DAYS = 146097,
	EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
	RFC3339_LEN = 20,
	DTG_LEN = 14,
};

static const char months[12][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG",
	"SEP", "OCT", "NOV", "DEC"};

static uint64_t
days_of(unsigned year, unsigned month, unsigned day)
{
	uint64_t y = month <= 2 ? year - 1u : year;
	uint64_t cycle = y / 400, y_in = y % 400;
	uint64_t from_march = (month + 9u) % 12u;
	uint64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;

	return cycle * CYCLE_DAYS + y_in * 365 + y_in / 4 - y_in / 100 + day_of_year -
		EPOCH_DAYS;
}

static bool
is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned
month_days(unsigned year, unsigned month)
{
	static const unsigned days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

int
time_split(uint64_t s, struct time_utc *ret_utc)
{
	uint64_t days, in_cycle, y, day_of_year, from_march;
	unsigned rest = (unsigned)(s % DAY_S);

	if (s > TIME_S_MAX)
		return FAIL_LIMIT;
	days = s / DAY_S + EPOCH_DAYS;
	in_cycle = days % CYCLE_DAYS;
	/* The leap days of 4, 100 and 400 years taken out, 365 divides evenly. */
	y = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
	day_of_year = in_cycle - (365 * y + y / 4 - y / 100);
	from_march = (5 * day_of_year + 2) / 153;
	ret_utc->day = (unsigned)(day_of_year - (153 * from_march + 2) / 5 + 1);
	ret_utc->month = (unsigned)(from_march < 10 ? from_march + 3 : from_march - 9);
	ret_utc->year =
		(unsigned)(days / CYCLE_DAYS * 400 + y + (ret_utc->month <= 2 ? 1 : 0));
	ret_utc->hour = rest / 3600;
	ret_utc->minute = rest / 60 % 60;
	ret_utc->second = rest % 60;
	return 0;
}

int
time_join(const struct time_utc *utc, uint64_t *ret_s)
{
	if (utc->year < 1970 || utc->year > 9999 || utc->month < 1 || utc->month > 12 ||
		utc->day < 1 || utc->day > month_days(utc->year, utc->month))
		return FAIL_FORMAT;
	if (utc->hour > 23 || utc->minute > 59 || utc->second > 59)
		return FAIL_FORMAT;
	*ret_s = days_of(utc->year, utc->month, utc->day) * DAY_S + utc->hour * 3600u +
		utc->minute * 60u + utc->second;
	return 0;
}

int
time_rfc3339(uint64_t s, char ret_out[TIME_TEXT_MAX])
{
	struct time_utc t;
	int r;

	if ((r = time_split(s, &t)) != 0)
		return r;
	(void)snprintf(ret_out, TIME_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ", t.year,
		t.month, t.day, t.hour, t.minute, t.second);
	return 0;
}

/* The number in n characters; a character that is no digit gives a value that the
 * comparison with the canonical spelling refuses. */
static unsigned
number(const char *s, size_t n)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (s[i] >= '0' && s[i] <= '9' ? (unsigned)(s[i] - '0') : 0u);
	return v;
}

int
time_parse_rfc3339(const char *s, size_t len, uint64_t *ret_s)
{
	char again[TIME_TEXT_MAX];
	struct time_utc t;
	uint64_t v;
	int r;

	if (len != RFC3339_LEN)
		return FAIL_FORMAT;
	t = (struct time_utc){
		.year = number(s, 4),
		.month = number(s + 5, 2),
		.day = number(s + 8, 2),
		.hour = number(s + 11, 2),
		.minute = number(s + 14, 2),
		.second = number(s + 17, 2),
	};
	if ((r = time_join(&t, &v)) != 0 || (r = time_rfc3339(v, again)) != 0)
		return r;
	if (memcmp(s, again, RFC3339_LEN) != 0)
		return FAIL_FORMAT;
	*ret_s = v;
	return 0;
}

int
time_dtg(uint64_t s, char ret_out[TIME_TEXT_MAX])
{
	struct time_utc t;
	int r;

	if ((r = time_split(s, &t)) != 0)
		return r;
	(void)snprintf(ret_out, TIME_TEXT_MAX, "%02u%02u%02uZ %s %02u", t.day, t.hour,
		t.minute, months[t.month - 1], t.year % 100);
	return 0;
}

int
time_parse_dtg(const char *s, size_t len, uint64_t *ret_s)
{
	char again[TIME_TEXT_MAX];
	struct time_utc t;
	unsigned month = 1;
	uint64_t v;
	int r;

	if (len != DTG_LEN)
		return FAIL_FORMAT;
	while (month < 12 && memcmp(s + 8, months[month - 1], 3) != 0)
		month++;
	t = (struct time_utc){
		.year = number(s + 12, 2),
		.month = month,
		.day = number(s, 2),
		.hour = number(s + 2, 2),
		.minute = number(s + 4, 2),
	};
	t.year += t.year >= 70 ? 1900 : 2000;
	if ((r = time_join(&t, &v)) != 0 || (r = time_dtg(v, again)) != 0)
		return r;
	if (memcmp(s, again, DTG_LEN) != 0)
		return FAIL_FORMAT;
	*ret_s = v;
	return 0;
}
