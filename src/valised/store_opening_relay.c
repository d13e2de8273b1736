/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "valised/store_opening.h"

/*
 * Our officer asks another member through us: a client speaks to its own station only.  The
 * answer is sealed to the device and passed back as it is; that the originator let it in is
 * kept as its AUTHORISATION.
 */

/* By this row his station knows that he has read it: acknowledging needs no more. */
static int
put_home_row(struct store *s, const struct opening *o, const struct post_opened *opened,
	uint64_t now_s)
{
	const struct store_credential *officer;
	struct opening_authorisation a;
	int r;

	if ((r = opening_authorisation_parse(opened->authorisation, &a)) != 0 ||
		(r = store_credential_find(s, o->credential_hash, &officer)) != 0)
		return r;
	if (memcmp(a.request_hash, o->request_hash, HASH_LEN) != 0)
		return store_because(s, FAIL_MISMATCH,
			"%s has authorised another request than this one", o->member);
	r = openings_put(store_db(s),
		&(struct openings_row){.key = opening_key_of(o),
			.document_id = o->document_id,
			.credential_hash = o->credential_hash,
			.member = officer->credential.subject.member,
			.officer = officer->credential.subject.officer,
			.device = officer->credential.subject.device,
			.copy = a.copy,
			.time_s = now_s,
			.answer = opened->authorisation});
	return r == FAIL_EXISTS ? 0 : r;
}

/* Refusals are the other station's words; that it is silent, or talks nonsense, is ours to say. */
static int
pass_error(struct store *s, const struct opening *o, const struct store_answer *answer)
{
	if (answer->status == 0)
		return store_because(s, FAIL_AGAIN,
			"%s does not answer; nothing was opened, try again later",
			o->member);
	if (answer->r == 0)
		return store_because(
			s, FAIL_AGAIN, "%s answers what is no answer", o->member);
	return opening_failed(s, answer);
}

static int
relay_done(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct opening *o = ctx;
	struct post_opened opened;
	int r;

	if (answer->status != 200) {
		r = pass_error(s, o, answer);
		goto out;
	}
	r = codec_parse_whole(&post_opened_codec, answer->body, &opened);
	if (r != 0)
		goto out;
	if (o->role == OPENINGS_HOME &&
		(r = put_home_row(s, o, &opened, answer->now_ms / 1000)) != 0)
		goto out;
	r = opening_reply(s, o, &opened, answer->now_ms);
out:
	mem_free(o);
	return r;
}

/* Nothing is looked at but whose device it is: the other station decides. */
static int
relay(struct store *s, const struct store_ask *ask, const struct opening_ask *opening,
	size_t member)
{
	struct rd name = store_roster(s)->members[member].name;
	bool is_custodian = opening->open.authorisation.len > 0;
	struct opening *o = NULL;
	int r;

	if ((r = mem_new(&o, sizeof *o)) != 0)
		return r;
	*o = (struct opening){.number = ask->number,
		.role = is_custodian ? OPENINGS_CUSTODIAN : OPENINGS_HOME,
		.is_own_officer = true};
	memcpy(o->request_hash, opening->request_hash, HASH_LEN);
	memcpy(o->document_id, opening->request.document_id, sizeof o->document_id);
	memcpy(o->credential_hash, opening->credential_hash, HASH_LEN);
	(void)snprintf(o->member, sizeof o->member, "%.*s", (int)name.len,
		(const char *)name.ptr);
	r = store_call(s, member, "open", opening->body,
		&(struct store_question){ask->number, relay_done, o});
	if (r != 0)
		mem_free(o);
	return r;
}

int
opening_handle_relay(struct store *s, const struct store_ask *ask)
{
	const struct opening_incoming in = {.number = ask->number,
		.member = store_ready(s)->member,
		.is_own_officer = true,
		.now_ms = ask->now_ms};
	const struct roster *roster = store_roster(s);
	struct opening_ask opening;
	struct post_relay relayed;
	size_t member;
	int r;

	if ((r = codec_parse_whole(&post_relay_codec, ask->body, &relayed)) != 0 ||
		(r = opening_ask_parse(relayed.body, &opening)) != 0)
		return r;
	if (memcmp(opening.credential_hash, ask->officer->hash, HASH_LEN) != 0)
		return store_because(s, FAIL_REFUSED,
			"a request is passed on for the device that made it");
	if (opening_is_us(s, relayed.member))
		return opening_here(s, &in, &opening);
	if (roster == NULL || roster_find(roster, relayed.member, &member) != 0)
		return store_because(s, FAIL_ABSENT, "the roster has no member %.*s",
			(int)relayed.member.len, (const char *)relayed.member.ptr);
	return relay(s, ask, &opening, member);
}
