/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "store/figures.h"
#include "store/objects.h"
#include "store/people.h"
#include "store/station.h"

/* Rows of people that come as lists, wait, or change. */

static const uint8_t hash_a[HASH_LEN] = {1}, hash_b[HASH_LEN] = {2};

static struct rd
text(const char *s)
{
	return rd_of(s, strlen(s));
}

static struct db *
open_station(void)
{
	struct db *db = NULL;

	assert_int_equal(station_open(db_sqlite(), NULL, 1, &db), 0);
	assert_int_equal(db_begin(db), 0);
	return db;
}

static void
close_station(struct db *db)
{
	assert_int_equal(db_commit(db), 0);
	db_close(db);
}

/* What came, with a bar between: "one|two|". */
static int
take_note(void *ctx, struct rd note, uint64_t kept_s)
{
	struct buf *out = ctx;

	buf_bytes(out, note.ptr, note.len);
	buf_printf(out, "@%llu|", (unsigned long long)kept_s);
	return buf_error(out);
}

static int
take_bytes(void *ctx, struct rd bytes)
{
	return take_note(ctx, bytes, 0);
}

static int
take_pending(void *ctx, struct rd request, struct rd enrol)
{
	struct buf *out = ctx;

	buf_bytes(out, request.ptr, request.len);
	buf_text(out, "+");
	buf_bytes(out, enrol.ptr, enrol.len);
	buf_text(out, "|");
	return buf_error(out);
}

static int
take_desk(void *ctx, const struct people_desk *desk)
{
	struct buf *out = ctx;

	buf_printf(out, "%.*s/%.*s%s(%.*s)|", (int)desk->name.len,
		(const char *)desk->name.ptr, (int)desk->officer.len,
		(const char *)desk->officer.ptr, desk->is_removed ? "-" : "",
		(int)desk->hours.len, (const char *)desk->hours.ptr);
	return buf_error(out);
}

static int
stop(void *ctx, struct rd bytes)
{
	(void)ctx;
	(void)bytes;
	return FAIL_CHANGED;
}

static void
expect(struct buf *out, const char *expected)
{
	assert_int_equal(buf_error(out), 0);
	buf_u8(out, 0);
	assert_string_equal(out->data, expected);
	buf_clear(out);
}

static void
test_rosters_in_order(void **ctx)
{
	struct db *db = open_station();
	struct people_roster r = {.serial = 2, .note = text("two"), .kept_s = 5};
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(people_each_roster(db, take_note, &out), 0);
	expect(&out, "");
	assert_int_equal(people_put_roster(db, &r), 0);
	r.serial = 1;
	r.note = text("one");
	r.kept_s = 4;
	assert_int_equal(people_put_roster(db, &r), 0);
	assert_int_equal(people_each_roster(db, take_note, &out), 0);
	expect(&out, "one@4|two@5|");
	buf_done(&out);
	close_station(db);
}

static void
test_directories_in_order(void **ctx)
{
	struct db *db = open_station();
	struct people_directory d = {
		.member = text("PT"), .number = 7, .note = text("seven"), .kept_s = 1};
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(people_put_directory(db, &d), 0);
	d.number = 3;
	d.note = text("three");
	assert_int_equal(people_put_directory(db, &d), 0);
	d.member = text("CY");
	assert_int_equal(people_put_directory(db, &d), 0);
	assert_int_equal(people_each_directory(db, text("PT"), take_note, &out), 0);
	expect(&out, "three@1|seven@1|");
	assert_int_equal(people_each_directory(db, text("EE"), take_note, &out), 0);
	expect(&out, "");
	buf_done(&out);
	close_station(db);
}

static void
test_credentials_of_a_member(void **ctx)
{
	struct db *db = open_station();
	struct people_credential c = {.member = text("PT"),
		.officer = text("ana"),
		.device = text("laptop"),
		.enrol = text("ana's"),
		.first_kept_s = 9};
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	memcpy(c.hash, hash_a, HASH_LEN);
	assert_int_equal(people_put_credential(db, &c), 0);
	c.member = text("CY");
	memcpy(c.hash, hash_b, HASH_LEN);
	assert_int_equal(people_put_credential(db, &c), 0);
	assert_int_equal(people_each_credential(db, text("PT"), take_note, &out), 0);
	expect(&out, "ana's@9|");
	assert_int_equal(people_each_credential(db, text("EE"), take_note, &out), 0);
	expect(&out, "");
	buf_done(&out);
	close_station(db);
}

