/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_ARGS_H
#define VALISE_ARGS_H
/*
 * args: one command line, parsed by the table of its verb with getopt_long(3).
 *
 * Every verb also has the common options: --dir, --json, --quiet, --passphrase-file, --help.
 * An option that may be given several times keeps all its values in their order.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

enum { ARGS_MAX = 1024, ARGS_OPTIONS_MAX = 48 };

struct arg_option {
	const char *name;  /* without the dashes */
	const char *value; /* what the value is called in help; NULL: takes none */
	const char *help;
	bool is_repeatable;
};

struct args {
	const char *verb;
	size_t count;
	struct {
		const char *name;
		const char *value;
	} given[ARGS_MAX];
	char *const *operands;
	size_t operand_count;
};

/* The options that every verb has; ends with a NULL name. */
extern const struct arg_option args_common[];

struct verb;

/*
 * argv[0] is the verb's name.  On FAIL_USAGE the reason has been printed.  The arguments point
 * into argv.
 */
MUST int args_parse(
	const struct verb *verb, int argc, char **argv, struct args *ret_args);

bool args_has(const struct args *args, const char *name);

/* The value, the last one when it was repeated; NULL when it was not given. */
const char *args_get(const struct args *args, const char *name);

/* The next value of a repeatable option: start with *at = 0; NULL at the end. */
const char *args_next(const struct args *args, const char *name, size_t *at);

#endif
