/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sys/disk.h"
#include "sys/terminal.h"
#include "valise/cablefile.h"
#include "valise/editor.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * draft: a cable in the user's editor.  What was written is never lost: a draft that has a
 * fault is saved as it is when the user does not want to edit again, or there is no terminal to
 * ask on; one that cannot be saved stays where the editor left it, and that is said.
 */

#define DEFAULT_OUT "draft.cable"

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

static int
save(struct editor *editor, const char *out, const struct buf *text, bool is_forced)
{
	struct report report = {.verb = "draft", .attempt = "save", .object = out};
	char remedy[DISK_PATH_MAX + 64];
	int r;

	if ((r = disk_write_small(out, text->data, text->len, is_forced)) == 0)
		return EXIT_OK;
	editor_keep(editor);
	(void)snprintf(remedy, sizeof remedy,
		"The draft is kept in %s; take it from there.", editor_path(editor));
	report.remedy = remedy;
	return report_fail(&report, r);
}

/* Only a terminal can answer; without one it is no. */
static bool
wants_again(void)
{
	char answer[16];

	if (!terminal_is(0) || !terminal_is(2))
		return false;
	(void)fputs("Edit again? [Y/n] ", stderr);
	if (fgets(answer, sizeof answer, stdin) == NULL)
		return false;
	return answer[0] == '\n' || answer[0] == 'y' || answer[0] == 'Y';
}

struct drafting {
	const struct args *args;
	const char *out;
	struct editor *editor;
	struct buf first;
	struct buf text;
};

static int
save_good(struct drafting *d, const struct cable *cable)
{
	int r, status;

	buf_clear(&d->text);
	if ((r = cable_write(cable, &d->text)) != 0)
		return fail("write", d->out, r);
	if ((status = save(d->editor, d->out, &d->text, args_has(d->args, "force"))) !=
		EXIT_OK)
		return status;
	if (args_has(d->args, "json")) {
		json_t *object =
			json_pack("{s:s, s:i}", "out", d->out, "len", (int)d->text.len);

		if (object != NULL)
			(void)json_dumpf(object, stdout, JSON_COMPACT);
		(void)putchar('\n');
		json_decref(object);
	}
	report_say("%s is a cable.  `valise check %s` says more; `valise seal --cable "
		   "--out OUT %s` seals it.\n",
		d->out, d->out, d->out);
	return EXIT_OK;
}

static int
save_faulty(struct drafting *d)
{
	int status = save(d->editor, d->out, &d->text, args_has(d->args, "force"));

	if (status == EXIT_OK)
		report_say("Saved in %s as it is; `valise draft --from %s --force --out "
			   "%s` goes on.\n",
			d->out, d->out, d->out);
	return EXIT_FAILED;
}

/* Once through the editor.  *ret_again: the user wants to mend what is wrong. */
static int
edit_once(struct drafting *d, bool *ret_again)
{
	struct report report = {
		.verb = "draft", .attempt = "run the editor", .object = editor_command()};
	struct cable_fault fault = {.what = "", .remedy = ""};
	struct cable *cable = NULL;
	int r, status;

	report.remedy =
		"Set VISUAL or EDITOR to an editor that waits; nothing was saved.";
	*ret_again = false;
	if ((r = editor_run(d->editor)) != 0)
		return report_fail(&report, r);
	buf_clear(&d->text);
	if ((r = editor_get(d->editor, &d->text)) != 0)
		return fail("read back", "the draft", r);
	if (!args_has(d->args, "from") && d->text.len == d->first.len &&
		memcmp(d->text.data, d->first.data, d->text.len) == 0) {
		report_say("The draft is as it was; nothing was saved.\n");
		return EXIT_FAILED;
	}
	r = cable_parse(d->text.data, d->text.len, &cable, &fault);
	if (r == 0) {
		status = save_good(d, cable);
	} else if (r == FAIL_NOMEM) {
		status = fail("read", "the draft", r);
	} else {
		status = cablefile_report("draft", d->out, &fault);
		*ret_again = wants_again();
		if (!*ret_again)
			status = save_faulty(d);
	}
	cable_free(cable);
	return status;
}

static int
draft(struct drafting *d)
{
	bool is_again = true;
	int r, status = EXIT_OK;

	if ((r = editor_new(&d->editor)) != 0)
		return fail("make", "a private directory", r);
	if ((r = editor_put(d->editor, d->first.data, d->first.len)) != 0)
		status = fail("write", editor_path(d->editor), r);
	while (status == EXIT_OK && is_again) {
		status = edit_once(d, &is_again);
		if (is_again)
			status = EXIT_OK;
	}
	editor_free(d->editor);
	return status;
}

static int
run(const struct args *args)
{
	struct drafting d = {.args = args, .out = args_get(args, "out")};
	int status;

	if (d.out == NULL)
		d.out = DEFAULT_OUT;
	/* Before a word is written, not after. */
	if (!args_has(args, "force") && disk_is_there(d.out))
		return fail("write", d.out, FAIL_EXISTS);
	buf_init(&d.first, CABLE_LEN_MAX + (1 << 20));
	buf_init(&d.text, 2 * CABLE_LEN_MAX);
	if ((status = first_text(args, &d.first)) == EXIT_OK)
		status = draft(&d);
	buf_done(&d.first);
	buf_done(&d.text);
	return status;
}

static const struct arg_option options[] = {
	{"out", "FILE", "where to save it (else " DEFAULT_OUT ")", false},
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
	.synopsis = "[OPTION]... [--out FILE]",
	.summary = "write a cable in your editor",
	.text = "Opens $VISUAL or $EDITOR on a cable in a private directory that is "
		"wiped\n"
		"afterwards, and saves it when it is one.  What is not understood is "
		"told with its\n"
		"line, and you may edit again; nothing that you wrote is lost.",
	.options = options,
	.operands_min = 0,
	.operands_max = 0,
	.run = run,
};
