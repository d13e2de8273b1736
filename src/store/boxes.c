/* SPDX-License-Identifier: Apache-2.0 */
#include "store/boxes.h"

#include "envelope/addressing.h"

struct each_row {
	boxes_row_fn *each;
	void *ctx;
};

static int
take_numbers(const struct db_row *row, struct boxes_row *to)
{
	uint64_t role, precedence, type, state;
	int r;

	if ((r = db_row_int(row, 6, 2, &role)) != 0 ||
		(r = db_row_int(row, 7, PRECEDENCE_FLASH, &precedence)) != 0 ||
		(r = db_row_int(row, 8, MESSAGE_PROJECT, &type)) != 0 ||
		(r = db_row_int(row, 9, DELIVERY_STATES - 1, &state)) != 0)
		return r;
	to->role = (uint8_t)role;
	to->precedence = (uint8_t)precedence;
	to->type = (uint8_t)type;
	to->state = (enum delivery)state;
	return 0;
}

static int
take_times(const struct db_row *row, struct boxes_row *to)
{
	int r;

	if ((r = db_row_int(row, 10, DB_INT_MAX, &to->due_s)) != 0 ||
		(r = db_row_int(row, 11, DB_INT_MAX, &to->dtg_s)) != 0 ||
		(r = db_row_int(row, 12, DB_INT_MAX, &to->reply_by_s)) != 0 ||
		(r = db_row_int(row, 13, DB_INT_MAX, &to->len)) != 0)
		return r;
	return db_row_int(row, 14, DB_INT_MAX, &to->kept_s);
}

static int
take_row(void *ctx, const struct db_row *row)
{
	struct each_row *each = ctx;
	struct boxes_row to = {.originator = row->values[3].bytes,
		.label = row->values[4].bytes,
		.summary = row->values[5].bytes};
	int r;

	if (row->values[3].type != DB_TEXT || row->values[4].type != DB_BLOB ||
		row->values[5].type != DB_BLOB)
		return FAIL_ALTERED;
	if ((r = db_row_int(row, 0, DB_INT_MAX, &to.number)) != 0 ||
		(r = db_row_fixed(row, 1, to.document_id, CORE_DOCUMENT_ID_LEN)) != 0 ||
		(r = db_row_fixed(row, 2, to.envelope_hash, HASH_LEN)) != 0 ||
		(r = take_numbers(row, &to)) != 0 || (r = take_times(row, &to)) != 0)
		return r;
	return each->each(each->ctx, &to);
}

int
boxes_each(struct db *db, const struct boxes_page *page, boxes_row_fn *each, void *ctx)
{
	static const enum statement statements[] = {
		[BOXES_IN] = STATEMENT_BOX_IN,
		[BOXES_OPEN] = STATEMENT_BOX_OPEN,
		[BOXES_SENT] = STATEMENT_BOX_SENT,
	};
	struct each_row to = {.each = each, .ctx = ctx};

	CHECK((size_t)page->kind < sizeof statements / sizeof statements[0]);
	return db_query(db, statements[page->kind],
		DB_ARGS(db_blob(page->lookup, HASH_LEN), db_int(page->before),
			db_int(page->max)),
		take_row, &to);
}
