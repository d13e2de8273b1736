/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/drafting.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/disk.h"
#include "sys/terminal.h"
#include "valise/cablefile.h"
#include "valise/editor.h"
#include "valise/report.h"
#include "valise/verb.h"

struct drafting {
	const struct drafting_plan *plan;
	struct editor *editor; /* NULL when the text was given */
	struct buf text;
	struct buf paths; /* attachments as absolute paths */
};

static int
fail(const struct drafting *d, const char *attempt, const char *object, int r)
{
	struct report report = {
		.verb = d->plan->args->verb, .attempt = attempt, .object = object};

	return report_fail(&report, r);
}

static int
save(struct drafting *d)
{
	const char *out = d->plan->out;
	struct report report = {
		.verb = d->plan->args->verb, .attempt = "save", .object = out};
	char remedy[DISK_PATH_MAX + 64];
	int r;

	if ((r = disk_write_small(out, d->text.data, d->text.len, d->plan->is_forced)) ==
		0)
		return EXIT_OK;
	if (d->editor != NULL) {
		editor_keep(d->editor);
		(void)snprintf(remedy, sizeof remedy,
			"The draft is kept in %s until `valise lock`; take it from "
			"there.",
			editor_path(d->editor));
		report.remedy = remedy;
	}
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

/* A numbered draft lies elsewhere than its attachments: their paths become absolute. */
static int
make_absolute(struct drafting *d, struct cable *cable)
{
	size_t starts[CABLE_ATTACHMENTS_MAX];
	char here[DISK_PATH_MAX];

	if (getcwd(here, sizeof here) == NULL)
		return FAIL_ABSENT;
	for (size_t i = 0; i < cable->attachment_count; i++) {
		struct rd path = cable->attachments[i];

		starts[i] = d->paths.len;
		if (path.ptr[0] != '/')
			buf_printf(&d->paths, "%s/", here);
		buf_bytes(&d->paths, path.ptr, path.len);
		if (d->paths.len - starts[i] > CABLE_PATH_MAX)
			return FAIL_LIMIT;
	}
	if (buf_error(&d->paths) != 0)
		return buf_error(&d->paths);
	for (size_t i = 0; i < cable->attachment_count; i++) {
		size_t end =
			i + 1 < cable->attachment_count ? starts[i + 1] : d->paths.len;

		cable->attachments[i] = rd_of(d->paths.data + starts[i], end - starts[i]);
	}
	return 0;
}

static void
say_saved(const struct drafting *d)
{
	const char *number = d->plan->number, *out = d->plan->out;

	if (args_has(d->plan->args, "json")) {
		json_t *object = json_pack("{s:s, s:i, s:s?}", "out", out, "len",
			(int)d->text.len, "number", number);

		if (object != NULL)
			(void)json_dumpf(object, stdout, JSON_COMPACT);
		(void)putchar('\n');
		json_decref(object);
	}
	if (number != NULL)
		report_say("Draft %s.  `valise check %s` says who could not read it; "
			   "`valise send %s` sends it.\n",
			number, number, number);
	else
		report_say("%s is a cable.  `valise check %s` says more; `valise send "
			   "%s` sends it.\n",
			out, out, out);
}

static int
save_good(struct drafting *d, struct cable *cable)
{
	int r = 0, status;

	buf_clear(&d->text);
	if (d->plan->number != NULL)
		r = make_absolute(d, cable);
	if (r != 0 || (r = cable_write(cable, &d->text)) != 0)
		return fail(d, "write", d->plan->out, r);
	if ((status = save(d)) == EXIT_OK)
		say_saved(d);
	return status;
}

static int
save_faulty(struct drafting *d)
{
	int status = save(d);
	const char *out = d->plan->out;

	if (status == EXIT_OK && d->plan->number != NULL)
		report_say("Saved as draft %s as it is; `valise draft %s` goes on.\n",
			d->plan->number, d->plan->number);
	else if (status == EXIT_OK)
		report_say("Saved in %s as it is; `valise draft --from %s --force --out "
			   "%s` goes on.\n",
			out, out, out);
	return EXIT_FAILED;
}

/* Parse what is there; *ret_again: the user wants to mend what is wrong. */
static int
take(struct drafting *d, bool *ret_again)
{
	struct cable_fault fault = {.what = "", .remedy = ""};
	struct cable *cable = NULL;
	int r, status;

	r = cable_parse(d->text.data, d->text.len, &cable, &fault);
	if (r == 0) {
		status = save_good(d, cable);
	} else if (r == FAIL_NOMEM) {
		status = fail(d, "read", "the draft", r);
	} else {
		status = cablefile_report(d->plan->args->verb, d->plan->out, &fault);
		*ret_again = d->editor != NULL && wants_again();
		if (!*ret_again)
			status = save_faulty(d);
	}
	cable_free(cable);
	return status;
}

/* Once through the editor. */
static int
edit_once(struct drafting *d, bool *ret_again)
{
	struct report report = {.verb = d->plan->args->verb,
		.attempt = "run the editor",
		.object = editor_command()};
	const struct buf *first = d->plan->first;
	int r;

	report.remedy =
		"Set VISUAL or EDITOR to an editor that waits; nothing was saved.";
	*ret_again = false;
	if ((r = editor_run(d->editor)) != 0)
		return report_fail(&report, r);
	buf_clear(&d->text);
	if ((r = editor_get(d->editor, &d->text)) != 0)
		return fail(d, "read back", "the draft", r);
	if (d->plan->is_new && d->text.len == first->len &&
		memcmp(d->text.data, first->data, first->len) == 0) {
		report_say("The draft is as it was; nothing was saved.\n");
		return EXIT_FAILED;
	}
	return take(d, ret_again);
}

static int
edit(struct drafting *d)
{
	const struct buf *first = d->plan->first;
	bool is_again = true;
	int r, status = EXIT_OK;

	if ((r = editor_new(&d->editor)) != 0)
		return fail(d, "make", "a private directory", r);
	if ((r = editor_put(d->editor, first->data, first->len)) != 0)
		status = fail(d, "write", editor_path(d->editor), r);
	while (status == EXIT_OK && is_again) {
		status = edit_once(d, &is_again);
		if (is_again)
			status = EXIT_OK;
	}
	editor_free(d->editor);
	return status;
}

/* Headers of the first text, and the text that was given. */
static int
take_given(struct drafting *d)
{
	bool is_again = false;
	int r;

	buf_bytes(&d->text, d->plan->first->data, d->plan->first->len);
	if ((r = buf_error(&d->text)) != 0 ||
		(r = cablefile_bytes(d->plan->text, &d->text)) != 0)
		return fail(d, "read", d->plan->text, r);
	return take(d, &is_again);
}

int
drafting_run(const struct drafting_plan *plan)
{
	struct drafting d = {.plan = plan};
	int status;

	/* Before a word is written, not after. */
	if (!plan->is_forced && disk_is_there(plan->out))
		return fail(&d, "write", plan->out, FAIL_EXISTS);
	buf_init(&d.text, 2 * CABLE_LEN_MAX);
	buf_init(&d.paths, CABLE_ATTACHMENTS_MAX * (CABLE_PATH_MAX + DISK_PATH_MAX));
	status = plan->text != NULL ? take_given(&d) : edit(&d);
	buf_done(&d.text);
	buf_done(&d.paths);
	return status;
}
