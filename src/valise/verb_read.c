/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "label/policy.h"
#include "sys/spawn.h"
#include "sys/terminal.h"
#include "valise/banner.h"
#include "valise/pager.h"
#include "valise/private_dir.h"
#include "valise/reading.h"
#include "valise/report.h"
#include "valise/show.h"

/*
 * read: open documents of the register.  Where it goes is decided once: the pager when
 * standard output is a terminal, else standard output; files with --out; one attachment with
 * --attachment.  Several numbers share one connection, and one that fails does not keep the
 * others.
 */

struct output {
	const struct args *args;
	const char *dir;   /* --out, or NULL */
	size_t attachment; /* --attachment, or 0 */
	bool is_json;
	char text_file[DISK_PATH_MAX];
};

static int
fail(const struct reading *rd, const char *attempt, const char *object, int r)
{
	return session_fail_here(rd->session, attempt, object, r);
}

/* "Opening authorised by PT, copy 2; shares: FR.  Not yet witnessed." */
static void
say_opening(const struct reading *rd)
{
	const struct core *core = &rd->file.header->core;
	char until[TIME_TEXT_MAX] = "";

	if (rd->is_kept) {
		if (time_dtg(rd->kept.until_s, until) != 0)
			until[0] = '\0';
		report_say("Kept copy %u, until %s.\n", (unsigned)rd->asked.copy, until);
		return;
	}
	report_say(
		"Opening authorised by %.*s, copy %u; shares: %s.  Not yet witnessed.\n",
		(int)core->originator.len, (const char *)core->originator.ptr,
		(unsigned)rd->asked.copy, rd->asked.shares);
	if (rd->asked.passed[0] != '\0')
		report_say("No good answer from %s.\n", rd->asked.passed);
}

static int
print_plain(const struct reading *rd, const struct buf *shown)
{
	int r;

	if ((r = banner_print(stdout, rd->label, POLICY_EN)) != 0)
		return r;
	(void)fwrite(shown->data, 1, shown->len, stdout);
	return banner_print(stdout, rd->label, POLICY_EN);
}

static int
page(const struct reading *rd, const struct buf *shown)
{
	const struct policy *policy = policy_find(rd->label->policy);
	const struct policy_class *class = policy != NULL
		? policy_class_find(policy, rd->label->classification)
		: NULL;
	char marking[LABEL_TEXT_MAX + 1];
	struct pager pager = {.marking = marking,
		.has_color = class != NULL && terminal_has_colour(1),
		.text = rd_of(shown->data, shown->len)};
	struct buf type;
	int r;

	if ((r = label_marking(rd->label, POLICY_EN, marking, sizeof marking)) != 0)
		return r;
	if (class != NULL) {
		pager.color = class->color;
		pager.color_of_text = class->color_of_text;
	}
	buf_init(&type, BUFSIZ);
	show_type(rd->addressing, &type);
	buf_u8(&type, 0);
	if ((r = buf_error(&type)) == 0) {
		pager.notice = (const char *)type.data;
		r = pager_run(&pager);
	}
	buf_done(&type);
	return r;
}

static int
show(const struct reading *rd)
{
	struct buf shown;
	int r;

	/* Escapes make it longer, at most six times. */
	buf_init(&shown, (size_t)8 * READING_TEXT_MAX);
	if ((r = show_cable(rd, &shown)) == 0)
		r = terminal_is(1) ? page(rd, &shown) : print_plain(rd, &shown);
	buf_done(&shown);
	return r == 0 ? EXIT_OK : fail(rd, "show", rd->word, r);
}

static int
make_dir(const char *path)
{
	return disk_is_there(path) ? 0 : disk_make_private_dir(path);
}

/* DIR/N.txt */
static int
write_text(struct reading *rd, struct output *out)
{
	struct outfile *file = NULL;
	int n = snprintf(
		out->text_file, sizeof out->text_file, "%s/%s.txt", out->dir, rd->word);
	int r;

	if (n < 0 || n >= DISK_PATH_MAX)
		return fail(rd, "write to", out->dir, FAIL_USAGE);
	if ((r = outfile_new(out->text_file, false, &file)) == 0 &&
		(r = outfile_write(file, rd->text.data, rd->text.len)) == 0)
		r = outfile_commit(file);
	outfile_free(file);
	return r == 0 ? EXIT_OK : fail(rd, "write", out->text_file, r);
}

