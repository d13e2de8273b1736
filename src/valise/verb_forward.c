/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "envelope/grant.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "valise/reading.h"
#include "valise/report.h"

/*
 * forward: later readers of a document that this officer may read.  R is unwrapped here and
 * wrapped anew to each device of the new readers; the text is not opened, so this is no
 * opening of ours.  The originator's station countersigns each grant, or refuses: then the
 * grant opens nothing.
 */

enum { DEVICES_MAX = 256 };

struct forwarding {
	struct session *session;
	struct reading *reading;
	uint8_t r_secret[SCHEDULE_LEN];
	struct enrol own;
	size_t granted;
};

static int
write_grant(const struct forwarding *f, const struct credential *c, struct rd bytes,
	struct buf *out)
{
	struct grant_plan plan = {.suite = f->reading->file.header->core.suite,
		.envelope_hash = f->reading->file.envelope_hash,
		.core_hash = f->reading->file.header->core_hash,
		.credential = bytes,
		.device = &c->subject.reader};
	struct signer granter = {.role = SIGNER_GRANTER,
		.kind = SIGNER_CREDENTIAL,
		.identity = f->own.credential};
	int r;

	if ((r = grant_begin(&plan, random_system(), f->r_secret, out)) != 0 ||
		(r = keys_sign_grant(f->session->keys, rd_of(out->data, out->len),
			 granter.signature)) != 0)
		return r;
	return grant_sign(&granter, out);
}

static int
send_grant(struct forwarding *f, struct rd grant, struct rd reader)
{
	struct post_enrol own = {.enrol = f->session->circle.enrol};
	struct post_enrol theirs = {.enrol = reader};
	struct post_grant message = {.grant = grant};
	struct courier_question question = {.path = "grant",
		.codec = &post_grant_codec,
		.message = &message,
		.answer_codec = &post_object_codec};
	struct post_object counted;
	struct buf enrols, answer;
	int r;

	buf_init(&enrols, 4 * ENROL_BYTES_MAX);
	buf_init(&answer, COURIER_ANSWER_MAX);
	codec_write(&post_enrol_codec, &own, &enrols);
	codec_write(&post_enrol_codec, &theirs, &enrols);
	message.enrols = rd_of(enrols.data, enrols.len);
	if ((r = buf_error(&enrols)) == 0)
		r = courier_ask(&f->session->courier, &question, &answer, &counted);
	buf_done(&enrols);
	buf_done(&answer);
	return r;
}

/* One device; who has a slot already needs no grant. */
static int
grant_device(struct forwarding *f, struct rd enrol_bytes)
{
	const struct header *header = f->reading->file.header;
	uint8_t id[KEM_ID_LEN];
	struct credential c;
	struct enrol enrol;
	struct buf out;
	size_t at;
	int r;

	if ((r = enrol_parse(enrol_bytes.ptr, enrol_bytes.len, &enrol)) != 0 ||
		(r = credential_parse(enrol.credential.ptr, enrol.credential.len, &c)) !=
			0)
		return r;
	kem_id(&c.subject.reader, id);
	if (slots_find(&header->r, id, &at) == 0)
		return 0;
	if (c.subject.reader.suite != header->core.suite)
		return FAIL_SUITE;
	buf_init(&out, GRANT_LEN_MAX);
	if ((r = write_grant(f, &c, enrol.credential, &out)) == 0)
		r = send_grant(f, rd_of(out.data, out.len), enrol_bytes);
	buf_done(&out);
	if (r == 0)
		f->granted++;
	return r;
}

static void
print(const struct forwarding *f, const char *address)
{
	json_t *object;

	if (!args_has(f->session->args, "json")) {
		if (f->granted == 0)
			(void)printf("%s  may read it already\n", address);
		else
			(void)printf("%s  may read it now (%zu %s)\n", address,
				f->granted, f->granted == 1 ? "device" : "devices");
		return;
	}
	object = json_pack("{s:I, s:s, s:i}", "number", (json_int_t)f->reading->number,
		"address", address, "devices", (int)f->granted);
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
}

