/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "valise/drafting.h"
#include "valise/drafts.h"
#include "valise/reading.h"
#include "valise/report.h"

/*
 * reply: a draft that answers a cable: to its author, under its label, with a reference to it.
 * The subject is sealed in the body, so the cable is opened for it, or was kept.  The text of
 * the original is not copied.
 */

enum { FIRST_MAX = 1 << 20 };

/* "Re: " once, however often it went to and fro. */
static void
put_subject(const char *header, struct rd text, size_t max, struct buf *out)
{
	bool has_re = text.len >= 3 && memcmp(text.ptr, "Re:", 3) == 0;

	if (text.len == 0 || text.len + 4 > max)
		return;
	buf_printf(out, "%s: %s%.*s\n", header, has_re ? "" : "Re: ", (int)text.len,
		(const char *)text.ptr);
}

static void
put_option(const struct args *args, const char *header, const char *option,
	const char *usual, struct buf *out)
{
	const char *value = args_get(args, option);

	if (value == NULL)
		value = usual;
	if (value != NULL && text_is_line(value, strlen(value)))
		buf_printf(out, "%s: %s\n", header, value);
}

static int
put_headers(const struct reading *rd, struct buf *out)
{
	const struct args *args = rd->session->args;
	const struct addressing *a = rd->addressing;
	char label[LABEL_TEXT_MAX + 1], id[2 * CORE_DOCUMENT_ID_LEN + 1];
	int r;

	if ((r = label_to_text(rd->label, label)) != 0)
		return r;
	text_hex(rd->file.document_id, CORE_DOCUMENT_ID_LEN, id);
	put_option(args, "To", "to", rd->author, out);
	put_option(args, "Info", "info", NULL, out);
	put_option(args, "Prec", "prec", precedence_text(a->precedence_action), out);
	put_option(args, "Label", "label", label, out);
	put_subject("Title", a->title, ADDRESSING_TITLE_CHARS_MAX, out);
	put_subject("Subject", rd->head->subject, BODY_SUBJECT_MAX, out);
	buf_printf(out, "Refers-to: id:%s%s%.*s\n", id, a->reference.len > 0 ? " " : "",
		(int)a->reference.len, (const char *)a->reference.ptr);
	/* An answer to an exercise must not look like an ordinary cable. */
	if (a->type != MESSAGE_NORMAL)
		buf_printf(out, "Type: %s%s%.*s\n", message_type_text(a->type),
			a->type_name.len > 0 ? ":" : "", (int)a->type_name.len,
			(const char *)a->type_name.ptr);
	put_option(args, "Attach", "attach", NULL, out);
	buf_u8(out, '\n');
	return buf_error(out);
}

static int
draft(const struct reading *rd, struct buf *first)
{
	const struct args *args = rd->session->args;
	char path[DISK_PATH_MAX], number[24];
	struct drafting_plan plan = {.args = args,
		.first = first,
		.out = args_get(args, "out"),
		.text = args_get(args, "text"),
		.is_new = true,
		.is_forced = args_has(args, "force")};
	uint64_t next = 0;
	int r;

	if (plan.out == NULL) {
		if ((r = drafts_new(rd->session->dir, &next, path)) != 0)
			return session_fail_here(
				rd->session, "make a draft in", rd->session->dir, r);
		(void)snprintf(number, sizeof number, "%" PRIu64, next);
		plan.out = path;
		plan.number = number;
	}
	return drafting_run(&plan);
}

static int
reply(struct session *s, const char *word)
{
	struct reading rd;
	struct buf first;
	uint64_t number = 0;
	int r, status;

	if ((status = session_number(s, word, &number)) != EXIT_OK)
		return status;
	buf_init(&first, FIRST_MAX);
	if ((status = reading_begin(s, number, &rd)) == EXIT_OK &&
		(status = reading_key(&rd, "reply")) == EXIT_OK &&
		(status = reading_open(&rd, NULL, 0)) == EXIT_OK) {
		reading_keep(&rd);
		r = put_headers(&rd, &first);
		status = r == 0 ? draft(&rd, &first)
				: session_fail_here(s, "begin a reply to", word, r);
	}
	buf_done(&first);
	reading_end(&rd);
	return status;
}

static int
run(const struct args *args)
{
	struct session s = {.args = args};
	int status;

	if ((status = session_begin(args, &s)) == EXIT_OK)
		status = reply(&s, args->operands[0]);
	session_end(&s);
	return status;
}

static const struct arg_option options[] = {
	{"text", "FILE", "the text, instead of the editor; - is the standard input",
		false},
	{"out", "FILE", "where to save it (else it gets a number)", false},
	{"force", NULL, "replace what is there", false},
	{"to", "ADDR,...", "instead of the author", false},
	{"info", "ADDR,...", "information addressees", false},
	{"prec", "P[/P]", "instead of the precedence of the original", false},
	{"label", "LABEL", "instead of the label of the original", false},
	{"attach", "FILE", "attach a file", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_reply = {
	.name = "reply",
	.synopsis = "[OPTION]... N",
	.summary = "draft an answer to a cable",
	.text = "Opens your editor on an answer to the author, under the same label, "
		"with a\n"
		"reference to the cable.  The cable is opened for its subject, unless a "
		"copy was\n"
		"kept.  `valise send` sends the draft.",
	.options = options,
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
