/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "custody/keep.h"
#include "valised/store_opening.h"

/*
 * One REQUEST, answered here as originator (its V-key, under a numbered copy) or as custodian
 * (our share).  The row of the opening is in the same commit as the
 * question to custody, so a number is given once; its answer is in the same commit as the
 * reply, so nothing is handed out that is not on record.
 */

struct openings_key
opening_key_of(const struct opening *o)
{
	return (struct openings_key){.request_hash = o->request_hash, .role = o->role};
}

/* After the first opening of its kind the originator is told that it was read. */
static int
note_read(struct store *s, const struct opening *o, uint64_t now_ms)
{
	const struct store_credential *officer;
	int r;

	if (!o->is_own_officer || o->role == OPENINGS_CUSTODIAN)
		return 0;
	if ((r = store_credential_find(s, o->credential_hash, &officer)) != 0)
		return r;
	r = opening_receipts_read(s, officer, o->document_id, now_ms);
	/* Who has been let in is let in, whatever becomes of the receipt. */
	return r == FAIL_ABSENT ? 0 : r;
}

int
opening_reply(struct store *s, const struct opening *o, const struct post_opened *opened,
	uint64_t now_ms)
{
	int r;

	if ((r = note_read(s, o, now_ms)) != 0)
		return r;
	return store_reply(s, o->number, &post_opened_codec, opened);
}

/* A repeat of a request that was answered.  FAIL_ABSENT: it was not, though its row may be there. */
static int
reply_again(struct store *s, const struct opening *o, uint64_t now_ms, bool *ret_is_asked)
{
	struct openings_key key = opening_key_of(o);
	struct post_opened opened;
	struct buf answer;
	uint32_t copy;
	int r;

	buf_init(&answer, POST_BODY_MAX);
	if ((r = openings_get(store_db(s), &key, &answer, &copy)) != 0)
		goto out;
	*ret_is_asked = true;
	if (answer.len == 0) {
		r = FAIL_ABSENT;
		goto out;
	}
	r = codec_parse_whole(
		&post_opened_codec, rd_of(answer.data, answer.len), &opened);
	if (r == 0)
		r = opening_reply(s, o, &opened, now_ms);
out:
	buf_done(&answer);
	return r;
}

/*
 * While custody was at work an order or a recall may have come, and whoever gave it was told
 * that it is done.  Then the answer stays here.
 */
static int
check_still(struct store *s, const struct opening *o)
{
	const struct opening_of of = {o->document_id, address_of(o->member)};
	const struct store_credential *credential;
	struct opening_why why = {""};
	int r;

	if ((r = store_credential_find(s, o->credential_hash, &credential)) != 0 ||
		((r = opening_ended(s, &of, &why)) == 0 &&
			(r = opening_barred(s, credential, of.originator, &why)) == 0))
		return r;
	return store_because(s, r, "%s", why.text);
}

/* The keys are in the answer from here on: its row goes first, in the same commit. */
static int
opened_done(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct opening *o = ctx;
	struct openings_key key = opening_key_of(o);
	struct vault_opened opened;
	struct post_opened post;
	struct buf row;
	int r;

	buf_init(&row, POST_BODY_MAX);
	if (answer->r != 0) {
		r = opening_failed(s, answer);
		goto out;
	}
	if ((r = check_still(s, o)) != 0 ||
		(r = codec_parse_whole(&vault_opened_codec, answer->body, &opened)) != 0)
		goto out;
	post = (struct post_opened){
		.authorisation = opened.authorisation, .answer = opened.answer};
	codec_write(&post_opened_codec, &post, &row);
	if ((r = buf_error(&row)) != 0 ||
		(r = openings_answer(store_db(s), &key, rd_of(row.data, row.len))) != 0)
		goto out;
	r = opening_reply(s, o, &post, answer->now_ms);
out:
	buf_done(&row);
	mem_free(o);
	return r;
}

