/* SPDX-License-Identifier: Apache-2.0 */
#include "store/people.h"

/* Bytes and one number: the shape of all rows that are read here. */
struct note_and_number {
	struct buf *out;
	uint64_t max;
	uint64_t number;
};

static int
take_note(void *ctx, const struct db_row *row)
{
	return db_row_bytes(row, 0, ctx);
}

static int
take_note_and_number(void *ctx, const struct db_row *row)
{
	struct note_and_number *into = ctx;
	int r;

	if ((r = db_row_int(row, 1, into->max, &into->number)) != 0)
		return r;
	return db_row_bytes(row, 0, into->out);
}

int
people_put_roster(struct db *db, const struct people_roster *roster)
{
	return db_run(db, STATEMENT_ROSTER_PUT,
		DB_ARGS(db_int(roster->serial), db_blob(roster->hash, HASH_LEN),
			db_blob(roster->note.ptr, roster->note.len),
			db_int(roster->kept_s)),
		NULL);
}

int
people_get_roster(struct db *db, uint32_t serial, struct buf *out)
{
	return db_query_one(
		db, STATEMENT_ROSTER_GET, DB_ARGS(db_int(serial)), take_note, out);
}

int
people_newest_roster(struct db *db, struct buf *out, uint32_t *ret_serial)
{
	struct note_and_number into = {.out = out, .max = UINT32_MAX};
	int r;

	r = db_query_one(
		db, STATEMENT_ROSTER_NEWEST, DB_NO_ARGS, take_note_and_number, &into);
	if (r == 0)
		*ret_serial = (uint32_t)into.number;
	return r;
}

int
people_put_directory(struct db *db, const struct people_directory *directory)
{
	return db_run(db, STATEMENT_DIRECTORY_PUT,
		DB_ARGS(db_text(directory->member), db_int(directory->number),
			db_blob(directory->note.ptr, directory->note.len),
			db_int(directory->kept_s)),
		NULL);
}

int
people_newest_directory(
	struct db *db, struct rd member, struct buf *out, uint32_t *ret_number)
{
	struct note_and_number into = {.out = out, .max = UINT32_MAX};
	int r;

	r = db_query_one(db, STATEMENT_DIRECTORY_NEWEST, DB_ARGS(db_text(member)),
		take_note_and_number, &into);
	if (r == 0)
		*ret_number = (uint32_t)into.number;
	return r;
}

int
people_put_credential(struct db *db, const struct people_credential *credential)
{
	return db_run(db, STATEMENT_CREDENTIAL_PUT,
		DB_ARGS(db_blob(credential->hash, HASH_LEN), db_text(credential->member),
			db_text(credential->officer), db_text(credential->device),
			db_blob(credential->enrol.ptr, credential->enrol.len),
			db_int(credential->first_kept_s)),
		NULL);
}

int
people_get_credential(struct db *db, const uint8_t hash[HASH_LEN], struct buf *out,
	uint64_t *ret_first_kept_s)
{
	struct note_and_number into = {.out = out, .max = DB_INT_MAX};
	int r;

	r = db_query_one(db, STATEMENT_CREDENTIAL_GET, DB_ARGS(db_blob(hash, HASH_LEN)),
		take_note_and_number, &into);
	if (r == 0)
		*ret_first_kept_s = into.number;
	return r;
}

/* Rows to a callback: their values checked, and given by their place. */
struct each {
	union {
		people_note_fn *note;
		people_credential_fn *credential;
		people_pending_fn *pending;
		people_desk_fn *desk;
	} give;
	void *ctx;
};

static bool
is_bytes(const struct db_row *row, size_t i)
{
	return row->values[i].type == DB_BLOB || row->values[i].type == DB_TEXT;
}

static int
give_note(void *ctx, const struct db_row *row)
{
	const struct each *e = ctx;
	uint64_t kept_s;
	int r;

	if (!is_bytes(row, 0))
		return FAIL_ALTERED;
	if ((r = db_row_int(row, 1, DB_INT_MAX, &kept_s)) != 0)
		return r;
	return e->give.note(e->ctx, row->values[0].bytes, kept_s);
}

int
people_each_roster(struct db *db, people_note_fn *each, void *ctx)
{
	struct each e = {.give.note = each, .ctx = ctx};

	return db_query(db, STATEMENT_ROSTER_ALL, DB_NO_ARGS, give_note, &e);
}

