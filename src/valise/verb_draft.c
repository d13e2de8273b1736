/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "valise/cablefile.h"
#include "valise/drafting.h"
#include "valise/drafts.h"
#include "valise/home.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * draft: a cable in the user's editor (valise/drafting.h).  Without --out it is a draft of the
 * home, with a number.
 */

enum { NUMBER_MAX = 24 };

/* The headers that a template shows, in the order of the canonical form. */
static const struct {
	const char *header;
	const char *option; /* NULL: shown empty */
	const char *usual;
} template_lines[] = {
	{"To", "to", ""},
	{"Info", "info", ""},
	{"Prec", "prec", "ROUTINE"},
	{"Label", "label", ""},
	{"Title", "title", ""},
	{"Subject", "subject", ""},
	{"SIC", "sic", ""},
	{"Ref", "ref", ""},
	{"Reply-by", "reply-by", ""},
	{"Type", "type", ""},
	{"Attach", "attach", ""},
};

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {.verb = "draft", .attempt = attempt, .object = object};

	return report_fail(&report, r);
}

/* An option that was repeated is one list, but one line an attachment. */
static int
put_line(const struct args *args, size_t i, struct buf *out)
{
	const char *option = template_lines[i].option;
	bool is_list = strcmp(option, "attach") != 0;
	const char *value;
	size_t at = 0, count = 0;

	buf_printf(out, "%s:", template_lines[i].header);
	while ((value = args_next(args, option, &at)) != NULL) {
		if (!text_is_line(value, strlen(value)))
			return report_usage(
				"draft", "--%s takes one line of UTF-8", option);
		if (count > 0 && !is_list)
			buf_printf(out, "\n%s:", template_lines[i].header);
		buf_printf(out, "%s %s", count > 0 && is_list ? "," : "", value);
		count++;
	}
	if (count == 0)
		buf_printf(out, " %s", template_lines[i].usual);
	buf_u8(out, '\n');
	return 0;
}

static int
make_template(const struct args *args, struct buf *out)
{
	for (size_t i = 0; i < sizeof template_lines / sizeof template_lines[0]; i++)
		if (put_line(args, i, out) != 0)
			return EXIT_USAGE;
	buf_u8(out, '\n');
	return buf_error(out) == 0 ? EXIT_OK : fail("write", "a template", FAIL_NOMEM);
}

/* What the editor starts with: --from, or the template. */
static int
first_text(const struct args *args, struct buf *out)
{
	const char *from = args_get(args, "from");
	int r;

	if (from == NULL)
		return make_template(args, out);
	for (size_t i = 0; i < sizeof template_lines / sizeof template_lines[0]; i++)
		if (args_has(args, template_lines[i].option))
			return report_exit(report_usage("draft",
				"--%s goes with a new draft, not with --from",
				template_lines[i].option));
	if ((r = cablefile_bytes(from, out)) != 0)
		return fail("read", from, r);
	return EXIT_OK;
}

/* Draft N of the home again, or a new one. */
static int
choose_numbered(const struct args *args, struct drafting_plan *plan, char *number,
	char path[DISK_PATH_MAX])
{
	char dir[DISK_PATH_MAX];
	uint64_t next = 0;
	int r;

	if (home_dir(args, dir) != 0)
		return EXIT_USAGE;
	if (args->operand_count == 1) {
		if (!drafts_is_number(args->operands[0]))
			return report_exit(report_usage("draft",
				"%s: say the number of a draft, or --from FILE",
				args->operands[0]));
		(void)snprintf(number, NUMBER_MAX, "%s", args->operands[0]);
		if ((r = drafts_path(dir, number, path)) != 0 ||
			(r = cablefile_bytes(path, plan->first)) != 0)
			return fail("read draft", number, r);
		plan->is_forced = true;
	} else {
		if ((r = drafts_new(dir, &next, path)) != 0)
			return fail("make a draft in", dir, r);
		(void)snprintf(number, NUMBER_MAX, "%" PRIu64, next);
	}
	plan->number = number;
	plan->out = path;
	return EXIT_OK;
}

static int
choose(const struct args *args, struct drafting_plan *plan, char *number,
	char path[DISK_PATH_MAX])
{
	int status;

	plan->is_new = !args_has(args, "from") && args->operand_count == 0;
	if (args->operand_count == 1 && (args_has(args, "from") || args_has(args, "out")))
		return report_exit(report_usage(
			"draft", "a draft by its number goes without --from and --out"));
	if (plan->out == NULL &&
		(status = choose_numbered(args, plan, number, path)) != EXIT_OK)
		return status;
	return args->operand_count == 1 ? EXIT_OK : first_text(args, plan->first);
}

static int
run(const struct args *args)
{
	char number[NUMBER_MAX], path[DISK_PATH_MAX];
	struct buf first;
	struct drafting_plan plan = {.args = args,
		.first = &first,
		.out = args_get(args, "out"),
		.is_forced = args_has(args, "force"),
		.text = args_get(args, "text")};
	int status;

	buf_init(&first, CABLE_LEN_MAX + (1 << 20));
	if ((status = choose(args, &plan, number, path)) == EXIT_OK)
		status = drafting_run(&plan);
	buf_done(&first);
	return status;
}

static const struct arg_option options[] = {
	{"out", "FILE", "where to save it (else it gets a number)", false},
	{"text", "FILE", "the text, instead of the editor; - is the standard input",
		false},
	{"force", NULL, "replace what is there", false},
	{"from", "FILE", "go on with this draft", false},
	{"to", "ADDR,...", "action addressees, such as PT/defence-policy", true},
	{"info", "ADDR,...", "information addressees", true},
	{"prec", "P[/P]",
		"precedence for action / info: ROUTINE, PRIORITY, IMMEDIATE, FLASH",
		false},
	{"label", "LABEL", "such as SECRET REL TO FR, PT or TLP:AMBER", false},
	{"title", "TEXT", "short title, unclassified, at most 120 characters", false},
	{"subject", "TEXT", "subject; sealed with the text", false},
	{"sic", "SIC,...", "subject indicator codes", true},
	{"ref", "TEXT", "your own reference", false},
	{"reply-by", "TIME", "such as 221030Z NOV 26", false},
	{"type", "TYPE[:NAME]", "message, operation, exercise, drill or project", false},
	{"attach", "FILE", "attach a file; paths count from where the draft is saved",
		true},
	{NULL, NULL, NULL, false},
};

const struct verb verb_draft = {
	.name = "draft",
	.synopsis = "[OPTION]... [--out FILE]\nN",
	.summary = "write a cable in your editor",
	.text = "Opens $VISUAL or $EDITOR on a cable in a private directory that is "
		"wiped\n"
		"afterwards, and saves it when it is one.  What is not understood is "
		"told with its\n"
		"line, and you may edit again; nothing that you wrote is lost.  Without "
		"--out it gets\n"
		"a number, by which `check`, `send` and `draft` know it.",
	.options = options,
	.operands_min = 0,
	.operands_max = 1,
	.run = run,
};
