/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/store_cables_impl.h"

/*
 * Envelopes come in: from our officers to be sent, from members and files to be read here.
 * All three may be repeated: the same envelope gets the same kind of answer.
 */

struct arrival {
	struct store *s;
	const uint8_t *document_id;
	struct buf receipts;
};

static int
take_receipt(void *ctx, const uint8_t lookup[HASH_LEN], struct rd bytes)
{
	struct arrival *a = ctx;
	const struct store_rows_place place = {cables_column_receipt, a->document_id};
	struct post_object object;
	struct buf plain;
	int r;

	(void)lookup;
	buf_init(&plain, RECEIPT_LEN_MAX);
	if ((r = store_rows_open(a->s, &place, bytes, &plain)) == 0) {
		object.object = rd_of(plain.data, plain.len);
		codec_write(&post_object_codec, &object, &a->receipts);
		r = buf_error(&a->receipts);
	}
	buf_done(&plain);
	return r;
}

static int
write_missing(struct store *s, const uint8_t *document_id, uint64_t from, struct buf *out)
{
	uint64_t numbers[CABLES_MISSING_MAX];
	struct chunks_gap gap = {.from = from, .max = CABLES_MISSING_MAX};
	size_t count = 0;
	int r;

	r = chunks_missing(store_db(s), document_id, gap, numbers, &count);
	/* Nothing behind the newest one: what came before it may be missing. */
	if (r == 0 && count == 0 && from > 0) {
		gap.from = 0;
		r = chunks_missing(store_db(s), document_id, gap, numbers, &count);
	}
	for (size_t i = 0; r == 0 && i < count; i++)
		buf_u32(out, (uint32_t)numbers[i]);
	return r != 0 ? r : buf_error(out);
}

/* To whom receipts are shown: a member that forwards a document is not told who has it. */
static int
is_for_asker(
	struct store *s, const struct store_ask *ask, struct rd core_bytes, bool *ret_is)
{
	struct core core;
	int r;

	*ret_is = ask->who == STORE_OFFICER;
	if (ask->who != STORE_MEMBER)
		return 0;
	if ((r = core_parse(&core_bytes, &core)) != 0)
		return FAIL_ALTERED;
	*ret_is =
		cables_same(core.originator, store_roster(s)->members[ask->member].name);
	return 0;
}

static int
write_receipts(struct store *s, const struct store_ask *ask, const struct buf *core,
	struct arrival *a)
{
	bool is = false;
	int r;

	if ((r = is_for_asker(s, ask, rd_of(core->data, core->len), &is)) != 0 || !is)
		return r;
	return deliveries_each_receipt(store_db(s), a->document_id, take_receipt, a);
}

int
cables_reply_arrival(struct store *s, const struct store_ask *ask,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], uint64_t from)
{
	struct arrival a = {.s = s, .document_id = document_id};
	struct post_arrival answer = {0};
	struct documents_found found;
	struct buf core, missing;
	int r;

	buf_init(&core, CORE_LEN_MAX);
	buf_init(&missing, CABLES_MISSING_MAX * sizeof(uint32_t));
	buf_init(&a.receipts, POST_RECEIPTS_MAX);
	if ((r = documents_get(store_db(s), document_id, &core, &found)) != 0)
		goto out;
	if (found.state == DOCUMENTS_WHOLE && !found.is_ours)
		r = write_receipts(s, ask, &core, &a);
	else if (found.state != DOCUMENTS_WHOLE)
		r = write_missing(s, document_id, from, &missing);
	if (r != 0)
		goto out;
	answer.state = found.state == DOCUMENTS_WHOLE;
	answer.number = found.number;
	answer.missing = rd_of(missing.data, missing.len);
	answer.receipts = rd_of(a.receipts.data, a.receipts.len);
	r = store_reply(s, ask->number, &post_arrival_codec, &answer);
out:
	buf_done(&a.receipts);
	buf_done(&missing);
	buf_done(&core);
	return r;
}

int
cables_whole(struct store *s, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	bool is_ours, uint64_t now_ms)
{
	struct store_addressees all = {0};
	struct cables *c = NULL;
	int r;

	if ((r = cables_of(s, &c)) != 0)
		return r;
	store_count_accepted(s);
	if (is_ours) {
		c->accepted++;
		return documents_set_work(
			store_db(s), document_id, DOCUMENTS_WORK_SEND, now_ms / 1000);
	}
	if ((r = store_addressees_load(s, document_id, &all)) != 0)
		return r;
	/* One that is forwarded names none of ours; its GRANT says who may read it. */
	if (all.count > 0)
		r = store_opening_arrived(s, document_id, 0, now_ms);
	store_addressees_done(&all);
	return r;
}

/* The signers' enrolments as they lie here; each was found before. */
int
cables_enrols(struct store *s, const struct trailer *trailer, struct buf *out)
{
	const struct store_credential *credential = NULL;
	struct post_enrol enrol;
	uint8_t hash[HASH_LEN];
	int r;

	for (size_t i = 0; i < trailer->signer_count; i++) {
		const struct rd identity = trailer->signers[i].identity;

		hash_sha256(identity.ptr, identity.len, hash);
		if ((r = store_credential_find(s, hash, &credential)) != 0)
			return r;
		enrol.enrol = credential->enrol;
		codec_write(&post_enrol_codec, &enrol, out);
	}
	return buf_error(out);
}

/* New rows, and what follows from a body that is whole at once. */
static int
put_new(struct store *s, const struct store_ask *ask, const struct cables_envelope *e,
	const struct cables_put *put)
{
	bool is_whole = false;
	int r;

	if ((r = cables_put(s, e, put, &is_whole)) != 0)
		return r;
	return !is_whole
		? 0
		: cables_whole(s, e->header.core.document_id, put->is_ours, ask->now_ms);
}

/* An officer of ours hands in what he has sealed. */
int
cables_handle_announce(struct store *s, const struct store_ask *ask)
{
	struct cables_envelope *e = NULL;
	bool is_known = false;
	struct buf enrols;
	int r;

	buf_init(&enrols, UINT16_MAX);
	if ((r = cables_envelope_new(s, ask->body, &e)) != 0 ||
		(r = cables_envelope_known(s, e, &is_known)) != 0)
		goto out;
	if (!is_known) {
		struct cables_put put = {
			.is_ours = true, .state = DELIVERY_QUEUED, .now_ms = ask->now_ms};

		e->post.send = rd_of(NULL, 0);
		if ((r = cables_check_send(s, ask, e)) != 0 ||
			(r = cables_enrols(s, &e->trailer, &enrols)) != 0)
			goto out;
		put.enrols = rd_of(enrols.data, enrols.len);
		if ((r = put_new(s, ask, e, &put)) != 0)
			goto out;
	}
	r = cables_reply_arrival(s, ask, e->header.core.document_id, 0);
out:
	cables_envelope_free(e);
	buf_done(&enrols);
	return r;
}
