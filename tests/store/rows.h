/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORE_ROWS_H
#define TESTS_STORE_ROWS_H
/* A station in memory with one open transaction, and rows to put into it. */
#include "store/documents.h"

struct rd rows_text(const char *s);

struct db *rows_open(void);
void rows_close(struct db *db);

/* The buffer holds this text; empty it. */
void rows_expect(struct buf *out, const char *expected);

/* Document n of PT, its id and hash made of n, its number n. */
void rows_id(uint64_t n, uint8_t ret_id[CORE_DOCUMENT_ID_LEN]);
int rows_put_document(struct db *db, uint64_t n, uint64_t len);

#endif
