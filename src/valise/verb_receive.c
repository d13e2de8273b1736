/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "valise/parcel.h"
#include "valise/report.h"

/*
 * receive: what came as a file goes to the own station, which checks it as if it had come over
 * the network: SEND, signatures, root, addressees.
 */

static int
deliver(struct session *s, const char *path, const struct parcel *parcel)
{
	struct courier_upload upload = {.path = "receive",
		.file = &parcel->file,
		.send = parcel->document.send,
		.enrols = parcel->document.enrols};
	char id[2 * CORE_DOCUMENT_ID_LEN + 1];
	struct progress *progress = NULL;
	uint64_t number = 0;
	int r;

	if ((r = progress_new("Handing over", parcel->file.body_len, report_is_quiet(),
		     &progress)) != 0)
		return session_fail_here(s, "receive", path, r);
	upload.progress = progress;
	r = courier_upload(&s->courier, &upload, &number);
	progress_free(progress);
	if (r != 0)
		return session_fail(s, "receive", path, r);
	text_hex(parcel->file.document_id, CORE_DOCUMENT_ID_LEN, id);
	if (args_has(s->args, "json")) {
		json_t *object = json_pack("{s:s, s:I, s:s}", "file", path, "number",
			(json_int_t)number, "document_id", id);

		if (object != NULL)
			(void)json_dumpf(object, stdout, JSON_COMPACT);
		(void)putchar('\n');
		json_decref(object);
		return EXIT_OK;
	}
	(void)printf("%s  number %" PRIu64 "\n", path, number);
	return EXIT_OK;
}

static int
receive(struct session *s, const char *path)
{
	struct parcel parcel;
	struct report report = {.verb = s->args->verb,
		.attempt = "receive",
		.object = path,
		.remedy = "It is no file of `valise send --to-file`, or a part is "
			  "missing; copy it again."};
	int r = parcel_open(path, &parcel), status;

	if (r == FAIL_FORMAT || r == FAIL_TRUNCATED)
		status = report_fail(&report, r);
	else if (r != 0)
		status = session_fail_here(s, "receive", path, r);
	else
		status = deliver(s, path, &parcel);
	parcel_done(&parcel);
	return status;
}

static int
run(const struct args *args)
{
	struct session s;
	int status = session_begin(args, &s);

	for (size_t i = 0; i < args->operand_count && status == EXIT_OK; i++)
		status = receive(&s, args->operands[i]);
	session_end(&s);
	return status;
}

const struct verb verb_receive = {
	.name = "receive",
	.synopsis = "FILE...",
	.summary = "hand files of send --to-file to the own station",
	.text = "Gives each file to the own station, which checks it as if it had come "
		"over the\n"
		"network; afterwards it stands in the inbox of its addressees.  Giving "
		"the same file\n"
		"twice does no harm.",
	.operands_min = 1,
	.operands_max = ARGS_MAX,
	.run = run,
};
