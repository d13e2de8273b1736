/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "custody/send.h"
#include "valised/store_cables_impl.h"

/*
 * What comes from other members, by the network or as a file.  The originator answers for it
 * with SEND; the signers with their credentials, whose enrolments come with it.  Whether each
 * addressee of ours may have it is judged when it is whole (store_opening_arrived).
 */

static int
check_send(struct store *s, const struct cables_envelope *e, const struct entry *entry)
{
	struct send send;
	int r;

	if ((r = send_parse(e->post.send, &send)) != 0 ||
		(r = send_verify(&send, entry->sign)) != 0)
		return store_because(s, r, "SEND is not signed by %.*s",
			(int)entry->name.len, (const char *)entry->name.ptr);
	if (memcmp(send.document_id, e->header.core.document_id, CORE_DOCUMENT_ID_LEN) !=
			0 ||
		memcmp(send.envelope_hash, e->hash, HASH_LEN) != 0)
		return store_because(s, FAIL_MISMATCH, "SEND is of another envelope");
	return 0;
}

/* The credentials of the signers are kept from now on. */
static int
learn(struct store *s, struct rd enrols, uint64_t now_ms)
{
	const struct store_credential *credential = NULL;
	struct post_enrol enrol;
	int r;

	while (enrols.len > 0) {
		if ((r = codec_parse(&post_enrol_codec, &enrols, &enrol)) != 0)
			return r;
		r = store_credential_learn(s, enrol.enrol, now_ms, &credential);
		if (r != 0)
			return store_because(
				s, r, "the enrolment of a signer is not good");
	}
	return 0;
}

static int
check_signer(struct store *s, const struct cables_envelope *e, size_t i, uint64_t now_ms)
{
	const struct rd identity = e->trailer.signers[i].identity;
	const struct store_credential *credential = NULL;
	uint8_t hash[HASH_LEN];
	int r;

	hash_sha256(identity.ptr, identity.len, hash);
	if (store_credential_find(s, hash, &credential) != 0)
		return store_because(
			s, FAIL_SIGNER, "the enrolment of a signer did not come with it");
	if (!cables_same(
		    credential->credential.subject.member, e->header.core.originator))
		return store_because(
			s, FAIL_SIGNER, "it is signed by nobody of its originator");
	r = trailer_verify(
		&e->trailer, i, e->header.hash, credential->credential.subject.sign);
	if (r != 0)
		return store_because(s, r, "a signature under it does not verify");
	return cables_check_counts(s, credential, now_ms);
}

static int
check_arrival(struct store *s, const struct store_ask *ask,
	const struct cables_envelope *e, const struct entry *entry)
{
	int r;

	if ((r = check_send(s, e, entry)) != 0 ||
		(r = learn(s, e->post.enrols, ask->now_ms)) != 0)
		return r;
	for (size_t i = 0; i < e->trailer.signer_count; i++)
		if ((r = check_signer(s, e, i, ask->now_ms)) != 0)
			return r;
	return 0;
}

static int
put_arrival(struct store *s, const struct store_ask *ask, const struct cables_envelope *e)
{
	const struct cables_put put = {.is_ours = false,
		.state = DELIVERY_KEPT,
		.enrols = e->post.enrols,
		.now_ms = ask->now_ms};
	bool is_whole = false;
	int r;

	if ((r = cables_put(s, e, &put, &is_whole)) != 0)
		return r;
	return is_whole ? cables_whole(s, e->header.core.document_id, false, ask->now_ms)
			: 0;
}

/* The rows of a refused one go; the enrolments that came with it stay. */
static int
refuse(struct store *s, const struct store_ask *ask, int r)
{
	static const char why[] = "the enrolment of a signer does not count yet";

	if (r != FAIL_AGAIN)
		return r;
	return store_refuse(s, ask->number, r, why);
}

static int
arrive(struct store *s, const struct store_ask *ask, struct cables_envelope *e,
	const struct entry *entry)
{
	int r;

	if ((r = check_arrival(s, ask, e, entry)) != 0)
		return refuse(s, ask, r);
	if ((r = put_arrival(s, ask, e)) != 0)
		return r;
	return cables_reply_arrival(s, ask, e->header.core.document_id, 0);
}

/* How many of ours it names. */
static size_t
count_ours(struct store *s, const struct addressing *to)
{
	struct rd member, name;
	size_t count = 0;

	for (size_t i = 0; i < to->action_count + to->info_count; i++)
		if (address_split(to->addresses[i], &member, &name) == 0 &&
			cables_is_us(s, member))
			count++;
	return count;
}

/*
 * By its originator; or, when it names none of ours, by whoever forwards it (his GRANT
 * follows).  What is for us waits for its originator, who alone owes us all of its chunks.
 */
