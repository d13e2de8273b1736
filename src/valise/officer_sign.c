/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/officer_sign.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "member/enrol.h"
#include "note/words.h"
#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/officer_grant.h"
#include "valise/officer_show.h"
#include "valise/pending.h"
#include "valise/report.h"
#include "wire/front.h"

/*
 * The first officer decides what is granted (officer_grant.h); the second signs exactly that, or
 * signs nothing and asks the first one to begin again.
 *
 * Requests come as files, or wait at the station under the officer's name.  Whoever signs sees
 * what is granted before the words are asked for.
 */

/* One run: who signs, and where to. */
struct signing_job {
	const struct args *args;
	struct keys *keys;
	struct link *link; /* NULL: the form with files */
	size_t words_at;
	bool is_several;
};

/* One that is to be signed. */
struct candidate {
	const char *object; /* what it is called in messages */
	struct buf file;
	struct buf credential; /* when it is made here */
	struct enrol enrol;
};

static int
fail_sign(const struct signing_job *job, const struct candidate *c, const char *remedy,
	int r)
{
	return exchange_fail(job->args, "sign", c->object, remedy, r);
}

/* A colleague has decided: nothing of it can be changed here. */
static int
check_no_options(const struct signing_job *job)
{
	const struct args *args = job->args;
	size_t unused = 0;

	if (!job->is_several &&
		(args_get(args, "clearance") != NULL ||
			args_next(args, "desk", &unused) != NULL ||
			args_get(args, "until") != NULL))
		return report_usage("officer",
			"a colleague has granted this; sign it as it is, or ask for "
			"another");
	return 0;
}

static int
take_request(const struct signing_job *job, const struct request *q, struct candidate *c)
{
	int r = officer_grant(job->args, q, c->object, &c->credential);

	if (r == 0)
		c->enrol.credential = rd_of(c->credential.data, c->credential.len);
	return r;
}

static int
take_file(const struct signing_job *job, struct candidate *c)
{
	struct request q;
	int r;

	if ((r = exchange_read(job->args, c->object, ENROL_BYTES_MAX, &c->file)) != 0)
		return r;
	r = request_parse(c->file.data, c->file.len, &q);
	if (r == 0)
		return take_request(job, &q, c);
	if (r != FAIL_FORMAT && r != FAIL_LIMIT)
		return fail_sign(job, c, "The request was altered.", r);
	if ((r = enrol_parse(c->file.data, c->file.len, &c->enrol)) != 0)
		return fail_sign(job, c,
			"It is neither a request nor an enrolment, or it was altered.",
			r);
	return check_no_options(job);
}

/*
 * The keys of this very machine need no telephone; where their words are given all the same,
 * they are in the order of the names and must not be taken for the next one's.
 */
static void
skip_own_words(struct signing_job *job, const uint8_t hash[HASH_LEN])
{
	size_t next = job->words_at, unknown;
	const char *words = args_next(job->args, "words", &next);

	if (words != NULL &&
		words_fingerprint_check(words, strlen(words), hash, &unknown) == 0)
		job->words_at = next;
}

static int
confirm(struct signing_job *job, const struct candidate *c, const struct subject *subject)
{
	char whose[ADDRESS_NAME_MAX + 1];
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = subject_hash(subject, hash)) != 0)
		return fail_sign(job, c, NULL, r);
	if (subject_equal(subject, keys_subject(job->keys))) {
		skip_own_words(job, hash);
		return 0;
	}
	(void)snprintf(whose, sizeof whose, "%.*s", (int)subject->officer.len,
		(const char *)subject->officer.ptr);
	return exchange_confirm(job->args, whose, hash, &job->words_at);
}

/* Of our member, its keys its own, and the words agree? */
static int
check_subject(struct signing_job *job, const struct candidate *c)
{
	const struct subject *own = keys_subject(job->keys);
	struct credential credential;
	int r;

	if ((r = credential_parse(c->enrol.credential.ptr, c->enrol.credential.len,
		     &credential)) != 0 ||
		(r = subject_verify(&credential.subject, credential.possession)) != 0)
		return fail_sign(job, c, "It was altered.", r);
	if (address_compare(credential.subject.member, own->member) != 0)
		return fail_sign(job, c, "It is of another member.", FAIL_REFUSED);
	if (!subject_has_enrol(own))
		return fail_sign(job, c,
			"Only registrars and security officers sign enrolments.",
			FAIL_REFUSED);
	/* Seen before it is signed: the words are also the consent to what is granted. */
	officer_show_grant(&c->enrol);
	return confirm(job, c, &credential.subject);
}

static int
fail_signed_already(const struct signing_job *job, const struct candidate *c)
{
	return fail_sign(job, c,
		"You have signed it already; the second signature is a colleague's.",
		FAIL_EXISTS);
}

static int
add_signature(struct signing_job *job, struct candidate *c)
{
	const struct subject *own = keys_subject(job->keys);
	struct enrol_signature s;
	int r;

	hash_sha256(own->enrol, sizeof own->enrol, s.key_id);
	if ((r = keys_sign_enrol(job->keys, c->enrol.credential, s.bytes)) != 0)
		return fail_sign(job, c, NULL, r);
	r = enrol_add(&c->enrol, &s);
	if (r == FAIL_EXISTS)
		return fail_signed_already(job, c);
	if (r == FAIL_LIMIT)
		return fail_sign(job, c, "Two have signed it already.", r);
	return r == 0 ? 0 : fail_sign(job, c, NULL, r);
}

