/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/sending_seal.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "sys/workers.h"
#include "valise/cablefile.h"
#include "valise/grams_out.h"
#include "valise/inputs.h"
#include "valise/plan_members.h"
#include "valise/preflight.h"
#include "valise/report.h"
#include "valise/sealer.h"

struct work {
	struct sending *sending;
	struct cable *cable;
	struct recipients *recipients;
	struct plan_members *plan;
	struct inputs *inputs;
	uint64_t now_s;
};

static int
fail(const struct work *w, const char *attempt, int r)
{
	return session_fail_here(w->sending->session, attempt, w->sending->word, r);
}

/* Who reads it; newcomers are shown before the first key is wrapped to them. */
static int
judge(struct work *w)
{
	struct session *session = w->sending->session;
	const struct addressing *a = &w->cable->addressing;
	struct recipients_question question = {.circle = &session->circle,
		.addressing = a,
		.label = w->cable->label,
		.now_s = w->now_s};
	struct preflight preflight = {.verb = session->args->verb,
		.out = report_is_quiet() ? NULL : stderr,
		.is_anyway = args_has(session->args, "anyway")};
	int r;

	if ((r = recipients_new(&question, &w->recipients)) != 0)
		return fail(w, "find the readers of", r);
	for (size_t i = 0; i < a->action_count + a->info_count; i++)
		people_say_new(session->people, a->addresses[i]);
	return preflight_tell(&preflight, w->recipients, w->cable->label);
}

/* PT/2026/0001, of our station's register; away from it the cable goes without. */
static int
take_number(struct work *w)
{
	struct sending *s = w->sending;
	struct rd member = s->session->circle.self->subject.member;
	struct post_ask_number ask = {0};
	struct post_number number;
	struct courier_question question = {.path = "number",
		.codec = &post_ask_number_codec,
		.message = &ask,
		.answer_codec = &post_number_codec};
	struct time_utc now;
	struct buf answer;
	int r;

	if (w->cable->addressing.reference.len > 0 || s->session->is_away)
		return EXIT_OK;
	if ((r = time_split(w->now_s, &now)) != 0)
		return fail(w, "date", r);
	ask.year = (uint16_t)now.year;
	buf_init(&answer, COURIER_ANSWER_MAX);
	r = courier_ask(&s->session->courier, &question, &answer, &number);
	buf_done(&answer);
	if (r != 0)
		return session_fail(s->session, "number", s->word, r);
	(void)snprintf(s->reference, sizeof s->reference, "%.*s/%u/%04u", (int)member.len,
		(const char *)member.ptr, (unsigned)number.year, (unsigned)number.number);
	return EXIT_OK;
}

static int
report_plan(const struct work *w, int r)
{
	const struct sending *s = w->sending;
	struct report report = {
		.verb = s->session->args->verb, .attempt = "seal", .object = s->word};
	char why[128];

	if (r == FAIL_ABSENT && w->plan->who.len == 0) {
		report.why = "no custodian yet: this community has one member";
		report.remedy = "A second member joins first; or `valise seal` for "
				"yourself.";
	} else if (w->plan->who.len > 0) {
		(void)snprintf(why, sizeof why, "%.*s has no custody key %s",
			(int)w->plan->who.len, (const char *)w->plan->who.ptr,
			r == FAIL_SUITE ? "of our cipher suite" : "for this week here");
		report.why = why;
		report.remedy = "Its directory comes with the next exchange; try again "
				"later.";
		r = FAIL_AGAIN;
	} else if (r == FAIL_REFUSED) {
		report.why = "the roster asks for more custodians than there are members";
		report.remedy = "Lower the label, or let more members join.";
	}
	return report_fail(&report, r);
}

static int
make_plan(struct work *w)
{
	struct sending *s = w->sending;
	struct plan_members_question question = {.circle = &s->session->circle,
		.cable = w->cable,
		.recipients = w->recipients,
		.reference = rd_of(s->reference, strlen(s->reference)),
		.now_s = w->now_s,
		.rng = random_system()};
	int r;

	if ((r = mem_new(&w->plan, sizeof *w->plan)) != 0)
		return fail(w, "seal", r);
	if ((r = plan_members_init(w->plan, &question)) != 0)
		return report_plan(w, r);
	return EXIT_OK;
}

