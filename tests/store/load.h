/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORE_LOAD_H
#define TESTS_STORE_LOAD_H
/*
 * load: numbered transactions of three rows each, and what must be there after a crash.
 */
#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

enum { LOAD_ROWS = 3, LOAD_ROW_MAX = 65536 };

/* The rows of transaction n, inside a transaction. */
MUST int load_rows(struct db *db, uint64_t n, size_t row_len);

/* The same with begin and commit. */
MUST int load_put(struct db *db, uint64_t n, size_t row_len);

/*
 * Is everything below acked there, whole and unchanged, and everything below tried either
 * whole or absent, and nothing else?  Otherwise says so on stderr.
 */
bool load_is_right(struct db *db, uint64_t acked, uint64_t tried, size_t row_len);

#endif
