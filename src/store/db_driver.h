/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_DRIVER_H
#define STORE_DB_DRIVER_H
/*
 * db_driver: what a database must be able to do.  For drivers and store/db.c only.
 *
 * A driver turns its own errors into FAIL_*.  FAIL_IO and FAIL_ALTERED mean that this
 * connection is never to be used again; close() must then write nothing.
 */
#include "store/db.h"

enum db_control {
	DB_BEGIN,
	DB_COMMIT,
	DB_ROLLBACK,
	DB_MARK,
	DB_MARK_KEEP,
	DB_MARK_BACK, /* to the mark, which stays */
};
enum { DB_CONTROLS = DB_MARK_BACK + 1 };

struct db_call {
	enum statement statement;
	struct db_args args;
	db_row_fn *row; /* NULL: rows are of no interest */
	void *ctx;
};

struct db_driver {
	int (*open)(const char *path, void **ret_state);
	void (*close)(void *state, bool is_dead);
	int (*control)(void *state, enum db_control control);
	bool (*is_in_transaction)(const void *state);
	int (*run)(void *state, const struct db_call *call, uint64_t *ret_changed);

	/* After a commit: fold the log into the tables when it has grown long. */
	int (*tidy)(void *state);
};

#endif
