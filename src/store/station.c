/* SPDX-License-Identifier: Apache-2.0 */
#include "store/station.h"

/* A version of the schema: the statements from first to last. */
struct version {
	enum statement first;
	enum statement last;
};

static const struct version versions[STATION_SCHEMA] = {
	{STATEMENT_MAKE_ROSTER, STATEMENT_MAKE_COUNTER},
	{STATEMENT_MAKE_OPENING, STATEMENT_MAKE_OWED_AT},
	{STATEMENT_MAKE_CREDENTIAL_MEMBER, STATEMENT_MAKE_DOCUMENT_ARRIVING},
	{STATEMENT_MAKE_GRAMS, STATEMENT_MAKE_GRAMS_AGE},
	{STATEMENT_MAKE_QUERY, STATEMENT_MAKE_QUERY_WAITING},
};

static int
take_version(void *ctx, const struct db_row *row)
{
	return db_row_int(row, 0, UINT32_MAX, ctx);
}

/* The table of versions itself stands outside of them. */
static int
read_version(struct db *db, uint64_t *ret_version)
{
	int r;

	if ((r = db_begin(db)) != 0)
		return r;
	r = db_run(db, STATEMENT_MAKE_MIGRATION, DB_NO_ARGS, NULL);
	if (r != 0) {
		db_abort(db);
		return r;
	}
	if ((r = db_commit(db)) != 0)
		return r;
	return db_query_one(
		db, STATEMENT_MIGRATION_NEWEST, DB_NO_ARGS, take_version, ret_version);
}

static int
migrate(struct db *db, uint64_t version, uint64_t now_s)
{
	const struct version *v = &versions[version - 1];
	unsigned i;
	int r;

	if ((r = db_begin(db)) != 0)
		return r;
	for (i = v->first; r == 0 && i <= (unsigned)v->last; i++)
		r = db_run(db, (enum statement)i, DB_NO_ARGS, NULL);
	if (r == 0)
		r = db_run(db, STATEMENT_MIGRATION_PUT,
			DB_ARGS(db_int(version), db_int(now_s)), NULL);
	if (r != 0) {
		db_abort(db);
		return r;
	}
	return db_commit(db);
}

int
station_open(const struct db_driver *driver, const char *path, uint64_t now_s,
	struct db **ret_db)
{
	struct db *db = NULL;
	uint64_t version;
	int r;

	if ((r = db_open(driver, path, &db)) != 0 ||
		(r = read_version(db, &version)) != 0)
		goto out;
	if (version > STATION_SCHEMA) {
		r = FAIL_VERSION;
		goto out;
	}
	while (version < STATION_SCHEMA)
		if ((r = migrate(db, ++version, now_s)) != 0)
			goto out;
	*ret_db = db;
	db = NULL;
out:
	db_close(db);
	return r;
}
