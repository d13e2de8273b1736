/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "custody/keep.h"
#include "custody/kept.h"
#include "valised/store_opening.h"

/*
 * A custodian takes one envelope under a document id and never another: whoever could put a
 * second one in its place could have the shares of the first forgotten.  Custody checks
 * signatures, rule and share; its document key is durable before our row is.
 */

struct keeping {
	uint64_t number;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	struct buf keep;
};

static void
keeping_free(struct keeping *k)
{
	if (k == NULL)
		return;
	buf_done(&k->keep);
	mem_free(k);
}

static int
reply_kept(struct store *s, uint64_t number, const struct buf *kept)
{
	struct post_object object = {.object = rd_of(kept->data, kept->len)};

	return store_reply(s, number, &post_object_codec, &object);
}

/* FAIL_ABSENT: nothing is kept under this id.  FAIL_EXISTS: another envelope is. */
static int
reply_again(struct store *s, uint64_t number, const uint8_t *document_id,
	const uint8_t envelope_hash[HASH_LEN])
{
	struct buf kept;
	struct kept k;
	int r;

	buf_init(&kept, KEPT_LEN_MAX);
	if ((r = openings_get_kept(
		     store_db(s), document_id, store_ready(s)->member, &kept)) != 0 ||
		(r = kept_parse(rd_of(kept.data, kept.len), &k)) != 0)
		goto out;
	if (memcmp(k.envelope_hash, envelope_hash, HASH_LEN) != 0)
		r = store_because(s, FAIL_EXISTS,
			"another envelope is kept here under this document id");
	else
		r = reply_kept(s, number, &kept);
out:
	buf_done(&kept);
	return r;
}

/* KEEP for the openings to come, KEPT for the repeats of this one. */
static int
put_rows(struct store *s, const struct keeping *k, const struct vault_kept *kept,
	uint64_t now_s)
{
	struct objects_keep row = {.number = kept->number,
		.keep = rd_of(k->keep.data, k->keep.len),
		.share = kept->sealed,
		.kept_s = now_s};
	int r;

	memcpy(row.document_id, k->document_id, sizeof row.document_id);
	memcpy(row.envelope_hash, k->envelope_hash, HASH_LEN);
	if ((r = objects_put_keep(store_db(s), &row)) != 0)
		return r;
	return openings_put_kept(store_db(s),
		&(struct openings_kept){.document_id = k->document_id,
			.member = store_ready(s)->member,
			.number = kept->number,
			.kept = kept->kept,
			.kept_s = now_s});
}

/* Custody has the share, durable. */
static int
keep_done(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct keeping *k = ctx;
	struct post_object object;
	struct vault_kept kept;
	int r;

	if (answer->r != 0) {
		r = opening_failed(s, answer);
		goto out;
	}
	/* The same KEEP may have been on its way twice. */
	r = reply_again(s, k->number, k->document_id, k->envelope_hash);
	if (r != FAIL_ABSENT)
		goto out;
	if ((r = codec_parse_whole(&vault_kept_codec, answer->body, &kept)) != 0 ||
		(r = put_rows(s, k, &kept, answer->now_ms / 1000)) != 0)
		goto out;
	object.object = kept.kept;
	r = store_reply(s, k->number, &post_object_codec, &object);
out:
	keeping_free(k);
	return r;
}

/* The proofs of who signed the trailer, in its order. */
static int
prove_signers(struct store *s, const struct trailer *trailer, struct buf *proofs)
{
	const struct store_credential *credential;
	int r;

	for (size_t i = 0; i < trailer->signer_count; i++) {
		r = opening_credential(s, trailer->signers[i].identity, &credential);
		if (r != 0)
			return store_because(s, FAIL_SIGNER,
				"the enrolment of a signer did not come with the share");
		store_credential_proof(credential, proofs);
	}
	return buf_error(proofs);
}

/*
 * Store's own part: whose envelope it is, by whom it was sent, and that one of its shares is
 * ours.  Without the first, a member could fill our disk with envelopes of others.
 */
static int
check_keep(struct store *s, const struct store_ask *ask, const struct keep *keep)
{
	const struct entry *entry = &store_roster(s)->members[ask->member];
	uint8_t number;
	int r;

	if (!opening_same(keep->core.originator, entry->name))
		return store_because(
			s, FAIL_REFUSED, "shares are taken from the originator alone");
	if ((r = send_verify(&keep->send, entry->sign)) != 0)
		return store_because(s, r, "SEND is not signed by %.*s",
			(int)entry->name.len, (const char *)entry->name.ptr);
	if (keep_share_number(&keep->core, store_ready(s)->member, &number) != 0)
		return store_because(
			s, FAIL_REFUSED, "this station is no custodian of that document");
	return 0;
}

