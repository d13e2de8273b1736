/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "valise/report.h"
#include "valise/verb.h"

/*
 * getopt_long() does the work; the table gives it long options only.  Its own messages are
 * switched off, so that ours name the verb and the remedy.
 */

const struct arg_option args_common[] = {
	{"dir", "DIR", "where keys live (else $VALISE_DIR, $XDG_DATA_HOME/valise)",
		false},
	{"json", NULL, "one JSON object on stdout instead of words", false},
	{"quiet", NULL, "say nothing but errors", false},
	{"passphrase-file", "FILE|fd:N",
		"read the passphrase from there, not the terminal", false},
	{"help", NULL, "show this", false},
	{NULL, NULL, NULL, false},
};

enum { FIRST_VALUE = 1000 };

static size_t
add_options(const struct arg_option *options,
	const struct arg_option *known[ARGS_OPTIONS_MAX], size_t count)
{
	for (; options != NULL && options->name != NULL; options++) {
		CHECK(count < ARGS_OPTIONS_MAX);
		known[count++] = options;
	}
	return count;
}

static int
add_given(struct args *args, const struct arg_option *option, const char *value)
{
	if (!option->is_repeatable && args_has(args, option->name))
		return report_usage(args->verb, "--%s is given twice", option->name);
	if (args->count == ARGS_MAX)
		return report_usage(args->verb, "more than %d options", ARGS_MAX);
	args->given[args->count].name = option->name;
	args->given[args->count].value = value != NULL ? value : "";
	args->count++;
	return 0;
}

static int
refuse_option(const struct args *args, int c, const char *word)
{
	if (c == ':')
		return report_usage(args->verb, "%s needs a value", word);
	return report_usage(args->verb, "there is no option %s here", word);
}

int
args_parse(const struct verb *verb, int argc, char **argv, struct args *ret_args)
{
	const struct arg_option *known[ARGS_OPTIONS_MAX];
	struct option long_options[ARGS_OPTIONS_MAX + 1] = {0};
	size_t count = add_options(verb->options, known, 0);
	int c, r;

	count = add_options(args_common, known, count);
	for (size_t i = 0; i < count; i++) {
		long_options[i].name = known[i]->name;
		long_options[i].has_arg =
			known[i]->value != NULL ? required_argument : no_argument;
		long_options[i].val = FIRST_VALUE + (int)i;
	}
	*ret_args = (struct args){.verb = verb->name};
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		/* The one short option: everybody tries it.  --help is the last of the table. */
		if (c == 'h')
			c = FIRST_VALUE + (int)count - 1;
		if (c < FIRST_VALUE)
			return refuse_option(ret_args, c, argv[optind - 1]);
		if ((r = add_given(ret_args, known[c - FIRST_VALUE], optarg)) != 0)
			return r;
	}
	ret_args->operands = argv + optind;
	ret_args->operand_count = (size_t)(argc - optind);
	if (args_has(ret_args, "help"))
		return 0;
	if (ret_args->operand_count < verb->operands_min)
		return report_usage(verb->name, "something is missing");
	if (ret_args->operand_count > verb->operands_max)
		return report_usage(verb->name, "'%s' is one too many",
			ret_args->operands[verb->operands_max]);
	return 0;
}

bool
args_has(const struct args *args, const char *name)
{
	return args_get(args, name) != NULL;
}

const char *
args_get(const struct args *args, const char *name)
{
	for (size_t i = args->count; i > 0; i--)
		if (strcmp(args->given[i - 1].name, name) == 0)
			return args->given[i - 1].value;
	return NULL;
}

const char *
args_next(const struct args *args, const char *name, size_t *at)
{
	while (*at < args->count) {
		size_t i = (*at)++;

		if (strcmp(args->given[i].name, name) == 0)
			return args->given[i].value;
	}
	return NULL;
}
