/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/asking.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "custody/joining.h"
#include "custody/opening.h"
#include "envelope/grant.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "sys/random.h"

/* Half of what is allowed, so that a clock that is ahead does no harm. */
enum { LIFE_S = OPENING_LIFE_MAX_S / 2 };

struct work {
	const struct asking *asking;
	struct asked *out;
	struct joining joining;
	struct buf request;
	struct buf evidence;
	struct buf answer;
	struct buf authorisation;
	uint8_t ephemeral_seed[KEM_SEED_LEN];
	uint8_t r_secret[SCHEDULE_LEN];
	uint8_t credential_hash[HASH_LEN];
	struct rd credential;
	size_t next; /* the custodian to ask next */
};

static const struct roster *
roster_of(const struct work *w)
{
	return w->asking->session->circle.roster;
}

/* The member's `sign` key by the roster. */
static int
sign_key(const struct work *w, struct rd member, const uint8_t **ret_key)
{
	size_t at = 0;
	int r;

	if ((r = roster_find(roster_of(w), member, &at)) != 0)
		return r;
	*ret_key = roster_of(w)->members[at].sign;
	return 0;
}

static void
fill_slot(const struct slot_place *place, const struct slot *slot, char role,
	struct own_slot *ret_slot)
{
	*ret_slot = (struct own_slot){.role = role,
		.suite = place->suite,
		.index = place->index,
		.enc_len = (uint16_t)kem_enc_len(place->suite)};
	memcpy(ret_slot->key_id, slot->key_id, KEM_ID_LEN);
	memcpy(ret_slot->core_hash, place->core_hash, HASH_LEN);
	if (place->credential_hash != NULL)
		memcpy(ret_slot->credential_hash, place->credential_hash, HASH_LEN);
	memcpy(ret_slot->enc, slot->enc, ret_slot->enc_len);
	memcpy(ret_slot->sealed, slot->sealed, SLOT_SEALED_LEN);
}

/* R out of the slot that is ours. */
static int
r_of_slot(struct work *w)
{
	const struct header *h = w->asking->header;
	struct slot_place place = {
		.role = "R", .suite = h->core.suite, .core_hash = h->core_hash};
	struct opening_evidence evidence = {.kind = OPENING_R_SLOTS, .bytes = h->r.bytes};
	uint8_t id[KEM_ID_LEN];
	struct own_slot own;
	struct slot slot;
	size_t at;
	int r;

	kem_id(&keys_subject(w->asking->session->keys)->reader, id);
	if ((r = slots_find(&h->r, id, &at)) != 0)
		return r;
	slots_at(&h->r, at, &slot);
	place.index = (uint32_t)at;
	fill_slot(&place, &slot, OWN_ROLE_READER, &own);
	opening_evidence_write(&evidence, &w->evidence);
	if ((r = buf_error(&w->evidence)) != 0)
		return r;
	return keys_unwrap(w->asking->session->keys, &own, w->r_secret);
}

static int
check_grant(const struct work *w, const struct grant *grant)
{
	struct buf message;
	const uint8_t *key;
	int r;

	if (!grant->is_counted)
		return FAIL_NO_KEY;
	if (memcmp(grant->envelope_hash, w->asking->envelope_hash, HASH_LEN) != 0 ||
		address_compare(grant->credential, w->credential) != 0)
		return FAIL_MISMATCH;
	if ((r = sign_key(w, w->asking->header->core.originator, &key)) != 0)
		return r;
	buf_init(&message, GRANT_LEN_MAX);
	if ((r = grant_counted(grant, &message)) == 0 && (r = buf_error(&message)) == 0)
		r = sign_verify(key, message.data, message.len, grant->countersignature);
	buf_done(&message);
	return r;
}

