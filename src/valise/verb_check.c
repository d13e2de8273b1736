/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cable/due.h"
#include "cable/moment.h"
#include "label/policy.h"
#include "sys/clock.h"
#include "valise/banner.h"
#include "valise/cablefile.h"
#include "valise/drafts.h"
#include "valise/preflight.h"
#include "valise/report.h"
#include "valise/session.h"
#include "valise/verb.h"

/*
 * check: what can be said about a cable before it leaves: whether it is one, what its label
 * is, what it attaches, when it is due; and, in the home of a member's officer, who of its
 * addressees will not be able to open it, by the directories of the station.
 */

struct checked {
	const char *path;
	const struct cable *cable;
	uint64_t now_s;
	struct due due; /* if it left now; of the action addressees, else of info */
	json_t *attachments;
	json_t *warnings;
	json_t *recipients;
	struct session *session;
	int recipients_status;
	size_t missing;
	size_t above;
	bool is_json;
};

static void
warn(struct checked *c, const char *text)
{
	(void)json_array_append_new(c->warnings, json_string(text));
	if (!c->is_json)
		(void)printf("  %-11s %s\n", "Note", text);
}

static void
say_attachment(struct checked *c, const char *path,
	const struct cablefile_attachment *seen, const char *problem)
{
	char size[TEXT_HUMAN_MAX];

	(void)json_array_append_new(c->attachments,
		json_pack("{s:s, s:I, s:s?, s:s?}", "path", path, "size",
			(json_int_t)seen->size, "label",
			seen->is_envelope ? seen->marking : NULL, "problem", problem));
	if (c->is_json)
		return;
	text_size(seen->size, size);
	(void)printf("  %-11s %s  %s%s%s%s%s\n", "Attach", path, size,
		seen->is_envelope ? ", " : "", seen->is_envelope ? seen->marking : "",
		problem != NULL ? ": " : "", problem != NULL ? problem : "");
}

/* Problems go to stderr as well, each with its remedy. */
static void
check_attachment(struct checked *c, struct rd attachment)
{
	struct cablefile_attachment seen = {0};
	struct report report = {.verb = "check", .attempt = "attach"};
	const char *problem = NULL;
	char path[DISK_PATH_MAX];
	int r;

	if ((r = cablefile_attachment_path(c->path, attachment, path)) != 0)
		(void)snprintf(path, sizeof path, "%.*s", (int)attachment.len,
			(const char *)attachment.ptr);
	else
		r = cablefile_look(path, c->cable->label, &seen);
	report.object = path;
	if (r == FAIL_FORMAT)
		report.remedy = "It looks like an envelope and is none; leave it out.";
	if (r != 0) {
		(void)report_fail(&report, r);
		problem = fail_text(r);
		c->missing++;
	} else if (seen.is_above) {
		report.where = seen.marking;
		report.remedy = "Its label is not covered by the cable's: raise that, or "
				"leave it out.";
		(void)report_fail(&report, FAIL_REFUSED);
		problem = "not covered by the cable's label";
		c->above++;
	}
	say_attachment(c, path, &seen, problem);
}

static void
check_rest(struct checked *c)
{
	const struct addressing *a = &c->cable->addressing;

	if (c->cable->subject.len == 0)
		warn(c, "no subject: readers see the title only");
	if (c->cable->text.len == 0)
		warn(c, "no text");
	if (a->reply_by_s != 0 && a->reply_by_s <= c->now_s)
		warn(c, "the reply is asked for by a time that is over");
	if (a->reply_by_s > c->now_s && a->reply_by_s < c->due.act_s)
		warn(c, "the reply is asked for before the precedence lets it be due");
	if (c->cable->expiry_s != 0 && c->cable->expiry_s <= c->now_s)
		warn(c, "it has expired already");
}

static void
moment_text(uint64_t s, char ret_text[TIME_TEXT_MAX])
{
	if (moment_write(s - s % 60, ret_text) != 0)
		(void)snprintf(ret_text, TIME_TEXT_MAX, "never");
}

static int
print_summary(const struct checked *c)
{
	const struct addressing *a = &c->cable->addressing;
	char size[TEXT_HUMAN_MAX], due[TIME_TEXT_MAX], left[DUE_TEXT_MAX];
	bool is_same = a->precedence_action == a->precedence_info;

	text_size(c->cable->text.len, size);
	moment_text(c->due.act_s, due);
	due_text(c->due.act_s, c->now_s, left);
	if (banner_print(stdout, c->cable->label, POLICY_EN) != 0)
		return FAIL_FORMAT;
	(void)printf("  %-11s %zu action, %zu info, %zu exempted\n", "Addressed",
		a->action_count, a->info_count, a->exempted_count);
	(void)printf("  %-11s %s%s%s\n", "Precedence",
		precedence_text(a->precedence_action), is_same ? "" : ", info ",
		is_same ? "" : precedence_text(a->precedence_info));
	(void)printf("  %-11s %s if sent now (%s)\n", "Due", due, left);
	if (a->reply_by_s != 0) {
		moment_text(a->reply_by_s, due);
		due_text(a->reply_by_s, c->now_s, left);
		(void)printf("  %-11s %s (%s)\n", "Reply by", due, left);
	}
	if (a->type != MESSAGE_NORMAL)
		(void)printf("  %-11s %s %.*s\n", "Type", message_type_text(a->type),
			(int)a->type_name.len, (const char *)a->type_name.ptr);
	(void)printf("  %-11s %s\n", "Text", size);
	return 0;
}

