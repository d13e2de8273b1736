/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "base/text.h"
#include "base/time.h"
#include "valise/register.h"
#include "valise/report.h"

/*
 * holders: who was authorised to open a document of ours, by copy.  The author's machine has
 * the text and is listed as holder of copy 0.
 */

static void
print(const struct post_holder *h)
{
	char dtg[TIME_TEXT_MAX] = "";

	if (h->time_s == 0 || time_dtg(h->time_s, dtg) != 0)
		dtg[0] = '\0';
	(void)printf("%.*s (%.*s)  opened %s, copy %" PRIu32 ", not yet witnessed\n",
		(int)h->officer.len, (const char *)h->officer.ptr, (int)h->device.len,
		(const char *)h->device.ptr, dtg, h->copy);
}

static void
print_json(const struct post_holder *h)
{
	char time[TIME_TEXT_MAX] = "", hash[2 * HASH_LEN + 1];
	json_t *object;

	if (h->time_s == 0 || time_rfc3339(h->time_s, time) != 0)
		time[0] = '\0';
	text_hex(h->request_hash, HASH_LEN, hash);
	object = json_pack("{s:s%, s:s%, s:i, s:s, s:s, s:b}", "officer", h->officer.ptr,
		h->officer.len, "device", h->device.ptr, h->device.len, "copy",
		(int)h->copy, "opened", time, "request_hash", hash, "recorded", false);
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
}

/* Copy 0: it was never opened, it was written there. */
static void
print_author(const struct args *args, const struct post_row *row)
{
	json_t *object;

	if (!args_has(args, "json")) {
		(void)printf("%.*s  wrote it, copy 0\n", (int)row->author.len,
			(const char *)row->author.ptr);
		return;
	}
	object = json_pack("{s:s%, s:s, s:i, s:s, s:s, s:b}", "officer", row->author.ptr,
		row->author.len, "device", "", "copy", 0, "opened", "", "request_hash",
		"", "recorded", false);
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
}

static int
list(struct session *s, const char *word, const struct post_row *row)
{
	struct post_which which = {
		.document_id = rd_of(row->document_id, CORE_DOCUMENT_ID_LEN)};
	struct courier_question question = {.path = "holders",
		.codec = &post_which_codec,
		.message = &which,
		.answer_codec = &post_list_codec};
	struct post_holder holder;
	struct post_list list;
	struct buf bytes;
	int r;

	buf_init(&bytes, COURIER_ANSWER_MAX);
	if ((r = courier_ask(&s->courier, &question, &bytes, &list)) == 0) {
		print_author(s->args, row);
		while (list.items.len > 0 &&
			(r = codec_parse(&post_holder_codec, &list.items, &holder)) ==
				0) {
			if (args_has(s->args, "json"))
				print_json(&holder);
			else
				print(&holder);
		}
	}
	buf_done(&bytes);
	return r == 0 ? EXIT_OK : session_fail(s, "list the holders of", word, r);
}

static int
run(const struct args *args)
{
	struct session s = {.args = args};
	struct post_row row;
	struct buf bytes;
	int status;

	buf_init(&bytes, COURIER_ANSWER_MAX);
	if ((status = session_begin(args, &s)) == EXIT_OK &&
		(status = register_find(&s, args->operands[0], &bytes, &row)) == EXIT_OK)
		status = list(&s, args->operands[0], &row);
	buf_done(&bytes);
	session_end(&s);
	return status;
}

const struct verb verb_holders = {
	.name = "holders",
	.synopsis = "N|REFERENCE",
	.summary = "who has a copy of a sent cable",
	.text = "Lists whom the own station has authorised to open a document of ours, "
		"with the\n"
		"number of the copy.  The author has copy 0.",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
