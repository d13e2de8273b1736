/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DOCUMENTS_H
#define STORE_DOCUMENTS_H
/*
 * documents: the envelopes on this station: what they say of themselves, and their chunks.
 *
 *   arriving -> whole      when a row stands for each of its chunks
 *
 * A chunk is a file of DOCUMENTS_CHUNK_LEN bytes (the last may be shorter), written and synced
 * before its row.  So a row without its file does not exist after a crash; a file without a
 * row may, and is written again.
 *
 * Errors  store/db.h.  FAIL_EXISTS: this document, envelope, chunk or address is there.
 *         FAIL_ABSENT: there is no such document.
 */
#include "crypto/hash.h"
#include "envelope/addressing.h"
#include "envelope/core.h"
#include "store/db.h"

enum { DOCUMENTS_CHUNK_LEN = 1 << 20 };

enum documents_state { DOCUMENTS_ARRIVING = 0, DOCUMENTS_WHOLE = 1 };

struct documents_row {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	struct rd originator;
	struct rd label;
	struct rd core;
	uint64_t len;	   /* of the body's ciphertext */
	uint64_t expiry_s; /* 0: none */
	uint64_t kept_s;
};

struct documents_part {
	const uint8_t *salt; /* ADDRESSING_SALT_LEN */
	struct rd addressing;
	struct rd r_slots;
	struct rd trailer;
};

/* Both rows.  The document is arriving, also one without any chunk. */
MUST int documents_put(struct db *db, const struct documents_row *row,
	const struct documents_part *part);

struct documents_found {
	enum documents_state state;
	uint8_t envelope_hash[HASH_LEN];
	uint64_t len;
	uint64_t chunk_count;
	uint64_t expiry_s;
	uint64_t kept_s;
};

/* Append the core. */
MUST int documents_get(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct buf *core, struct documents_found *ret_found);

/* Append salt, addressing and so on as one vector of 4 length bytes each, in this order. */
MUST int documents_get_part(
	struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN], struct buf *out);

/* The document and all that hangs on it. */
MUST int documents_forget(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);

struct documents_chunk {
	uint64_t number; /* from 0 */
	uint64_t len;
	uint8_t hash[HASH_LEN];
};

/* FAIL_LIMIT: the document has no chunk of this number and length. */
MUST int documents_put_chunk(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct documents_chunk *chunk);
MUST int documents_get_chunk(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], uint64_t number,
	struct documents_chunk *ret_chunk);

/* The first at most `max` missing chunks, ascending; *ret_count may be 0. */
MUST int documents_missing(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	size_t max, uint64_t *ret_numbers, size_t *ret_count);

/* Arriving to whole.  FAIL_AGAIN while a chunk is missing. */
MUST int documents_complete(
	struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);

enum documents_role {
	DOCUMENTS_ACTION = 1,
	DOCUMENTS_INFO = 2,
	DOCUMENTS_EXEMPTED = 3,
};

struct documents_address {
	struct rd address;
	enum documents_role role;
	uint8_t precedence;
};

MUST int documents_put_address(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct documents_address *address);

/* In the order in which they were put; the callback may not call the database. */
typedef int documents_address_fn(void *ctx, const struct documents_address *address);
MUST int documents_each_address(struct db *db,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], documents_address_fn *each,
	void *ctx);

#endif