int
people_each_directory(struct db *db, struct rd member, people_note_fn *each, void *ctx)
{
	struct each e = {.give.note = each, .ctx = ctx};

	return db_query(
		db, STATEMENT_DIRECTORY_ALL, DB_ARGS(db_text(member)), give_note, &e);
}

static int
give_credential(void *ctx, const struct db_row *row)
{
	const struct each *e = ctx;
	uint64_t first_kept_s;
	int r;

	if (!is_bytes(row, 0))
		return FAIL_ALTERED;
	if ((r = db_row_int(row, 1, DB_INT_MAX, &first_kept_s)) != 0)
		return r;
	return e->give.credential(e->ctx, row->values[0].bytes, first_kept_s);
}

int
people_each_credential(
	struct db *db, struct rd member, people_credential_fn *each, void *ctx)
{
	struct each e = {.give.credential = each, .ctx = ctx};

	return db_query(db, STATEMENT_CREDENTIAL_OF_MEMBER, DB_ARGS(db_text(member)),
		give_credential, &e);
}

int
people_put_pending(struct db *db, const struct people_pending *pending)
{
	return db_run(db, STATEMENT_PENDING_PUT,
		DB_ARGS(db_blob(pending->hash, HASH_LEN),
			db_blob(pending->request.ptr, pending->request.len),
			db_blob(pending->enrol.ptr, pending->enrol.len),
			db_int(pending->kept_s)),
		NULL);
}

struct two {
	struct buf *first;
	struct buf *second;
};

static int
take_two(void *ctx, const struct db_row *row)
{
	const struct two *two = ctx;
	int r;

	if ((r = db_row_bytes(row, 0, two->first)) != 0)
		return r;
	return db_row_bytes(row, 1, two->second);
}

int
people_get_pending(struct db *db, const uint8_t hash[HASH_LEN], struct buf *request,
	struct buf *enrol)
{
	struct two two = {.first = request, .second = enrol};

	return db_query_one(db, STATEMENT_PENDING_GET, DB_ARGS(db_blob(hash, HASH_LEN)),
		take_two, &two);
}

int
people_forget_pending(struct db *db, const uint8_t hash[HASH_LEN])
{
	return db_run(
		db, STATEMENT_PENDING_FORGET, DB_ARGS(db_blob(hash, HASH_LEN)), NULL);
}

int
people_expire_pending(struct db *db, uint64_t before_s, uint64_t *ret_count)
{
	return db_run(db, STATEMENT_PENDING_EXPIRE, DB_ARGS(db_int(before_s)), ret_count);
}

static int
give_pending(void *ctx, const struct db_row *row)
{
	const struct each *e = ctx;

	if (!is_bytes(row, 0) || !is_bytes(row, 1))
		return FAIL_ALTERED;
	return e->give.pending(e->ctx, row->values[0].bytes, row->values[1].bytes);
}

int
people_each_pending(struct db *db, people_pending_fn *each, void *ctx)
{
	struct each e = {.give.pending = each, .ctx = ctx};

	return db_query(db, STATEMENT_PENDING_ALL, DB_NO_ARGS, give_pending, &e);
}

int
people_put_desk(struct db *db, const struct people_desk *desk)
{
	return db_run(db, STATEMENT_DESK_PUT,
		DB_ARGS(db_text(desk->name), db_text(desk->officer),
			db_int(desk->is_removed), db_text(desk->hours)),
		NULL);
}

static int
give_desk(void *ctx, const struct db_row *row)
{
	const struct each *e = ctx;
	struct people_desk desk = {0};
	uint64_t is_removed;
	int r;

	if (!is_bytes(row, 0) || !is_bytes(row, 1) || !is_bytes(row, 3))
		return FAIL_ALTERED;
	if ((r = db_row_int(row, 2, 1, &is_removed)) != 0)
		return r;
	desk.name = row->values[0].bytes;
	desk.officer = row->values[1].bytes;
	desk.is_removed = is_removed == 1;
	desk.hours = row->values[3].bytes;
	return e->give.desk(e->ctx, &desk);
}

int
people_each_desk(struct db *db, people_desk_fn *each, void *ctx)
{
	struct each e = {.give.desk = each, .ctx = ctx};

	return db_query(db, STATEMENT_DESK_ALL, DB_NO_ARGS, give_desk, &e);
}
