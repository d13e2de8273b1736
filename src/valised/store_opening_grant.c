/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "custody/authorised.h"
#include "valised/store_opening.h"

/*
 * A later reader.  The granter's client has wrapped R to the reader's device and signed; the
 * originator's station decides whether that may be, and countersigns; the granter's station,
 * which has the envelope, sends both on to the reader's.
 *
 *   granter's station -> originator    is he a reader, may he pass it on, may the other have it
 *   granter's station -> reader's      the envelope (announce), then the countersigned GRANT
 */

struct granting {
	uint64_t number;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	bool is_ours;	      /* we are the originator */
	bool is_from_officer; /* the granter is ours: we send it on */
	char originator[ADDRESS_MEMBER_MAX + 1];
	uint8_t reader_hash[HASH_LEN];
};

/* Both were learnt from what came with the grant, or are known. */
static int
find_sides(struct store *s, const struct grant *grant, struct opening_sides *ret_sides)
{
	struct opening_sides sides;
	int r;

	if ((r = opening_credential(s, grant->granter.identity, &sides.granter)) != 0 ||
		(r = opening_credential(s, grant->credential, &sides.reader)) != 0)
		return r == FAIL_ABSENT
			? store_because(s, FAIL_SIGNER,
				  "the enrolments of granter and reader do not come "
				  "with the grant")
			: r;
	*ret_sides = sides;
	return 0;
}

/* Keep it; if its reader is ours, put the document before him. */
static int
keep_grant(struct store *s, const uint8_t *document_id,
	const struct store_credential *reader, struct rd bytes, uint64_t now_ms)
{
	struct opening_name name;
	int r;

	r = objects_put_grant(store_db(s),
		&(struct objects_grant){.document_id = document_id,
			.credential_hash = reader->hash,
			.bytes = bytes,
			.kept_s = now_ms / 1000});
	if (r != 0 && r != FAIL_EXISTS)
		return r;
	if (!opening_is_us(s, reader->credential.subject.member))
		return 0;
	opening_name_of(&reader->credential, &name);
	r = store_addressee_add(s, document_id, name.rd, now_ms);
	return r == FAIL_EXISTS ? 0 : r;
}

/* The envelope first: the queue to a member keeps its order within an urgency. */
static int
send_on(struct store *s, const struct granting *g, struct rd bytes, uint64_t now_ms)
{
	const struct store_credential *reader;
	struct post_enrol enrol;
	struct post_grant post = {.grant = bytes};
	struct store_outgoing out = {.document_id = g->document_id};
	struct documents_found found;
	struct buf enrols, body;
	int r;

	if ((r = store_credential_find(s, g->reader_hash, &reader)) != 0 ||
		(r = documents_get(store_db(s), g->document_id, NULL, &found)) != 0)
		return r;
	out.member = reader->credential.subject.member;
	if (opening_is_us(s, out.member) ||
		opening_same(out.member, address_of(g->originator)))
		return 0;
	buf_init(&enrols, POST_BODY_MAX);
	buf_init(&body, POST_BODY_MAX);
	enrol.enrol = reader->enrol;
	codec_write(&post_enrol_codec, &enrol, &enrols);
	post.enrols = rd_of(enrols.data, enrols.len);
	codec_write(&post_grant_codec, &post, &body);
	out.urgency = found.urgency;
	out.path = "announce";
	if ((r = buf_error(&enrols)) == 0 && (r = buf_error(&body)) == 0 &&
		(r = store_outgoing_put(s, &out, now_ms)) == 0) {
		out.path = "grant";
		out.bytes = rd_of(body.data, body.len);
		r = store_outgoing_put(s, &out, now_ms);
	}
	buf_done(&enrols);
	buf_done(&body);
	return r;
}

/* The countersigned grant is here, from custody or from the originator. */
static int
counted(struct store *s, const struct granting *g, struct rd bytes, uint64_t now_ms)
{
	struct post_object object = {.object = bytes};
	const struct store_credential *reader;
	int r;

	if ((r = store_credential_find(s, g->reader_hash, &reader)) != 0 ||
		(r = keep_grant(s, g->document_id, reader, bytes, now_ms)) != 0)
		return r;
	if (g->is_from_officer && (r = send_on(s, g, bytes, now_ms)) != 0)
		return r;
	return store_reply(s, g->number, &post_object_codec, &object);
}

