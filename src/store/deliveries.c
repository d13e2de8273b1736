/* SPDX-License-Identifier: Apache-2.0 */
#include "store/deliveries.h"

#include <string.h>

static struct db_value
id_of(const uint8_t *document_id)
{
	return db_blob(document_id, CORE_DOCUMENT_ID_LEN);
}

static struct db_value
lookup_of(const uint8_t *lookup)
{
	return db_blob(lookup, HASH_LEN);
}

/* Final states wait for nothing. */
static uint64_t
clock_of(enum delivery state, uint64_t clock_s)
{
	return delivery_is_final(state) ? 0 : clock_s;
}

int
deliveries_put(
	struct db *db, const struct deliveries_key *key, const struct deliveries_row *row)
{
	return db_run(db, STATEMENT_ADDRESS_PUT,
		DB_ARGS(id_of(key->document_id), lookup_of(key->lookup),
			db_blob(row->sealed.ptr, row->sealed.len),
			db_int((uint64_t)row->role), db_int(row->precedence),
			db_int((uint64_t)row->state), db_int(row->due_s),
			db_int(clock_of(row->state, row->clock_s)),
			db_int(row->changed_s)),
		NULL);
}

struct row_into {
	uint8_t lookup[HASH_LEN];
	struct deliveries_row row;
};

static int
take_row(void *ctx, const struct db_row *row)
{
	struct row_into *into = ctx;
	struct deliveries_row *to = &into->row;
	uint64_t role, precedence, state;
	int r;

	if ((r = db_row_fixed(row, 0, into->lookup, HASH_LEN)) != 0 ||
		(r = db_row_int(row, 1, DELIVERIES_INFO, &role)) != 0 ||
		(r = db_row_int(row, 2, UINT8_MAX, &precedence)) != 0 ||
		(r = db_row_int(row, 3, DELIVERY_STATES - 1, &state)) != 0 ||
		(r = db_row_int(row, 4, DB_INT_MAX, &to->due_s)) != 0 ||
		(r = db_row_int(row, 5, DB_INT_MAX, &to->clock_s)) != 0 ||
		(r = db_row_int(row, 6, DB_INT_MAX, &to->changed_s)) != 0)
		return r;
	to->role = (enum deliveries_role)role;
	to->precedence = (uint8_t)precedence;
	to->state = (enum delivery)state;
	return 0;
}

int
deliveries_get(
	struct db *db, const struct deliveries_key *key, struct deliveries_row *ret_row)
{
	struct row_into into = {0};
	int r;

	r = db_query_one(db, STATEMENT_ADDRESS_GET,
		DB_ARGS(id_of(key->document_id), lookup_of(key->lookup)), take_row,
		&into);
	if (r == 0)
		*ret_row = into.row;
	return r;
}

int
deliveries_move(struct db *db, const struct deliveries_key *key,
	const struct deliveries_step *step)
{
	struct deliveries_row row;
	uint64_t changed = 0;
	int r;

	if ((r = deliveries_get(db, key, &row)) != 0)
		return r;
	if (!delivery_may(row.state, step->to))
		return FAIL_REFUSED;
	r = db_run(db, STATEMENT_ADDRESS_MOVE,
		DB_ARGS(db_int((uint64_t)step->to),
			db_int(clock_of(step->to, step->clock_s)), db_int(step->now_s),
			lookup_of(key->lookup), db_int((uint64_t)row.state),
			id_of(key->document_id)),
		&changed);
	return r == 0 && changed != 1 ? FAIL_CHANGED : r;
}

int
deliveries_set_clock(struct db *db, const struct deliveries_key *key, uint64_t clock_s)
{
	uint64_t changed = 0;
	int r;

	r = db_run(db, STATEMENT_ADDRESS_SET_CLOCK,
		DB_ARGS(db_int(clock_s), lookup_of(key->lookup), id_of(key->document_id)),
		&changed);
	return r == 0 && changed != 1 ? FAIL_ABSENT : r;
}

struct each_row {
	deliveries_row_fn *each;
	void *ctx;
};

static int
take_each(void *ctx, const struct db_row *row)
{
	struct each_row *to = ctx;
	struct row_into into = {0};
	int r;

	if ((r = take_row(&into, row)) != 0)
		return r;
	if (row->values[7].type != DB_BLOB)
		return FAIL_ALTERED;
	into.row.sealed = row->values[7].bytes;
	return to->each(to->ctx, into.lookup, &into.row);
}

int
deliveries_each(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	deliveries_row_fn *each, void *ctx)
{
	struct each_row to = {.each = each, .ctx = ctx};

	return db_query(
		db, STATEMENT_ADDRESS_ALL, DB_ARGS(id_of(document_id)), take_each, &to);
}

static int
take_overdue(void *ctx, const struct db_row *row)
{
	struct deliveries_overdue *overdue = ctx;
	int r;

	r = db_row_fixed(row, 0, overdue->document_id, CORE_DOCUMENT_ID_LEN);
	return r != 0 ? r : db_row_fixed(row, 1, overdue->lookup, HASH_LEN);
}

int
deliveries_next_overdue(
	struct db *db, uint64_t now_s, struct deliveries_overdue *ret_overdue)
{
	return db_query_one(db, STATEMENT_ADDRESS_OVERDUE, DB_ARGS(db_int(now_s)),
		take_overdue, ret_overdue);
}

static int
take_soonest(void *ctx, const struct db_row *row)
{
	return row->values[0].type == DB_NULL ? 0 : db_row_int(row, 0, DB_INT_MAX, ctx);
}

int
deliveries_soonest(struct db *db, uint64_t *ret_at_s)
{
	uint64_t at_s = UINT64_MAX;
	int r;

	r = db_query_one(db, STATEMENT_ADDRESS_SOONEST, DB_NO_ARGS, take_soonest, &at_s);
	if (r == 0)
		*ret_at_s = at_s;
	return r;
}

int
deliveries_put_receipt(struct db *db, const struct deliveries_receipt *receipt)
{
	return db_run(db, STATEMENT_RECEIPT_PUT,
		DB_ARGS(id_of(receipt->key.document_id), lookup_of(receipt->key.lookup),
			db_int(receipt->kind),
			db_blob(receipt->bytes.ptr, receipt->bytes.len),
			db_int(receipt->kept_s)),
		NULL);
}

struct each_receipt {
	deliveries_receipt_fn *each;
	void *ctx;
};

static int
take_receipt(void *ctx, const struct db_row *row)
{
	struct each_receipt *to = ctx;
	uint8_t lookup[HASH_LEN];
	int r;

	if ((r = db_row_fixed(row, 0, lookup, HASH_LEN)) != 0)
		return r;
	if (row->values[1].type != DB_BLOB)
		return FAIL_ALTERED;
	return to->each(to->ctx, lookup, row->values[1].bytes);
}

int
deliveries_each_receipt(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	deliveries_receipt_fn *each, void *ctx)
{
	struct each_receipt to = {.each = each, .ctx = ctx};

	return db_query(db, STATEMENT_RECEIPT_ALL, DB_ARGS(id_of(document_id)),
		take_receipt, &to);
}
