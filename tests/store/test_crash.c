/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call that the database makes on its disk fails once, and for good, in each way that a
 * disk can; and at every call the power goes.  Afterwards the database opens again, what was
 * acknowledged is there, and nothing is there by halves.  Planted faults show that these
 * loops would notice: a disk that only says it synced, a store that acknowledges before it
 * commits, and (meson.build: crash-planted) one that goes on with the log of a failed sync.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "fault_vfs.h"
#include "load.h"
#include "store/station.h"

enum { BIG = 40000, SMALL = 512, STEP_BIG = 141 };

struct run {
	size_t row_len;
	uint64_t count; /* transactions before, and again after, a reopening */
	bool is_early;	/* planted: acknowledge before the commit */
	uint64_t acked; /* 0..acked-1 */
	uint64_t tried;
	bool is_dead;
	int error;
};

static void
put_some(struct run *run, struct db *db, uint64_t end)
{
	int r = 0;

	for (; run->tried < end && r == 0;) {
		if (run->is_early)
			run->acked = run->tried + 1;
		r = load_put(db, run->tried++, run->row_len);
		if (r == 0)
			run->acked = run->tried;
	}
	run->error = r;
	run->is_dead = db_is_dead(db);
}

/* Open, write, close, open, write: until the first error. */
static void
play(struct run *run)
{
	struct db *db = NULL;
	int half;

	for (half = 1; half <= 2 && run->error == 0; half++) {
		if ((run->error = station_open(db_sqlite(), "db", 1, &db)) != 0)
			return;
		put_some(run, db, run->count * (uint64_t)half);
		db_close(db);
	}
}

static bool
is_right_after(const struct run *run)
{
	struct db *db = NULL;
	bool is_right;
	int r;

	if ((r = station_open(db_sqlite(), "db", 2, &db)) != 0) {
		(void)fprintf(stderr, "does not open: %s\n", fail_text(r));
		return false;
	}
	is_right = load_is_right(db, run->acked, run->tried, run->row_len);
	db_close(db);
	return is_right;
}

/* One run with one fault; false when something acknowledged is gone.  *ret_is_over: the
 * scenario ended before the fault came. */
static bool
one(struct run *run, enum fault fault, long n, bool is_once, bool *ret_is_over)
{
	fault_vfs_format((uint64_t)n * FAULTS + (uint64_t)fault + 1);
	fault_vfs_fail(fault, n, is_once);
	play(run);
	*ret_is_over = fault_vfs_failed() == 0;
	if (*ret_is_over)
		assert_int_equal(run->error, 0);
	if (fault == FAULT_POWER || !is_once)
		fault_vfs_power();
	fault_vfs_heal();
	return is_right_after(run);
}

static long
at_every_call(enum fault fault, bool is_once, size_t row_len, uint64_t count, long step)
{
	bool is_over = false;
	long n;

	for (n = 0; !is_over; n += step) {
		struct run run = {.row_len = row_len, .count = count};

		if (!one(&run, fault, n, is_once, &is_over))
			fail_msg("fault %d at call %ld", (int)fault, n);
		if (run.error == FAIL_IO && run.tried > run.acked)
			assert_true(run.is_dead);
		if (!is_over && (fault == FAULT_SPACE || fault == FAULT_SHORT))
			assert_true(run.error == 0 || run.error == FAIL_SPACE);
	}
	return n;
}

static void
test_faults(void **ctx)
{
	enum fault fault;
	long calls = 0;
	int is_once;

	(void)ctx;
	for (fault = FAULT_IO; fault <= FAULT_POWER; fault++)
		for (is_once = 0; is_once <= 1; is_once++)
			calls += at_every_call(fault, is_once, SMALL, 6, 1);
	print_message("%ld faults, one at every call\n", calls);
	assert_true(calls > 500);
}

/* Long enough that the log is folded into the tables in between. */
static void
test_faults_of_checkpoints(void **ctx)
{
	enum fault fault;
	long calls = 0;

	(void)ctx;
	for (fault = FAULT_IO; fault <= FAULT_POWER; fault++)
		calls += at_every_call(
			fault, true, BIG, 18, fault == FAULT_SYNC ? 1 : STEP_BIG);
	print_message("%ld calls\n", calls);
}

/* Many outcomes of a cut at the same call. */
static void
test_power_cuts(void **ctx)
{
	uint64_t seed;

	(void)ctx;
	for (seed = 0; seed < 1000; seed++) {
		struct run run = {.row_len = SMALL, .count = 6};

		fault_vfs_format(seed + 1);
		fault_vfs_fail(FAULT_POWER, (long)(seed * 7919 % 331), true);
		play(&run);
		fault_vfs_power();
		if (!is_right_after(&run))
			fail_msg("seed %llu", (unsigned long long)seed);
	}
}

/*
 * A sync fails, the process ends, and the next one finds a log that reads well and is not on
 * the disk.  What it acknowledges must survive a power cut all the same.
 */
static void
test_next_process_after_failed_sync(void **ctx)
{
	bool is_over = false;
	long n;

	(void)ctx;
	for (n = 0; !is_over; n++) {
		struct run run = {.row_len = SMALL, .count = 6};
		struct db *db = NULL;

		fault_vfs_format((uint64_t)n + 1);
		fault_vfs_fail(FAULT_SYNC, n, true);
		play(&run);
		is_over = fault_vfs_failed() == 0;
		fault_vfs_heal();
		assert_int_equal(station_open(db_sqlite(), "db", 2, &db), 0);
		assert_int_equal(load_put(db, run.tried, SMALL), 0);
		fault_vfs_fail(FAULT_POWER, 0, true);
		db_close(db);
		fault_vfs_power();
		/* That one at its place, and those before as ever. */
		assert_int_equal(station_open(db_sqlite(), "db", 3, &db), 0);
		assert_true(load_is_right(db, run.acked, run.tried + 1, SMALL));
		assert_int_equal(load_put(db, run.tried, SMALL), FAIL_EXISTS);
		db_close(db);
	}
}

/* ---- planted faults: the same checks must fail ---- */

static bool
is_noticed(enum fault fault, bool is_early)
{
	uint64_t seed;

	for (seed = 0; seed < 200; seed++) {
		struct run run = {.row_len = SMALL, .count = 6, .is_early = is_early};

		fault_vfs_format(seed + 1);
		fault_vfs_fail(fault, (long)seed, true);
		play(&run);
		fault_vfs_power();
		if (!is_right_after(&run))
			return true;
	}
	return false;
}

static void
test_notices_syncs_left_out(void **ctx)
{
	(void)ctx;
	assert_true(is_noticed(FAULT_LIE, false));
}

static void
test_notices_early_acknowledgement(void **ctx)
{
	(void)ctx;
	assert_true(is_noticed(FAULT_POWER, true));
	assert_false(is_noticed(FAULT_POWER, false));
}

static int
install(void **ctx)
{
	(void)ctx;
	fault_vfs_install();
	return 0;
}

/* With an argument: only what must fail where the log of a failed sync is gone on with. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest planted[] = {
		cmocka_unit_test(test_next_process_after_failed_sync),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_faults_of_checkpoints),
		cmocka_unit_test(test_power_cuts),
		cmocka_unit_test(test_next_process_after_failed_sync),
		cmocka_unit_test(test_notices_syncs_left_out),
		cmocka_unit_test(test_notices_early_acknowledgement),
	};

	(void)argv;
	if (argc > 1)
		return cmocka_run_group_tests(planted, install, NULL);
	return cmocka_run_group_tests(tests, install, NULL);
}