/* Does the originator's station say of this grant that it counts? */
/* The reader must be the one that was asked for: an originator might exchange him. */
static int
verify_counted(struct store *s, const struct granting *g, struct rd bytes)
{
	const struct store_credential *reader;
	const struct entry *entry;
	struct grant grant;
	int r;

	if ((r = grant_parse(bytes, &grant)) != 0 ||
		(r = opening_entry(s, address_of(g->originator), &entry)) != 0 ||
		(r = opening_credential(s, grant.credential, &reader)) != 0)
		return r;
	if (memcmp(reader->hash, g->reader_hash, HASH_LEN) != 0)
		return FAIL_MISMATCH;
	return grant_counts(&grant, entry->sign);
}

static int
counted_by_custody(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct granting *g = ctx;
	struct vault_object object;
	int r;

	if (answer->r != 0)
		r = opening_failed(s, answer);
	else if ((r = codec_parse_whole(&vault_object_codec, answer->body, &object)) == 0)
		r = counted(s, g, object.object, answer->now_ms);
	mem_free(g);
	return r;
}

static int
counted_by_originator(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct granting *g = ctx;
	struct post_object object;
	int r;

	if (answer->status == 0)
		r = store_because(s, FAIL_AGAIN,
			"%s does not answer; nothing was forwarded, try again later",
			g->originator);
	else if (answer->status != 200)
		r = answer->r != 0 ? opening_failed(s, answer) : FAIL_FORMAT;
	else if ((r = codec_parse_whole(&post_object_codec, answer->body, &object)) ==
			0 &&
		(r = verify_counted(s, g, object.object)) == 0)
		r = counted(s, g, object.object, answer->now_ms);
	mem_free(g);
	return r;
}

/* Takes g over when custody was asked. */
static int
ask_custody(struct store *s, const struct store_document *document, struct rd bytes,
	const struct opening_sides *sides, struct granting *g)
{
	struct vault_grant question = {.grant = bytes};
	struct buf keep, proofs;
	int r;

	buf_init(&keep, POST_BODY_MAX);
	buf_init(&proofs, POST_BODY_MAX);
	store_credential_proof(sides->granter, &proofs);
	store_credential_proof(sides->reader, &proofs);
	if ((r = buf_error(&proofs)) == 0 &&
		(r = store_document_keep(document, &keep)) == 0) {
		question.keep = rd_of(keep.data, keep.len);
		question.enrols = rd_of(proofs.data, proofs.len);
		r = store_vault(s, VAULT_COUNT_GRANT, &vault_grant_codec, &question,
			&(struct store_question){g->number, counted_by_custody, g});
	}
	buf_done(&keep);
	buf_done(&proofs);
	return r;
}

/* One that was counted before is as good. */
static int
count_again(struct store *s, const struct granting *g, uint64_t now_ms)
{
	struct buf bytes;
	int r;

	buf_init(&bytes, GRANT_LEN_MAX);
	r = objects_get_grant(store_db(s), g->document_id, g->reader_hash, &bytes);
	if (r == 0)
		r = counted(s, g, rd_of(bytes.data, bytes.len), now_ms);
	buf_done(&bytes);
	return r;
}

/* As originator.  Takes g over, also on failure. */
static int
count_here(struct store *s, struct granting *g, struct rd bytes, uint64_t now_ms)
{
	struct store_document *document = NULL;
	struct opening_why why = {""};
	struct opening_sides sides;
	struct grant grant;
	int r;

	if ((r = grant_parse(bytes, &grant)) != 0 ||
		(r = find_sides(s, &grant, &sides)) != 0 ||
		(r = store_document_load(s, g->document_id, &document)) != 0 ||
		(r = opening_grantable(s, document, &sides, now_ms / 1000, &why)) != 0)
		goto out;
	r = count_again(s, g, now_ms);
	if (r == FAIL_ABSENT) {
		r = ask_custody(s, document, bytes, &sides, g);
		if (r == 0)
			g = NULL;
	}
out:
	store_document_free(document);
	if (g != NULL)
		r = opening_answer_refusal(s, g->number, r, &why);
	mem_free(g);
	return r;
}

/* A grant names its envelope by hash alone; the document must be here. */
static int
granting_new(struct store *s, const struct store_ask *ask, const struct grant *grant,
	struct granting **ret_granting)
{
	struct store_document *document = NULL;
	struct granting *g = NULL;
	struct rd originator;
	int r;

