/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "store/objects.h"
#include "store/openings.h"
#include "valised/store_cables_impl.h"

/*
 * Documents and chunks for those who may have them.  What they get is sealed: R slots, S and
 * V are opened elsewhere (store_opening_open.c).
 */

/* Which document, and is it for him?  One answer for "not here" and "not yours". */
static int
find_for(struct store *s, const struct store_ask *ask, const struct post_which *which,
	uint8_t ret_document_id[CORE_DOCUMENT_ID_LEN])
{
	int r;

	if ((r = store_document_which(s, which, ret_document_id)) == 0)
		r = store_document_may_read(s, ask->officer, ret_document_id);
	if (r == FAIL_ABSENT)
		return store_because(s, r, "there is no such document for you here");
	return r;
}

/* The body when it is small enough, and here. */
static int
take_body(struct store *s, const struct store_document *d, struct buf *body)
{
	const struct chunks c = cables_chunks(s);
	uint8_t hash[HASH_LEN];

	if (d->found.len == 0 || d->found.len > POST_INLINE_MAX ||
		d->found.state != DOCUMENTS_WHOLE)
		return 0;
	return chunks_get(&c, d->document_id, 0, body, hash);
}

static int
take_grant(struct store *s, const struct store_ask *ask, const uint8_t *document_id,
	struct buf *grant)
{
	const int r =
		objects_get_grant(store_db(s), document_id, ask->officer->hash, grant);

	return r == FAIL_ABSENT ? 0 : r;
}

static int
reply_document(
	struct store *s, const struct store_ask *ask, const struct store_document *d)
{
	struct post_document post = {.header = d->header_bytes,
		.body_len = d->found.len,
		.trailer = d->trailer,
		.send = d->send,
		.enrols = d->enrols};
	struct buf body, grant;
	int r;

	buf_init(&body, POST_INLINE_MAX);
	buf_init(&grant, UINT16_MAX);
	if ((r = take_body(s, d, &body)) != 0 ||
		(r = take_grant(s, ask, d->document_id, &grant)) != 0)
		goto out;
	post.body = rd_of(body.data, body.len);
	post.grant = rd_of(grant.data, grant.len);
	r = store_reply(s, ask->number, &post_document_codec, &post);
out:
	buf_done(&grant);
	buf_done(&body);
	return r;
}

int
cables_handle_document(struct store *s, const struct store_ask *ask)
{
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	struct store_document *d = NULL;
	struct post_which which;
	int r;

	if ((r = codec_parse_whole(&post_which_codec, ask->body, &which)) != 0 ||
		(r = find_for(s, ask, &which, document_id)) != 0 ||
		(r = store_document_load(s, document_id, &d)) != 0)
		return r;
	r = reply_document(s, ask, d);
	store_document_free(d);
	return r;
}

int
cables_handle_chunk_get(struct store *s, const struct store_ask *ask)
{
	const struct chunks c = cables_chunks(s);
	uint8_t document_id[CORE_DOCUMENT_ID_LEN], hash[HASH_LEN];
	struct post_chunk post = {.document_id = document_id, .hash = hash};
	struct post_which which;
	struct buf bytes;
	int r;

	buf_init(&bytes, POST_CHUNK_LEN);
	if ((r = codec_parse_whole(&post_which_codec, ask->body, &which)) != 0 ||
		(r = find_for(s, ask, &which, document_id)) != 0 ||
		(r = chunks_get(&c, document_id, which.chunk, &bytes, hash)) != 0)
		goto out;
	post.number = which.chunk;
	post.bytes = rd_of(bytes.data, bytes.len);
	r = store_reply(s, ask->number, &post_chunk_codec, &post);
out:
	buf_done(&bytes);
	return r;
}

/* How far each addressee of a document of ours has come. */

static int
take_kept(void *ctx, const struct openings_kept *kept)
{
	const struct post_name name = {kept->member};

	codec_write(&post_name_codec, &name, ctx);
	return buf_error(ctx);
}

struct newest {
	struct store *s;
	const uint8_t *document_id;
	const uint8_t *lookup;
	struct buf bytes;
};

/* They come in the order in which they were kept: the last one of an addressee stays. */
static int
take_newest(void *ctx, const uint8_t lookup[HASH_LEN], struct rd bytes)
{
	struct newest *n = ctx;
	const struct store_rows_place place = {cables_column_receipt, n->document_id};

	if (memcmp(lookup, n->lookup, HASH_LEN) != 0)
		return 0;
	buf_clear(&n->bytes);
	return store_rows_open(n->s, &place, bytes, &n->bytes);
}

static int
write_progress(struct store *s, const uint8_t *document_id,
	const struct store_addressee *a, struct buf *out)
{
	uint8_t lookup[HASH_LEN];
	struct newest n = {.s = s, .document_id = document_id, .lookup = lookup};
	struct post_progress progress = {.address = a->address,
		.role = (uint8_t)a->role,
		.precedence = a->precedence,
		.state = (uint8_t)a->state,
		.due_s = a->due_s,
		.changed_s = a->changed_s};
	int r;

	buf_init(&n.bytes, RECEIPT_LEN_MAX);
	if ((r = store_rows_lookup(s, a->address, lookup)) != 0 ||
		(r = deliveries_each_receipt(
			 store_db(s), document_id, take_newest, &n)) != 0)
		goto out;
	progress.receipt = rd_of(n.bytes.data, n.bytes.len);
	codec_write(&post_progress_codec, &progress, out);
	r = buf_error(out);
out:
	buf_done(&n.bytes);
	return r;
}

static int
reply_state(struct store *s, const struct store_ask *ask, const struct store_document *d)
{
	struct post_state state = {
		.number = d->found.number, .threshold = d->header.core.threshold};
	struct store_addressees all = {0};
	struct buf kept, progress;
	int r;

	buf_init(&kept, 1024);
	buf_init(&progress, POST_RECEIPTS_MAX);
	if ((r = openings_each_kept(store_db(s), d->document_id, take_kept, &kept)) !=
			0 ||
		(r = store_addressees_load(s, d->document_id, &all)) != 0)
		goto out;
	for (size_t i = 0; r == 0 && i < all.count; i++)
		r = write_progress(s, d->document_id, &all.items[i], &progress);
	if (r != 0)
		goto out;
	state.kept_by = rd_of(kept.data, kept.len);
	state.addressees = rd_of(progress.data, progress.len);
	r = store_reply(s, ask->number, &post_state_codec, &state);
out:
	store_addressees_done(&all);
	buf_done(&progress);
	buf_done(&kept);
	return r;
}

int
cables_handle_state(struct store *s, const struct store_ask *ask)
{
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	struct store_document *d = NULL;
	struct post_which which;
	int r;

	if ((r = codec_parse_whole(&post_which_codec, ask->body, &which)) != 0)
		return r;
	if ((r = store_document_which(s, &which, document_id)) != 0 ||
		(r = store_document_load(s, document_id, &d)) != 0)
		goto out;
	r = store_document_may_act(s, ask->officer, d);
	if (r == 0)
		r = reply_state(s, ask, d);
out:
	store_document_free(d);
	if (r == FAIL_ABSENT || r == FAIL_REFUSED)
		return store_because(
			s, FAIL_ABSENT, "there is no such document of yours here");
	return r;
}
