/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fault_vfs.h"
#include "load.h"
#include "store/group.h"
#include "store/station.h"

enum { NOT_YET = 1, ROW = 200 };

/* A request: which transaction of the load it writes, and what it heard. */
struct request {
	uint64_t n;
	int work_r; /* what its work answers after writing */
	int heard;
	int times;
};

static int
work(void *ctx, struct db *db)
{
	struct request *request = ctx;
	int r = load_rows(db, request->n, ROW);

	return r != 0 ? r : request->work_r;
}

static void
hear(void *ctx, int r)
{
	struct request *request = ctx;

	request->heard = r;
	request->times++;
}

static void
ask(struct group *g, struct request *request, uint64_t n, int work_r, uint64_t now_ms)
{
	*request = (struct request){.n = n, .work_r = work_r, .heard = NOT_YET};
	group_work(g, work, request, (struct group_waiter){hear, request}, now_ms);
}

static struct db *
open_disk(void)
{
	struct db *db = NULL;

	fault_vfs_install();
	fault_vfs_format(1);
	assert_int_equal(station_open(db_sqlite(), "db", 1, &db), 0);
	return db;
}

static const struct group_settings settings = {.wait_ms_max = 20, .waiters_max = 3};

static void
test_commit_when_idle(void **ctx)
{
	struct db *db = open_disk();
	struct request a, b;
	struct group g;

	(void)ctx;
	group_init(&g, db, &settings);
	assert_true(group_due_ms(&g) == UINT64_MAX);
	ask(&g, &a, 0, 0, 100);
	ask(&g, &b, 1, 0, 105);
	assert_int_equal(a.heard, NOT_YET);
	assert_int_equal(group_due_ms(&g), 120);
	group_idle(&g);
	assert_int_equal(a.heard, 0);
	assert_int_equal(b.heard, 0);
	group_idle(&g);
	assert_int_equal(a.times + b.times, 2);
	group_done(&g);
	fault_vfs_power();
	assert_true(load_is_right(db, 2, 2, ROW));
	db_close(db);
}

static void
test_commit_when_full_or_due(void **ctx)
{
	struct db *db = open_disk();
	struct request r[5];
	struct group g;

	(void)ctx;
	group_init(&g, db, &settings);
	ask(&g, &r[0], 0, 0, 100);
	ask(&g, &r[1], 1, 0, 101);
	assert_int_equal(r[1].heard, NOT_YET);
	ask(&g, &r[2], 2, 0, 102);
	assert_int_equal(r[0].heard, 0);
	assert_int_equal(r[2].heard, 0);
	ask(&g, &r[3], 3, 0, 103);
	group_tick(&g, 122);
	assert_int_equal(r[3].heard, NOT_YET);
	group_tick(&g, 123);
	assert_int_equal(r[3].heard, 0);
	/* Work that comes late enough takes the line along. */
	ask(&g, &r[3], 4, 0, 200);
	ask(&g, &r[4], 5, 0, 220);
	assert_int_equal(r[3].heard, 0);
	assert_int_equal(r[4].heard, 0);
	group_done(&g);
	db_close(db);
}

static void
test_failed_work_leaves_nothing(void **ctx)
{
	struct db *db = open_disk();
	struct request a, b, c;
	struct group g;

	(void)ctx;
	group_init(&g, db, &settings);
	ask(&g, &a, 0, 0, 1);
	ask(&g, &b, 1, FAIL_REFUSED, 1);
	assert_int_equal(b.heard, FAIL_REFUSED);
	assert_int_equal(a.heard, NOT_YET);
	ask(&g, &c, 0, 0, 1); /* the same rows again */
	assert_int_equal(c.heard, FAIL_EXISTS);
	group_idle(&g);
	assert_int_equal(a.heard, 0);
	assert_int_equal(b.times + c.times, 2);
	assert_true(load_is_right(db, 1, 1, ROW));
	group_done(&g);
	db_close(db);
}

/* Nobody hears 0 when the commit fails; with space again, work goes on. */
static void
test_failed_commit(void **ctx)
{
	struct db *db = open_disk();
	struct request a, b;
	struct group g;

	(void)ctx;
	group_init(&g, db, &settings);
	ask(&g, &a, 0, 0, 1);
	ask(&g, &b, 1, 0, 1);
	fault_vfs_fail(FAULT_SPACE, 0, false);
	group_idle(&g);
	assert_int_equal(a.heard, FAIL_SPACE);
	assert_int_equal(b.heard, FAIL_SPACE);
	fault_vfs_heal();
	assert_true(load_is_right(db, 0, 0, ROW));
	ask(&g, &a, 0, 0, 2);
	fault_vfs_fail(FAULT_SYNC, 0, true);
	group_idle(&g);
	assert_int_equal(a.heard, FAIL_IO);
	assert_true(db_is_dead(db));
	ask(&g, &b, 1, 0, 3);
	assert_int_equal(b.heard, FAIL_IO);
	group_done(&g);
	db_close(db);
}

static void
test_done_tells_everybody(void **ctx)
{
	struct db *db = open_disk();
	struct request a;
	struct group g;

	(void)ctx;
	group_init(&g, db, &settings);
	ask(&g, &a, 0, 0, 1);
	group_done(&g);
	assert_int_equal(a.heard, FAIL_CLOSED);
	assert_true(load_is_right(db, 0, 1, ROW));
	db_close(db);
}

/* The power goes at every call of the disk: whoever heard 0 finds its rows. */
static void
test_power(void **ctx)
{
	struct request requests[12];
	struct db *db = NULL;
	struct group g;
	uint64_t acked, i;
	bool is_over = false;
	long n;

	(void)ctx;
	for (n = 0; !is_over; n++) {
		db = open_disk();
		fault_vfs_fail(FAULT_POWER, n, true);
		group_init(&g, db, &settings);
		for (i = 0; i < 12; i++) {
			ask(&g, &requests[i], i, 0, i);
			if (i % 5 == 1)
				group_idle(&g);
		}
		group_done(&g);
		is_over = fault_vfs_failed() == 0;
		db_close(db);
		fault_vfs_power();
		for (acked = 0, i = 0; i < 12; i++) {
			assert_int_equal(requests[i].times, 1);
			if (requests[i].heard == 0)
				acked = i + 1;
		}
		assert_int_equal(station_open(db_sqlite(), "db", 2, &db), 0);
		assert_true(load_is_right(db, acked, 12, ROW));
		db_close(db);
	}
	assert_true(n > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commit_when_idle),
		cmocka_unit_test(test_commit_when_full_or_due),
		cmocka_unit_test(test_failed_work_leaves_nothing),
		cmocka_unit_test(test_failed_commit),
		cmocka_unit_test(test_done_tells_everybody),
		cmocka_unit_test(test_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
