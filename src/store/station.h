/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STATION_H
#define STORE_STATION_H
/*
 * station: the database of a station: opened, and brought to the schema of this program.
 *
 * Each version of the schema is a list of statements that runs in one transaction, once; the
 * table `migration` says which have run.  Killed in between, the database has the schema of
 * before or after.  A database of a newer program is refused (FAIL_VERSION), not touched.
 *
 * What is in it: store/people.h, store/documents.h, store/deliveries.h, store/objects.h, and
 * docs/format/store.md.
 */
#include "store/db.h"

enum { STATION_SCHEMA = 5 };

MUST int station_open(const struct db_driver *driver, const char *path, uint64_t now_s,
	struct db **ret_db);

#endif
