/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cable/delivery.h"
#include "cable/due.h"
#include "label/label.h"
#include "label/policy.h"
#include "sys/clock.h"
#include "sys/terminal.h"
#include "valise/inbox_row.h"
#include "valise/register.h"
#include "valise/report.h"

/*
 * inbox: a page of the register as a table, or one JSON object a line.  The newest stands
 * first; what hurries is shown by colour, not by order, so that a page is always the same page.
 */

struct listing {
	struct session session;
	bool is_sent, is_all, is_json;
	struct post_inbox inbox;
	size_t shown;
	bool is_more;
};

static int
print_row(struct listing *l, const struct post_row *row, bool is_first)
{
	if (l->is_json)
		return inbox_row_json(&l->session, row, l->is_sent);
	if (is_first)
		inbox_row_head(l->is_sent);
	inbox_row_print(row, l->is_sent, clock_now_s(), terminal_has_colour(1));
	return EXIT_OK;
}

static int
print_page(struct listing *l, struct rd rows)
{
	struct post_row row;
	size_t count = 0;
	int status;

	while (register_next(&rows, &row)) {
		if ((status = print_row(l, &row, l->shown == 0)) != EXIT_OK)
			return status;
		l->inbox.before = row.number;
		l->shown++;
		count++;
	}
	l->is_more = count == l->inbox.max;
	(void)fflush(stdout);
	return EXIT_OK;
}

static int
list(struct listing *l)
{
	const char *what = l->is_sent ? "what was sent" : "the inbox";
	struct buf bytes;
	struct rd rows;
	int r, status;

	buf_init(&bytes, COURIER_ANSWER_MAX);
	do {
		r = register_page(&l->session, &l->inbox, &bytes, &rows);
		status = r != 0 ? session_fail(&l->session, "list", what, r)
				: print_page(l, rows);
	} while (status == EXIT_OK && l->is_all && l->is_more);
	buf_done(&bytes);
	return status;
}

/* What a person may want to know after the table. */
static void
say_rest(const struct listing *l)
{
	if (l->is_json)
		return;
	if (l->shown == 0)
		report_say("%s\n",
			l->is_sent ? "Nothing was sent yet." : "The inbox is empty.");
	if (l->is_more && !l->is_all)
		report_say("There may be more: `valise inbox %s--before %" PRIu64
			   "`, or --all.\n",
			l->is_sent ? "--sent " : "", l->inbox.before);
}

static int
run(const struct args *args)
{
	const char *before = args_get(args, "before");
	struct listing l = {.session = {.args = args},
		.is_sent = args_has(args, "sent"),
		.is_all = args_has(args, "all"),
		.is_json = args_has(args, "json")};
	int status;

	l.inbox = (struct post_inbox){.box = l.is_sent ? POST_BOX_SENT : POST_BOX_IN,
		.max = REGISTER_PAGE_MAX,
		.is_open_only = args_has(args, "open")};
	if (before != NULL &&
		(status = session_number(&l.session, before, &l.inbox.before)) != EXIT_OK)
		return status;
	if ((status = session_begin(args, &l.session)) == EXIT_OK &&
		(status = list(&l)) == EXIT_OK)
		say_rest(&l);
	session_end(&l.session);
	return status;
}

static const struct arg_option options[] = {
	{"sent", NULL, "what was sent, and how far it has come", false},
	{"open", NULL, "only what waits for an acknowledgement", false},
	{"before", "N", "those before number N", false},
	{"all", NULL, "page by page to the end", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_inbox = {
	.name = "inbox",
	.synopsis = "[--sent] [--open] [--before N] [--all]",
	.summary = "list what came, or what was sent",
	.text = "Lists what came for you and your desks, the newest first, with the time "
		"by which\n"
		"it has to be acknowledged; --sent what you and your desks sent, and how "
		"far it has\n"
		"come.  Nothing is opened by listing.",
	.options = options,
	.operands_min = 0,
	.operands_max = 0,
	.run = run,
};