/* The KEEP is kept in memory meanwhile: the row is put when custody has its key durable. */
static int
ask_custody(struct store *s, const struct store_ask *ask, const struct keep *keep,
	struct rd keep_bytes)
{
	struct vault_keep question = {.keep = keep_bytes};
	struct keeping *k = NULL;
	struct buf proofs;
	int r;

	buf_init(&proofs, POST_BODY_MAX);
	if ((r = mem_new(&k, sizeof *k)) != 0)
		goto out;
	k->number = ask->number;
	memcpy(k->document_id, keep->core.document_id, sizeof k->document_id);
	memcpy(k->envelope_hash, keep->envelope_hash, HASH_LEN);
	buf_init(&k->keep, KEEP_LEN_MAX);
	buf_bytes(&k->keep, keep_bytes.ptr, keep_bytes.len);
	if ((r = buf_error(&k->keep)) != 0 ||
		(r = prove_signers(s, &keep->trailer, &proofs)) != 0)
		goto out;
	question.enrols = rd_of(proofs.data, proofs.len);
	r = store_vault(s, VAULT_KEEP, &vault_keep_codec, &question,
		&(struct store_question){ask->number, keep_done, k});
	if (r == 0)
		k = NULL;
out:
	keeping_free(k);
	buf_done(&proofs);
	return r;
}

int
opening_handle_keep(struct store *s, const struct store_ask *ask)
{
	struct post_keep body;
	struct keep keep;
	int r;

	if ((r = codec_parse_whole(&post_keep_codec, ask->body, &body)) != 0 ||
		(r = keep_parse(body.keep, &keep)) != 0 ||
		(r = check_keep(s, ask, &keep)) != 0 ||
		(r = opening_learn(s, body.enrols, ask->now_ms, NULL)) != 0)
		return r;
	r = reply_again(s, ask->number, keep.core.document_id, keep.envelope_hash);
	if (r != FAIL_ABSENT)
		return r;
	return ask_custody(s, ask, &keep, body.keep);
}

/* Originator: KEPTs come back. */

static int
count_kept(void *ctx, const struct openings_kept *kept)
{
	size_t *count = ctx;

	(void)kept;
	(*count)++;
	return 0;
}

/* Of this member, for its own share of this envelope: a KEPT for another proves nothing. */
static int
verify_kept(struct store *s, const struct store_document *document, struct rd member,
	const struct kept *kept)
{
	const struct entry *entry;
	uint8_t number = 0;
	int r;

	if ((r = opening_entry(s, member, &entry)) != 0 ||
		(r = keep_share_number(&document->header.core, member, &number)) != 0)
		return r;
	if (!opening_same(kept->member, member) || kept->number != number ||
		memcmp(kept->envelope_hash, document->found.envelope_hash, HASH_LEN) != 0)
		return FAIL_MISMATCH;
	return kept_verify(kept, entry->sign);
}

int
opening_kept(struct store *s, struct rd member, const uint8_t document_id[16],
	struct rd body, uint64_t now_ms)
{
	struct store_document *document = NULL;
	struct post_object object;
	struct kept kept;
	size_t count = 0;
	int r;

	if ((r = codec_parse_whole(&post_object_codec, body, &object)) != 0 ||
		(r = kept_parse(object.object, &kept)) != 0 ||
		(r = store_document_load(s, document_id, &document)) != 0 ||
		(r = verify_kept(s, document, member, &kept)) != 0)
		goto out;
	/* One that is here already counts once; t different members are asked. */
	r = openings_put_kept(store_db(s),
		&(struct openings_kept){.document_id = document_id,
			.member = member,
			.number = kept.number,
			.kept = object.object,
			.kept_s = now_ms / 1000});
	if ((r != 0 && r != FAIL_EXISTS) ||
		(r = openings_each_kept(store_db(s), document_id, count_kept, &count)) !=
			0)
		goto out;
	if (count >= document->header.core.threshold)
		r = store_cables_kept(s, document_id, now_ms);
out:
	store_document_free(document);
	return r;
}
