/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "custody/recall.h"
#include "sys/clock.h"
#include "sys/terminal.h"
#include "valise/kept.h"
#include "valise/register.h"
#include "valise/report.h"

/*
 * recall and destroy: a document of ours ends.  Recall stops openings from now on; destroy
 * also wipes the keys, here at once and at the custodians as the order reaches them.
 */

enum { FINAL_AFTER_S = 22 * 24 * 3600 }; /* the last weekly key that opened the V slot */

static int
check_reason(const struct args *args)
{
	const char *reason = args_get(args, "reason");

	if (reason == NULL ||
		(strlen(reason) <= RECALL_REASON_MAX && reason[0] != '\0' &&
			text_is_line(reason, strlen(reason))))
		return 0;
	return report_usage(
		args->verb, "--reason takes one line of at most 128 bytes; unclassified");
}

static struct rd
reason_of(const struct args *args)
{
	const char *reason = args_get(args, "reason");

	return reason != NULL ? rd_of(reason, strlen(reason)) : rd_of("", 0);
}

/* With a terminal the reference is typed; without one --yes is needed. */
static int
confirm(const struct session *s, const struct post_row *row)
{
	char answer[128];
	size_t len;

	if (args_has(s->args, "yes"))
		return EXIT_OK;
	if (!terminal_is(0) || !terminal_is(2))
		return report_exit(report_usage(s->args->verb,
			"without a terminal it takes --yes: what is destroyed cannot be "
			"read again"));
	(void)fprintf(stderr, "Nobody will open it again.  Type its reference, %.*s: ",
		(int)row->reference.len, (const char *)row->reference.ptr);
	if (fgets(answer, sizeof answer, stdin) == NULL)
		answer[0] = '\0';
	len = strcspn(answer, "\n");
	if (address_compare(rd_of(answer, len), row->reference) == 0)
		return EXIT_OK;
	report_say("That is not its reference; nothing was destroyed.\n");
	return EXIT_FAILED;
}

static int
order(struct session *s, const char *word, const struct post_row *row)
{
	bool is_destroy = strcmp(s->args->verb, "destroy") == 0;
	struct post_recall recall = {
		.document_id = row->document_id, .reason = reason_of(s->args)};
	struct post_destroy destroy = {
		.document_id = row->document_id, .reason = recall.reason};
	struct courier_question question = {.path = s->args->verb,
		.codec = is_destroy ? &post_destroy_codec : &post_recall_codec,
		.message = is_destroy ? (const void *)&destroy : (const void *)&recall};
	struct buf nothing;
	int r;

	buf_init(&nothing, COURIER_ANSWER_MAX);
	r = courier_ask(&s->courier, &question, &nothing, NULL);
	buf_done(&nothing);
	if (r != 0)
		return session_fail(s, s->args->verb, word, r);
	kept_remove(s->dir, row->number, row->document_id);
	return EXIT_OK;
}

static void
print(const struct session *s, const struct post_row *row)
{
	bool is_destroy = strcmp(s->args->verb, "destroy") == 0;
	char id[2 * CORE_DOCUMENT_ID_LEN + 1], final[TIME_TEXT_MAX] = "";
	json_t *object;

	if (is_destroy && time_rfc3339(clock_now_s() + FINAL_AFTER_S, final) != 0)
		final[0] = '\0';
	text_hex(row->document_id, CORE_DOCUMENT_ID_LEN, id);
	if (args_has(s->args, "json")) {
		object = json_pack("{s:I, s:s, s:s, s:s?}", "number",
			(json_int_t)row->number, "document_id", id, "done", s->args->verb,
			"final", is_destroy ? final : NULL);
		if (object != NULL)
			(void)json_dumpf(object, stdout, JSON_COMPACT);
		(void)putchar('\n');
		json_decref(object);
		return;
	}
	(void)printf("%" PRIu64 "  %.*s  %s\n", row->number, (int)row->reference.len,
		(const char *)row->reference.ptr, is_destroy ? "destroyed" : "recalled");
	if (is_destroy)
		report_say(
			"Its keys are wiped here, and at the custodians when the order "
			"reaches them.  Final, also against old keys, on %.10s.\n"
			"Copies that were opened are not undone: `valise holders` "
			"names them.\n",
			final);
	else
		report_say("Nobody opens it from now on; who has opened it: `valise "
			   "holders %" PRIu64 "`.\n",
			row->number);
}

static int
run(const struct args *args)
{
	struct session s = {.args = args};
	struct post_row row;
	struct buf bytes;
	int status;

	if (check_reason(args) != 0)
		return EXIT_USAGE;
	buf_init(&bytes, COURIER_ANSWER_MAX);
	if ((status = session_begin(args, &s)) == EXIT_OK &&
		(status = register_find(&s, args->operands[0], &bytes, &row)) ==
			EXIT_OK) {
		if (strcmp(args->verb, "destroy") == 0)
			status = confirm(&s, &row);
		if (status == EXIT_OK &&
			(status = order(&s, args->operands[0], &row)) == EXIT_OK)
			print(&s, &row);
	}
	buf_done(&bytes);
	session_end(&s);
	return status;
}

static const struct arg_option recall_options[] = {
	{"reason", "LINE", "why; unclassified, at most 128 bytes", false},
	{NULL, NULL, NULL, false},
};

static const struct arg_option destroy_options[] = {
	{"reason", "LINE", "why; unclassified, at most 128 bytes", false},
	{"yes", NULL, "do not ask for the reference", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_recall = {
	.name = "recall",
	.synopsis = "[--reason LINE] N|REFERENCE",
	.summary = "take a sent cable back",
	.text = "From now on nobody opens it.  Who has opened it has read it: the "
		"opening stays on\n"
		"the list of `valise holders`.  By the author, or an officer of the "
		"author's desk.",
	.options = recall_options,
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};

const struct verb verb_destroy = {
	.name = "destroy",
	.synopsis = "[--reason LINE] [--yes] N|REFERENCE",
	.summary = "erase the keys of a sent cable",
	.text = "Recalls it and wipes its keys: at the own station at once, at the "
		"custodians as\n"
		"the order reaches them.  Prints from when on no old key helps either.  "
		"What was\n"
		"opened before is not undone.",
	.options = destroy_options,
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
