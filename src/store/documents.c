/* SPDX-License-Identifier: Apache-2.0 */
#include "store/documents.h"

static struct db_value
id_of(const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	return db_blob(document_id, CORE_DOCUMENT_ID_LEN);
}

static struct db_value
blob_of(struct rd bytes)
{
	return db_blob(bytes.ptr, bytes.len);
}

int
documents_put(
	struct db *db, const struct documents_row *row, const struct documents_part *part)
{
	int r;

	r = db_run(db, STATEMENT_DOCUMENT_PUT,
		DB_ARGS(id_of(row->document_id), db_blob(row->envelope_hash, HASH_LEN),
			db_int(row->number), db_int(row->is_ours),
			db_text(row->originator), db_blob(row->author, HASH_LEN),
			blob_of(row->label), blob_of(row->core), blob_of(row->summary),
			db_int(row->type), db_int(row->urgency), db_int(row->dtg_s),
			db_int(row->reply_by_s), db_int(row->len), db_int(row->expiry_s),
			db_int(row->kept_s)),
		NULL);
	if (r != 0)
		return r;
	return db_run(db, STATEMENT_PART_PUT,
		DB_ARGS(id_of(row->document_id), blob_of(part->header),
			blob_of(part->trailer), blob_of(part->send),
			blob_of(part->enrols), db_blob(NULL, 0)),
		NULL);
}

struct document_into {
	struct buf *core;
	struct documents_found found;
};

static int
take_times(const struct db_row *row, struct documents_found *found)
{
	int r;

	if ((r = db_row_int(row, 9, DB_INT_MAX, &found->expiry_s)) != 0 ||
		(r = db_row_int(row, 10, DB_INT_MAX, &found->kept_s)) != 0 ||
		(r = db_row_int(row, 11, DB_INT_MAX, &found->dtg_s)) != 0)
		return r;
	return db_row_int(row, 12, DB_INT_MAX, &found->reply_by_s);
}

static int
take_document(void *ctx, const struct db_row *row)
{
	struct document_into *into = ctx;
	struct documents_found *found = &into->found;
	uint64_t state, is_ours, urgency;
	int r;

	if ((r = db_row_fixed(row, 1, found->envelope_hash, HASH_LEN)) != 0 ||
		(r = db_row_fixed(row, 2, found->author, HASH_LEN)) != 0 ||
		(r = db_row_int(row, 3, DOCUMENTS_WHOLE, &state)) != 0 ||
		(r = db_row_int(row, 4, 1, &is_ours)) != 0 ||
		(r = db_row_int(row, 5, DB_INT_MAX, &found->number)) != 0 ||
		(r = db_row_int(row, 6, PRECEDENCE_FLASH, &urgency)) != 0 ||
		(r = db_row_int(row, 7, DB_INT_MAX, &found->len)) != 0 ||
		(r = db_row_int(row, 8, DB_INT_MAX, &found->chunk_count)) != 0 ||
		(r = take_times(row, found)) != 0)
		return r;
	found->state = (enum documents_state)state;
	found->is_ours = is_ours != 0;
	found->urgency = (uint8_t)urgency;
	return into->core != NULL ? db_row_bytes(row, 0, into->core) : 0;
}

int
documents_get(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct buf *core, struct documents_found *ret_found)
{
	struct document_into into = {.core = core};
	int r;

	r = db_query_one(db, STATEMENT_DOCUMENT_GET, DB_ARGS(id_of(document_id)),
		take_document, &into);
	if (r == 0)
		*ret_found = into.found;
	return r;
}

static int
take_id(void *ctx, const struct db_row *row)
{
	return db_row_fixed(row, 0, ctx, CORE_DOCUMENT_ID_LEN);
}

int
documents_numbered(
	struct db *db, uint64_t number, uint8_t ret_document_id[CORE_DOCUMENT_ID_LEN])
{
	return db_query_one(db, STATEMENT_DOCUMENT_NUMBERED, DB_ARGS(db_int(number)),
		take_id, ret_document_id);
}

static int
take_part(void *ctx, const struct db_row *row)
{
	struct buf *out = ctx;
	size_t i, mark;
	int r;

	for (i = 0; i < row->count; i++) {
		mark = buf_vec_begin(out, 4);
		if ((r = db_row_bytes(row, i, out)) != 0)
			return r;
		buf_vec_end(out, mark, 4);
	}
	return buf_error(out);
}

