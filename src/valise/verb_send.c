/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/clock.h"
#include "valise/grams_out.h"
#include "valise/parcel.h"
#include "valise/report.h"
#include "valise/sending.h"

/*
 * send: drafts, texts and sealed files, over one connection.  All are uploaded first and asked
 * about afterwards, so that custodians work on the first while the last is still being sealed.
 */

enum {
	KEPT_WAIT_S = 30,
	DELIVERED_WAIT_MS = 2000, /* a look at the delivery, when there is one cable */
	WAIT_MAX_S = 7 * 24 * 3600,
};

struct batch {
	struct session session;
	struct sending *list;
	size_t count;
	uint64_t wait_ms;
	bool is_wait_given;
};

/* One that fails does not keep the others from going; the first failure is the status. */
static int
send_all(struct batch *b)
{
	const struct args *args = b->session.args;
	int status = EXIT_OK;

	for (size_t i = 0; i < args->operand_count; i++) {
		struct sending *s = &b->list[b->count];
		int one = sending_begin(&b->session, args->operands[i], s);

		if (one == EXIT_OK)
			one = sending_upload(s);
		if (one == EXIT_OK)
			b->count++;
		else
			sending_end(s);
		if (status == EXIT_OK)
			status = one;
	}
	return status;
}

static int
not_kept(const struct sending *s)
{
	struct report report = {.verb = s->session->args->verb,
		.attempt = "wait for the custodians of",
		.object = s->word,
		.why = "the station has it, but fewer custodians keep their share than "
		       "opening needs",
		.remedy = "Nothing is lost: the station goes on asking them; `valise "
			  "inbox --sent` shows it."};

	return report_fail(&report, FAIL_AGAIN);
}

static int
finish(struct batch *b, struct sending *s)
{
	uint64_t now = clock_monotonic_ms();
	bool is_delivered = b->is_wait_given || b->count == 1;
	int status = sending_wait(s, now + b->wait_ms, b->is_wait_given);

	/* One alone: most are delivered before a person could ask again. */
	if (status == EXIT_OK && is_delivered && !b->is_wait_given)
		status = sending_wait(
			s, clock_monotonic_ms() + DELIVERED_WAIT_MS, is_delivered);
	if (status != EXIT_OK && status != EXIT_LATER)
		return status;
	if (args_has(b->session.args, "json"))
		sending_print_json(s);
	else
		sending_print(s);
	if (!s->is_kept)
		return not_kept(s);
	if (args_get(b->session.args, "to-file") != NULL)
		return parcel_fetch(&b->session, s, args_get(b->session.args, "to-file"));
	return EXIT_OK;
}

static int
parse_wait(struct batch *b)
{
	const char *wait = args_get(b->session.args, "wait");
	uint64_t wait_s = KEPT_WAIT_S;

	b->is_wait_given = wait != NULL;
	if (wait != NULL && text_parse_duration(wait, WAIT_MAX_S, &wait_s) != 0)
		return report_exit(report_usage(
			"send", "--wait %s: say how long, such as 30s, 10m, 2h", wait));
	b->wait_ms = wait_s * 1000;
	if (args_has(b->session.args, "to-file") && b->session.args->operand_count != 1)
		return report_exit(
			report_usage("send", "--to-file takes one cable at a time"));
	return EXIT_OK;
}

static int
run(const struct args *args)
{
	struct batch b = {.session = {.args = args}};
	int status, one;

	if ((status = parse_wait(&b)) != EXIT_OK)
		return status;
	if ((status = session_begin(args, &b.session)) != EXIT_OK)
		goto out;
	b.session.may_be_away = true;
	if (mem_new_array(&b.list, args->operand_count, sizeof *b.list) != 0) {
		status = session_fail_here(
			&b.session, "send", args->operands[0], FAIL_NOMEM);
		goto out;
	}
	status = send_all(&b);
	if (b.count > 0)
		grams_out_send(&b.session);
	for (size_t i = 0; i < b.count; i++) {
		one = finish(&b, &b.list[i]);
		if (status == EXIT_OK)
			status = one;
		sending_end(&b.list[i]);
	}
out:
	mem_free(b.list);
	session_end(&b.session);
	return status;
}

static const struct arg_option options[] = {
	{"to-file", "OUT", "also write what a station can take as a file: `receive`",
		false},
	{"wait", "DURATION",
		"wait until every addressee has it, at most so long (30s, 10m)", false},
	{"anyway", NULL,
		"also when nobody of an action addressee could open it, as far as is "
		"known here",
		false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_send = {
	.name = "send",
	.synopsis = "[OPTION]... N|FILE.cable|FILE.valise...",
	.summary = "send cables",
	.text = "Seals each cable to its addressees and gives it to the own station, "
		"then "
		"waits\n"
		"until as many custodians keep their shares as opening needs.  N is a "
		"draft of\n"
		"`valise draft`.  What `valise check` says is said first; a cable that "
		"nobody of an\n"
		"action addressee could open is refused (exit 4).  When the station "
		"cannot be\n"
		"reached the sealed file stays, and `valise send FILE.valise` sends it "
		"later.",
	.options = options,
	.operands_min = 1,
	.operands_max = ARGS_MAX,
	.run = run,
};
