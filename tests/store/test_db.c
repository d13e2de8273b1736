/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "fault_vfs.h"
#include "load.h"
#include "store/db_sqlite.h"
#include "store/station.h"

static struct db *
open_memory(void)
{
	struct db *db = NULL;

	assert_int_equal(station_open(db_sqlite(), NULL, 1, &db), 0);
	return db;
}

static const uint8_t hash[32] = {1, 2, 3};

static int
put_signed(struct db *db, const char *kind, uint64_t kept_s)
{
	return db_run(db, STATEMENT_SIGNED_PUT,
		DB_ARGS(db_text(rd_of(kind, strlen(kind))), db_blob(hash, sizeof hash),
			db_blob(NULL, 0), db_int(kept_s)),
		NULL);
}

static int
take_len(void *ctx, const struct db_row *row)
{
	assert_int_equal(row->count, 1);
	*(size_t *)ctx = row->values[0].bytes.len;
	return 0;
}

static int
read_signed(struct db *db, const char *kind, size_t *ret_len)
{
	return db_query_one(db, STATEMENT_SIGNED_GET,
		DB_ARGS(db_text(rd_of(kind, strlen(kind))), db_blob(hash, sizeof hash)),
		take_len, ret_len);
}

static void
test_commit_and_abort(void **ctx)
{
	struct db *db = open_memory();
	size_t len = 9;

	(void)ctx;
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(put_signed(db, "a", 5), 0);
	db_abort(db);
	assert_int_equal(read_signed(db, "a", &len), FAIL_ABSENT);
	assert_int_equal(len, 9);

	assert_int_equal(db_begin(db), 0);
	assert_int_equal(put_signed(db, "a", 5), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(read_signed(db, "a", &len), 0);
	assert_int_equal(len, 0); /* an empty blob is a blob */
	db_close(db);
}

static void
test_mark(void **ctx)
{
	struct db *db = open_memory();
	size_t len;

	(void)ctx;
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(put_signed(db, "kept", 1), 0);
	assert_int_equal(db_mark(db), 0);
	assert_int_equal(put_signed(db, "undone", 1), 0);
	assert_int_equal(db_mark_undo(db), 0);
	assert_int_equal(db_mark(db), 0);
	assert_int_equal(put_signed(db, "kept too", 1), 0);
	assert_int_equal(db_mark_keep(db), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(read_signed(db, "kept", &len), 0);
	assert_int_equal(read_signed(db, "kept too", &len), 0);
	assert_int_equal(read_signed(db, "undone", &len), FAIL_ABSENT);
	db_close(db);
}

static void
test_errors_of_rows(void **ctx)
{
	struct db *db = open_memory();
	const uint8_t id[16] = {0};
	size_t len;

	(void)ctx;
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(put_signed(db, "a", 1), 0);
	assert_int_equal(put_signed(db, "a", 1), FAIL_EXISTS);
	assert_int_equal(put_signed(db, "b", DB_INT_MAX + 1), FAIL_LIMIT);
	assert_int_equal(put_signed(db, "b", DB_INT_MAX), 0);
	/* A hash of another length, and a receipt of a document that is not there. */
	assert_int_equal(db_run(db, STATEMENT_SIGNED_PUT,
				 DB_ARGS(db_text(rd_of("c", 1)), db_blob(hash, 31),
					 db_blob(NULL, 0), db_int(1)),
				 NULL),
		FAIL_FORMAT);
	assert_int_equal(
		db_run(db, STATEMENT_RECEIPT_PUT,
			DB_ARGS(db_blob(id, sizeof id), db_text(rd_of("PT/duty", 7)),
				db_int(1), db_blob(NULL, 0), db_int(1)),
			NULL),
		FAIL_ABSENT);
	/* None of that undid what was good. */
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(read_signed(db, "a", &len), 0);
	assert_int_equal(read_signed(db, "b", &len), 0);
	assert_false(db_is_dead(db));
	db_close(db);
}

static int
stop(void *ctx, const struct db_row *row)
{
	(void)row;
	++*(int *)ctx;
	return FAIL_LIMIT;
}

static void
test_callback_ends_query(void **ctx)
{
	struct db *db = open_memory();
	int calls = 0;

	(void)ctx;
	assert_int_equal(
		db_query(db, STATEMENT_MIGRATION_NEWEST, DB_NO_ARGS, stop, &calls),
		FAIL_LIMIT);
	assert_int_equal(calls, 1);
	assert_false(db_is_dead(db));
	db_close(db);
}

static void
test_one_process_at_a_time(void **ctx)
{
	char path[] = "/tmp/valise-db-XXXXXX";
	char file[64];
	struct db *db = NULL, *second = NULL;
	int fd;

	(void)ctx;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_true(snprintf(file, sizeof file, "%s", path) > 0);
	assert_int_equal(station_open(db_sqlite(), file, 1, &db), 0);
	assert_int_equal(station_open(db_sqlite(), file, 1, &second), FAIL_AGAIN);
	assert_null(second);
	db_close(db);
	assert_int_equal(station_open(db_sqlite(), file, 1, &db), 0);
	db_close(db);
	(void)unlink(file);
	assert_int_equal(
		station_open(db_sqlite(), "/nonexistent/valise/db", 1, &db), FAIL_ABSENT);
}

static void
test_newer_schema_is_refused(void **ctx)
{
	struct db *db = NULL;

	(void)ctx;
	fault_vfs_install();
	fault_vfs_format(1);
	assert_int_equal(station_open(db_sqlite(), "db", 1, &db), 0);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(db_run(db, STATEMENT_MIGRATION_PUT,
				 DB_ARGS(db_int(STATION_SCHEMA + 1), db_int(1)), NULL),
		0);
	assert_int_equal(db_commit(db), 0);
	db_close(db);
	assert_int_equal(station_open(db_sqlite(), "db", 1, &db), FAIL_VERSION);
}

/* A disk that fails once: the database is dead, though the disk would work again. */
static void
test_dead_after_io_error(void **ctx)
{
	struct db *db = NULL;
	size_t len;

	(void)ctx;
	fault_vfs_install();
	fault_vfs_format(1);
	assert_int_equal(station_open(db_sqlite(), "db", 1, &db), 0);
	fault_vfs_fail(FAULT_SYNC, 0, true);
	assert_int_equal(load_put(db, 0, 100), FAIL_IO);
	assert_true(db_is_dead(db));
	assert_int_equal(db_begin(db), FAIL_IO);
	assert_int_equal(read_signed(db, "a", &len), FAIL_IO);
	db_close(db);
}

static void
test_full_disk_and_space_again(void **ctx)
{
	struct db *db = NULL;

	(void)ctx;
	fault_vfs_install();
	fault_vfs_format(1);
	assert_int_equal(station_open(db_sqlite(), "db", 1, &db), 0);
	fault_vfs_fail(FAULT_SPACE, 0, false);
	assert_int_equal(load_put(db, 0, 100), FAIL_SPACE);
	assert_int_equal(load_put(db, 0, 100), FAIL_SPACE);
	assert_false(db_is_dead(db));
	fault_vfs_heal();
	assert_int_equal(load_put(db, 0, 100), 0);
	assert_true(load_is_right(db, 1, 1, 100));
	db_close(db);
}

/* Want of memory at every allocation, SQLite's own among them, once and for good. */
static void
without_memory(bool is_once)
{
	struct db *db = NULL;
	long n, failed = 1;
	int r;

	for (n = 0; failed > 0; n++) {
		mem_fail_after(n, is_once);
		r = station_open(db_sqlite(), NULL, 1, &db);
		if (r == 0)
			r = load_put(db, 0, 100);
		failed = mem_failed_count();
		mem_fail_never();
		/* SQLite does without some of its memory. */
		assert_true(r == FAIL_NOMEM || r == 0);
		if (db != NULL && !db_is_dead(db))
			assert_true(load_is_right(db, r == 0, 1, 100));
		db_close(db);
		db = NULL;
	}
	assert_int_equal(r, 0);
	assert_true(n > 100);
}

static void
test_memory(void **ctx)
{
	(void)ctx;
	without_memory(true);
	without_memory(false);
}

/* $1, $2 ... as they first appear, and no word that only one database knows. */
static void
test_dialect(void **ctx)
{
	static const char *const foreign[] = {"?", "AUTOINCREMENT", "PRAGMA", "REPLACE",
		"rowid", "WITHOUT", "STRICT", "GLOB", "IFNULL", "`", "\"", ";", ":="};
	struct db *db = open_memory();
	char name[4] = "$0";
	const char *at, *next;
	size_t s, i;

	(void)ctx;
	for (s = 0; s < STATEMENTS; s++) {
		const char *text = statement_text((enum statement)s);

		for (i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
			assert_null(strstr(text, foreign[i]));
		for (i = 1, at = text;; i++, at = next) {
			name[1] = (char)('0' + i);
			next = strstr(text, name);
			if (next == NULL)
				break;
			assert_true(next >= at);
		}
		/* Nothing is bound that has no number below the first missing one. */
		for (at = strchr(text, '$'); at != NULL; at = strchr(at + 1, '$'))
			assert_true(at[1] >= '1' && at[1] < (char)('0' + i));
	}
	db_close(db);
}

static void
test_codes(void **ctx)
{
	(void)ctx;
	assert_int_equal(db_sqlite_fail(0), 0);
	assert_int_equal(db_sqlite_fail(100), 0);	 /* ROW */
	assert_int_equal(db_sqlite_fail(5), FAIL_AGAIN); /* BUSY */
	assert_int_equal(db_sqlite_fail(7), FAIL_NOMEM);
	assert_int_equal(db_sqlite_fail(10), FAIL_IO);
	assert_int_equal(db_sqlite_fail(10 | (12 << 8)), FAIL_NOMEM); /* IOERR_NOMEM */
	assert_int_equal(db_sqlite_fail(11), FAIL_ALTERED);	      /* CORRUPT */
	assert_int_equal(db_sqlite_fail(13), FAIL_SPACE);
	assert_int_equal(db_sqlite_fail(8), FAIL_DENIED); /* READONLY */
	assert_int_equal(db_sqlite_fail(18), FAIL_LIMIT); /* TOOBIG */
	assert_int_equal(db_sqlite_fail(21), FAIL_IO);	  /* MISUSE */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commit_and_abort),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_errors_of_rows),
		cmocka_unit_test(test_callback_ends_query),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_dialect),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_one_process_at_a_time),
		/* From here on the disk lies in memory. */
		cmocka_unit_test(test_newer_schema_is_refused),
		cmocka_unit_test(test_dead_after_io_error),
		cmocka_unit_test(test_full_disk_and_space_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
