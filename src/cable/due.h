/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CABLE_DUE_H
#define CABLE_DUE_H
/*
 * due: until when an addressee has to have acted, and how people read that.
 *
 * The clock starts at the date-time group, the moment of release, so every station computes
 * the same time from the same cable.  Each precedence has its time:
 *
 *   ROUTINE 6 h    PRIORITY 3 h    IMMEDIATE 30 min    FLASH 10 min
 *
 * which a site may set otherwise (1 s to 30 days; a demonstration uses seconds).  Action
 * addressees also have the time by which a reply is asked for, when the cable names one.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "envelope/addressing.h"

enum { DUE_PRECEDENCES = PRECEDENCE_FLASH + 1 };

#define DUE_AFTER_MAX_S (UINT64_C(30) * 86400)

struct due_settings {
	uint64_t after_s[DUE_PRECEDENCES];
};

/* The times above. */
void due_settings_init(struct due_settings *settings);

/* FAIL_LIMIT for a time that is no setting, FAIL_FORMAT for a precedence that is none. */
MUST int due_set(struct due_settings *settings, uint8_t precedence, uint64_t after_s);

struct due {
	uint64_t act_s;	  /* received and acknowledged until then */
	uint64_t reply_s; /* answered until then; 0: no answer is asked for */
};

/* The precedences of the addressing exist (CHECK); addressing_parse() sees to it. */
void due_of(const struct due_settings *settings, const struct addressing *addressing,
	bool is_action, struct due *ret_due);

enum { DUE_TEXT_MAX = 32 };

/* "3 h left", "9 min left", "due now", "overdue by 2 h 10 min", "overdue by 4 d". */
void due_text(uint64_t due_s, uint64_t now_s, char ret_text[DUE_TEXT_MAX]);

#endif