static int
report_unknown(const struct forwarding *f, const char *address, int r)
{
	struct report report = {.verb = f->session->args->verb,
		.attempt = "forward to",
		.object = address};

	if (r == FAIL_AGAIN) {
		report.why = "no device there has an enrolment that counts yet";
		report.remedy = "Try again later.";
	} else if (r == FAIL_ABSENT || r == FAIL_FORMAT) {
		report.why = "there is no such desk or officer";
		report.remedy = "`valise who` shows who there is.";
		r = FAIL_ABSENT;
	}
	return report_fail(&report, r);
}

static int
forward_to(struct forwarding *f, const char *address)
{
	struct rd to = rd_of(address, strlen(address)), *enrols = NULL;
	size_t count = 0;
	int r, status = EXIT_OK;

	f->granted = 0;
	if ((r = mem_new_array(&enrols, DEVICES_MAX, sizeof *enrols)) != 0)
		return session_fail_here(f->session, "forward to", address, r);
	people_say_new(f->session->people, to);
	r = recipients_devices(
		&f->session->circle, to, clock_now_s(), enrols, DEVICES_MAX, &count);
	if (r != 0)
		status = report_unknown(f, address, r);
	for (size_t i = 0; i < count && status == EXIT_OK; i++)
		if ((r = grant_device(f, enrols[i])) != 0)
			status = session_fail(f->session, "forward to", address, r);
	mem_free(enrols);
	if (status == EXIT_OK)
		print(f, address);
	return status;
}

/* --to A,B --to C */
static int
forward_all(struct forwarding *f)
{
	const char *list;
	size_t at = 0;
	int status = EXIT_OK, one;

	while ((list = args_next(f->session->args, "to", &at)) != NULL)
		while (*list != '\0') {
			size_t len = strcspn(list, ",");
			char address[ADDRESS_MAX + 1];

			(void)snprintf(address, sizeof address, "%.*s", (int)len, list);
			one = forward_to(f, address);
			if (status == EXIT_OK)
				status = one;
			list += list[len] == ',' ? len + 1 : len;
		}
	return status;
}

static int
forward(struct session *s, const char *word)
{
	struct forwarding f = {.session = s};
	struct reading reading;
	uint64_t number = 0;
	int r, status;

	if ((status = session_number(s, word, &number)) != EXIT_OK)
		return status;
	f.reading = &reading;
	/* The newest directories, also when the document itself is a kept copy. */
	if ((status = session_people(s)) != EXIT_OK)
		return status;
	if ((status = reading_begin(s, number, &reading)) == EXIT_OK &&
		(status = reading_r(&reading, f.r_secret)) == EXIT_OK) {
		r = enrol_parse(s->circle.enrol.ptr, s->circle.enrol.len, &f.own);
		status = r == 0 ? forward_all(&f)
				: session_fail_here(s, "use the enrolment in", s->dir, r);
	}
	mem_wipe(&f, sizeof f);
	reading_end(&reading);
	return status;
}

static int
run(const struct args *args)
{
	struct session s = {.args = args};
	int status;

	if (!args_has(args, "to"))
		return report_exit(report_usage("forward", "say to whom: --to CY/duty"));
	if ((status = session_begin(args, &s)) == EXIT_OK)
		status = forward(&s, args->operands[0]);
	session_end(&s);
	return status;
}

static const struct arg_option options[] = {
	{"to", "ADDR,...", "who may read it from now on", true},
	{NULL, NULL, NULL, false},
};

const struct verb verb_forward = {
	.name = "forward",
	.synopsis = "--to ADDR... N",
	.summary = "let others read a cable that you may read",
	.text = "Wraps its key to each device of the new readers; the originator's "
		"station\n"
		"countersigns, or refuses: what is marked ORCON is forwarded by its "
		"originator only,\n"
		"and nobody gets what the label does not permit (exit 4).  The new "
		"readers open it\n"
		"like everybody else, each a copy of their own.",
	.options = options,
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
