/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_impl.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "custody/answer.h"
#include "custody/authorised.h"
#include "custody/opening.h"
#include "envelope/schedule.h"

/*
 * One opening, as each of the two sides checks it alone.  Everything is looked at before a key is
 * touched, and a station that holds only shares asks for the originator's word as well.
 */

enum { ANSWERED_FIRST = 64, ANSWERED_MAX = 1 << 16 };

/* An opening, parsed, as the checks go through it. */
struct opening {
	struct vault_open in;
	struct opening_request request;
	uint8_t request_hash[HASH_LEN];
	struct keep keep;
	struct credential credential;
	uint8_t reader_id[KEM_ID_LEN];
	const uint8_t *originator_sign;
	struct vault_document document; /* secret */
};

static int
parse(struct vault *v, struct rd body, struct opening *o)
{
	const struct roster *roster = v->pins.now.roster;
	size_t originator;
	int r;

	if ((r = codec_parse_whole(&vault_open_codec, body, &o->in)) != 0 ||
		(r = opening_request_parse(o->in.request, &o->request)) != 0 ||
		(r = keep_parse(o->in.keep, &o->keep)) != 0)
		return r;
	opening_request_hash(o->in.request, o->request_hash);
	if ((r = roster_find(roster, o->keep.core.originator, &originator)) != 0)
		return vault_because(v, r, "the originator is not in the roster");
	o->originator_sign = roster->members[originator].sign;
	return 0;
}

/* Who asks, and is it in time? */
static int
check_asker(struct vault *v, struct opening *o)
{
	const struct opening_request *q = &o->request;
	int r;

	if ((r = vault_check_credential(
		     v, q->credential, o->in.enrols, v->now_s, &o->credential)) != 0)
		return r;
	if (o->credential.subject.kind == SUBJECT_INDEX_HOST)
		return vault_because(v, FAIL_REFUSED, "an index host opens nothing");
	if ((r = opening_request_verify(q, o->credential.subject.sign)) != 0)
		return vault_because(v, r, "REQUEST is not signed by its credential");
	if (v->now_s > q->not_after_s)
		return vault_because(v, FAIL_TIMEOUT, "REQUEST is too old: ask again");
	if (q->not_after_s > v->now_s + OPENING_LIFE_MAX_S + VAULT_CLOCK_S)
		return vault_because(
			v, FAIL_REFUSED, "REQUEST may live 10 minutes at most");
	kem_id(&o->credential.subject.reader, o->reader_id);
	return 0;
}

/* Is it the document that we keep a secret of, and may it still be opened? */
static int
check_document(struct vault *v, struct opening *o, enum vault_document_kind kind)
{
	const struct core *core = &o->keep.core;
	int r;

	if (memcmp(o->request.document_id, core->document_id, CORE_DOCUMENT_ID_LEN) !=
			0 ||
		memcmp(o->request.envelope_hash, o->keep.envelope_hash, HASH_LEN) != 0 ||
		address_compare(o->request.log_origin, core->log_origin) != 0)
		return vault_because(v, FAIL_MISMATCH, "REQUEST is for another envelope");
	if (o->request.ephemeral.suite != core->suite)
		return vault_because(v, FAIL_SUITE, "REQUEST is of another suite");
	r = documents_find(state_documents(v->state), core->document_id, &o->document);
	if (r == FAIL_ABSENT)
		return vault_because(v, r, "no key of this document is here");
	if (r != 0)
		return r;
	if (o->document.kind != kind ||
		memcmp(o->document.envelope_hash, o->keep.envelope_hash, HASH_LEN) != 0)
		return vault_because(v, FAIL_MISMATCH, "another envelope was kept");
	if (core->expiry_s != 0 && v->now_s >= core->expiry_s)
		return vault_because(v, FAIL_REFUSED, "the document has expired");
	return 0;
}