/* R out of a grant of a later reader, which the originator has countersigned. */
static int
r_of_grant(struct work *w)
{
	const struct header *h = w->asking->header;
	struct opening_evidence evidence = {
		.kind = OPENING_GRANT, .bytes = w->asking->grant};
	struct slot_place place;
	struct own_slot own;
	struct grant grant;
	int r;

	if (w->asking->grant.len == 0)
		return FAIL_NO_KEY;
	if ((r = grant_parse(w->asking->grant, &grant)) != 0 ||
		(r = check_grant(w, &grant)) != 0)
		return r;
	grant_place(&grant, h->core_hash, w->credential_hash, &place);
	fill_slot(&place, &grant.slot, OWN_ROLE_GRANT, &own);
	opening_evidence_write(&evidence, &w->evidence);
	if ((r = buf_error(&w->evidence)) != 0)
		return r;
	return keys_unwrap(w->asking->session->keys, &own, w->r_secret);
}

static int
find_r(struct work *w)
{
	int r = r_of_slot(w);

	return r == FAIL_NO_KEY ? r_of_grant(w) : r;
}

static int
make_request(struct work *w)
{
	const struct header *h = w->asking->header;
	struct opening_request request = {.log_origin = h->core.log_origin,
		.credential = w->credential,
		.purpose = rd_of(w->asking->purpose, strlen(w->asking->purpose)),
		.not_after_s = clock_now_s() + LIFE_S};
	struct rng *rng = random_system();
	uint8_t binding[HASH_LEN];
	int r;

	memcpy(request.document_id, h->core.document_id, CORE_DOCUMENT_ID_LEN);
	memcpy(request.envelope_hash, w->asking->envelope_hash, HASH_LEN);
	roster_hash(roster_of(w)->text, request.roster_hash);
	if ((r = rng_fill(rng, request.nonce, sizeof request.nonce)) != 0 ||
		(r = rng_fill(rng, w->ephemeral_seed, sizeof w->ephemeral_seed)) != 0 ||
		(r = kem_public_of_seed(
			 h->core.suite, w->ephemeral_seed, &request.ephemeral)) != 0 ||
		(r = keys_sign_request(w->asking->session->keys, &request)) != 0 ||
		(r = opening_request_write(&request, &w->request)) != 0)
		return r;
	opening_request_hash(rd_of(w->request.data, w->request.len), binding);
	joining_init(&w->joining, h, binding, w->ephemeral_seed);
	return 0;
}

/* One member, through our station; the answer points into w->answer. */
static int
ask_member(struct work *w, struct rd member, struct post_opened *ret_opened)
{
	struct post_open open = {.request = rd_of(w->request.data, w->request.len),
		.evidence = rd_of(w->evidence.data, w->evidence.len),
		.authorisation = rd_of(w->authorisation.data, w->authorisation.len),
		.enrol = w->asking->session->circle.enrol};
	struct post_relay relay = {.member = member};
	struct courier_question question = {.path = "open",
		.codec = &post_relay_codec,
		.message = &relay,
		.answer_codec = &post_opened_codec};
	struct buf body;
	int r;

	(void)snprintf(w->out->where, sizeof w->out->where, "%.*s", (int)member.len,
		(const char *)member.ptr);
	w->out->is_answered = false;
	buf_init(&body, POST_BODY_MAX);
	codec_write(&post_open_codec, &open, &body);
	relay.body = rd_of(body.data, body.len);
	if ((r = buf_error(&body)) == 0)
		r = courier_ask(
			&w->asking->session->courier, &question, &w->answer, ret_opened);
	buf_done(&body);
	w->out->is_answered = r == 0;
	return r;
}

static int
ask_originator(struct work *w)
{
	struct rd originator = w->asking->header->core.originator;
	struct post_opened opened;
	const uint8_t *key;
	int r;

	if ((r = sign_key(w, originator, &key)) != 0 ||
		(r = ask_member(w, originator, &opened)) != 0 ||
		(r = joining_authorised(&w->joining, opened.authorisation, key)) != 0 ||
		(r = joining_put(&w->joining, originator, key, opened.answer)) != 0)
		return r;
	buf_bytes(&w->authorisation, opened.authorisation.ptr, opened.authorisation.len);
	w->out->copy = w->joining.copy;
	return buf_error(&w->authorisation);
}

