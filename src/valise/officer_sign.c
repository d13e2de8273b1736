/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/officer_sign.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "valise/exchange.h"
#include "valise/officer_show.h"
#include "valise/report.h"

/*
 * The first officer decides what is granted; the second signs exactly that, or signs nothing
 * and asks the first one to begin again: two opinions in one credential cannot be told apart.
 */

enum { YEAR_S = 365 * 24 * 3600, DAY_TEXT_LEN = 10 };

struct clearance_list {
	size_t count;
	struct clearance *list[CLEARANCES_MAX]; /* ascending by policy */
};

static void
list_done(struct clearance_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		clearance_free(l->list[i]);
}

static int
list_add(struct clearance_list *l, struct clearance *c)
{
	size_t at = 0;

	while (at < l->count && strcmp(l->list[at]->policy, c->policy) < 0)
		at++;
	if (l->count == CLEARANCES_MAX ||
		(at < l->count && strcmp(l->list[at]->policy, c->policy) == 0))
		return FAIL_EXISTS;
	memmove(&l->list[at + 1], &l->list[at], (l->count - at) * sizeof l->list[0]);
	l->list[at] = c;
	l->count++;
	return 0;
}

/* All --clearance options.  Reports. */
static int
list_take(const struct args *args, struct clearance_list *ret_list)
{
	struct clearance *c = NULL;
	const char *text;
	size_t at = 0;
	int r;

	while ((text = args_next(args, "clearance", &at)) != NULL) {
		if ((r = clearance_from_text(text, strlen(text), &c)) == FAIL_NOMEM)
			return exchange_fail(args, "read", "--clearance", NULL, r);
		if (r != 0)
			return report_usage("officer",
				"--clearance %s: such as SECRET, or 'SECRET REL TO PT'",
				text);
		if (list_add(ret_list, c) != 0) {
			clearance_free(c);
			return report_usage(
				"officer", "--clearance %s: one for each policy", text);
		}
	}
	return 0;
}

int
officer_ceilings(const struct args *args, struct buf *lines, struct entry *entry)
{
	struct clearance_list list = {0};
	int r;

	if ((r = list_take(args, &list)) != 0)
		goto out;
	for (size_t i = 0; i < list.count; i++) {
		buf_init(&lines[i], CLEARANCES_LINE_MAX);
		if ((r = clearances_line_write(list.list[i], &lines[i])) != 0) {
			r = exchange_fail(args, "write", "a clearance", NULL, r);
			goto out;
		}
		entry->ceilings[entry->ceiling_count++] =
			rd_of(lines[i].data, lines[i].len);
	}
out:
	list_done(&list);
	return r;
}

static int
take_until(const struct args *args, uint64_t now_s, uint64_t *ret_until_s)
{
	const char *day = args_get(args, "until");
	char text[TIME_TEXT_MAX];
	uint64_t until_s = now_s + YEAR_S;

	if (day != NULL) {
		(void)snprintf(text, sizeof text, "%.10sT00:00:00Z", day);
		if (strlen(day) != DAY_TEXT_LEN ||
			time_parse_rfc3339(text, strlen(text), &until_s) != 0 ||
			until_s <= now_s)
			return report_usage("officer",
				"--until %s: a day to come, such as 2027-06-30", day);
	}
	*ret_until_s = until_s;
	return 0;
}

/* What is asked for, unless --desk says otherwise. */
static int
take_desks(const struct args *args, const struct desks *asked, struct desks *ret_desks)
{
	struct desks desks = {0};
	const char *name;
	size_t at = 0;

	while ((name = args_next(args, "desk", &at)) != NULL)
		if (desks_add(&desks, address_of(name)) != 0)
			return report_usage("officer",
				"--desk %s: a desk is named as in defence-policy", name);
	*ret_desks = desks.count > 0 ? desks : *asked;
	return 0;
}

/* The credential of a request, with what the options grant.  Reports. */
static int
make_credential(const struct args *args, const struct request *q, struct buf *ret_bytes)
{
	struct credential c = {.subject = q->subject, .from_s = clock_now_s()};
	struct clearance_list list = {0};
	struct buf clearances;
	int r;

	buf_init(&clearances, CREDENTIAL_BYTES_MAX);
	memcpy(c.possession, q->possession, sizeof c.possession);
	if ((r = take_until(args, c.from_s, &c.until_s)) != 0 ||
		(r = take_desks(args, &q->desks, &c.desks)) != 0 ||
		(r = list_take(args, &list)) != 0)
		goto out;
	if (list.count == 0) {
		r = report_usage("officer", "sign needs --clearance for a request");
		goto out;
	}
	for (size_t i = 0; i < list.count; i++)
		clearance_write(list.list[i], &clearances);
	c.clearances = rd_of(clearances.data, clearances.len);
	if ((r = buf_error(&clearances)) != 0 ||
		(r = credential_write(&c, ret_bytes)) != 0)
		r = exchange_fail(args, "grant", args->operands[1], NULL, r);
out:
	list_done(&list);
	buf_done(&clearances);
	return r;
}