/* DIR/outbox/DOCUMENT-ID.valise */
static int
choose_path(struct work *w)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1], dir[DISK_PATH_MAX];
	struct sending *s = w->sending;
	int n, r;

	text_hex(w->plan->header.core.document_id, CORE_DOCUMENT_ID_LEN, id);
	n = snprintf(dir, sizeof dir, "%.3000s/outbox", s->session->dir);
	CHECK(n > 0 && n < DISK_PATH_MAX);
	if ((r = disk_make_private_dir(dir)) != 0)
		return r;
	n = snprintf(s->path, sizeof s->path, "%.3100s/%s.valise", dir, id);
	CHECK(n > 0 && n < DISK_PATH_MAX);
	return 0;
}

static int
seal_to(struct work *w, struct outfile *out, struct sealed *ret_sealed)
{
	struct sending *s = w->sending;
	struct progress *progress = NULL;
	struct enrol enrol;
	int r;

	if ((r = enrol_parse(s->session->circle.enrol.ptr, s->session->circle.enrol.len,
		     &enrol)) != 0 ||
		(r = progress_new(
			 "Sealing", w->inputs->total, report_is_quiet(), &progress)) != 0)
		return r;
	struct sealer sealer = {.keys = s->session->keys,
		.plan = &w->plan->header,
		.head = w->inputs->head,
		.inputs = w->inputs->files,
		.text = w->inputs->text,
		.credential = enrol.credential,
		.out = out,
		.progress = progress,
		.thread_count = workers_cpu_count()};

	r = sealer_run(&sealer, ret_sealed);
	progress_free(progress);
	return r;
}

/* Before the sealed cable appears: whatever sends that finds this beside it. */
static void
make_grams(struct work *w, const struct sealed *sealed)
{
	struct sending *s = w->sending;
	struct grams_source source = {.cable = w->cable,
		.path = s->source,
		.plan = w->plan,
		.envelope_hash = sealed->envelope_hash,
		.now_s = w->now_s};
	int r = grams_out_make(s->session, &source);

	if (r != 0)
		report_say("%s: nothing could be made for the index host (%s): `valise "
			   "index add` registers its text there.\n",
			s->word, fail_text(r));
}

static int
write_file(struct work *w)
{
	struct outfile *out = NULL;
	struct sealed sealed;
	int r;

	if ((r = choose_path(w)) != 0 ||
		(r = outfile_new(w->sending->path, false, &out)) != 0)
		return fail(w, "seal", r);
	if ((r = seal_to(w, out, &sealed)) == 0) {
		make_grams(w, &sealed);
		r = outfile_commit(out);
	}
	outfile_free(out);
	return r == 0 ? EXIT_OK : fail(w, "seal", r);
}

static int
seal(struct work *w)
{
	const struct sending *s = w->sending;
	int status;

	if ((status = cablefile_read(s->session->args->verb, s->session->dir, s->source,
		     &w->cable, NULL)) != EXIT_OK ||
		(status = session_people(s->session)) != EXIT_OK ||
		(status = judge(w)) != EXIT_OK)
		return status;
	if (mem_new(&w->inputs, sizeof *w->inputs) != 0)
		return fail(w, "seal", FAIL_NOMEM);
	if ((status = inputs_init_cable(w->inputs, s->session->args->verb, s->source,
		     w->cable)) != EXIT_OK ||
		(status = take_number(w)) != EXIT_OK ||
		(status = make_plan(w)) != EXIT_OK)
		return status;
	return write_file(w);
}

int
sending_seal(struct sending *sending)
{
	struct work w = {.sending = sending, .now_s = clock_now_s()};
	struct cable *cable;
	int status = seal(&w);

	cable = w.cable;
	if (status == EXIT_OK &&
		people_keep_known(sending->session->people, cable->addressing.addresses,
			cable->addressing.action_count + cable->addressing.info_count) !=
			0)
		report_say("Who reads these addresses could not be noted; they will be "
			   "shown as new again.\n");
	if (w.inputs != NULL)
		inputs_done(w.inputs);
	mem_free(w.inputs);
	if (w.plan != NULL)
		plan_members_done(w.plan);
	mem_free(w.plan);
	recipients_free(w.recipients);
	cable_free(cable);
	return status;
}
