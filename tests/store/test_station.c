/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "rows.h"
#include "store/chunks.h"
#include "store/objects.h"
#include "store/people.h"
#include "store/station.h"

static const uint8_t hash_a[HASH_LEN] = {1};
static const uint8_t hash_b[HASH_LEN] = {2};

static void
test_rosters(void **ctx)
{
	struct db *db = rows_open();
	struct people_roster roster = {
		.serial = 1, .note = rows_text("one"), .kept_s = 5};
	uint32_t serial = 0;
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(people_newest_roster(db, &out, &serial), FAIL_ABSENT);
	assert_int_equal(people_put_roster(db, &roster), 0);
	assert_int_equal(people_put_roster(db, &roster), FAIL_EXISTS);
	roster.serial = 2;
	roster.note = rows_text("two");
	assert_int_equal(people_put_roster(db, &roster), 0);
	assert_int_equal(people_newest_roster(db, &out, &serial), 0);
	assert_int_equal(serial, 2);
	rows_expect(&out, "two");
	assert_int_equal(people_get_roster(db, 1, &out), 0);
	rows_expect(&out, "one");
	assert_int_equal(people_get_roster(db, 3, &out), FAIL_ABSENT);
	buf_done(&out);
	rows_close(db);
}

static void
test_directories(void **ctx)
{
	struct db *db = rows_open();
	struct people_directory directory = {
		.member = rows_text("PT"), .number = 7, .note = rows_text("seven")};
	uint32_t number = 0;
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(people_put_directory(db, &directory), 0);
	assert_int_equal(people_put_directory(db, &directory), FAIL_EXISTS);
	directory.member = rows_text("LT");
	directory.number = 9;
	assert_int_equal(people_put_directory(db, &directory), 0);
	assert_int_equal(people_newest_directory(db, rows_text("PT"), &out, &number), 0);
	assert_int_equal(number, 7);
	rows_expect(&out, "seven");
	assert_int_equal(
		people_newest_directory(db, rows_text("EE"), &out, &number), FAIL_ABSENT);
	buf_done(&out);
	rows_close(db);
}

/* The time from which enrol-delay counts cannot be moved by putting it again. */
static void
test_credential_keeps_first_time(void **ctx)
{
	struct db *db = rows_open();
	struct people_credential credential = {.member = rows_text("PT"),
		.officer = rows_text("ana.silva"),
		.device = rows_text("laptop"),
		.enrol = rows_text("enrol"),
		.first_kept_s = 100};
	uint64_t first = 0;
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	memcpy(credential.hash, hash_a, HASH_LEN);
	assert_int_equal(people_put_credential(db, &credential), 0);
	credential.first_kept_s = 1;
	assert_int_equal(people_put_credential(db, &credential), 0);
	assert_int_equal(people_get_credential(db, hash_a, &out, &first), 0);
	assert_int_equal(first, 100);
	rows_expect(&out, "enrol");
	assert_int_equal(people_get_credential(db, hash_b, &out, &first), FAIL_ABSENT);
	buf_done(&out);
	rows_close(db);
}

static void
test_objects(void **ctx)
{
	struct objects_keep keep = {
		.number = 2, .keep = rows_text("keep"), .share = rows_text("sealed")};
	uint8_t id_a[CORE_DOCUMENT_ID_LEN];
	const struct objects_grant grant = {.document_id = id_a,
		.credential_hash = hash_a,
		.bytes = rows_text("grant")};
	const struct objects_signed object = {
		.kind = rows_text("send"), .hash = hash_a, .bytes = rows_text("sent")};
	struct db *db = rows_open();
	struct buf out, share;

	(void)ctx;
	buf_init(&out, 100);
	buf_init(&share, 100);
	rows_id(1, id_a);
	memcpy(keep.document_id, id_a, sizeof id_a);
	assert_int_equal(objects_put_keep(db, &keep), 0);
	assert_int_equal(objects_put_keep(db, &keep), FAIL_EXISTS);
	assert_int_equal(objects_get_keep(db, id_a, &out, &share), 0);
	rows_expect(&out, "keep");
	rows_expect(&share, "sealed");
	keep.document_id[0] ^= 0xb;
	keep.number = 17;
	assert_int_equal(objects_put_keep(db, &keep), FAIL_FORMAT);

	assert_int_equal(objects_put_grant(db, &grant), FAIL_ABSENT);
	assert_int_equal(rows_put_document(db, 1, 1), 0);
	assert_int_equal(objects_put_grant(db, &grant), 0);
	assert_int_equal(objects_get_grant(db, id_a, hash_a, &out), 0);
	rows_expect(&out, "grant");
	assert_int_equal(objects_get_grant(db, id_a, hash_b, &out), FAIL_ABSENT);

	assert_int_equal(objects_put_signed(db, &object), 0);
	assert_int_equal(objects_put_signed(db, &object), FAIL_EXISTS);
	assert_int_equal(objects_get_signed(db, rows_text("send"), hash_a, &out), 0);
	rows_expect(&out, "sent");
	assert_int_equal(
		objects_get_signed(db, rows_text("hold"), hash_a, &out), FAIL_ABSENT);
	buf_done(&share);
	buf_done(&out);
	rows_close(db);
}

static void
test_counters(void **ctx)
{
	const struct objects_counter today = {
		.name = rows_text("open ana"), .day = 20000};
	const struct objects_counter tomorrow = {
		.name = rows_text("open ana"), .day = 20001};
	struct db *db = rows_open();
	uint64_t total = 9;

	(void)ctx;
	assert_int_equal(objects_counted(db, &today, &total), 0);
	assert_int_equal(total, 0);
	assert_int_equal(objects_count(db, &today, 1, &total), 0);
	assert_int_equal(objects_count(db, &today, 3, &total), 0);
	assert_int_equal(total, 4);
	assert_int_equal(objects_count(db, &tomorrow, 1, &total), 0);
	assert_int_equal(total, 1);
	assert_int_equal(
		objects_count(db, &today, OBJECTS_COUNT_MAX + 1u, &total), FAIL_LIMIT);
	rows_close(db);
}

/* Want of memory anywhere in an arrival: all of it or nothing of it. */
static void
test_memory(void **ctx)
{
	static const uint8_t byte;
	uint8_t id_a[CORE_DOCUMENT_ID_LEN], hash[HASH_LEN];
	const struct chunks_chunk chunk = {.hash = hash, .bytes = {&byte, 1}};
	struct documents_found found;
	struct db *db = NULL;
	long n, failed = 1;
	struct buf out;
	int r = 0;

	(void)ctx;
	rows_id(1, id_a);
	hash_sha256(&byte, 1, hash);
	for (n = 0; failed > 0; n++) {
		assert_int_equal(station_open(db_sqlite(), NULL, 1, &db), 0);
		mem_fail_after(n, true);
		if ((r = db_begin(db)) == 0) {
			if ((r = rows_put_document(db, 1, 1)) == 0 &&
				(r = chunks_put(
					 &(struct chunks){.db = db}, id_a, &chunk)) == 0)
				r = documents_complete(db, id_a);
			if (r == 0)
				r = db_commit(db);
			else
				db_abort(db);
		}
		failed = mem_failed_count();
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_false(db_is_dead(db));
		buf_init(&out, 100);
		assert_int_equal(
			documents_get(db, id_a, &out, &found), r == 0 ? 0 : FAIL_ABSENT);
		buf_done(&out);
		db_close(db);
	}
	assert_int_equal(r, 0);
	assert_true(n > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rosters),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_credential_keeps_first_time),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