static void
add_name(char *names, struct rd member)
{
	size_t len = strlen(names);

	(void)snprintf(names + len, ASKING_SHARES_MAX - len, "%s%.*s",
		len > 0 ? ", " : "", (int)member.len, (const char *)member.ptr);
}

static int
ask_custodian(struct work *w, struct rd member)
{
	struct post_opened opened;
	const uint8_t *key;
	int r;

	if ((r = sign_key(w, member, &key)) != 0 ||
		(r = ask_member(w, member, &opened)) != 0)
		return r;
	return joining_put(&w->joining, member, key, opened.answer);
}

/* The next one whose share is good; FAIL_SHARE, or the last failure, when there is none. */
static int
next_share(struct work *w)
{
	const struct core *core = &w->asking->header->core;
	int r = FAIL_SHARE;

	while (w->next < core->custodian_count) {
		struct rd member = core->custodians[w->next++].member;

		if ((r = ask_custodian(w, member)) == 0) {
			add_name(w->out->shares, member);
			return 0;
		}
		if (r == FAIL_NOMEM)
			return r;
		add_name(w->out->passed, member);
	}
	return r;
}

static int
join(struct work *w, uint8_t ret_body_key[SCHEDULE_LEN])
{
	int r;

	while (!joining_has_enough(&w->joining))
		if ((r = next_share(w)) != 0)
			return r;
	r = joining_body_key(&w->joining, w->r_secret, ret_body_key);
	/* One more share is another set; without one, or if it does not help: the sender. */
	if (r == FAIL_COMMITMENT && next_share(w) == 0)
		r = joining_body_key(&w->joining, w->r_secret, ret_body_key);
	if (r == FAIL_COMMITMENT) {
		struct rd sender = w->asking->header->core.originator;

		w->out->is_answered = true;
		(void)snprintf(w->out->where, sizeof w->out->where, "sealed by %.*s",
			(int)sender.len, (const char *)sender.ptr);
	}
	return r;
}

static int
work_init(struct work *w, const struct asking *asking, struct asked *out)
{
	struct rd enrol_bytes = asking->session->circle.enrol;
	struct enrol enrol;
	int r;

	memset(w, 0, sizeof *w);
	w->asking = asking;
	w->out = out;
	buf_init(&w->request, OPENING_LEN_MAX);
	buf_init(&w->evidence, POST_BODY_MAX);
	buf_init(&w->answer, COURIER_ANSWER_MAX);
	buf_init(&w->authorisation, OPENING_LEN_MAX);
	if ((r = enrol_parse(enrol_bytes.ptr, enrol_bytes.len, &enrol)) != 0)
		return r;
	w->credential = enrol.credential;
	hash_sha256(w->credential.ptr, w->credential.len, w->credential_hash);
	return 0;
}

static void
work_done(struct work *w)
{
	joining_wipe(&w->joining);
	buf_done(&w->request);
	buf_done(&w->evidence);
	buf_done(&w->answer);
	buf_done(&w->authorisation);
	mem_wipe(w, sizeof *w);
}

int
asking_run(const struct asking *asking, struct asked *ret_asked,
	uint8_t ret_body_key[SCHEDULE_LEN])
{
	struct work w;
	int r;

	*ret_asked = (struct asked){.is_answered = true};
	if ((r = work_init(&w, asking, ret_asked)) != 0 || (r = find_r(&w)) != 0 ||
		(r = make_request(&w)) != 0 || (r = ask_originator(&w)) != 0)
		goto out;
	r = join(&w, ret_body_key);
out:
	work_done(&w);
	return r;
}

int
asking_r(const struct asking *asking, uint8_t ret_r[SCHEDULE_LEN])
{
	struct asked asked;
	struct work w;
	int r;

	if ((r = work_init(&w, asking, &asked)) == 0 && (r = find_r(&w)) == 0)
		memcpy(ret_r, w.r_secret, SCHEDULE_LEN);
	work_done(&w);
	return r;
}
