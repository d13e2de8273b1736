/* SPDX-License-Identifier: Apache-2.0 */
#include "member/own_officer.h"

#include <string.h>

#include "base/mem.h"

/* Public keys are computed from the seeds when they are made and compared when they are read. */

uint8_t *
own_officer_seed(const struct own_officer *officer, enum own_seed which)
{
	return officer->seeds->bytes + (size_t)which * OWN_SEED_LEN;
}

static int
new_empty(struct own_officer **ret_officer)
{
	struct own_officer *o = NULL;
	int r;

	if ((r = mem_new(&o, sizeof *o)) != 0)
		return r;
	if ((r = secret_new(OWN_SEEDS * OWN_SEED_LEN, &o->seeds)) != 0) {
		mem_free(o);
		return r;
	}
	*ret_officer = o;
	return 0;
}

void
own_officer_free(struct own_officer *officer)
{
	if (officer == NULL)
		return;
	secret_free(officer->seeds);
	mem_free(officer);
}

static int
copy_name(struct rd name, char *ret_name, size_t max, struct rd *ret_view)
{
	if (name.len > max)
		return FAIL_FORMAT;
	memcpy(ret_name, name.ptr, name.len);
	*ret_view = rd_of(ret_name, name.len);
	return 0;
}

/* The names move into the officer, so that the body they came from can be wiped. */
static int
keep_names(struct own_officer *o)
{
	struct subject *s = &o->subject;
	int r;

	if ((r = copy_name(s->member, o->member, ADDRESS_MEMBER_MAX, &s->member)) != 0 ||
		(r = copy_name(s->officer, o->officer, ADDRESS_NAME_MAX, &s->officer)) !=
			0)
		return r;
	return copy_name(s->device, o->device, ADDRESS_NAME_MAX, &s->device);
}

/* What the seeds say of the public half. */
static int
public_of(const struct own_officer *o, uint16_t suite, struct subject *s)
{
	sign_public(own_officer_seed(o, OWN_SIGN), s->sign);
	if (subject_has_enrol(s))
		sign_public(own_officer_seed(o, OWN_ENROL), s->enrol);
	return kem_public_of_seed(suite, own_officer_seed(o, OWN_READER), &s->reader);
}

static int
check_form(const struct subject *subject)
{
	uint8_t hash[HASH_LEN];

	return subject_hash(subject, hash);
}

int
own_officer_new(const struct own_officer_name *name, struct rng *rng,
	struct own_officer **ret_officer)
{
	struct own_officer *o = NULL;
	int r;

	if ((r = new_empty(&o)) != 0)
		return r;
	o->subject.member = address_of(name->member);
	o->subject.officer = address_of(name->officer);
	o->subject.device = address_of(name->device);
	o->subject.kind = name->kind;
	o->has_audit = name->kind == SUBJECT_SECURITY;
	if ((r = rng_fill(rng, o->seeds->bytes, o->seeds->len)) != 0 ||
		(r = keep_names(o)) != 0 ||
		(r = public_of(o, name->suite, &o->subject)) != 0 ||
		(r = check_form(&o->subject)) != 0)
		goto out;
	*ret_officer = o;
	o = NULL;
out:
	own_officer_free(o);
	return r;
}

static int
parse_seeds(struct rd *in, struct own_officer *o)
{
	struct rd audit;
	int r;

	if ((r = rd_copy(in, OWN_SEED_LEN, own_officer_seed(o, OWN_SIGN))) != 0 ||
		(r = rd_copy(in, OWN_SEED_LEN, own_officer_seed(o, OWN_READER))) != 0)
		return r;
	if (subject_has_enrol(&o->subject) &&
		(r = rd_copy(in, OWN_SEED_LEN, own_officer_seed(o, OWN_ENROL))) != 0)
		return r;
	if ((r = rd_vec8(in, 0, OWN_SEED_LEN, &audit)) != 0)
		return r;
	o->has_audit = audit.len > 0;
	if (o->has_audit &&
		(audit.len != OWN_SEED_LEN || o->subject.kind != SUBJECT_SECURITY))
		return FAIL_FORMAT;
	if (o->has_audit)
		memcpy(own_officer_seed(o, OWN_AUDIT), audit.ptr, OWN_SEED_LEN);
	return 0;
}

static int
parse_body(struct rd in, struct own_officer *o)
{
	struct subject computed;
	int r;

	if ((r = subject_parse(&in, &o->subject)) != 0 ||
		(r = parse_seeds(&in, o)) != 0 || (r = rd_end(&in)) != 0 ||
		(r = keep_names(o)) != 0)
		return r;
	computed = o->subject;
	if ((r = public_of(o, o->subject.reader.suite, &computed)) != 0)
		return r;
	return subject_equal(&computed, &o->subject) ? 0 : FAIL_MISMATCH;
}

int
own_officer_open(const void *ptr, size_t len, const struct secret *passphrase,
	struct own_officer **ret_officer)
{
	struct own_officer *o = NULL;
	struct secret *body = NULL;
	int r;

	if ((r = keyfile_open_body(ptr, len, KEYFILE_KIND_OFFICER, passphrase, &body)) !=
		0)
		return r;
	if ((r = new_empty(&o)) != 0 ||
		(r = parse_body(rd_of(body->bytes, body->len), o)) != 0)
		goto out;
	*ret_officer = o;
	o = NULL;
out:
	own_officer_free(o);
	secret_free(body);
	return r;
}

int
own_officer_seal(const struct own_officer *officer, const struct secret *passphrase,
	struct rng *rng, struct buf *out)
{
	struct buf body;
	int r;

	buf_init(&body, KEYFILE_MAX);
	if ((r = subject_write(&officer->subject, &body)) != 0)
		goto out;
	buf_bytes(&body, own_officer_seed(officer, OWN_SIGN), OWN_SEED_LEN);
	buf_bytes(&body, own_officer_seed(officer, OWN_READER), OWN_SEED_LEN);
	if (subject_has_enrol(&officer->subject))
		buf_bytes(&body, own_officer_seed(officer, OWN_ENROL), OWN_SEED_LEN);
	buf_vec(&body, 1, own_officer_seed(officer, OWN_AUDIT),
		officer->has_audit ? OWN_SEED_LEN : 0);
	if ((r = buf_error(&body)) == 0)
		r = keyfile_seal_body(KEYFILE_KIND_OFFICER, rd_of(body.data, body.len),
			passphrase, rng, out);
out:
	buf_done(&body);
	return r;
}

int
own_officer_request(const struct own_officer *officer, const struct desks *desks,
	uint64_t now_s, struct buf *out)
{
	bool has_enrol = subject_has_enrol(&officer->subject);
	struct request q = {
		.subject = officer->subject, .desks = *desks, .made_s = now_s};
	int r;

	if (officer->has_audit &&
		(r = kem_public_of_seed(q.subject.reader.suite,
			 own_officer_seed(officer, OWN_AUDIT), &q.audit)) != 0)
		return r;
	return request_write(&q, own_officer_seed(officer, OWN_SIGN),
		has_enrol ? own_officer_seed(officer, OWN_ENROL) : NULL, out);
}
