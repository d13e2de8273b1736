/* SPDX-License-Identifier: Apache-2.0 */
#include "store/objects.h"

int
objects_put_keep(struct db *db, const struct objects_keep *keep)
{
	return db_run(db, STATEMENT_KEEP_PUT,
		DB_ARGS(db_blob(keep->document_id, CORE_DOCUMENT_ID_LEN),
			db_blob(keep->envelope_hash, HASH_LEN), db_int(keep->number),
			db_blob(keep->keep.ptr, keep->keep.len),
			db_blob(keep->share.ptr, keep->share.len), db_int(keep->kept_s)),
		NULL);
}

struct keep_into {
	struct buf *keep;
	struct buf *share;
};

static int
take_keep(void *ctx, const struct db_row *row)
{
	struct keep_into *into = ctx;
	int r;

	if ((r = db_row_bytes(row, 0, into->keep)) != 0)
		return r;
	return db_row_bytes(row, 1, into->share);
}

int
objects_get_keep(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct buf *keep, struct buf *share)
{
	struct keep_into into = {.keep = keep, .share = share};

	return db_query_one(db, STATEMENT_KEEP_GET,
		DB_ARGS(db_blob(document_id, CORE_DOCUMENT_ID_LEN)), take_keep, &into);
}

static int
take_bytes(void *ctx, const struct db_row *row)
{
	return db_row_bytes(row, 0, ctx);
}

int
objects_put_grant(struct db *db, const struct objects_grant *grant)
{
	return db_run(db, STATEMENT_GRANT_PUT,
		DB_ARGS(db_blob(grant->document_id, CORE_DOCUMENT_ID_LEN),
			db_blob(grant->credential_hash, HASH_LEN),
			db_blob(grant->bytes.ptr, grant->bytes.len),
			db_int(grant->kept_s)),
		NULL);
}

int
objects_get_grant(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const uint8_t credential_hash[HASH_LEN], struct buf *out)
{
	return db_query_one(db, STATEMENT_GRANT_GET,
		DB_ARGS(db_blob(document_id, CORE_DOCUMENT_ID_LEN),
			db_blob(credential_hash, HASH_LEN)),
		take_bytes, out);
}

struct each_grant {
	objects_grant_fn *each;
	void *ctx;
};

static int
take_grant(void *ctx, const struct db_row *row)
{
	struct each_grant *to = ctx;

	if (row->values[0].type != DB_BLOB)
		return FAIL_ALTERED;
	return to->each(to->ctx, row->values[0].bytes);
}

int
objects_each_grant(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	objects_grant_fn *each, void *ctx)
{
	struct each_grant to = {.each = each, .ctx = ctx};

	return db_query(db, STATEMENT_GRANT_ALL,
		DB_ARGS(db_blob(document_id, CORE_DOCUMENT_ID_LEN)), take_grant, &to);
}

int
objects_put_signed(struct db *db, const struct objects_signed *object)
{
	return db_run(db, STATEMENT_SIGNED_PUT,
		DB_ARGS(db_text(object->kind), db_blob(object->hash, HASH_LEN),
			db_blob(object->bytes.ptr, object->bytes.len),
			db_int(object->kept_s)),
		NULL);
}

int
objects_get_signed(
	struct db *db, struct rd kind, const uint8_t hash[HASH_LEN], struct buf *out)
{
	return db_query_one(db, STATEMENT_SIGNED_GET,
		DB_ARGS(db_text(kind), db_blob(hash, HASH_LEN)), take_bytes, out);
}

struct each_signed {
	objects_signed_fn *each;
	void *ctx;
};

static int
take_signed(void *ctx, const struct db_row *row)
{
	const struct each_signed *e = ctx;

	if (row->values[0].type != DB_BLOB)
		return FAIL_ALTERED;
	return e->each(e->ctx, row->values[0].bytes);
}

int
objects_each_signed(struct db *db, struct rd kind, objects_signed_fn *each, void *ctx)
{
	struct each_signed e = {.each = each, .ctx = ctx};

	return db_query(
		db, STATEMENT_SIGNED_OF_KIND, DB_ARGS(db_text(kind)), take_signed, &e);
}

static int
take_total(void *ctx, const struct db_row *row)
{
	return db_row_int(row, 0, DB_INT_MAX, ctx);
}

int
objects_counted(struct db *db, const struct objects_counter *counter, uint64_t *ret_total)
{
	uint64_t total = 0;
	int r;

	r = db_query_one(db, STATEMENT_COUNTER_GET,
		DB_ARGS(db_text(counter->name), db_int(counter->day)), take_total,
		&total);
	if (r != 0 && r != FAIL_ABSENT)
		return r;
	*ret_total = total;
	return 0;
}

int
objects_count(struct db *db, const struct objects_counter *counter, uint32_t by,
	uint64_t *ret_total)
{
	int r;

	if (by > OBJECTS_COUNT_MAX)
		return FAIL_LIMIT;
	r = db_run(db, STATEMENT_COUNTER_ADD,
		DB_ARGS(db_text(counter->name), db_int(counter->day), db_int(by)), NULL);
	if (r != 0)
		return r;
	return objects_counted(db, counter, ret_total);
}