static void
test_pending(void **ctx)
{
	struct db *db = open_station();
	struct people_pending p = {
		.hash = hash_a, .request = text("ana"), .enrol = text(""), .kept_s = 100};
	struct buf out, enrol;
	uint64_t gone = 9;

	(void)ctx;
	buf_init(&out, 100);
	buf_init(&enrol, 100);
	assert_int_equal(people_get_pending(db, hash_a, &out, &enrol), FAIL_ABSENT);
	assert_int_equal(people_put_pending(db, &p), 0);
	p.hash = hash_b;
	p.request = text("ben");
	p.kept_s = 200;
	assert_int_equal(people_put_pending(db, &p), 0);
	/* Signed by one: the row changes, its time does not. */
	p.hash = hash_a;
	p.request = text("ana");
	p.enrol = text("half");
	assert_int_equal(people_put_pending(db, &p), 0);
	assert_int_equal(people_get_pending(db, hash_a, &out, &enrol), 0);
	expect(&out, "ana");
	expect(&enrol, "half");
	assert_int_equal(people_each_pending(db, take_pending, &out), 0);
	expect(&out, "ana+half|ben+|");
	assert_int_equal(people_expire_pending(db, 100, &gone), 0);
	assert_int_equal(gone, 0);
	assert_int_equal(people_expire_pending(db, 101, &gone), 0);
	assert_int_equal(gone, 1);
	assert_int_equal(people_forget_pending(db, hash_b), 0);
	assert_int_equal(people_forget_pending(db, hash_b), 0);
	assert_int_equal(people_each_pending(db, take_pending, &out), 0);
	expect(&out, "");
	buf_done(&out);
	buf_done(&enrol);
	close_station(db);
}

static void
test_desks(void **ctx)
{
	struct db *db = open_station();
	struct people_desk d = {
		.name = text("duty"), .officer = text("ben"), .hours = text("")};
	struct buf out;

	(void)ctx;
	buf_init(&out, 200);
	d.is_removed = true;
	assert_int_equal(people_put_desk(db, &d), 0);
	d.officer = text("");
	d.is_removed = false;
	d.hours = text("24 h");
	assert_int_equal(people_put_desk(db, &d), 0);
	d.name = text("archive");
	d.hours = text("");
	assert_int_equal(people_put_desk(db, &d), 0);
	assert_int_equal(people_each_desk(db, take_desk, &out), 0);
	expect(&out, "archive/()|duty/(24 h)|duty/ben-()|");
	d.is_removed = true;
	assert_int_equal(people_put_desk(db, &d), 0);
	assert_int_equal(people_each_desk(db, take_desk, &out), 0);
	expect(&out, "archive/-()|duty/(24 h)|duty/ben-()|");
	buf_done(&out);
	close_station(db);
}

static void
test_signed_in_order(void **ctx)
{
	struct db *db = open_station();
	struct objects_signed o = {
		.kind = text("order"), .hash = hash_b, .bytes = text("first")};
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(objects_put_signed(db, &o), 0);
	o.hash = hash_a;
	o.bytes = text("second");
	assert_int_equal(objects_put_signed(db, &o), 0);
	o.kind = text("founding");
	assert_int_equal(objects_put_signed(db, &o), 0);
	assert_int_equal(objects_each_signed(db, text("order"), take_bytes, &out), 0);
	expect(&out, "first@0|second@0|");
	assert_int_equal(
		objects_each_signed(db, text("order"), stop, NULL), FAIL_CHANGED);
	buf_done(&out);
	close_station(db);
}

static void
test_figures_of_an_empty_station(void **ctx)
{
	struct figures_documents f = {.all = 9};
	struct db *db = open_station();
	uint64_t queue = 9;

	(void)ctx;
	assert_int_equal(figures_count(db, &f), 0);
	assert_int_equal(f.all + f.arriving + f.sealing + f.keeping + f.clocks, 0);
	assert_int_equal(figures_queue(db, text("CY"), &queue), 0);
	assert_int_equal(queue, 0);
	close_station(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rosters_in_order),
		cmocka_unit_test(test_directories_in_order),
		cmocka_unit_test(test_credentials_of_a_member),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_desks),
		cmocka_unit_test(test_signed_in_order),
		cmocka_unit_test(test_figures_of_an_empty_station),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