/* Everything of one signing, so that it is freed in one place. */
struct signing_job {
	struct own_officer *officer;
	struct buf file;
	struct buf credential; /* when it is made here */
	struct buf out;
	struct enrol enrol;
};

static int
fail_sign(const struct args *args, const char *remedy, int r)
{
	return exchange_fail(args, "sign", args->operands[1], remedy, r);
}

static int
take_enrolment(const struct args *args, struct signing_job *job)
{
	size_t unused = 0;
	int r;

	if ((r = enrol_parse(job->file.data, job->file.len, &job->enrol)) != 0)
		return fail_sign(args,
			"It is neither a request nor an enrolment, or it was altered.",
			r);
	if (args_get(args, "clearance") != NULL ||
		args_next(args, "desk", &unused) != NULL ||
		args_get(args, "until") != NULL)
		return report_usage("officer",
			"a colleague has granted this; sign it as it is, or ask for "
			"another");
	return 0;
}

static int
take_file(const struct args *args, struct signing_job *job)
{
	struct request q;
	int r;

	if ((r = exchange_read(args, args->operands[1], ENROL_BYTES_MAX, &job->file)) !=
		0)
		return r;
	r = request_parse(job->file.data, job->file.len, &q);
	if (r == FAIL_FORMAT || r == FAIL_LIMIT)
		return take_enrolment(args, job);
	if (r != 0)
		return fail_sign(args, "The request was altered.", r);
	if ((r = make_credential(args, &q, &job->credential)) != 0)
		return r;
	job->enrol.credential = rd_of(job->credential.data, job->credential.len);
	return 0;
}

/* Of our member, its keys its own, and the words agree? */
static int
check_subject(const struct args *args, const struct signing_job *job)
{
	char whose[ADDRESS_NAME_MAX + 1];
	struct credential c;
	uint8_t hash[HASH_LEN];
	size_t at = 0;
	int r;

	if ((r = credential_parse(
		     job->enrol.credential.ptr, job->enrol.credential.len, &c)) != 0 ||
		(r = subject_verify(&c.subject, c.possession)) != 0 ||
		(r = subject_hash(&c.subject, hash)) != 0)
		return fail_sign(args, "It was altered.", r);
	if (address_compare(c.subject.member, job->officer->subject.member) != 0)
		return fail_sign(args, "It is of another member.", FAIL_REFUSED);
	if (!subject_has_enrol(&job->officer->subject))
		return fail_sign(args,
			"Only registrars and security officers sign enrolments.",
			FAIL_REFUSED);
	(void)snprintf(whose, sizeof whose, "%.*s", (int)c.subject.officer.len,
		(const char *)c.subject.officer.ptr);
	/* Seen before it is signed: the words are also the consent to what is granted. */
	officer_show_grant(&job->enrol);
	return exchange_confirm(args, whose, hash, &at);
}

static int
sign(const struct args *args, struct signing_job *job)
{
	int r = enrol_sign(&job->enrol, own_officer_seed(job->officer, OWN_ENROL));

	if (r == FAIL_EXISTS)
		return fail_sign(args,
			"You have signed it already; the second signature is a "
			"colleague's.",
			r);
	if (r == FAIL_LIMIT)
		return fail_sign(args, "Two have signed it already.", r);
	if (r != 0 || (r = enrol_write(&job->enrol, &job->out)) != 0)
		return fail_sign(args, NULL, r);
	report_say("Signed %zu of %d.\n", job->enrol.signature_count, ENROL_SIGNERS);
	return exchange_write(args, job->out.data, job->out.len);
}

int
officer_sign(const struct args *args)
{
	struct signing_job job = {0};
	int r;

	buf_init(&job.credential, CREDENTIAL_BYTES_MAX);
	buf_init(&job.out, ENROL_BYTES_MAX);
	if ((r = take_file(args, &job)) == 0 &&
		(r = exchange_officer(args, &job.officer)) == 0 &&
		(r = check_subject(args, &job)) == 0)
		r = sign(args, &job);
	own_officer_free(job.officer);
	buf_done(&job.file);
	buf_done(&job.credential);
	buf_done(&job.out);
	return r;
}