/* Asked, without an answer: from now on this officer's number is taken. */
static int
put_row(struct store *s, const struct opening_ask *ask, const struct opening *o,
	uint32_t copy, uint64_t now_s)
{
	const struct subject *who = &ask->credential->credential.subject;

	return openings_put(store_db(s),
		&(struct openings_row){.key = opening_key_of(o),
			.document_id = o->document_id,
			.credential_hash = o->credential_hash,
			.member = who->member,
			.officer = who->officer,
			.device = who->device,
			.copy = copy,
			.time_s = now_s});
}

/* An officer's copies of a document all have one number. */
static int
number_copy(struct store *s, const struct opening_ask *ask, const struct opening *o,
	uint32_t *ret_copy)
{
	const struct subject *who = &ask->credential->credential.subject;
	struct opening_authorisation a;
	int r;

	if (o->role == OPENINGS_ORIGINATOR)
		return openings_copy(store_db(s),
			&(struct openings_officer){.document_id = o->document_id,
				.member = who->member,
				.officer = who->officer},
			ret_copy);
	if ((r = opening_authorisation_parse(ask->open.authorisation, &a)) == 0)
		*ret_copy = a.copy;
	return r;
}

/* The rules have let it pass: answer again, or put the row and ask custody. */
struct question {
	struct rd originator;
	struct rd keep;
	struct rd sealed;
};

static int
ask_custody(struct store *s, const struct opening_ask *ask, const struct opening *o,
	const struct question *q, uint64_t now_ms)
{
	struct vault_open open = {.request = ask->open.request,
		.evidence = ask->open.evidence,
		.authorisation = ask->open.authorisation,
		.keep = q->keep,
		.sealed = q->sealed};
	bool is_originator = o->role == OPENINGS_ORIGINATOR, is_asked = false;
	struct opening *kept = NULL;
	struct buf proof;
	uint32_t copy = 0;
	int r;

	if ((r = reply_again(s, o, now_ms, &is_asked)) != FAIL_ABSENT)
		return r;
	buf_init(&proof, POST_BODY_MAX);
	store_credential_proof(ask->credential, &proof);
	if ((r = buf_error(&proof)) != 0 || (r = number_copy(s, ask, o, &copy)) != 0 ||
		(!is_asked && (r = put_row(s, ask, o, copy, now_ms / 1000)) != 0) ||
		(r = mem_new(&kept, sizeof *kept)) != 0)
		goto out;
	*kept = *o;
	memcpy(kept->member, q->originator.ptr, q->originator.len);
	open.enrols = rd_of(proof.data, proof.len);
	open.copy = is_originator ? copy : 0;
	r = store_vault(s, is_originator ? VAULT_AUTHORISE : VAULT_SHARE,
		&vault_open_codec, &open,
		&(struct store_question){o->number, opened_done, kept});
	if (r == 0)
		kept = NULL;
out:
	mem_free(kept);
	buf_done(&proof);
	return r;
}

/* The originator decides whether it is opened at all. */
static int
as_originator(struct store *s, const struct opening_ask *ask, const struct opening *o,
	uint64_t now_ms, struct opening_why *why)
{
	uint64_t now_s = now_ms / 1000;
	struct store_document *document = NULL;
	uint8_t r_hash[HASH_LEN];
	struct opening_readers readers;
	struct question q;
	struct buf keep;
	int r;

	buf_init(&keep, KEEP_LEN_MAX);
	if ((r = store_document_load(s, o->document_id, &document)) != 0)
		goto out;
	if (!document->found.is_ours || document->sealed.len == 0) {
		r = opening_refuse(
			why, FAIL_ABSENT, "no such document was sent from here");
		goto out;
	}
	/* The cheap questions first; each is asked before the row is put and custody is asked. */
	hash_sha256(document->header.r.bytes.ptr, document->header.r.bytes.len, r_hash);
	readers = (struct opening_readers){
		&document->header.core, document->found.envelope_hash, r_hash};
	if ((r = opening_ask_fits(ask, readers.core, readers.envelope_hash, why)) != 0 ||
		(r = opening_alive(s, readers.core, now_s, why)) != 0 ||
		(r = opening_standing(s, ask->credential, readers.core->originator, now_s,
			 why)) != 0 ||
		(r = opening_cleared(s, &ask->credential->credential, readers.core->label,
			 why)) != 0 ||
		(r = opening_ask_is_reader(s, ask, &readers, why)) != 0 ||
		(r = store_document_keep(document, &keep)) != 0)
		goto out;
	q = (struct question){
		readers.core->originator, rd_of(keep.data, keep.len), document->sealed};
	r = ask_custody(s, ask, o, &q, now_ms);
out:
	store_document_free(document);
	buf_done(&keep);
	return r;
}