/* Back into a file, or to the station, which puts it in the directory when two have signed. */
static int
deliver(struct signing_job *job, const struct candidate *c)
{
	struct post_enrol message;
	struct buf out, answer;
	int r;

	buf_init(&out, ENROL_BYTES_MAX);
	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = enrol_write(&c->enrol, &out)) != 0)
		r = fail_sign(job, c, NULL, r);
	else if (job->link == NULL)
		r = exchange_write(job->args, out.data, out.len);
	else {
		message.enrol = rd_of(out.data, out.len);
		r = link_ask(
			job->link, "enrol-sign", &post_enrol_codec, &message, &answer);
		if (r != 0)
			r = link_fail(job->args, job->link, "sign", c->object, r);
	}
	buf_done(&out);
	buf_done(&answer);
	return r;
}

static int
say_signed(const struct signing_job *job, const struct candidate *c)
{
	size_t count = c->enrol.signature_count;

	if (job->link != NULL && args_has(job->args, "json"))
		return exchange_json(job->args,
			json_pack("{s:s, s:i}", "officer", c->object, "signatures",
				(int)count));
	if (job->link == NULL)
		report_say("Signed %zu of %d.\n", count, ENROL_SIGNERS);
	else
		report_say("%s: signed %zu of %d.%s\n", c->object, count, ENROL_SIGNERS,
			count == ENROL_SIGNERS
				? "  Enrolled."
				: "  A colleague signs next: `valise officer sign`.");
	return 0;
}

static int
sign(struct signing_job *job, struct candidate *c)
{
	int r;

	if ((r = check_subject(job, c)) != 0 || (r = add_signature(job, c)) != 0 ||
		(r = deliver(job, c)) != 0)
		return r;
	return say_signed(job, c);
}

static void
candidate_init(struct candidate *c, const char *object)
{
	*c = (struct candidate){.object = object};
	buf_init(&c->credential, CREDENTIAL_BYTES_MAX);
}

static void
candidate_done(struct candidate *c)
{
	buf_done(&c->file);
	buf_done(&c->credential);
}

static int
sign_file(struct signing_job *job)
{
	struct candidate c;
	int r;

	candidate_init(&c, job->args->operands[1]);
	if ((r = take_file(job, &c)) == 0 &&
		(r = home_officer(job->args, &job->keys)) == 0)
		r = sign(job, &c);
	candidate_done(&c);
	return r;
}

/* Has this machine's key signed it? */
static bool
is_ours(const struct signing_job *job, const struct enrol *enrol)
{
	const struct subject *own = keys_subject(job->keys);
	uint8_t id[HASH_LEN];

	hash_sha256(own->enrol, sizeof own->enrol, id);
	for (size_t i = 0; i < enrol->signature_count; i++)
		if (memcmp(enrol->signatures[i].key_id, id, sizeof id) == 0)
			return true;
	return false;
}

static int
sign_pending(struct signing_job *job, const struct pending *p)
{
	const struct subject *subject = &p->request.subject;
	char name[ADDRESS_NAME_MAX + 1];
	struct candidate c;
	int r;

	(void)snprintf(name, sizeof name, "%.*s", (int)subject->officer.len,
		(const char *)subject->officer.ptr);
	candidate_init(&c, name);
	if (is_ours(job, &p->enrol))
		r = fail_signed_already(job, &c);
	else if (p->enrol.signature_count > 0) {
		c.enrol = p->enrol;
		r = check_no_options(job);
	} else
		r = take_request(job, &p->request, &c);
	if (r == 0)
		r = sign(job, &c);
	candidate_done(&c);
	return r;
}

static int
sign_named(struct signing_job *job, const struct pending_list *list, const char *name)
{
	const struct pending *p;
	int r = pending_find(list, name, args_get(job->args, "device"), &p);

	if (r == FAIL_ABSENT)
		return exchange_fail(job->args, "sign", name,
			"No such request waits at the station; `valise officer list` "
			"shows those that do.",
			r);
	if (r != 0)
		return exchange_fail(job->args, "sign", name,
			"Several of this officer's devices wait: say --device NAME.", r);
	return sign_pending(job, p);
}

static int
sign_all(struct signing_job *job, const struct pending_list *list)
{
	size_t count = 0;
	int r;

	for (size_t i = 0; i < list->count; i++) {
		if (is_ours(job, &list->items[i].enrol))
			continue;
		if ((r = sign_pending(job, &list->items[i])) != 0)
			return r;
		count++;
	}
	if (count == 0)
		report_say("Nothing waits for your signature.\n");
	return 0;
}

static int
sign_at_station(struct signing_job *job)
{
	const struct args *args = job->args;
	struct pending_list list = {0};
	char dir[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(args, dir)) != 0 || (r = home_officer(args, &job->keys)) != 0)
		return r;
	if ((r = link_new(dir, job->keys, &job->link)) != 0)
		return exchange_fail(args, "use", dir, NULL, r);
	if ((r = pending_load(job->link, &list)) != 0)
		return link_fail(
			args, job->link, "ask for requests at", "the station", r);
	job->is_several = args->operand_count > 2 || args_has(args, "all");
	if (args_has(args, "all"))
		r = sign_all(job, &list);
	for (size_t i = 1; r == 0 && i < args->operand_count; i++)
		r = sign_named(job, &list, args->operands[i]);
	pending_done(&list);
	return r;
}

int
officer_sign(const struct args *args)
{
	struct signing_job job = {.args = args};
	bool is_file = args->operand_count == 2 && !args_has(args, "all") &&
		(exchange_is_file(args->operands[1]) ||
			!address_is_name(address_of(args->operands[1])));
	int r = is_file ? sign_file(&job) : sign_at_station(&job);

	link_free(job.link);
	keys_free(job.keys);
	return r;
}
