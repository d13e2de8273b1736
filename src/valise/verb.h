/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_VERB_H
#define VALISE_VERB_H
/*
 * verb: the one table of what `valise` can do.
 *
 * A verb states its synopsis, its options and its text; `valise help`, `valise VERB --help` and
 * `valise help --table` are printed from that, the command line is parsed by it, and a test
 * holds the man pages against it.  To add a verb: write verb_<name>.c with one
 * `const struct verb verb_<name>`, and name it in the table of verbs.c.
 *
 * Exit    0 ok, 1 failed, 2 usage, 3 not verified, 4 refused by policy, 75 try later.
 * Output  data on stdout, talk and progress on stderr; --json gives one JSON object, or one
 *         a line, with names that do not change.
 */
#include <stddef.h>

#include "base/fail.h"
#include "valise/args.h"

enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_VERIFIED = 3,
	EXIT_REFUSED = 4,
	EXIT_LATER = 75,
};

struct verb {
	const char *name;
	const char *synopsis; /* after "valise NAME "; several lines are several forms */
	const char *summary;  /* one phrase for `valise help` */
	const char *text;     /* a paragraph or two for `valise NAME --help` */
	const struct arg_option
		*options; /* ends with a NULL name; common ones are added */
	size_t operands_min;
	size_t operands_max; /* SIZE_MAX: any number */
	/* An exit status.  The verb has reported what went wrong. */
	int (*run)(const struct args *args);
};

/* All verbs in the order of `valise help`, ending with NULL. */
extern const struct verb *const verbs[];

#endif
