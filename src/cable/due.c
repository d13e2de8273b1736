/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/due.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/time.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

void
due_settings_init(struct due_settings *settings)
{
	*settings = (struct due_settings){.after_s = {
						  [PRECEDENCE_ROUTINE] = 6 * HOUR_S,
						  [PRECEDENCE_PRIORITY] = 3 * HOUR_S,
						  [PRECEDENCE_IMMEDIATE] = 30 * MINUTE_S,
						  [PRECEDENCE_FLASH] = 10 * MINUTE_S,
					  }};
}

int
due_set(struct due_settings *settings, uint8_t precedence, uint64_t after_s)
{
	if (precedence >= DUE_PRECEDENCES)
		return FAIL_FORMAT;
	if (after_s < 1 || after_s > DUE_AFTER_MAX_S)
		return FAIL_LIMIT;
	settings->after_s[precedence] = after_s;
	return 0;
}

void
due_of(const struct due_settings *settings, const struct addressing *addressing,
	bool is_action, struct due *ret_due)
{
	uint8_t precedence =
		is_action ? addressing->precedence_action : addressing->precedence_info;
	uint64_t after_s;

	CHECK(precedence < DUE_PRECEDENCES);
	after_s = settings->after_s[precedence];
	/* A false DTG at the end of time must not wrap to the past. */
	ret_due->act_s = addressing->dtg_s > TIME_S_MAX - after_s
		? TIME_S_MAX
		: addressing->dtg_s + after_s;
	ret_due->reply_s = is_action ? addressing->reply_by_s : 0;
}

/* The two largest units; from two days on, days. */
static void
span_text(uint64_t s, char ret_text[DUE_TEXT_MAX])
{
	uint64_t hours = s / HOUR_S, minutes = s % HOUR_S / MINUTE_S;

	if (s < MINUTE_S)
		(void)snprintf(ret_text, DUE_TEXT_MAX, "%" PRIu64 " s", s);
	else if (s < HOUR_S)
		(void)snprintf(ret_text, DUE_TEXT_MAX, "%" PRIu64 " min", minutes);
	else if (s >= 2 * DAY_S)
		(void)snprintf(ret_text, DUE_TEXT_MAX, "%" PRIu64 " d", s / DAY_S);
	else if (minutes == 0)
		(void)snprintf(ret_text, DUE_TEXT_MAX, "%" PRIu64 " h", hours);
	else
		(void)snprintf(ret_text, DUE_TEXT_MAX, "%" PRIu64 " h %" PRIu64 " min",
			hours, minutes);
}

void
due_text(uint64_t due_s, uint64_t now_s, char ret_text[DUE_TEXT_MAX])
{
	char span[DUE_TEXT_MAX];

	if (due_s == now_s) {
		(void)snprintf(ret_text, DUE_TEXT_MAX, "due now");
		return;
	}
	/* 16 digits of days are far beyond any time that a cable can hold. */
	span_text(due_s > now_s ? due_s - now_s : now_s - due_s, span);
	(void)snprintf(ret_text, DUE_TEXT_MAX,
		due_s > now_s ? "%.18s left" : "overdue by %.18s", span);
}
