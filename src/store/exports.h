/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_EXPORTS_H
#define STORE_EXPORTS_H
/*
 * exports: what an index directory remembers about its allies.
 *
 *   DIR/exports   the ledger of sets that left (leak/sparse_ledger.h)    replaced as a whole
 *   DIR/queries   the records of queries (leak/confirm_record.h)         appended
 *
 * Writers of the ledger hold the index's own lock (store/indexdir.h, INDEXDIR_WRITE).  The
 * records have a lock of their own, on the file, because a confirmation only reads the index.
 *
 * Crash   the ledger is the old or the new one.  A record cut short belongs to an answer that
 *         was never given; the next append cuts it off.
 */
#include <stdint.h>

#include "base/fail.h"
#include "leak/confirm_record.h"
#include "leak/sparse_ledger.h"

/* FAIL_ABSENT when nothing was ever exported. */
MUST int exports_read(const char *dir, struct sparse_ledger *ret_ledger);
MUST int exports_write(const char *dir, const struct sparse_ledger *ledger);

enum { EXPORTS_QUERIES_MAX = 256 * 1024 * 1024 };

/*
 * Append *rec durably, unless the ally has had its CONFIRM_DAY_MAX today: then its answer
 * becomes CONFIRM_LATER and an alarm is set before it is appended.  FAIL_AGAIN while another
 * process does the same.
 */
MUST int exports_note_query(const char *dir, struct confirm_record *rec);

#endif