int
cables_handle_announced(struct store *s, const struct store_ask *ask)
{
	const struct roster *roster = store_roster(s);
	struct cables_envelope *e = NULL;
	bool is_known = false;
	size_t member = 0;
	int r;

	if ((r = cables_envelope_new(s, ask->body, &e)) != 0 ||
		(r = cables_envelope_known(s, e, &is_known)) != 0)
		goto out;
	if (is_known)
		r = cables_reply_arrival(s, ask, e->header.core.document_id, 0);
	else if (roster_find(roster, e->header.core.originator, &member) != 0 ||
		cables_is_us(s, e->header.core.originator))
		r = store_because(s, FAIL_REFUSED, "its originator is no other member");
	else if (member != ask->member && count_ours(s, &e->addressing) > 0)
		r = store_because(
			s, FAIL_AGAIN, "it is to come from its originator first");
	else
		r = arrive(s, ask, e, &roster->members[member]);
out:
	cables_envelope_free(e);
	return r;
}

/* As a file, by an officer of ours; SEND says whose it is. */
int
cables_handle_receive(struct store *s, const struct store_ask *ask)
{
	struct cables_envelope *e = NULL;
	bool is_known = false;
	size_t member = 0;
	int r;

	if (store_roster(s) == NULL)
		return store_because(s, FAIL_AGAIN, "this station has not joined yet");
	if ((r = cables_envelope_new(s, ask->body, &e)) != 0 ||
		(r = cables_envelope_known(s, e, &is_known)) != 0)
		goto out;
	if (is_known)
		r = cables_reply_arrival(s, ask, e->header.core.document_id, 0);
	else if (cables_is_us(s, e->header.core.originator))
		r = store_because(s, FAIL_REFUSED, "it is our own: valise send sends it");
	else if (roster_find(store_roster(s), e->header.core.originator, &member) != 0)
		r = store_because(s, FAIL_REFUSED, "its originator is no member");
	else
		r = arrive(s, ask, e, &store_roster(s)->members[member]);
out:
	cables_envelope_free(e);
	return r;
}

/* Chunks. */

/*
 * A member brings chunks of its own documents, and of those that it may have forwarded: they
 * name none of ours.  Of our own documents, whoever may act for the author.
 */
static int
may_bring(struct store *s, const struct store_ask *ask, const uint8_t *document_id)
{
	struct store_addressees all = {0};
	struct store_document *d = NULL;
	int r;

	if ((r = store_document_load(s, document_id, &d)) != 0)
		return r;
	if (ask->who == STORE_MEMBER) {
		if (!cables_same(d->header.core.originator,
			    store_roster(s)->members[ask->member].name) &&
			(r = store_addressees_load(s, document_id, &all)) == 0 &&
			(all.count > 0 || d->found.is_ours))
			r = FAIL_REFUSED;
	} else if (d->found.is_ours) {
		r = store_document_may_act(s, ask->officer, d);
	}
	store_addressees_done(&all);
	store_document_free(d);
	return r;
}

static int
put_chunk(struct store *s, const struct store_ask *ask, const struct post_chunk *post)
{
	const struct chunks_chunk chunk = {post->number, post->hash, post->bytes};
	const struct chunks c = cables_chunks(s);
	struct documents_found found;
	uint8_t hash[HASH_LEN];
	int r;

	hash_sha256(post->bytes.ptr, post->bytes.len, hash);
	if (memcmp(hash, post->hash, HASH_LEN) != 0)
		return store_because(
			s, FAIL_MISMATCH, "the chunk was altered on its way");
	r = documents_get(store_db(s), post->document_id, NULL, &found);
	if (r != 0 || found.state == DOCUMENTS_WHOLE)
		return r;
	r = chunks_put(&c, post->document_id, &chunk);
	if (r == FAIL_EXISTS)
		return 0;
	if (r == FAIL_LIMIT)
		return store_because(
			s, FAIL_FORMAT, "the document has no chunk of this length");
	if (r != 0)
		return r;
	r = documents_complete(store_db(s), post->document_id);
	if (r == FAIL_AGAIN)
		return 0;
	return r != 0 ? r
		      : cables_whole(s, post->document_id, found.is_ours, ask->now_ms);
}

int
cables_handle_chunk(struct store *s, const struct store_ask *ask)
{
	struct post_chunk post;
	int r;

	if ((r = codec_parse_whole(&post_chunk_codec, ask->body, &post)) != 0 ||
		(r = may_bring(s, ask, post.document_id)) != 0 ||
		(r = put_chunk(s, ask, &post)) != 0)
		return r;
	return cables_reply_arrival(s, ask, post.document_id, (uint64_t)post.number + 1);
}