/* A custodian sees to what may not wait for the originator: holds, recalls, revocations. */
static int
as_custodian(struct store *s, const struct opening_ask *ask, const struct opening *o,
	uint64_t now_ms, struct opening_why *why)
{
	uint64_t now_s = now_ms / 1000;
	struct opening_readers readers;
	struct buf bytes, sealed;
	struct question q;
	struct keep keep;
	int r;

	buf_init(&bytes, KEEP_LEN_MAX);
	buf_init(&sealed, VAULT_SEALED_MAX);
	r = objects_get_keep(store_db(s), o->document_id, &bytes, &sealed);
	if (r == FAIL_ABSENT)
		r = opening_refuse(
			why, r, "no share of that document is kept at this station");
	if (r != 0 || (r = keep_parse(rd_of(bytes.data, bytes.len), &keep)) != 0)
		goto out;
	readers = (struct opening_readers){&keep.core, keep.envelope_hash, keep.r_hash};
	if ((r = opening_ask_fits(ask, &keep.core, keep.envelope_hash, why)) != 0 ||
		(r = opening_alive(s, &keep.core, now_s, why)) != 0 ||
		(r = opening_standing(
			 s, ask->credential, keep.core.originator, now_s, why)) != 0 ||
		(r = opening_ask_is_reader(s, ask, &readers, why)) != 0)
		goto out;
	q = (struct question){keep.core.originator, rd_of(bytes.data, bytes.len),
		rd_of(sealed.data, sealed.len)};
	r = ask_custody(s, ask, o, &q, now_ms);
out:
	buf_done(&bytes);
	buf_done(&sealed);
	return r;
}

/* What comes with an AUTHORISATION asks for a share, what comes without for the authorisation. */
int
opening_here(struct store *s, const struct opening_incoming *in, struct opening_ask *ask)
{
	bool is_custodian = ask->open.authorisation.len > 0;
	struct opening o = {.number = in->number,
		.role = is_custodian ? OPENINGS_CUSTODIAN : OPENINGS_ORIGINATOR,
		.is_own_officer = in->is_own_officer};
	struct opening_why why = {""};
	int r;

	memcpy(o.request_hash, ask->request_hash, HASH_LEN);
	memcpy(o.document_id, ask->request.document_id, sizeof o.document_id);
	memcpy(o.credential_hash, ask->credential_hash, HASH_LEN);
	r = opening_ask_prove(s, ask, in->member, in->now_ms, &why);
	if (r == 0)
		r = is_custodian ? as_custodian(s, ask, &o, in->now_ms, &why)
				 : as_originator(s, ask, &o, in->now_ms, &why);
	return opening_answer_refusal(s, in->number, r, &why);
}

int
opening_handle_open(struct store *s, const struct store_ask *ask)
{
	const struct opening_incoming in = {.number = ask->number,
		.member = store_roster(s)->members[ask->member].name,
		.now_ms = ask->now_ms};
	struct opening_ask opening;
	int r;

	if ((r = opening_ask_parse(ask->body, &opening)) != 0)
		return r;
	return opening_here(s, &in, &opening);
}