/* Attachments go to DIR/N/, made only when there is one. */
static int
open_to_dir(struct reading *rd, struct output *out)
{
	char dir[DISK_PATH_MAX];
	struct outbatch *batch = NULL;
	int n = snprintf(dir, sizeof dir, "%s/%s", out->dir, rd->word);
	int r, status;

	if (n < 0 || n >= DISK_PATH_MAX)
		return fail(rd, "write to", out->dir, FAIL_USAGE);
	if ((r = make_dir(out->dir)) != 0 || (r = make_dir(dir)) != 0 ||
		(r = outbatch_new(dir, false, &batch)) != 0)
		return fail(rd, "write to", dir, r);
	status = reading_open(rd, batch, 0);
	if (status == EXIT_OK && (r = outbatch_commit(batch)) != 0)
		status = fail(rd, "write to", dir, r);
	outbatch_free(batch);
	/* It stays when there is something in it. */
	(void)rmdir(dir);
	return status == EXIT_OK ? write_text(rd, out) : status;
}

static int
run_program(struct reading *rd, const char *program, char *file)
{
	char path[DISK_PATH_MAX];
	char *argv[] = {path, file, NULL};
	struct spawn what = {.path = path, .argv = argv, .fds = {0, 1, 2}, .fd_count = 3};
	int r, exit_status = 0;
	pid_t pid;

	if (strchr(program, '/') != NULL)
		(void)snprintf(path, sizeof path, "%s", program);
	else if ((r = spawn_find(program, path)) != 0)
		return fail(rd, "run", program, r);
	if ((r = spawn_start(&what, &pid)) != 0 ||
		(r = spawn_wait(pid, &exit_status)) != 0)
		return fail(rd, "run", program, r);
	return exit_status == 0 ? EXIT_OK : fail(rd, "run", program, FAIL_CLOSED);
}

static int
commit_attachment(struct reading *rd, struct outbatch *batch, size_t k)
{
	struct report report = {.verb = rd->session->args->verb,
		.attempt = "give out an attachment of",
		.object = rd->word};
	char why[64];
	int r;

	if (k < rd->head->part_count)
		return (r = outbatch_commit(batch)) == 0
			? EXIT_OK
			: fail(rd, "write an attachment of", rd->word, r);
	(void)snprintf(why, sizeof why, "there are %zu", rd->head->part_count - 1);
	report.why = why;
	report.remedy = "`valise read N` lists them.";
	return report_fail(&report, FAIL_ABSENT);
}

/* Under the runtime directory, where `lock` wipes it; or into --out. */
static int
open_attachment(struct reading *rd, struct output *out)
{
	const char *program = args_get(out->args, "with");
	struct private_dir dir = {.fd = -1};
	struct outbatch *batch = NULL;
	char file[DISK_PATH_MAX];
	int n, r = 0, status;

	if (out->dir != NULL)
		(void)snprintf(dir.path, sizeof dir.path, "%s", out->dir);
	if ((r = out->dir != NULL ? make_dir(dir.path) : private_dir_new("read", &dir)) !=
			0 ||
		(r = outbatch_new(dir.path, false, &batch)) != 0)
		return fail(rd, "make a private directory for", rd->word, r);
	if ((status = reading_open(rd, batch, out->attachment)) == EXIT_OK)
		status = commit_attachment(rd, batch, out->attachment);
	outbatch_free(batch);
	private_dir_leave(&dir);
	if (status != EXIT_OK)
		return status;
	n = snprintf(file, sizeof file, "%.3000s/%.*s", dir.path,
		(int)rd->head->parts[out->attachment].name.len,
		(const char *)rd->head->parts[out->attachment].name.ptr);
	CHECK(n > 0 && n < DISK_PATH_MAX);
	if (program == NULL && !out->is_json)
		(void)printf("%s\n", file);
	if (out->dir == NULL)
		report_say("`valise lock` wipes it.\n");
	(void)snprintf(out->text_file, sizeof out->text_file, "%s", file);
	return program != NULL ? run_program(rd, program, file) : EXIT_OK;
}

static void
print_json(const struct reading *rd, const struct output *out, int status)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1] = "";
	json_t *object;

	if (rd->is_open)
		text_hex(rd->file.document_id, CORE_DOCUMENT_ID_LEN, id);
	object = json_pack("{s:I, s:s, s:b, s:b, s:b, s:i, s:s, s:s, s:i}", "number",
		(json_int_t)rd->number, "document_id", id, "opened", status == EXIT_OK,
		"recorded", false, "kept_copy", rd->is_kept, "copy", (int)rd->asked.copy,
		"shares", rd->asked.shares, "author", rd->author, "exit", status);
	if (object != NULL && status == EXIT_OK && out->text_file[0] != '\0')
		(void)json_object_set_new(object,
			out->attachment > 0 ? "attachment_file" : "text_file",
			json_string(out->text_file));
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	(void)fflush(stdout);
	json_decref(object);
}

