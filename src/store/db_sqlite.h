/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_SQLITE_H
#define STORE_DB_SQLITE_H
/*
 * db_sqlite: how SQLite is made to work here.  For the driver and its tests.
 *
 * Its memory comes from base/mem.h, so that tests can refuse any allocation of it; no thread
 * but the one that opened a database uses it.
 */
#include "base/fail.h"

/*
 * Configure and start the library; again and again does no harm.  A test that registers a
 * file system of its own calls this first, because SQLite takes no configuration afterwards.
 */
MUST int db_sqlite_start(void);

/*
 * Hear what SQLite says of an error in its own words: statements and file names, never values.
 * Before the first db_sqlite_start() of the process; repeats are told once.
 */
void db_sqlite_listen(void (*call)(int code, const char *words));

/* The FAIL_* of an (extended) result code; 0 for OK, ROW and DONE. */
int db_sqlite_fail(int code);

#endif
