/* SPDX-License-Identifier: Apache-2.0 */
#include "store/deliveries.h"

#include <string.h>

static struct db_value
id_of(const uint8_t *document_id)
{
	return db_blob(document_id, CORE_DOCUMENT_ID_LEN);
}

static struct db_value
state_of(enum delivery state)
{
	const char *text = delivery_text(state);

	return db_text(rd_of(text, strlen(text)));
}

int
deliveries_put(
	struct db *db, const struct deliveries_key *key, const struct deliveries_row *row)
{
	return db_run(db, STATEMENT_DELIVERY_PUT,
		DB_ARGS(id_of(key->document_id), db_text(key->member),
			state_of(row->state), db_int(row->next_try_s),
			db_int(row->due_s)),
		NULL);
}

/* delivery_parse() takes a C string. */
enum { STATE_TEXT_MAX = 32 };

static int
parse_state(const struct db_value *value, enum delivery *ret_state)
{
	char text[STATE_TEXT_MAX] = "";

	if (value->type != DB_TEXT || value->bytes.len >= sizeof text)
		return FAIL_ALTERED;
	memcpy(text, value->bytes.ptr, value->bytes.len);
	return delivery_parse(text, ret_state) == 0 ? 0 : FAIL_ALTERED;
}

static int
take_delivery(void *ctx, const struct db_row *row)
{
	struct deliveries_row *into = ctx;
	int r;

	if ((r = parse_state(&row->values[0], &into->state)) != 0 ||
		(r = db_row_int(row, 1, DB_INT_MAX, &into->tries)) != 0 ||
		(r = db_row_int(row, 2, DB_INT_MAX, &into->next_try_s)) != 0)
		return r;
	return db_row_int(row, 3, DB_INT_MAX, &into->due_s);
}

int
deliveries_get(
	struct db *db, const struct deliveries_key *key, struct deliveries_row *ret_row)
{
	struct deliveries_row row = {0};
	int r;

	r = db_query_one(db, STATEMENT_DELIVERY_GET,
		DB_ARGS(id_of(key->document_id), db_text(key->member)), take_delivery,
		&row);
	if (r == 0)
		*ret_row = row;
	return r;
}

int
deliveries_move(struct db *db, const struct deliveries_key *key, enum delivery to,
	uint64_t next_try_s)
{
	struct deliveries_row row;
	uint64_t changed = 0;
	int r;

	if ((r = deliveries_get(db, key, &row)) != 0)
		return r;
	if (!delivery_may(row.state, to))
		return FAIL_REFUSED;
	r = db_run(db, STATEMENT_DELIVERY_MOVE,
		DB_ARGS(state_of(to), db_int(delivery_is_final(to) ? 0 : next_try_s),
			db_text(key->member), state_of(row.state),
			id_of(key->document_id)),
		&changed);
	return r == 0 && changed != 1 ? FAIL_CHANGED : r;
}

int
deliveries_tried(struct db *db, const struct deliveries_key *key, uint64_t next_try_s)
{
	uint64_t changed = 0;
	int r;

	r = db_run(db, STATEMENT_DELIVERY_TRIED,
		DB_ARGS(db_int(next_try_s), db_text(key->member),
			id_of(key->document_id)),
		&changed);
	return r == 0 && changed != 1 ? FAIL_ABSENT : r;
}

struct each_waiting {
	deliveries_waiting_fn *each;
	void *ctx;
};

static int
take_waiting(void *ctx, const struct db_row *row)
{
	struct each_waiting *to = ctx;
	struct deliveries_key key = {.member = row->values[1].bytes};
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	int r;

	if ((r = db_row_fixed(row, 0, document_id, sizeof document_id)) != 0)
		return r;
	key.document_id = document_id;
	return to->each(to->ctx, &key);
}

int
deliveries_waiting(struct db *db, uint64_t now_s, uint32_t max,
	deliveries_waiting_fn *each, void *ctx)
{
	struct each_waiting to = {.each = each, .ctx = ctx};

	return db_query(db, STATEMENT_DELIVERY_WAITING,
		DB_ARGS(db_int(now_s), db_int(max)), take_waiting, &to);
}

int
deliveries_put_receipt(struct db *db, const struct deliveries_receipt *receipt)
{
	return db_run(db, STATEMENT_RECEIPT_PUT,
		DB_ARGS(id_of(receipt->document_id), db_text(receipt->addressee),
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

	if (row->values[0].type != DB_BLOB)
		return FAIL_ALTERED;
	return to->each(to->ctx, row->values[0].bytes);
}

int
deliveries_each_receipt(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	deliveries_receipt_fn *each, void *ctx)
{
	struct each_receipt to = {.each = each, .ctx = ctx};

	return db_query(db, STATEMENT_RECEIPT_ALL, DB_ARGS(id_of(document_id)),
		take_receipt, &to);
}
