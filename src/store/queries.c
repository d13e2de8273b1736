/* SPDX-License-Identifier: Apache-2.0 */
#include "store/queries.h"

/* Each function is one statement; who may ask is decided by valised/store_queries.c. */

static struct db_value
hash_of(const struct queries_key *key)
{
	return db_blob(key->hash, HASH_LEN);
}

int
queries_put(struct db *db, const struct queries_key *key, struct rd query, uint64_t now_s)
{
	return db_run(db, STATEMENT_QUERY_PUT,
		DB_ARGS(db_text(key->member), hash_of(key), db_blob(query.ptr, query.len),
			db_int(now_s), db_blob("", 0)),
		NULL);
}

static int
take_count(void *ctx, const struct db_row *row)
{
	return db_row_int(row, 0, DB_INT_MAX, ctx);
}

int
queries_count(struct db *db, struct rd member, uint64_t *ret_count)
{
	return db_query_one(db, STATEMENT_QUERY_COUNT, DB_ARGS(db_text(member)),
		take_count, ret_count);
}

struct each_query {
	queries_fn *each;
	void *ctx;
};

static int
take_query(void *ctx, const struct db_row *row)
{
	struct each_query *to = ctx;
	struct queries_row query = {
		.member = row->values[1].bytes, .query = row->values[3].bytes};
	int r;

	if ((r = db_row_int(row, 0, DB_INT_MAX, &query.number)) != 0 ||
		(r = db_row_int(row, 2, DB_INT_MAX, &query.kept_s)) != 0)
		return r;
	return to->each(to->ctx, &query);
}

int
queries_each_waiting(struct db *db, uint64_t after, queries_fn *each, void *ctx)
{
	struct each_query to = {each, ctx};

	return db_query(db, STATEMENT_QUERY_WAITING,
		DB_ARGS(db_int(after), db_int(QUERIES_PAGE)), take_query, &to);
}

int
queries_answer(
	struct db *db, const struct queries_key *key, struct rd answer, uint64_t now_s)
{
	return db_run(db, STATEMENT_QUERY_ANSWER,
		DB_ARGS(db_int(now_s), db_blob(answer.ptr, answer.len),
			db_text(key->member), hash_of(key)),
		NULL);
}

struct answered {
	struct buf *answer;
	uint64_t answered_s;
};

static int
take_answer(void *ctx, const struct db_row *row)
{
	struct answered *to = ctx;
	int r;

	if ((r = db_row_int(row, 0, DB_INT_MAX, &to->answered_s)) != 0)
		return r;
	return db_row_bytes(row, 1, to->answer);
}

int
queries_get(struct db *db, const struct queries_key *key, struct buf *answer)
{
	struct answered to = {.answer = answer};
	int r;

	if ((r = db_query_one(db, STATEMENT_QUERY_GET,
		     DB_ARGS(db_text(key->member), hash_of(key)), take_answer, &to)) != 0)
		return r;
	return to.answered_s > 0 ? 0 : FAIL_AGAIN;
}
