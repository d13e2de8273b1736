/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "rows.h"
#include "store/boxes.h"
#include "store/deliveries.h"

/* Addressees: states, clocks, receipts, and the boxes that are made of them. */

static const uint8_t duty[HASH_LEN] = {1}, ana[HASH_LEN] = {2};

static int
put(struct db *db, uint64_t n, const uint8_t *lookup, enum delivery state)
{
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	const struct deliveries_key key = {.document_id = id, .lookup = lookup};
	const struct deliveries_row row = {.role = DELIVERIES_ACTION,
		.precedence = 2,
		.state = state,
		.due_s = 60,
		.clock_s = 60,
		.changed_s = 5,
		.sealed = rows_text("sealed")};

	rows_id(n, id);
	return deliveries_put(db, &key, &row);
}

/* Every state can be written, every legal move made, and no other. */
static void
test_states(void **ctx)
{
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	const struct deliveries_key key = {.document_id = id, .lookup = duty};
	struct deliveries_row row;
	struct deliveries_step step = {.clock_s = 20, .now_s = 7};
	unsigned from, to;
	struct db *db;
	int r;

	(void)ctx;
	rows_id(1, id);
	for (from = 0; from < DELIVERY_STATES; from++)
		for (to = 0; to < DELIVERY_STATES; to++) {
			db = rows_open();
			assert_int_equal(rows_put_document(db, 1, 0), 0);
			assert_int_equal(put(db, 1, duty, (enum delivery)from), 0);
			step.to = (enum delivery)to;
			r = deliveries_move(db, &key, &step);
			assert_int_equal(r,
				delivery_may((enum delivery)from, (enum delivery)to)
					? 0
					: FAIL_REFUSED);
			assert_int_equal(deliveries_get(db, &key, &row), 0);
			assert_int_equal(row.state, r == 0 ? to : from);
			assert_int_equal(row.changed_s, r == 0 ? 7 : 5);
			if (r == 0)
				assert_int_equal(row.clock_s,
					delivery_is_final((enum delivery)to) ? 0 : 20);
			rows_close(db);
		}
}

static int
join(void *ctx, const uint8_t lookup[HASH_LEN], const struct deliveries_row *row)
{
	buf_printf(ctx, "%d:%d:%d:%.*s ", lookup[0], (int)row->role, row->precedence,
		(int)row->sealed.len, (const char *)row->sealed.ptr);
	return 0;
}

static void
test_addressees(void **ctx)
{
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	const struct deliveries_key key = {.document_id = id, .lookup = duty};
	struct deliveries_row row = {.role = DELIVERIES_INFO, .precedence = 4};
	struct db *db = rows_open();
	struct buf out;

	(void)ctx;
	buf_init(&out, 200);
	rows_id(1, id);
	assert_int_equal(put(db, 1, duty, DELIVERY_QUEUED), FAIL_ABSENT);
	assert_int_equal(rows_put_document(db, 1, 0), 0);
	assert_int_equal(deliveries_get(db, &key, &row), FAIL_ABSENT);
	assert_int_equal(deliveries_put(db, &key, &row), FAIL_FORMAT);
	assert_int_equal(put(db, 1, ana, DELIVERY_QUEUED), 0);
	assert_int_equal(put(db, 1, duty, DELIVERY_QUEUED), 0);
	assert_int_equal(put(db, 1, duty, DELIVERY_QUEUED), FAIL_EXISTS);
	assert_int_equal(deliveries_each(db, id, join, &out), 0);
	rows_expect(&out, "2:1:2:sealed 1:1:2:sealed ");
	buf_done(&out);
	rows_close(db);
}

static void
test_clock(void **ctx)
{
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	struct deliveries_key key = {.document_id = id, .lookup = duty};
	struct deliveries_overdue overdue;
	struct db *db = rows_open();
	uint64_t at_s = 0;

	(void)ctx;
	rows_id(1, id);
	assert_int_equal(rows_put_document(db, 1, 0), 0);
	assert_int_equal(deliveries_soonest(db, &at_s), 0);
	assert_true(at_s == UINT64_MAX);
	assert_int_equal(put(db, 1, duty, DELIVERY_KEPT), 0);
	assert_int_equal(put(db, 1, ana, DELIVERY_REFUSED), 0); /* final: no clock */
	assert_int_equal(deliveries_soonest(db, &at_s), 0);
	assert_int_equal(at_s, 60);
	assert_int_equal(deliveries_next_overdue(db, 59, &overdue), FAIL_ABSENT);
	assert_int_equal(deliveries_next_overdue(db, 60, &overdue), 0);
	assert_memory_equal(overdue.document_id, id, sizeof id);
	assert_memory_equal(overdue.lookup, duty, HASH_LEN);
	assert_int_equal(deliveries_set_clock(db, &key, 0), 0);
	assert_int_equal(deliveries_next_overdue(db, 60, &overdue), FAIL_ABSENT);
	key.lookup = id;
	key.document_id = id;
	rows_id(2, id);
	key.lookup = duty;
	assert_int_equal(deliveries_set_clock(db, &key, 0), FAIL_ABSENT);
	rows_close(db);
}

