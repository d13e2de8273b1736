/* SPDX-License-Identifier: Apache-2.0 */
#include "store/grams.h"

/* Each function is one statement; who may ask is decided by valised/store_grams.c. */

static struct db_value
id_of(const uint8_t *document_id)
{
	return db_blob(document_id, CORE_DOCUMENT_ID_LEN);
}

static struct db_value
set_of(const uint8_t *set_id)
{
	return db_blob(set_id, GRAMS_SET_ID_LEN);
}

static struct db_value
host_of(const uint8_t *host)
{
	return db_blob(host, HASH_LEN);
}

int
grams_put_row(struct db *db, const struct grams_row *row)
{
	const struct grams_place *p = &row->place;

	return db_run(db, STATEMENT_GRAMS_PUT,
		DB_ARGS(id_of(p->document_id), host_of(row->host), set_of(p->set_id),
			db_int(p->piece), db_int(p->pieces), db_int(row->kept_s),
			db_blob(row->bytes.ptr, row->bytes.len)),
		NULL);
}

struct each_set {
	grams_set_fn *each;
	void *ctx;
};

static int
take_set(void *ctx, const struct db_row *row)
{
	struct each_set *to = ctx;
	struct grams_set set;
	uint64_t pieces = 0;
	int r;

	if ((r = db_row_int(row, 0, DB_INT_MAX, &set.number)) != 0 ||
		(r = db_row_fixed(row, 1, set.document_id, sizeof set.document_id)) !=
			0 ||
		(r = db_row_fixed(row, 2, set.set_id, sizeof set.set_id)) != 0 ||
		(r = db_row_int(row, 3, GRAMS_PIECES_MAX, &pieces)) != 0 ||
		(r = db_row_int(row, 4, DB_INT_MAX, &set.kept_s)) != 0)
		return r;
	set.pieces = (uint16_t)pieces;
	return to->each(to->ctx, &set);
}

int
grams_each_set(struct db *db, const uint8_t host[HASH_LEN], uint64_t after,
	grams_set_fn *each, void *ctx)
{
	struct each_set to = {each, ctx};

	return db_query(db, STATEMENT_GRAMS_SETS,
		DB_ARGS(host_of(host), db_int(after), db_int(GRAMS_PAGE)), take_set, &to);
}

static int
take_bytes(void *ctx, const struct db_row *row)
{
	return db_row_bytes(row, 0, ctx);
}

int
grams_get(struct db *db, const uint8_t host[HASH_LEN], const struct grams_place *place,
	struct buf *out)
{
	return db_query_one(db, STATEMENT_GRAMS_GET,
		DB_ARGS(host_of(host), id_of(place->document_id), set_of(place->set_id),
			db_int(place->piece)),
		take_bytes, out);
}

int
grams_done(struct db *db, const uint8_t host[HASH_LEN], const struct grams_place *place)
{
	return db_run(db, STATEMENT_GRAMS_DONE,
		DB_ARGS(host_of(host), id_of(place->document_id), set_of(place->set_id)),
		NULL);
}

int
grams_forget(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	return db_run(db, STATEMENT_GRAMS_FORGET, DB_ARGS(id_of(document_id)), NULL);
}

int
grams_expire(struct db *db, uint64_t before_s)
{
	return db_run(db, STATEMENT_GRAMS_EXPIRE, DB_ARGS(db_int(before_s)), NULL);
}

struct each_gone {
	grams_gone_fn *each;
	void *ctx;
};

static int
take_gone(void *ctx, const struct db_row *row)
{
	struct each_gone *to = ctx;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint64_t number = 0;
	int r;

	if ((r = db_row_int(row, 0, DB_INT_MAX, &number)) != 0 ||
		(r = db_row_fixed(row, 1, document_id, sizeof document_id)) != 0)
		return r;
	return to->each(to->ctx, number, document_id);
}

int
grams_each_gone(
	struct db *db, const struct grams_gone *which, grams_gone_fn *each, void *ctx)
{
	struct each_gone to = {each, ctx};

	return db_query(db, STATEMENT_GRAMS_GONE,
		DB_ARGS(db_text(which->member), db_int(which->after), db_int(GRAMS_PAGE)),
		take_gone, &to);
}

struct counted {
	uint64_t count, oldest_s;
};

static int
take_count(void *ctx, const struct db_row *row)
{
	struct counted *c = ctx;
	int r;

	if ((r = db_row_int(row, 0, DB_INT_MAX, &c->count)) != 0)
		return r;
	return db_row_int(row, 1, DB_INT_MAX, &c->oldest_s);
}

int
grams_count(struct db *db, uint64_t *ret_count, uint64_t *ret_oldest_s)
{
	struct counted c = {0};
	int r;

	if ((r = db_query_one(db, STATEMENT_GRAMS_COUNT, DB_NO_ARGS, take_count, &c)) !=
		0)
		return r;
	*ret_count = c.count;
	*ret_oldest_s = c.oldest_s;
	return 0;
}