static int
check_r_slots(struct vault *v, const struct opening *o, struct rd bytes)
{
	uint8_t hash[HASH_LEN];
	struct slots slots;
	size_t at;
	int r;

	hash_sha256(bytes.ptr, bytes.len, hash);
	if (!ct_equal(hash, o->keep.r_hash, HASH_LEN))
		return vault_because(
			v, FAIL_MISMATCH, "not the R slots of this envelope");
	if ((r = slots_of(o->keep.core.suite, bytes, 1, SLOT_READERS_MAX, &slots)) != 0)
		return r;
	if (slots_find(&slots, o->reader_id, &at) != 0)
		return vault_because(v, FAIL_REFUSED, "this device is no reader of it");
	return 0;
}

static int
check_grant(struct vault *v, const struct opening *o, struct rd bytes)
{
	struct grant grant;
	int r;

	if ((r = grant_parse(bytes, &grant)) != 0)
		return r;
	if (memcmp(grant.envelope_hash, o->keep.envelope_hash, HASH_LEN) != 0 ||
		address_compare(grant.credential, o->request.credential) != 0 ||
		memcmp(grant.slot.key_id, o->reader_id, KEM_ID_LEN) != 0)
		return vault_because(v, FAIL_REFUSED, "the grant is for somebody else");
	if ((r = grant_counts(&grant, o->originator_sign)) != 0)
		return vault_because(
			v, r, "the originator has not countersigned the grant");
	return 0;
}

static int
check_evidence(struct vault *v, const struct opening *o)
{
	struct opening_evidence evidence;
	int r;

	if ((r = opening_evidence_parse(o->in.evidence, &evidence)) != 0)
		return r;
	return evidence.kind == OPENING_GRANT ? check_grant(v, o, evidence.bytes)
					      : check_r_slots(v, o, evidence.bytes);
}

static void
forget_old(struct vault *v)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->answered_count; i++)
		if (v->answered[i].until_s >= v->now_s)
			v->answered[kept++] = v->answered[i];
	v->answered_count = kept;
}

static int
answered_room(struct vault *v)
{
	size_t room = v->answered_room > 0 ? v->answered_room * 2 : ANSWERED_FIRST;
	int r;

	if (v->answered_count < v->answered_room)
		return 0;
	forget_old(v);
	if (v->answered_count < v->answered_room)
		return 0;
	if (room > ANSWERED_MAX)
		return vault_because(v, FAIL_AGAIN, "too many openings at once");
	if ((r = mem_grow(&v->answered, v->answered_room * sizeof *v->answered,
		     room * sizeof *v->answered)) != 0)
		return r;
	v->answered_room = room;
	return 0;
}

/*
 * One ephemeral key, one request: otherwise an answer that was asked under one request could be
 * shown as the answer to another.  Kept until the request may no longer be repeated; a start of
 * the process forgets it.
 */
static int
check_ephemeral(struct vault *v, const struct opening *o)
{
	struct vault_answered a = {.until_s = o->request.not_after_s};
	int r;

	kem_id(&o->request.ephemeral, a.key_id);
	memcpy(a.request_hash, o->request_hash, HASH_LEN);
	for (size_t i = 0; i < v->answered_count; i++) {
		if (memcmp(v->answered[i].key_id, a.key_id, KEM_ID_LEN) != 0)
			continue;
		if (memcmp(v->answered[i].request_hash, a.request_hash, HASH_LEN) == 0)
			return 0;
		return vault_because(v, FAIL_REFUSED,
			"this ephemeral key was answered under another request");
	}
	if ((r = answered_room(v)) != 0)
		return r;
	v->answered[v->answered_count++] = a;
	return 0;
}

static int
check(struct vault *v, struct rd body, enum vault_document_kind kind, struct opening *o)
{
	int r;

	if ((r = vault_need_roster(v)) != 0 || (r = parse(v, body, o)) != 0 ||
		(r = check_asker(v, o)) != 0 || (r = check_document(v, o, kind)) != 0)
		return r;
	return check_evidence(v, o);
}

static int
seal_answer(struct vault *v, const struct opening *o, const struct shamir_share *share,
	struct buf *out)
{
	struct answer_plan plan = {
		.kind = share->number > 0 ? ANSWER_SHARE : ANSWER_V_KEY,
		.number = share->number,
		.binding = o->request_hash,
		.core_hash = o->keep.core_hash,
		.member = v->member,
		.ephemeral = &o->request.ephemeral,
		.seed = vault_seed(v, STATION_SIGN)};