int
documents_get_part(
	struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN], struct buf *out)
{
	return db_query_one(
		db, STATEMENT_PART_GET, DB_ARGS(id_of(document_id)), take_part, out);
}

/* Run what changes one row of a document that must be there. */
static int
change(struct db *db, enum statement statement, struct db_args args)
{
	uint64_t changed = 0;
	int r;

	r = db_run(db, statement, args, &changed);
	return r == 0 && changed == 0 ? FAIL_ABSENT : r;
}

int
documents_put_send(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct rd send, struct rd sealed)
{
	return change(db, STATEMENT_PART_SEND,
		DB_ARGS(blob_of(send), blob_of(sealed), id_of(document_id)));
}

int
documents_complete(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	struct documents_found found;
	int r;

	r = change(db, STATEMENT_DOCUMENT_WHOLE, DB_ARGS(id_of(document_id)));
	if (r != FAIL_ABSENT)
		return r;
	r = documents_get(db, document_id, NULL, &found);
	return r == 0 ? FAIL_AGAIN : r;
}

int
documents_forget(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	return change(db, STATEMENT_DOCUMENT_FORGET, DB_ARGS(id_of(document_id)));
}

int
documents_set_work(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	enum documents_work work, uint64_t at_s)
{
	return change(db, STATEMENT_DOCUMENT_WORK,
		DB_ARGS(db_int((uint64_t)work), db_int(at_s), id_of(document_id)));
}

static int
take_due(void *ctx, const struct db_row *row)
{
	struct documents_due *due = ctx;
	uint64_t work;
	int r;

	if ((r = db_row_fixed(row, 0, due->document_id, CORE_DOCUMENT_ID_LEN)) != 0 ||
		(r = db_row_int(row, 1, DOCUMENTS_WORK_KEPT, &work)) != 0)
		return r;
	due->work = (enum documents_work)work;
	return db_row_int(row, 2, DB_INT_MAX, &due->at_s);
}

static int
next_due(struct db *db, enum statement statement, uint64_t now_s,
	struct documents_due *ret_due)
{
	struct documents_due due;
	int r;

	r = db_query_one(db, statement, DB_ARGS(db_int(now_s)), take_due, &due);
	if (r == 0)
		*ret_due = due;
	return r;
}

int
documents_send_again(struct db *db, uint64_t now_s)
{
	return db_run(db, STATEMENT_DOCUMENT_WORK_AGAIN, DB_ARGS(db_int(now_s)), NULL);
}

int
documents_next_send(struct db *db, uint64_t now_s, struct documents_due *ret_due)
{
	return next_due(db, STATEMENT_DOCUMENT_NEXT_SEND, now_s, ret_due);
}

int
documents_next_kept(struct db *db, uint64_t now_s, struct documents_due *ret_due)
{
	return next_due(db, STATEMENT_DOCUMENT_NEXT_KEPT, now_s, ret_due);
}

int
documents_next_end(struct db *db, uint64_t now_s, struct documents_due *ret_due)
{
	return next_due(db, STATEMENT_DOCUMENT_NEXT_END, now_s, ret_due);
}

int
documents_end(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	return change(db, STATEMENT_DOCUMENT_END, DB_ARGS(id_of(document_id)));
}

/* The earliest of some times, any of which may be missing. */
static int
take_soonest(void *ctx, const struct db_row *row)
{
	uint64_t *at_s = ctx, one;
	size_t i;
	int r;

	for (i = 0; i < row->count; i++) {
		if (row->values[i].type == DB_NULL)
			continue;
		if ((r = db_row_int(row, i, DB_INT_MAX, &one)) != 0)
			return r;
		if (one < *at_s)
			*at_s = one;
	}
	return 0;
}

int
documents_soonest(struct db *db, uint64_t *ret_at_s)
{
	uint64_t at_s = UINT64_MAX;
	int r;

	r = db_query_one(db, STATEMENT_DOCUMENT_SOONEST, DB_NO_ARGS, take_soonest, &at_s);
	if (r == 0)
		*ret_at_s = at_s;
	return r;
}
