/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "custody/recall.h"
#include "envelope/grams.h"
#include "member/subject.h"
#include "store/grams.h"
#include "store/openings.h"
#include "valised/store_cables.h"
#include "valised/store_rows.h"

/*
 * Text for the index host of this member, sealed to it by the author's client.  The station
 * holds what it cannot read, for one host each, until that says it has it or 90 days are over.
 */

/* The author of a document of ours, and nobody else, says what its text is. */
static int
check_author(struct store *s, const struct store_ask *ask, const uint8_t *document_id)
{
	struct store_document *document = NULL;
	int r;

	if ((r = store_document_load(s, document_id, &document)) == FAIL_ABSENT)
		return store_because(s, r, "no such document is here");
	if (r == 0 && !document->found.is_ours)
		r = store_because(
			s, FAIL_REFUSED, "only what was sent from here is indexed here");
	else if (r == 0 && store_document_may_act(s, ask->officer, document) != 0)
		r = store_because(s, FAIL_REFUSED, "that is its author's to do");
	store_document_free(document);
	return r;
}

static int
check_living(struct store *s, const uint8_t *document_id)
{
	struct openings_recall which = {.document_id = document_id,
		.member = store_ready(s)->member,
		.kind = RECALL_DESTROY};
	struct buf kept;
	int r;

	buf_init(&kept, RECALL_LEN_MAX);
	r = openings_get_recall(store_db(s), &which, &kept);
	buf_done(&kept);
	if (r == 0)
		return store_because(s, FAIL_REFUSED, "the document was destroyed");
	return r == FAIL_ABSENT ? 0 : r;
}

/* An index host of ours, by the directory of today. */
static int
check_host(struct store *s, const uint8_t *hash)
{
	const struct directory *d = store_directory(s, store_ready(s)->member);
	size_t at;

	if (d == NULL || directory_find_hash(d, hash, &at) != 0 ||
		d->credentials[at].kind != SUBJECT_INDEX_HOST)
		return store_because(s, FAIL_REFUSED, "no such index host is enrolled");
	return 0;
}

static int
handle_put(struct store *s, const struct store_ask *ask)
{
	struct grams_row row = {.kept_s = ask->now_ms / 1000};
	struct post_grams body;
	struct grams_blob blob;
	int r;

	if ((r = codec_parse_whole(&post_grams_codec, ask->body, &body)) != 0 ||
		(r = grams_blob_parse(body.blob, &blob)) != 0)
		return store_because(s, r, "these are no grams");
	if ((r = check_author(s, ask, blob.place.document_id)) != 0 ||
		(r = check_living(s, blob.place.document_id)) != 0 ||
		(r = check_host(s, body.host)) != 0)
		return r;
	row.host = body.host;
	row.place = blob.place;
	row.bytes = body.blob;
	if (row.kept_s > GRAMS_KEPT_S &&
		(r = grams_expire(store_db(s), row.kept_s - GRAMS_KEPT_S)) != 0)
		return r;
	if ((r = grams_put_row(store_db(s), &row)) != 0)
		return r;
	return store_reply(s, ask->number, NULL, NULL);
}

/* From here on: for index hosts. */

static int
may_have(struct store *s, const struct store_ask *ask)
{
	if (ask->officer->credential.subject.kind == SUBJECT_INDEX_HOST)
		return 0;
	return store_because(s, FAIL_REFUSED, "this is for an index host");
}

static int
put_set(void *ctx, const struct grams_set *set)
{
	struct post_grams_set post = {.number = set->number,
		.document_id = set->document_id,
		.set_id = set->set_id,
		.pieces = set->pieces,
		.kept_s = set->kept_s};

	codec_write(&post_grams_set_codec, &post, ctx);
	return buf_error(ctx);
}

static int
put_gone(void *ctx, uint64_t number, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	struct post_grams_gone post = {.number = number, .document_id = document_id};

	codec_write(&post_grams_gone_codec, &post, ctx);
	return buf_error(ctx);
}

static int
reply_list(struct store *s, const struct store_ask *ask, const struct buf *items)
{
	struct post_list list = {.items = rd_of(items->data, items->len)};

	return store_reply(s, ask->number, &post_list_codec, &list);
}

static int
handle_list(struct store *s, const struct store_ask *ask)
{
	uint64_t now_s = ask->now_ms / 1000;
	struct post_grams_ask body;
	struct buf items;
	int r;

	if ((r = may_have(s, ask)) != 0 ||
		(r = codec_parse_whole(&post_grams_ask_codec, ask->body, &body)) != 0)
		return r;
	if (body.after > DB_INT_MAX)
		return FAIL_LIMIT;
	buf_init(&items, POST_BODY_MAX);
	if (now_s > GRAMS_KEPT_S)
		r = grams_expire(store_db(s), now_s - GRAMS_KEPT_S);
	if (r == 0)
		r = grams_each_set(
			store_db(s), ask->officer->hash, body.after, put_set, &items);
	if (r == 0)
		r = reply_list(s, ask, &items);
	buf_done(&items);
	return r;
}

static int
handle_gone(struct store *s, const struct store_ask *ask)
{
	struct grams_gone which = {.member = store_ready(s)->member};
	struct post_grams_ask body;
	struct buf items;
	int r;

	if ((r = may_have(s, ask)) != 0 ||
		(r = codec_parse_whole(&post_grams_ask_codec, ask->body, &body)) != 0)
		return r;
	if (body.after > DB_INT_MAX)
		return FAIL_LIMIT;
	which.after = body.after;
	buf_init(&items, POST_BODY_MAX);
	if ((r = grams_each_gone(store_db(s), &which, put_gone, &items)) == 0)
		r = reply_list(s, ask, &items);
	buf_done(&items);
	return r;
}

static int
place_of(struct store *s, const struct store_ask *ask, struct grams_place *ret_place)
{
	struct post_grams_which body;
	int r;

	if ((r = may_have(s, ask)) != 0 ||
		(r = codec_parse_whole(&post_grams_which_codec, ask->body, &body)) != 0)
		return r;
	*ret_place = (struct grams_place){.document_id = body.document_id,
		.set_id = body.set_id,
		.piece = body.piece};
	return 0;
}

static int
handle_get(struct store *s, const struct store_ask *ask)
{
	struct post_grams reply = {.host = ask->officer->hash};
	struct grams_place place;
	struct buf blob;
	int r;

	if ((r = place_of(s, ask, &place)) != 0)
		return r;
	buf_init(&blob, POST_GRAMS_MAX);
	if ((r = grams_get(store_db(s), ask->officer->hash, &place, &blob)) == 0) {
		reply.blob = rd_of(blob.data, blob.len);
		r = store_reply(s, ask->number, &post_grams_codec, &reply);
	}
	buf_done(&blob);
	return r;
}

static int
handle_done(struct store *s, const struct store_ask *ask)
{
	struct grams_place place;
	int r;

	if ((r = place_of(s, ask, &place)) != 0 ||
		(r = grams_done(store_db(s), ask->officer->hash, &place)) != 0)
		return r;
	return store_reply(s, ask->number, NULL, NULL);
}

static const struct store_route routes[] = {
	{"grams", STORE_OFFICER, handle_put},
	{"grams-list", STORE_OFFICER, handle_list},
	{"grams-get", STORE_OFFICER, handle_get},
	{"grams-done", STORE_OFFICER, handle_done},
	{"grams-gone", STORE_OFFICER, handle_gone},
};
const struct store_routes store_grams_routes = {routes, sizeof routes / sizeof routes[0]};
