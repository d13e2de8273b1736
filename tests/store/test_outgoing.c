/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <time.h>

#include "rows.h"
#include "store/outgoing.h"

enum { MANY = 10000 };

static void
put(struct db *db, const char *member, uint8_t urgency, const char *bytes)
{
	const struct outgoing_row row = {.member = rows_text(member),
		.path = rows_text("receipt"),
		.urgency = urgency,
		.bytes = rows_text(bytes),
		.next_try_s = 10};

	assert_int_equal(outgoing_put(db, &row), 0);
}

static uint64_t
expect_next(struct db *db, const char *member, const char *bytes)
{
	struct outgoing_found found;
	struct buf out;

	buf_init(&out, 100);
	assert_int_equal(outgoing_next(db, rows_text(member), 10, &out, &found), 0);
	assert_string_equal(found.path, "receipt");
	assert_false(found.has_document);
	rows_expect(&out, bytes);
	buf_done(&out);
	return found.id;
}

/* The most urgent first, then the oldest; one that waits lets the others pass. */
static void
test_order(void **ctx)
{
	struct db *db = rows_open();
	uint64_t id, at_s = 0;

	(void)ctx;
	put(db, "FR", 0, "old");
	put(db, "FR", 3, "flash");
	put(db, "FR", 0, "new");
	put(db, "CY", 0, "other");
	id = expect_next(db, "FR", "flash");
	assert_int_equal(outgoing_later(db, id, 12), 0);
	id = expect_next(db, "FR", "old");
	assert_int_equal(outgoing_done(db, id), 0);
	assert_int_equal(outgoing_done(db, id), FAIL_ABSENT);
	assert_int_equal(outgoing_later(db, id, 1), FAIL_ABSENT);
	id = expect_next(db, "FR", "new");
	assert_int_equal(outgoing_done(db, id), 0);
	assert_int_equal(outgoing_soonest(db, rows_text("FR"), &at_s), 0);
	assert_int_equal(at_s, 12);
	assert_int_equal(outgoing_soonest(db, rows_text("PT"), &at_s), 0);
	assert_true(at_s == UINT64_MAX);
	assert_int_equal(outgoing_heard(db, rows_text("CY"), 9), 0);
	assert_int_equal(outgoing_soonest(db, rows_text("FR"), &at_s), 0);
	assert_int_equal(at_s, 12);
	assert_int_equal(outgoing_heard(db, rows_text("FR"), 11), 0);
	assert_int_equal(outgoing_soonest(db, rows_text("FR"), &at_s), 0);
	assert_int_equal(at_s, 11);
	assert_int_equal(outgoing_again(db, 9), 0);
	assert_int_equal(outgoing_soonest(db, rows_text("FR"), &at_s), 0);
	assert_int_equal(at_s, 9);
	assert_int_equal(outgoing_count(db, &at_s), 0);
	assert_int_equal(at_s, 2);
	rows_close(db);
}

static void
test_document(void **ctx)
{
	static const uint8_t document_id[CORE_DOCUMENT_ID_LEN] = {7};
	const struct outgoing_row row = {.member = rows_text("FR"),
		.path = rows_text("announce"),
		.urgency = 4,
		.document_id = document_id};
	struct outgoing_row bad = row;
	struct outgoing_found found;
	struct db *db = rows_open();
	struct buf out;

	(void)ctx;
	buf_init(&out, 10);
	assert_int_equal(outgoing_put(db, &row), 0);
	bad.urgency = 5;
	assert_int_equal(outgoing_put(db, &bad), FAIL_FORMAT);
	assert_int_equal(outgoing_next(db, rows_text("FR"), 1, &out, &found), 0);
	assert_true(found.has_document);
	assert_memory_equal(found.document_id, document_id, sizeof document_id);
	assert_int_equal(out.len, 0);
	assert_int_equal(
		outgoing_next(db, rows_text("CY"), 1, &out, &found), FAIL_ABSENT);
	buf_done(&out);
	rows_close(db);
}

/* FLASH behind 10,000 ROUTINE rows is the next one, and found without reading the others. */
static void
test_flash_overtakes(void **ctx)
{
	struct db *db = rows_open();
	struct timespec begin, end;
	int64_t us;
	int i;

	(void)ctx;
	for (i = 0; i < MANY; i++)
		put(db, "FR", 0, "routine");
	put(db, "FR", 3, "flash");
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	(void)expect_next(db, "FR", "flash");
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	us = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
	print_message("FLASH behind %d rows: found in %lld us\n", MANY, (long long)us);
	assert_true(us < 100000);
	rows_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_flash_overtakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