	if ((r = mem_new(&g, sizeof *g)) != 0)
		return r;
	g->number = ask->number;
	hash_sha256(grant->credential.ptr, grant->credential.len, g->reader_hash);
	r = openings_find_envelope(store_db(s), grant->envelope_hash, g->document_id);
	if (r != 0 || (r = store_document_load(s, g->document_id, &document)) != 0)
		goto out;
	originator = document->header.core.originator;
	g->is_ours = document->found.is_ours;
	memcpy(g->originator, originator.ptr, originator.len);
	*ret_granting = g;
	g = NULL;
out:
	store_document_free(document);
	mem_free(g);
	return r;
}

/* /c/grant: an officer of ours passes it on. */
static int
ask_originator(struct store *s, const struct store_ask *ask, struct granting *g)
{
	const struct roster *roster = store_roster(s);
	size_t member = 0;
	int r;

	if (roster == NULL ||
		(r = roster_find(roster, address_of(g->originator), &member)) != 0)
		r = store_because(s, FAIL_ABSENT, "%s is not in the roster any more",
			g->originator);
	else
		r = store_call(s, member, "grant", ask->body,
			&(struct store_question){g->number, counted_by_originator, g});
	if (r != 0)
		mem_free(g);
	return r;
}

int
opening_handle_grant(struct store *s, const struct store_ask *ask)
{
	struct granting *g = NULL;
	struct post_grant body;
	uint8_t granter[HASH_LEN];
	struct grant grant;
	int r;

	if ((r = codec_parse_whole(&post_grant_codec, ask->body, &body)) != 0 ||
		(r = grant_parse(body.grant, &grant)) != 0)
		return r;
	hash_sha256(grant.granter.identity.ptr, grant.granter.identity.len, granter);
	if (memcmp(granter, ask->officer->hash, HASH_LEN) != 0)
		return store_because(
			s, FAIL_REFUSED, "a grant is sent by the device that signed it");
	if ((r = opening_learn(s, body.enrols, ask->now_ms, NULL)) != 0 ||
		(r = granting_new(s, ask, &grant, &g)) != 0)
		return r;
	g->is_from_officer = true;
	if ((r = store_document_may_read(s, ask->officer, g->document_id)) != 0) {
		mem_free(g);
		return r;
	}
	return g->is_ours ? count_here(s, g, body.grant, ask->now_ms)
			  : ask_originator(s, ask, g);
}

/* /p/grant: to be counted by us, or counted, for a reader of ours. */
static int
take_counted(struct store *s, const struct granting *g, struct rd bytes, uint64_t now_ms)
{
	const struct store_credential *reader;
	int r;

	if ((r = verify_counted(s, g, bytes)) != 0)
		return store_because(
			s, r, "%s has not countersigned this grant", g->originator);
	if ((r = store_credential_find(s, g->reader_hash, &reader)) != 0)
		return r;
	if (!opening_is_us(s, reader->credential.subject.member))
		return store_because(s, FAIL_REFUSED, "its reader is not of this member");
	return counted(s, g, bytes, now_ms);
}

/* Repeats are harmless: a grant that is there is kept, and told again. */
int
opening_handle_granted(struct store *s, const struct store_ask *ask)
{
	struct granting *g = NULL;
	struct post_grant body;
	struct opening_sides sides = {0};
	struct grant grant;
	int r;

	if ((r = codec_parse_whole(&post_grant_codec, ask->body, &body)) != 0 ||
		(r = grant_parse(body.grant, &grant)) != 0 ||
		(r = opening_learn(s, body.enrols, ask->now_ms, NULL)) != 0)
		return r;
	r = granting_new(s, ask, &grant, &g);
	if (r == FAIL_ABSENT)
		return store_because(
			s, FAIL_AGAIN, "the document of this grant is not here yet");
	if (r != 0)
		return r;
	if (!g->is_ours) {
		r = take_counted(s, g, body.grant, ask->now_ms);
		mem_free(g);
		return r;
	}
	if ((r = find_sides(s, &grant, &sides)) == 0 &&
		!opening_same(sides.granter->credential.subject.member,
			store_roster(s)->members[ask->member].name))
		r = store_because(s, FAIL_REFUSED,
			"a station passes on the grants of its own officers only");
	if (r != 0) {
		mem_free(g);
		return r;
	}
	return count_here(s, g, body.grant, ask->now_ms);
}