	return answer_seal(&plan, v->plan.rng, share->value, out);
}

static int
write_opened(struct rd authorisation, const struct buf *sealed, struct buf *answer)
{
	struct vault_opened out = {.authorisation = authorisation,
		.answer = rd_of(sealed->data, sealed->len)};

	codec_write(&vault_opened_codec, &out, answer);
	return buf_error(answer);
}

static int
authorise(struct vault *v, const struct opening *o, struct buf *out)
{
	struct opening_authorisation a = {.copy = o->in.copy, .time_s = v->now_s};
	int r;

	if (a.copy == 0)
		return FAIL_FORMAT;
	memcpy(a.request_hash, o->request_hash, HASH_LEN);
	if ((r = opening_authorisation_sign(&a, vault_seed(v, STATION_SIGN))) != 0)
		return r;
	opening_authorisation_write(&a, out);
	return buf_error(out);
}

/* The device must know the roster that counts: who may open follows from it. */
static int
check_roster(struct vault *v, const struct opening *o)
{
	const struct roster *roster;

	if (pins_roster_of(&v->pins, rd_of(o->request.roster_hash, HASH_LEN), v->now_s,
		    &roster) != 0)
		return vault_because(
			v, FAIL_MISMATCH, "REQUEST names another roster than the newest");
	return 0;
}

int
vault_handle_authorise(struct vault *v, struct rd body, struct buf *answer)
{
	uint8_t secret[SLOT_SECRET_LEN] = {0};
	struct shamir_share v_key = {0}; /* number 0: the V-key */
	struct buf authorisation, sealed;
	struct opening *o = NULL;
	int r;

	buf_init(&authorisation, 1024);
	buf_init(&sealed, ANSWER_LEN_MAX);
	if ((r = mem_new(&o, sizeof *o)) != 0 ||
		(r = check(v, body, VAULT_OWN, o)) != 0 ||
		(r = check_roster(v, o)) != 0 ||
		(r = vault_open_secret(v, &o->document, o->in.sealed, secret)) != 0 ||
		(r = schedule_v_body(secret, v_key.value)) != 0 ||
		(r = authorise(v, o, &authorisation)) != 0 ||
		(r = check_ephemeral(v, o)) != 0 ||
		(r = seal_answer(v, o, &v_key, &sealed)) != 0)
		goto out;
	r = write_opened(rd_of(authorisation.data, authorisation.len), &sealed, answer);
out:
	mem_free_wiped(o, sizeof *o);
	mem_wipe(secret, sizeof secret);
	mem_wipe(&v_key, sizeof v_key);
	buf_done(&authorisation);
	buf_done(&sealed);
	return r;
}

static int
take_share(struct vault *v, const struct opening *o, struct shamir_share *ret_share)
{
	int r;

	if ((r = opening_authorised(
		     o->in.authorisation, o->request_hash, o->originator_sign)) != 0)
		return vault_because(
			v, r, "the originator has not authorised this opening");
	if ((r = keep_share_number(&o->keep.core, v->member, &ret_share->number)) != 0 ||
		(r = vault_open_secret(
			 v, &o->document, o->in.sealed, ret_share->value)) != 0)
		return r;
	return core_check_share(&o->keep.core, ret_share);
}

int
vault_handle_share(struct vault *v, struct rd body, struct buf *answer)
{
	struct shamir_share share = {0};
	struct opening *o = NULL;
	struct buf sealed;
	int r;

	buf_init(&sealed, ANSWER_LEN_MAX);
	if ((r = mem_new(&o, sizeof *o)) != 0 ||
		(r = check(v, body, VAULT_SHARED, o)) != 0 ||
		(r = take_share(v, o, &share)) != 0 || (r = check_ephemeral(v, o)) != 0 ||
		(r = seal_answer(v, o, &share, &sealed)) != 0)
		goto out;
	r = write_opened(rd_of(NULL, 0), &sealed, answer);
out:
	mem_free_wiped(o, sizeof *o);
	mem_wipe(&share, sizeof share);
	buf_done(&sealed);
	return r;
}
