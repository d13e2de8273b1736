/* SPDX-License-Identifier: Apache-2.0 */
#include "store/outgoing.h"

#include <string.h>

int
outgoing_put(struct db *db, const struct outgoing_row *row)
{
	CHECK(row->path.len > 0 && row->path.len <= OUTGOING_PATH_MAX);
	return db_run(db, STATEMENT_OUTGOING_PUT,
		DB_ARGS(db_text(row->member), db_text(row->path), db_int(row->urgency),
			row->document_id != NULL
				? db_blob(row->document_id, CORE_DOCUMENT_ID_LEN)
				: db_null(),
			db_blob(row->bytes.ptr, row->bytes.len), db_int(row->next_try_s)),
		NULL);
}

struct row_into {
	struct outgoing_found found;
	struct buf *bytes;
};

static int
take_row(void *ctx, const struct db_row *row)
{
	struct row_into *into = ctx;
	struct outgoing_found *found = &into->found;
	const struct rd path = row->values[4].bytes;
	uint64_t urgency;
	int r;

	if (row->values[4].type != DB_TEXT || path.len > OUTGOING_PATH_MAX)
		return FAIL_ALTERED;
	if ((r = db_row_int(row, 0, DB_INT_MAX, &found->id)) != 0 ||
		(r = db_row_int(row, 1, OUTGOING_URGENCY_MAX, &urgency)) != 0 ||
		(r = db_row_int(row, 2, DB_INT_MAX, &found->tries)) != 0)
		return r;
	found->urgency = (uint8_t)urgency;
	memcpy(found->path, path.ptr, path.len);
	found->has_document = row->values[3].type != DB_NULL;
	if (found->has_document &&
		(r = db_row_fixed(row, 3, found->document_id, CORE_DOCUMENT_ID_LEN)) != 0)
		return r;
	return db_row_bytes(row, 5, into->bytes);
}

int
outgoing_next(struct db *db, struct rd member, uint64_t now_s, struct buf *bytes,
	struct outgoing_found *ret_found)
{
	struct row_into into = {.bytes = bytes};
	int r;

	r = db_query_one(db, STATEMENT_OUTGOING_NEXT,
		DB_ARGS(db_text(member), db_int(now_s)), take_row, &into);
	if (r == 0)
		*ret_found = into.found;
	return r;
}

int
outgoing_later(struct db *db, uint64_t id, uint64_t next_try_s)
{
	uint64_t changed = 0;
	int r;

	r = db_run(db, STATEMENT_OUTGOING_LATER, DB_ARGS(db_int(next_try_s), db_int(id)),
		&changed);
	return r == 0 && changed == 0 ? FAIL_ABSENT : r;
}

int
outgoing_again(struct db *db, uint64_t now_s)
{
	return db_run(db, STATEMENT_OUTGOING_AGAIN, DB_ARGS(db_int(now_s)), NULL);
}

int
outgoing_heard(struct db *db, struct rd member, uint64_t now_s)
{
	return db_run(db, STATEMENT_OUTGOING_HEARD,
		DB_ARGS(db_int(now_s), db_text(member)), NULL);
}

int
outgoing_done(struct db *db, uint64_t id)
{
	uint64_t changed = 0;
	int r;

	r = db_run(db, STATEMENT_OUTGOING_DONE, DB_ARGS(db_int(id)), &changed);
	return r == 0 && changed == 0 ? FAIL_ABSENT : r;
}

static int
take_number(void *ctx, const struct db_row *row)
{
	return row->values[0].type == DB_NULL ? 0 : db_row_int(row, 0, DB_INT_MAX, ctx);
}

int
outgoing_soonest(struct db *db, struct rd member, uint64_t *ret_at_s)
{
	uint64_t at_s = UINT64_MAX;
	int r;

	r = db_query_one(db, STATEMENT_OUTGOING_SOONEST, DB_ARGS(db_text(member)),
		take_number, &at_s);
	if (r == 0)
		*ret_at_s = at_s;
	return r;
}

int
outgoing_count(struct db *db, uint64_t *ret_count)
{
	return db_query_one(
		db, STATEMENT_OUTGOING_COUNT, DB_NO_ARGS, take_number, ret_count);
}
