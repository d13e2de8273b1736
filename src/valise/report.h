/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_REPORT_H
#define VALISE_REPORT_H
/*
 * report: how a verb tells what went wrong, once, at the boundary.
 *
 *   valise open: cannot open letter.valise: segment 17: altered.  Nothing was written; ask
 *   the sender for another copy.
 *
 * Four things in one message: what was attempted, on what, why, what to do.
 */
#include <stdbool.h>

#include "base/fail.h"

/* "valise VERB: MESSAGE." and where help is; returns FAIL_USAGE. */
int report_usage(const char *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

struct report {
	const char *verb;
	const char *attempt; /* "open", "write" */
	const char *object;  /* a file, an address; control characters are shown as '?' */
	const char *where;   /* what inside it, or NULL */
	const char *why;     /* instead of the failure's usual words, or NULL */
	const char *remedy;  /* a sentence, or NULL for the usual one of the failure */
};

/* Print it and return the exit status that belongs to the failure. */
int report_fail(const struct report *report, int r);

/* The exit status of a failure: 0 for 0. */
int report_exit(int r);

/* Talk on stderr; nothing when --quiet was given (report_be_quiet). */
void report_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_be_quiet(void);
bool report_is_quiet(void);

#endif