static int
print_json(struct checked *c)
{
	const struct addressing *a = &c->cable->addressing;
	char due[TIME_TEXT_MAX] = "", label[LABEL_TEXT_MAX + 1] = "";
	struct report report = {.verb = "check", .attempt = "print", .object = "JSON"};
	int status = EXIT_OK;
	json_t *object;

	if (time_rfc3339(c->due.act_s, due) != 0 ||
		label_to_text(c->cable->label, label) != 0)
		due[0] = '\0';
	object = json_pack(
		"{s:s, s:b, s:s, s:i, s:i, s:i, s:s, s:s, s:s, s:I, s:O, s:O, s:O}",
		"file", c->path, "good",
		c->missing + c->above == 0 && c->recipients_status == EXIT_OK, "label",
		label, "action", (int)a->action_count, "info", (int)a->info_count,
		"exempted", (int)a->exempted_count, "precedence_action",
		precedence_text(a->precedence_action), "precedence_info",
		precedence_text(a->precedence_info), "due", due, "text_len",
		(json_int_t)c->cable->text.len, "attachments", c->attachments, "warnings",
		c->warnings, "recipients", c->recipients);
	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0)
		status = report_fail(&report, FAIL_NOMEM);
	(void)putchar('\n');
	json_decref(object);
	return status;
}

/* For programs: where the fault is, and what to write instead. */
static void
print_fault(const char *path, const struct cable_fault *fault)
{
	json_t *object = json_pack("{s:s, s:b, s:{s:i, s:s?, s:s, s:s, s:s}}", "file",
		path, "good", false, "fault", "line", (int)fault->line, "header",
		fault->header, "value", fault->value, "what", fault->what, "remedy",
		fault->remedy);

	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
}

/* Is this the home of somebody who has a station? */
static bool
has_station(const char *dir)
{
	struct link_station station;

	return dir[0] != '\0' && link_station_read(dir, &station) == 0;
}

static int
judge(struct checked *c)
{
	struct recipients_question question = {.circle = &c->session->circle,
		.addressing = &c->cable->addressing,
		.label = c->cable->label,
		.now_s = c->now_s};
	struct preflight preflight = {.verb = "check",
		.out = c->is_json ? NULL : stdout,
		.refusals = c->recipients};
	struct recipients *recipients = NULL;
	int r, status;

	if ((r = recipients_new(&question, &recipients)) != 0)
		return session_fail_here(c->session, "find the readers of", c->path, r);
	status = preflight_tell(&preflight, recipients, c->cable->label);
	if (!c->is_json && status == EXIT_OK)
		(void)printf("%s\n",
			preflight.line_count == 0
				? "All addressees will be able to open it."
				: "The rest is good.");
	recipients_free(recipients);
	return status;
}

static int
check_recipients(struct checked *c)
{
	struct session *s = c->session;
	char dir[DISK_PATH_MAX];
	int status;

	memcpy(dir, s->dir, sizeof dir);
	if (!has_station(dir))
		return EXIT_OK;
	if ((status = session_begin(s->args, s)) == EXIT_OK) {
		s->may_be_away = true;
		status = session_people(s);
	}
	return status == EXIT_OK ? judge(c) : status;
}

static int
check(struct checked *c)
{
	struct report report = {.verb = "check", .attempt = "check", .object = c->path};
	int status = EXIT_OK, r;

	if (!c->is_json && (r = print_summary(c)) != 0)
		return report_fail(&report, r);
	for (size_t i = 0; i < c->cable->attachment_count; i++)
		check_attachment(c, c->cable->attachments[i]);
	check_rest(c);
	c->recipients_status = check_recipients(c);
	if (c->is_json)
		status = print_json(c);
	if (status != EXIT_OK)
		return status;
	if (c->above > 0)
		return EXIT_REFUSED;
	return c->missing > 0 ? EXIT_FAILED : c->recipients_status;
}

static int
run(const struct args *args)
{
	struct session session = {.args = args};
	char path[DISK_PATH_MAX];
	struct checked c = {.path = path,
		.now_s = clock_now_s(),
		.session = &session,
		.is_json = args_has(args, "json")};
	struct due_settings settings;
	struct cable_fault fault;
	struct cable *cable = NULL;
	int status;

	if ((status = session_begin_home(args, &session)) != EXIT_OK)
		return status;
	if (drafts_path(session.dir, args->operands[0], path) != 0)
		return session_fail_here(&session, "find", args->operands[0], FAIL_USAGE);
	if ((status = cablefile_read("check", session.dir, c.path, &cable, &fault)) !=
		EXIT_OK) {
		if (c.is_json && fault.what[0] != '\0')
			print_fault(c.path, &fault);
		return status;
	}
	c.cable = cable;
	cable->addressing.dtg_s = c.now_s;
	due_settings_init(&settings);
	due_of(&settings, &cable->addressing, cable->addressing.action_count > 0, &c.due);
	c.attachments = json_array();
	c.warnings = json_array();
	c.recipients = json_array();
	status = check(&c);
	session_end(&session);
	json_decref(c.recipients);
	json_decref(c.attachments);
	json_decref(c.warnings);
	cable_free(cable);
	return status;
}

const struct verb verb_check = {
	.name = "check",
	.synopsis = "N|FILE|-",
	.summary = "say what is wrong with a cable before it leaves",
	.text = "Reads a cable and says whether every header is understood, its label, "
		"when it\n"
		"would be due, and whether what it attaches is there and not above it; a "
		"member's\n"
		"officer also hears which addressees will not be able to open it.  Exit "
		"status 1\n"
		"when something is wrong or missing, 4 when an attached envelope has a "
		"label that\n"
		"the cable's does not cover, or nobody of an action addressee could open "
		"it.",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
