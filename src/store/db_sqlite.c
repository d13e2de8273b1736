/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db_sqlite.h"

#include <sqlite3.h>
#include <string.h>

#include "base/mem.h"
#include "store/db_driver.h"
#include "sys/disk.h"

/*
 * The embedded driver.  Write-ahead log, synchronous=FULL: a commit is one fsync of the log.
 * (EXTRA is FULL, and an fsync of the directory after a journal was removed: the one that
 * turns the log on must not come back after a power cut and undo everything.)
 * One process holds the file exclusively, so the index of the log lies in our memory and a
 * full disk cannot kill us through a mapping.
 *
 * Checkpoints are ours and not SQLite's own, which would swallow their errors.  One stands at
 * the very start: a log that a process left behind after a failed fsync may be readable and
 * yet not be on the disk.  What is appended to such a log could be acknowledged and lost with
 * its beginning.  So all of it goes into the tables, with an fsync that is ours, and the log
 * begins anew before anything is acknowledged.
 */
enum {
	CHECKPOINT_FRAMES = 4000, /* pages of 4 KiB in the log before it is folded in */
	SQL_MAX = 4096,
};

struct sqlite {
	sqlite3 *handle;
	int frames; /* in the log after the last commit */
	sqlite3_stmt *controls[DB_CONTROLS];
	sqlite3_stmt *statements[STATEMENTS];
};

static const char *const control_text[DB_CONTROLS] = {
	[DB_BEGIN] = "BEGIN IMMEDIATE",
	[DB_COMMIT] = "COMMIT",
	[DB_ROLLBACK] = "ROLLBACK",
	[DB_MARK] = "SAVEPOINT work",
	[DB_MARK_KEEP] = "RELEASE work",
	[DB_MARK_BACK] = "ROLLBACK TO work",
};

/*
 * The lock mode comes before the journal mode: only then is no shared memory used.  Deleted
 * rows hold who wrote to whom: secure_delete overwrites them.
 */
static const char *const settings[] = {
	"PRAGMA locking_mode = EXCLUSIVE",
	"PRAGMA cell_size_check = ON",
	"PRAGMA mmap_size = 0",
	"PRAGMA temp_store = MEMORY",
	"PRAGMA secure_delete = ON",
	"PRAGMA synchronous = EXTRA",
	"PRAGMA journal_mode = WAL",
	"PRAGMA foreign_keys = ON",
};

static int
prepare(const struct sqlite *s, const char *text, sqlite3_stmt **ret_statement)
{
	return db_sqlite_fail(sqlite3_prepare_v3(
		s->handle, text, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, NULL));
}

/* Run a text of ours to its end. */
static int
execute(const struct sqlite *s, const char *text)
{
	return db_sqlite_fail(sqlite3_exec(s->handle, text, NULL, NULL, NULL));
}

static int
expect_mode(void *ctx, int count, char **values, char **names)
{
	(void)ctx;
	(void)count;
	(void)names;
	return strcmp(values[0], "wal") != 0 && strcmp(values[0], "memory") != 0;
}

/* A file system that cannot have a log would silently give us another mode. */
static int
check_mode(const struct sqlite *s)
{
	int code;

	code = sqlite3_exec(s->handle, "PRAGMA journal_mode", expect_mode, NULL, NULL);
	return code == SQLITE_ABORT ? FAIL_UNSUPPORTED : db_sqlite_fail(code);
}

static int
count_frames(void *ctx, sqlite3 *handle, const char *name, int frames)
{
	(void)handle;
	(void)name;
	((struct sqlite *)ctx)->frames = frames;
	return SQLITE_OK;
}

