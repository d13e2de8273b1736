/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cable/receipt.h"
#include "valise/register.h"
#include "valise/report.h"

/*
 * ack: answer for a cable to its originator.  The own station signs the receipt; it carries the
 * officer's name and a line of text, and is no opening.
 */

static uint8_t
answer_of(const struct args *args)
{
	if (args_has(args, "will-comply"))
		return RECEIPT_WILL_COMPLY;
	return args_has(args, "cannot-comply") ? RECEIPT_CANNOT_COMPLY : RECEIPT_RECEIVED;
}

static const char *
answer_text(uint8_t answer)
{
	if (answer == RECEIPT_WILL_COMPLY)
		return "will comply";
	return answer == RECEIPT_CANNOT_COMPLY ? "cannot comply" : "received";
}

static void
print(const struct args *args, const struct post_row *row, uint8_t answer)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1];
	json_t *object;

	if (!args_has(args, "json")) {
		(void)printf("%" PRIu64 "  %.*s  acknowledged: %s\n", row->number,
			(int)row->reference.len, (const char *)row->reference.ptr,
			answer_text(answer));
		return;
	}
	text_hex(row->document_id, CORE_DOCUMENT_ID_LEN, id);
	object = json_pack("{s:I, s:s, s:b, s:s}", "number", (json_int_t)row->number,
		"document_id", id, "acknowledged", true, "answer", answer_text(answer));
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
}

static int
acknowledge(struct session *s, const char *word, struct buf *bytes)
{
	const char *text = args_get(s->args, "text");
	struct post_ack ack = {.answer = answer_of(s->args)};
	struct courier_question question = {
		.path = "ack", .codec = &post_ack_codec, .message = &ack};
	struct post_row row;
	struct buf nothing;
	int r, status;

	if ((status = register_find(s, word, bytes, &row)) != EXIT_OK)
		return status;
	ack.document_id = row.document_id;
	if (text != NULL)
		ack.text = rd_of(text, strlen(text));
	buf_init(&nothing, COURIER_ANSWER_MAX);
	r = courier_ask(&s->courier, &question, &nothing, NULL);
	buf_done(&nothing);
	if (r != 0)
		return session_fail(s, "acknowledge", word, r);
	print(s->args, &row, ack.answer);
	return EXIT_OK;
}

static int
check_words(const struct args *args)
{
	const char *text = args_get(args, "text");

	if (args_has(args, "will-comply") && args_has(args, "cannot-comply"))
		return report_usage("ack", "--will-comply or --cannot-comply, not both");
	if (text != NULL &&
		(strlen(text) > RECEIPT_TEXT_MAX || !text_is_line(text, strlen(text))))
		return report_usage(
			"ack", "--text takes one line of at most 1,024 bytes");
	return 0;
}

static int
run(const struct args *args)
{
	struct session s = {.args = args};
	struct buf bytes;
	int status, one;

	if (check_words(args) != 0)
		return EXIT_USAGE;
	buf_init(&bytes, COURIER_ANSWER_MAX);
	if ((status = session_begin(args, &s)) == EXIT_OK)
		for (size_t i = 0; i < args->operand_count; i++) {
			one = acknowledge(&s, args->operands[i], &bytes);
			if (status == EXIT_OK)
				status = one;
		}
	buf_done(&bytes);
	session_end(&s);
	return status;
}

static const struct arg_option options[] = {
	{"will-comply", NULL, "and that it will be done", false},
	{"cannot-comply", NULL, "and that it cannot be done", false},
	{"text", "LINE", "a line for the originator; unclassified", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_ack = {
	.name = "ack",
	.synopsis = "[--will-comply|--cannot-comply] [--text LINE] N...",
	.summary = "acknowledge cables",
	.text = "Answers for cables to their originator: received, or also whether what "
		"they ask\n"
		"will be done.  The own station signs the receipt.",
	.options = options,
	.operands_min = 1,
	.operands_max = ARGS_MAX,
	.run = run,
};
