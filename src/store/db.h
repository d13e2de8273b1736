/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_H
#define STORE_DB_H
/*
 * db: a database behind one small interface: named statements, bound values, one writer.
 *
 *   closed -> open -> [ begin -> run, query, mark/keep/undo -> commit | abort ]* -> closed
 *   open -> dead    after an input or output error, or damage: every later call is FAIL_IO
 *
 * SQL never comes from outside: a statement is a number (store/statements.h), and values are
 * bound, never written into a text.  Rows are written inside a transaction only.
 *
 * Durable  when db_commit() has returned 0, and not before.  Whatever is said to anybody is
 *          said afterwards (valised/store.h).
 * Dead     after a failed fsync the kernel has forgotten which pages were not written, and
 *          trying again succeeds without writing them (Rebello et al., USENIX ATC 2020).  So
 *          the process that holds a dead database ends; the next one recovers from the log.
 * Errors   FAIL_EXISTS   a row with this key is there     FAIL_ABSENT  a row refers to nothing
 *          FAIL_FORMAT   a value that the table refuses   FAIL_LIMIT   DB_INT_MAX, or too long
 *          FAIL_SPACE    disk full                        FAIL_NOMEM
 *          FAIL_AGAIN    another process has it open      FAIL_VERSION made by a newer program
 *          FAIL_ALTERED  the file is damaged (dead)       FAIL_IO      (dead)
 *          FAIL_DENIED, FAIL_ABSENT, ... of opening the file: sys/disk.h
 * After an error inside a transaction what was done before in it still stands, unless the
 * database had to give all of it up; then every call gives that error until db_abort().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "store/statements.h"

#define DB_INT_MAX ((uint64_t)INT64_MAX)

enum { DB_VALUES_MAX = 16, DB_BYTES_MAX = 32 << 20 };

enum db_type { DB_NULL, DB_INT, DB_BLOB, DB_TEXT };

/* Integers are never negative.  Text is UTF-8 that its own room has checked, without NUL. */
struct db_value {
	enum db_type type;
	uint64_t number;
	struct rd bytes;
};

static inline struct db_value
db_int(uint64_t number)
{
	return (struct db_value){.type = DB_INT, .number = number};
}

static inline struct db_value
db_blob(const void *ptr, size_t len)
{
	return (struct db_value){.type = DB_BLOB, .bytes = rd_of(ptr, len)};
}

static inline struct db_value
db_text(struct rd text)
{
	return (struct db_value){.type = DB_TEXT, .bytes = text};
}

static inline struct db_value
db_null(void)
{
	return (struct db_value){.type = DB_NULL};
}

/* The values of $1, $2, ... of a statement. */
struct db_args {
	const struct db_value *values;
	size_t count;
};

#define DB_ARGS(...)                                                                     \
	((struct db_args){(const struct db_value[]){__VA_ARGS__},                        \
		sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)})
#define DB_NO_ARGS ((struct db_args){NULL, 0})

/* A row; its bytes live until the callback returns. */
struct db_row {
	size_t count;
	struct db_value values[DB_VALUES_MAX];
};

/* Anything but 0 ends the query with that.  No call of the database from within. */
typedef int db_row_fn(void *ctx, const struct db_row *row);

struct db;
struct db_driver;

/* The embedded driver, SQLite. */
const struct db_driver *db_sqlite(void);

/*
 * Open, or make.  NULL: in memory.  The directory must be its owner's alone (0700).  One
 * process at a time.
 */
MUST int db_open(const struct db_driver *driver, const char *path, struct db **ret_db);
void db_close(struct db *db);

bool db_is_dead(const struct db *db);
bool db_is_in_transaction(const struct db *db);

MUST int db_begin(struct db *db);

/* On failure nothing of the transaction is there, unless the database is dead: then a next
 * process finds all of it or nothing. */
MUST int db_commit(struct db *db);
void db_abort(struct db *db);

/*
 * A mark inside a transaction, so that one piece of work can be taken back and the others
 * stay.  One at a time.  When undo fails, the whole transaction is lost.
 */
MUST int db_mark(struct db *db);
MUST int db_mark_keep(struct db *db);
MUST int db_mark_undo(struct db *db);

/* Change rows.  ret_changed, how many, may be NULL. */
MUST int db_run(struct db *db, enum statement statement, struct db_args args,
	uint64_t *ret_changed);

MUST int db_query(struct db *db, enum statement statement, struct db_args args,
	db_row_fn *row, void *ctx);

/* The same when there is one row or none: FAIL_ABSENT. */
MUST int db_query_one(struct db *db, enum statement statement, struct db_args args,
	db_row_fn *row, void *ctx);

/* Values of a row.  FAIL_ALTERED when they are not what the table should hold. */
MUST int db_row_int(
	const struct db_row *row, size_t i, uint64_t max, uint64_t *ret_number);
MUST int db_row_fixed(const struct db_row *row, size_t i, void *ret_ptr, size_t len);
MUST int db_row_bytes(const struct db_row *row, size_t i, struct buf *out);

#endif
