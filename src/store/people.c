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
