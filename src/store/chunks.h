/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CHUNKS_H
#define STORE_CHUNKS_H
/*
 * chunks: the bodies of envelopes, in pieces of DOCUMENTS_CHUNK_LEN bytes (the last shorter).
 *
 *   body <= CHUNKS_INLINE_MAX    one chunk, in its row: the commit is its only sync
 *   longer                       files DIR/XX/ID/N, ID the document's in hex, XX its first byte
 *
 * Crash   A file is written, synced and named, and its directories are synced, before the row
 *         is put.  So a row without its file does not exist; a file without a row may, and is
 *         written again.
 * Errors  store/db.h and sys/disk.h.  FAIL_ABSENT: no such document or chunk; FAIL_LIMIT: it
 *         has no chunk of this number and length; FAIL_EXISTS; FAIL_ALTERED: the file on the
 *         disk is not what was put.
 */
#include "store/documents.h"

enum { CHUNKS_INLINE_MAX = 256 * 1024 };

struct chunks {
	struct db *db;
	const char *dir; /* of the files; private, there already */
};

struct chunks_chunk {
	uint64_t number;     /* from 0 */
	const uint8_t *hash; /* HASH_LEN: SHA-256 of bytes, checked by the caller */
	struct rd bytes;
};

MUST int chunks_put(const struct chunks *c,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct chunks_chunk *chunk);

/* Append the bytes.  FAIL_ALTERED unless they have the hash that the row says. */
MUST int chunks_get(const struct chunks *c,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], uint64_t number, struct buf *out,
	uint8_t ret_hash[HASH_LEN]);

/*
 * The first at most `max` missing chunks from number `from` on, ascending; *ret_count may be 0.
 */
struct chunks_gap {
	uint64_t from;
	size_t max;
};
MUST int chunks_missing(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct chunks_gap gap, uint64_t *ret_numbers, size_t *ret_count);

/* How many chunks a body of this length has. */
uint64_t chunks_of(uint64_t len);

#endif