/* No extensions, views, triggers or attached files; a schema that was altered calls nothing. */
static int
harden(const struct sqlite *s)
{
	static const struct {
		int option;
		int value;
	} options[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
		{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
	};
	int value, r;
	size_t i;

	for (i = 0; i < sizeof options / sizeof options[0]; i++) {
		r = db_sqlite_fail(sqlite3_db_config(
			s->handle, options[i].option, options[i].value, &value));
		if (r != 0)
			return r;
		CHECK(value == options[i].value);
	}
	(void)sqlite3_limit(s->handle, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(s->handle, SQLITE_LIMIT_LENGTH, DB_BYTES_MAX + SQL_MAX);
	(void)sqlite3_limit(s->handle, SQLITE_LIMIT_SQL_LENGTH, SQL_MAX);
	(void)sqlite3_limit(s->handle, SQLITE_LIMIT_VARIABLE_NUMBER, DB_VALUES_MAX);
	return 0;
}

/* What the last error of this handle means; opening may have failed in the system. */
static int
fail_of_handle(const struct sqlite *s, int code)
{
	if (code != SQLITE_OK && (code & 0xff) == SQLITE_CANTOPEN)
		return disk_fail_of(
			s->handle != NULL ? sqlite3_system_errno(s->handle) : 0);
	return db_sqlite_fail(code);
}

static int
checkpoint(struct sqlite *s, int mode)
{
	int left = 0, done = 0, r;

	r = db_sqlite_fail(
		sqlite3_wal_checkpoint_v2(s->handle, "main", mode, &left, &done));
	if (r == 0)
		s->frames = 0;
	return r;
}

static int
set_up(struct sqlite *s)
{
	size_t i;
	int r;

	if ((r = harden(s)) != 0)
		return r;
	for (i = 0; i < sizeof settings / sizeof settings[0]; i++)
		if ((r = execute(s, settings[i])) != 0)
			return r;
	if ((r = check_mode(s)) != 0)
		return r;
	(void)sqlite3_wal_autocheckpoint(s->handle, 0);
	(void)sqlite3_wal_hook(s->handle, count_frames, s);
	/* In exclusive mode the first reading takes the lock and recovers the log. */
	if ((r = execute(s, "SELECT COUNT(*) FROM sqlite_schema")) != 0)
		return r;
#ifndef PLANT_LOG_GOES_ON /* left out only to show that tests/store notices */
	if ((r = checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE)) != 0)
		return r;
#endif
	for (i = 0; i < DB_CONTROLS; i++)
		if ((r = prepare(s, control_text[i], &s->controls[i])) != 0)
			return r;
	return 0;
}

static void
sqlite_close(void *state, bool is_dead)
{
	struct sqlite *s = state;
	size_t i;

	for (i = 0; i < DB_CONTROLS; i++)
		(void)sqlite3_finalize(s->controls[i]);
	for (i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(s->statements[i]);
	if (is_dead && s->handle != NULL)
		(void)sqlite3_db_config(
			s->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_close_v2(s->handle);
	mem_free(s);
}

static int
sqlite_open(const char *path, void **ret_state)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
	struct sqlite *s = NULL;
	int r;

	if ((r = db_sqlite_start()) != 0 || (r = mem_new(&s, sizeof *s)) != 0)
		goto out;
	r = fail_of_handle(s,
		sqlite3_open_v2(
			path != NULL ? path : ":memory:", &s->handle, flags, NULL));
	if (r != 0 || (r = set_up(s)) != 0)
		goto out;
	*ret_state = s;
	s = NULL;
out:
	if (s != NULL)
		sqlite_close(s, r == FAIL_IO);
	return r;
}

static int
sqlite_control(void *state, enum db_control control)
{
	struct sqlite *s = state;
	int code;

	code = sqlite3_step(s->controls[control]);
	(void)sqlite3_reset(s->controls[control]);
	return db_sqlite_fail(code);
}

static bool
sqlite_is_in_transaction(const void *state)
{
	return sqlite3_get_autocommit(((const struct sqlite *)state)->handle) == 0;
}

/* An empty blob needs a pointer all the same: NULL would be bound as a NULL. */
static int
bind(sqlite3_stmt *statement, int i, const struct db_value *value)
{
	const void *ptr = value->bytes.len > 0 ? (const void *)value->bytes.ptr : "";

	switch (value->type) {
	case DB_INT:
		return sqlite3_bind_int64(statement, i, (sqlite3_int64)value->number);
	case DB_BLOB:
		return sqlite3_bind_blob64(
			statement, i, ptr, value->bytes.len, SQLITE_STATIC);
	case DB_TEXT:
		return sqlite3_bind_text64(
			statement, i, ptr, value->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
	case DB_NULL:
	default:
		return sqlite3_bind_null(statement, i);
	}
}

static int
bind_all(sqlite3_stmt *statement, struct db_args args)
{
	size_t i;
	int r;

	CHECK(sqlite3_bind_parameter_count(statement) == (int)args.count);
	for (i = 0; i < args.count; i++) {
		r = db_sqlite_fail(bind(statement, (int)i + 1, &args.values[i]));
		if (r != 0)
			return r;
	}
	return 0;
}

static int
column(sqlite3_stmt *statement, int i, struct db_value *ret_value)
{
	const void *ptr;
	sqlite3_int64 number;

	switch (sqlite3_column_type(statement, i)) {
	case SQLITE_INTEGER:
		number = sqlite3_column_int64(statement, i);
		*ret_value = db_int((uint64_t)number);
		return number >= 0 ? 0 : FAIL_ALTERED;
	case SQLITE_BLOB:
		ptr = sqlite3_column_blob(statement, i);
		*ret_value = db_blob(ptr, (size_t)sqlite3_column_bytes(statement, i));
		return 0;
	case SQLITE_TEXT:
		ptr = sqlite3_column_text(statement, i);
		if (ptr == NULL)
			return FAIL_NOMEM;
		*ret_value =
			db_text(rd_of(ptr, (size_t)sqlite3_column_bytes(statement, i)));
		return 0;
	case SQLITE_NULL:
		*ret_value = db_null();
		return 0;
	default:
		return FAIL_ALTERED; /* a real: no table of ours has one */
	}
}

static int
hand_over_row(sqlite3_stmt *statement, const struct db_call *call)
{
	struct db_row row = {.count = (size_t)sqlite3_column_count(statement)};
	size_t i;
	int r;

	if (call->row == NULL)
		return 0;
	CHECK(row.count <= DB_VALUES_MAX);
	for (i = 0; i < row.count; i++)
		if ((r = column(statement, (int)i, &row.values[i])) != 0)
			return r;
	return call->row(call->ctx, &row);
}

static int
sqlite_run(void *state, const struct db_call *call, uint64_t *ret_changed)
{
	struct sqlite *s = state;
	sqlite3_stmt *statement;
	int code = SQLITE_DONE, r;

	if (s->statements[call->statement] == NULL &&
		(r = prepare(s, statement_text(call->statement),
			 &s->statements[call->statement])) != 0)
		return r;
	statement = s->statements[call->statement];
	if ((r = bind_all(statement, call->args)) != 0)
		goto out;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		if ((r = hand_over_row(statement, call)) != 0)
			goto out;
	if ((r = db_sqlite_fail(code)) == 0)
		*ret_changed = (uint64_t)sqlite3_changes64(s->handle);
out:
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	return r;
}

static int
sqlite_tidy(void *state)
{
	struct sqlite *s = state;

	return s->frames < CHECKPOINT_FRAMES ? 0
					     : checkpoint(s, SQLITE_CHECKPOINT_PASSIVE);
}

const struct db_driver *
db_sqlite(void)
{
	static const struct db_driver driver = {.open = sqlite_open,
		.close = sqlite_close,
		.control = sqlite_control,
		.is_in_transaction = sqlite_is_in_transaction,
		.run = sqlite_run,
		.tidy = sqlite_tidy};

	return &driver;
}
