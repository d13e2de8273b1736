/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/crypto.h"
#include "custody/authorised.h"
#include "valised/store_opening.h"

/*
 * What a REQUEST says is held against the envelope that is here, not against what the asking
 * side says of it.  The officer's member passes requests on for its own officers and for
 * nobody else, so that each opening is counted at home.
 */

/* Hashes are taken of what came, once; everything later compares with these. */
int
opening_ask_parse(struct rd body, struct opening_ask *ret_ask)
{
	int r;

	*ret_ask = (struct opening_ask){.body = body};
	if ((r = codec_parse_whole(&post_open_codec, body, &ret_ask->open)) != 0 ||
		(r = opening_request_parse(ret_ask->open.request, &ret_ask->request)) !=
			0 ||
		(r = opening_evidence_parse(
			 ret_ask->open.evidence, &ret_ask->evidence)) != 0)
		return r;
	opening_request_hash(ret_ask->open.request, ret_ask->request_hash);
	hash_sha256(ret_ask->request.credential.ptr, ret_ask->request.credential.len,
		ret_ask->credential_hash);
	return 0;
}

/* A request that is found later, on a disk or in a log of somebody's, opens nothing. */
static int
check_time(const struct opening_request *request, uint64_t now_s, struct opening_why *why)
{
	if (request->not_after_s < now_s)
		return opening_refuse(why, FAIL_TIMEOUT,
			"the request was good until %s; ask again, or set the clock",
			opening_time_of(request->not_after_s).text);
	/* A clock may be a little ahead of ours. */
	if (request->not_after_s - now_s > OPENING_LIFE_MAX_S + POST_CLOCK_S)
		return opening_refuse(why, FAIL_TIMEOUT,
			"a request is good for 10 minutes at most; set the clock");
	return 0;
}

/*
 * The enrolment comes with the request, for the originator may not have heard of a new device;
 * it is verified like any other, and its time runs from then.
 */
int
opening_ask_prove(struct store *s, struct opening_ask *ask, struct rd member,
	uint64_t now_ms, struct opening_why *why)
{
	const struct store_credential *credential;
	int r;

	if ((r = store_credential_learn(s, ask->open.enrol, now_ms, &credential)) != 0)
		return store_because(
			s, r, "the enrolment that came with the request does not hold");
	if (!ct_equal(credential->hash, ask->credential_hash, HASH_LEN))
		return opening_refuse(
			why, FAIL_MISMATCH, "the enrolment is of another credential");
	if (!opening_same(credential->credential.subject.member, member))
		return opening_refuse(why, FAIL_REFUSED,
			"a station passes on the requests of its own officers only");
	r = opening_request_verify(&ask->request, credential->credential.subject.sign);
	if (r != 0)
		return opening_refuse(
			why, r, "the request is not signed by the device it names");
	ask->credential = credential;
	/* Members may hear of a new roster one after the other: that passes. */
	if (store_roster_of(s, ask->request.roster_hash, now_ms) == NULL)
		return opening_refuse(why, FAIL_AGAIN,
			"the request was made under another roster than the one here; "
			"fetch the newest and ask again");
	return check_time(&ask->request, now_ms / 1000, why);
}

/* A request for one envelope must not be turned into one for another under the same id. */
int
opening_ask_fits(const struct opening_ask *ask, const struct core *core,
	const uint8_t envelope_hash[HASH_LEN], struct opening_why *why)
{
	const struct opening_request *q = &ask->request;

	if (!ct_equal(q->envelope_hash, envelope_hash, HASH_LEN))
		return opening_refuse(why, FAIL_MISMATCH,
			"the request names another envelope than the one here");
	if (q->ephemeral.suite != core->suite ||
		!opening_same(q->log_origin, core->log_origin))
		return opening_refuse(why, FAIL_MISMATCH,
			"the request's suite or log is not that of the envelope");
	return 0;
}

/* The slots are those whose hash the envelope's signature covers; the key is the credential's. */
static int
has_slot(const struct opening_ask *ask, const struct opening_readers *readers)
{
	uint8_t hash[HASH_LEN], reader_id[KEM_ID_LEN];
	struct slots slots;
	size_t at;
	int r;

	hash_sha256(ask->evidence.bytes.ptr, ask->evidence.bytes.len, hash);
	if (!ct_equal(hash, readers->r_hash, HASH_LEN))
		return FAIL_ALTERED;
	if ((r = slots_of(readers->core->suite, ask->evidence.bytes, 1, SLOT_READERS_MAX,
		     &slots)) != 0)
		return r;
	kem_id(&ask->credential->credential.subject.reader, reader_id);
	return slots_find(&slots, reader_id, &at);
}

/* Of this envelope, for this very credential, countersigned by the originator's station. */
static int
has_grant(struct store *s, const struct opening_ask *ask,
	const struct opening_readers *readers)
{
	const struct entry *entry;
	struct grant grant;
	int r;

	if ((r = grant_parse(ask->evidence.bytes, &grant)) != 0 ||
		(r = opening_entry(s, readers->core->originator, &entry)) != 0)
		return r;
	if (!ct_equal(grant.envelope_hash, readers->envelope_hash, HASH_LEN) ||
		!opening_same(grant.credential, ask->request.credential))
		return FAIL_MISMATCH;
	return grant_counts(&grant, entry->sign);
}

int
opening_ask_is_reader(struct store *s, const struct opening_ask *ask,
	const struct opening_readers *readers, struct opening_why *why)
{
	bool is_slot = ask->evidence.kind == OPENING_R_SLOTS;
	int r;

	r = is_slot ? has_slot(ask, readers) : has_grant(s, ask, readers);
	if (r == 0 || r == FAIL_NOMEM || r == FAIL_AGAIN)
		return r;
	if (r == FAIL_NO_KEY)
		return opening_refuse(why, FAIL_REFUSED,
			"the envelope is not sealed to this device; ask a reader to "
			"forward it");
	return opening_refuse(why, FAIL_REFUSED,
		is_slot ? "the readers that came with the request are not those of the "
			  "envelope"
			: "the grant that came with the request does not count");
}
