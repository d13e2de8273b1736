/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"

#include <string.h>

#include "base/mem.h"
#include "store/db_driver.h"

/*
 * What is the same for every driver: who may call what when, and that a dead database stays
 * dead.  Calls out of order are mistakes of the program, not of its input: CHECK.
 */
struct db {
	const struct db_driver *driver;
	void *state;
	bool is_dead;
	bool is_in_transaction;
	bool is_marked;
	bool is_in_row;
	int lost; /* why the transaction is gone; 0 while it stands */
};

int
db_open(const struct db_driver *driver, const char *path, struct db **ret_db)
{
	struct db *db = NULL;
	int r;

	if ((r = mem_new(&db, sizeof *db)) != 0)
		goto out;
	db->driver = driver;
	if ((r = driver->open(path, &db->state)) != 0)
		goto out;
	*ret_db = db;
	db = NULL;
out:
	mem_free(db);
	return r;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	if (db->is_in_transaction)
		db_abort(db);
	db->driver->close(db->state, db->is_dead);
	mem_free(db);
}

bool
db_is_dead(const struct db *db)
{
	return db->is_dead;
}

bool
db_is_in_transaction(const struct db *db)
{
	return db->is_in_transaction;
}

/* Remember what an error means for the rest of this database's life; give the error back. */
static int
note(struct db *db, int r)
{
	if (r == FAIL_IO || r == FAIL_ALTERED)
		db->is_dead = true;
	else if (r != 0 && db->is_in_transaction && db->lost == 0 &&
		!db->driver->is_in_transaction(db->state))
		db->lost = r;
	return r;
}

/* May anything be asked at all? */
static int
check_usable(const struct db *db)
{
	CHECK(!db->is_in_row);
	if (db->is_dead)
		return FAIL_IO;
	return db->lost;
}

int
db_begin(struct db *db)
{
	int r;

	CHECK(!db->is_in_transaction);
	if ((r = check_usable(db)) != 0)
		return r;
	if ((r = note(db, db->driver->control(db->state, DB_BEGIN))) != 0)
		return r;
	db->is_in_transaction = true;
	return 0;
}

int
db_commit(struct db *db)
{
	int r;

	CHECK(db->is_in_transaction && !db->is_marked);
	if ((r = check_usable(db)) != 0 ||
		(r = note(db, db->driver->control(db->state, DB_COMMIT))) != 0) {
		db_abort(db);
		return r;
	}
	db->is_in_transaction = false;
	/*
	 * The rows are durable whatever becomes of this.  Want of space or memory: the next
	 * commit tries again.  Anything worse: this was the last commit of this process.
	 */
	(void)note(db, db->driver->tidy(db->state));
	return 0;
}

void
db_abort(struct db *db)
{
	CHECK(db->is_in_transaction && !db->is_in_row);
	if (!db->is_dead && db->driver->is_in_transaction(db->state) &&
		db->driver->control(db->state, DB_ROLLBACK) != 0 &&
		db->driver->is_in_transaction(db->state))
		db->is_dead = true; /* nobody knows what would be committed next */
	db->is_in_transaction = false;
	db->is_marked = false;
	db->lost = 0;
}

int
db_mark(struct db *db)
{
	int r;

	CHECK(db->is_in_transaction && !db->is_marked);
	if ((r = check_usable(db)) != 0)
		return r;
	if ((r = note(db, db->driver->control(db->state, DB_MARK))) != 0)
		return r;
	db->is_marked = true;
	return 0;
}

int
db_mark_keep(struct db *db)
{
	int r;

	CHECK(db->is_marked);
	db->is_marked = false;
	if ((r = check_usable(db)) != 0)
		return r;
	return note(db, db->driver->control(db->state, DB_MARK_KEEP));
}

int
db_mark_undo(struct db *db)
{
	int r;

	CHECK(db->is_marked);
	db->is_marked = false;
	if ((r = check_usable(db)) != 0)
		return r;
	if ((r = note(db, db->driver->control(db->state, DB_MARK_BACK))) != 0)
		return r;
	return note(db, db->driver->control(db->state, DB_MARK_KEEP));
}

static int
check_args(struct db_args args)
{
	size_t i;

	CHECK(args.count <= DB_VALUES_MAX);
	for (i = 0; i < args.count; i++) {
		if (args.values[i].type == DB_INT && args.values[i].number > DB_INT_MAX)
			return FAIL_LIMIT;
		if (args.values[i].bytes.len > DB_BYTES_MAX)
			return FAIL_LIMIT;
	}
	return 0;
}

static int
call(struct db *db, const struct db_call *what, uint64_t *ret_changed)
{
	uint64_t changed = 0;
	int r;

	if ((r = check_usable(db)) != 0 || (r = check_args(what->args)) != 0)
		return r;
	db->is_in_row = what->row != NULL;
	r = db->driver->run(db->state, what, &changed);
	db->is_in_row = false;
	if (note(db, r) == 0 && ret_changed != NULL)
		*ret_changed = changed;
	return r;
}

int
db_run(struct db *db, enum statement statement, struct db_args args,
	uint64_t *ret_changed)
{
	const struct db_call what = {.statement = statement, .args = args};

	CHECK(db->is_in_transaction);
	return call(db, &what, ret_changed);
}

int
db_query(struct db *db, enum statement statement, struct db_args args, db_row_fn *row,
	void *ctx)
{
	const struct db_call what = {
		.statement = statement, .args = args, .row = row, .ctx = ctx};

	return call(db, &what, NULL);
}

struct one {
	db_row_fn *row;
	void *ctx;
	bool is_seen;
};

static int
take_one(void *ctx, const struct db_row *row)
{
	struct one *one = ctx;

	CHECK(!one->is_seen);
	one->is_seen = true;
	return one->row(one->ctx, row);
}

int
db_query_one(struct db *db, enum statement statement, struct db_args args, db_row_fn *row,
	void *ctx)
{
	struct one one = {.row = row, .ctx = ctx};
	int r;

	if ((r = db_query(db, statement, args, take_one, &one)) != 0)
		return r;
	return one.is_seen ? 0 : FAIL_ABSENT;
}

int
db_row_int(const struct db_row *row, size_t i, uint64_t max, uint64_t *ret_number)
{
	CHECK(i < row->count);
	if (row->values[i].type != DB_INT || row->values[i].number > max)
		return FAIL_ALTERED;
	*ret_number = row->values[i].number;
	return 0;
}

int
db_row_fixed(const struct db_row *row, size_t i, void *ret_ptr, size_t len)
{
	CHECK(i < row->count);
	if (row->values[i].type != DB_BLOB || row->values[i].bytes.len != len)
		return FAIL_ALTERED;
	memcpy(ret_ptr, row->values[i].bytes.ptr, len);
	return 0;
}

int
db_row_bytes(const struct db_row *row, size_t i, struct buf *out)
{
	const struct db_value *value;

	CHECK(i < row->count);
	value = &row->values[i];
	if (value->type != DB_BLOB && value->type != DB_TEXT)
		return FAIL_ALTERED;
	buf_bytes(out, value->bytes.ptr, value->bytes.len);
	return buf_error(out);
}