static int
append(void *ctx, const uint8_t lookup[HASH_LEN], struct rd receipt)
{
	assert_memory_equal(lookup, duty, HASH_LEN);
	buf_bytes(ctx, receipt.ptr, receipt.len);
	return 0;
}

/* All that hangs on a document goes with it. */
static void
test_receipts_and_forget(void **ctx)
{
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	struct deliveries_receipt receipt = {.key = {.document_id = id, .lookup = duty},
		.kind = RECEIPT_DELIVERED,
		.bytes = rows_text("<delivered>")};
	struct db *db = rows_open();
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	rows_id(1, id);
	assert_int_equal(rows_put_document(db, 1, 0), 0);
	assert_int_equal(deliveries_put_receipt(db, &receipt), 0);
	assert_int_equal(deliveries_put_receipt(db, &receipt), FAIL_EXISTS);
	receipt.kind = RECEIPT_READ;
	receipt.bytes = rows_text("<read>");
	assert_int_equal(deliveries_put_receipt(db, &receipt), 0);
	receipt.kind = 6;
	assert_int_equal(deliveries_put_receipt(db, &receipt), FAIL_FORMAT);
	assert_int_equal(deliveries_each_receipt(db, id, append, &out), 0);
	rows_expect(&out, "<delivered><read>");
	assert_int_equal(documents_forget(db, id), 0);
	assert_int_equal(deliveries_each_receipt(db, id, append, &out), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(rows_put_document(db, 1, 0), 0);
	buf_done(&out);
	rows_close(db);
}

static int
list(void *ctx, const struct boxes_row *row)
{
	assert_memory_equal(row->summary.ptr, "summary", 7);
	assert_int_equal(row->due_s, 60);
	buf_printf(ctx, "%u:%s ", (unsigned)row->number, delivery_text(row->state));
	return 0;
}

static const char *
page(struct db *db, enum boxes_kind kind, uint64_t before, uint32_t max)
{
	static const uint8_t author[HASH_LEN] = {0xa0};
	const struct boxes_page what = {.kind = kind,
		.lookup = kind == BOXES_SENT ? author : duty,
		.before = before,
		.max = max};
	static char text[200];
	struct buf out;

	buf_init(&out, sizeof text - 1);
	assert_int_equal(boxes_each(db, &what, list, &out), 0);
	assert_int_equal(buf_error(&out), 0);
	memset(text, 0, sizeof text);
	if (out.len > 0)
		memcpy(text, out.data, out.len);
	buf_done(&out);
	return text;
}

/* 1 read, 2 acknowledged, 3 refused, 4 kept, 5 delivered but of a document still arriving. */
static void
test_boxes(void **ctx)
{
	static const enum delivery states[] = {DELIVERY_READ, DELIVERY_ACKNOWLEDGED,
		DELIVERY_REFUSED, DELIVERY_KEPT, DELIVERY_DELIVERED};
	struct db *db = rows_open();
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	uint64_t n;

	(void)ctx;
	for (n = 1; n <= 5; n++) {
		assert_int_equal(rows_put_document(db, n, 0), 0);
		assert_int_equal(put(db, n, duty, states[n - 1]), 0);
		rows_id(n, id);
		if (n < 5)
			assert_int_equal(documents_complete(db, id), 0);
	}
	assert_int_equal(put(db, 2, ana, DELIVERY_KEPT), 0);
	assert_string_equal(page(db, BOXES_IN, DB_INT_MAX, 10), "2:acknowledged 1:read ");
	assert_string_equal(page(db, BOXES_IN, DB_INT_MAX, 1), "2:acknowledged ");
	assert_string_equal(page(db, BOXES_IN, 2, 10), "1:read ");
	assert_string_equal(page(db, BOXES_OPEN, DB_INT_MAX, 10), "1:read ");
	assert_string_equal(page(db, BOXES_SENT, DB_INT_MAX, 4),
		"5:delivered 4:kept 3:refused 2:kept ");
	assert_int_equal(documents_complete(db, id), 0);
	assert_string_equal(page(db, BOXES_OPEN, 9, 10), "5:delivered 1:read ");
	rows_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_addressees),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_receipts_and_forget),
		cmocka_unit_test(test_boxes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
