/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "sys/harden.h"
#include "valise/home.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * main: find the verb, parse its words by its table, run it.  All text that describes the
 * command comes from the table (valise/verb.h).
 */

static void
print_all(void)
{
	(void)puts("usage: valise VERB [OPTION]... [FILE]...\n");
	for (size_t i = 0; verbs[i] != NULL; i++)
		(void)printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	(void)puts("\n`valise VERB --help` says more; so does valise(1).");
}

/* For programs: verb, synopsis, options, one per line, separated by tabs. */
static void
print_table(void)
{
	for (size_t i = 0; verbs[i] != NULL; i++) {
		const struct verb *v = verbs[i];

		(void)printf("verb\t%s\t%s\n", v->name, v->summary);
		for (const struct arg_option *o = v->options;
			o != NULL && o->name != NULL; o++)
			(void)printf("option\t%s\t--%s\t%s\n", v->name, o->name,
				o->value != NULL ? o->value : "");
	}
	for (const struct arg_option *o = args_common; o->name != NULL; o++)
		(void)printf("option\t*\t--%s\t%s\n", o->name,
			o->value != NULL ? o->value : "");
}

static void
print_options(const struct arg_option *options)
{
	for (; options != NULL && options->name != NULL; options++) {
		char left[64];

		(void)snprintf(left, sizeof left, "--%s%s%s", options->name,
			options->value != NULL ? " " : "",
			options->value != NULL ? options->value : "");
		(void)printf("  %-28s %s%s\n", left, options->help,
			options->is_repeatable ? " (may be repeated)" : "");
	}
}

static void
print_verb(const struct verb *v)
{
	const char *line = v->synopsis;
	const char *start = "usage: ";

	while (line != NULL) {
		const char *end = strchr(line, '\n');
		size_t len = end != NULL ? (size_t)(end - line) : strlen(line);

		(void)printf("%svalise %s %.*s\n", start, v->name, (int)len, line);
		line = end != NULL ? end + 1 : NULL;
		start = "       ";
	}
	(void)printf("\n%s\n\n", v->text);
	print_options(v->options);
	print_options(args_common);
}

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; verbs[i] != NULL; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

static int
help(int argc, char **argv)
{
	const struct verb *v;

	if (argc > 2 && strcmp(argv[2], "--table") == 0) {
		print_table();
		return EXIT_OK;
	}
	if (argc > 2 && (v = find_verb(argv[2])) != NULL) {
		print_verb(v);
		return EXIT_OK;
	}
	if (argc > 2) {
		(void)fprintf(stderr,
			"valise help: there is no verb '%s'.  See `valise help`.\n",
			argv[2]);
		return EXIT_USAGE;
	}
	print_all();
	return EXIT_OK;
}

static int
run_verb(const struct verb *v, int argc, char **argv)
{
	static struct args args; /* too large for the stack's taste */
	int status;

	if (args_parse(v, argc, argv, &args) != 0)
		return EXIT_USAGE;
	if (args_has(&args, "help")) {
		print_verb(v);
		return EXIT_OK;
	}
	if (args_has(&args, "quiet"))
		report_be_quiet();
	status = v->run(&args);
	/* What was printed is data: if it did not get out, we have failed. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		struct report report = {
			.verb = v->name, .attempt = "write", .object = "stdout"};

		return report_fail(&report, FAIL_IO);
	}
	return status;
}

static int
start(void)
{
	struct report report = {.verb = "", .attempt = "start", .object = "valise"};
	int r;

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	if ((r = harden_process()) != 0 || (r = crypto_init()) != 0 ||
		(r = home_take_environment()) != 0)
		return report_fail(&report, r);
	return EXIT_OK;
}

int
main(int argc, char **argv)
{
	const struct verb *v;
	int status;

	if (argc < 2) {
		print_all();
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
		strcmp(argv[1], "-h") == 0)
		return help(argc, argv);
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("valise " VALISE_VERSION);
		return EXIT_OK;
	}
	if ((v = find_verb(argv[1])) == NULL) {
		(void)fprintf(stderr,
			"valise: there is no verb '%s'.  See `valise help`.\n", argv[1]);
		return EXIT_USAGE;
	}
	if ((status = start()) == EXIT_OK)
		status = run_verb(v, argc - 1, argv + 1);
	home_done();
	return status;
}