/* Once the key is here: what was asked for. */
static int
hand_out(struct reading *rd, struct output *out)
{
	int status;

	if (out->attachment > 0)
		return open_attachment(rd, out);
	if (out->dir != NULL)
		return open_to_dir(rd, out);
	if ((status = reading_open(rd, NULL, 0)) != EXIT_OK)
		return status;
	return out->is_json ? EXIT_OK : show(rd);
}

static int
read_one(struct session *s, struct output *out, const char *word)
{
	struct reading rd;
	uint64_t number = 0;
	int status;

	if ((status = session_number(s, word, &number)) != EXIT_OK)
		return status;
	out->text_file[0] = '\0';
	if ((status = reading_begin(s, number, &rd)) == EXIT_OK &&
		(status = reading_key(&rd, "")) == EXIT_OK) {
		if (!out->is_json)
			say_opening(&rd);
		status = hand_out(&rd, out);
	}
	if (status == EXIT_OK && !args_has(out->args, "no-keep"))
		reading_keep(&rd);
	if (out->is_json)
		print_json(&rd, out, status);
	reading_end(&rd);
	return status;
}

static int
forget(struct session *s, const char *word)
{
	struct kept_copy copy;
	struct buf bytes;
	uint64_t number = 0;
	int r, status;

	if ((status = session_number(s, word, &number)) != EXIT_OK)
		return status;
	buf_init(&bytes, POST_HEADER_MAX);
	r = kept_find(s->dir, number, 0, &bytes, &copy);
	if (r == 0)
		kept_remove(s->dir, number, copy.document_id);
	buf_done(&bytes);
	return r == 0 ? EXIT_OK : session_fail_here(s, "forget", word, r);
}

static int
parse_output(const struct args *args, struct output *out)
{
	const char *k = args_get(args, "attachment");

	*out = (struct output){.args = args,
		.dir = args_get(args, "out"),
		.is_json = args_has(args, "json")};
	if (k != NULL) {
		char *end;
		unsigned long n = strtoul(k, &end, 10);

		if (k[0] < '1' || k[0] > '9' || *end != '\0' || n >= BODY_PARTS_MAX)
			return report_usage(
				"read", "--attachment %s: say which, from 1", k);
		out->attachment = n;
	}
	if (args_has(args, "with") && out->attachment == 0)
		return report_usage("read", "--with goes with --attachment");
	if (out->attachment > 0 && args->operand_count > 1)
		return report_usage("read", "--attachment takes one document");
	return 0;
}

static int
run(const struct args *args)
{
	struct session s = {.args = args};
	struct output out;
	bool is_forgetting = args_has(args, "forget");
	int status, one;

	if (parse_output(args, &out) != 0)
		return EXIT_USAGE;
	status = is_forgetting ? session_begin_home(args, &s) : session_begin(args, &s);
	if (status != EXIT_OK)
		goto out;
	for (size_t i = 0; i < args->operand_count; i++) {
		one = is_forgetting ? forget(&s, args->operands[i])
				    : read_one(&s, &out, args->operands[i]);
		if (status == EXIT_OK)
			status = one;
	}
out:
	session_end(&s);
	return status;
}

static const struct arg_option options[] = {
	{"attachment", "K", "give out attachment K instead of the text", false},
	{"with", "PROGRAM", "and show it with this program", false},
	{"out", "DIR", "write the text to DIR/N.txt, attachments to DIR/N/", false},
	{"no-keep", NULL, "do not keep the copy for reading it again", false},
	{"forget", NULL, "remove the kept copy; nothing is read", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_read = {
	.name = "read",
	.synopsis = "[OPTION]... N...\n--attachment K [--with PROGRAM] N\n--forget N...",
	.summary = "open and read cables",
	.text = "Opens documents of the own register: the originator's station "
		"authorises "
		"it, and\n"
		"custodians of other members give their shares; each opening is a copy "
		"with a number.\n"
		"On a terminal the text is shown in a pager under its marking; nothing "
		"of "
		"it stays in\n"
		"the scrollback.  The copy is kept for 30 days, sealed, so that reading "
		"it again asks\n"
		"nobody.  Attachments lie in a private directory that `valise lock` "
		"wipes.",
	.options = options,
	.operands_min = 1,
	.operands_max = ARGS_MAX,
	.run = run,
};
