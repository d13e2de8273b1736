/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_ROWS_H
#define VALISED_STORE_ROWS_H
/*
 * store_rows: what is sealed in the rows, so that a copied disk shows no title and no address.
 *
 *   sealed = nonce[12] || AES-256-GCM(plain)      aad = column || 0x00 || document id
 *   lookup = HMAC-SHA256(address)
 *
 * Keys: HKDF-Expand(row key, "valise/v1 rows seal" and "valise/v1 rows lookup"); the row key is
 * custody's and comes with READY.  Nonces are random: 2^32 rows before two may meet.
 * The AAD keeps a row from being moved to another document or column.
 *
 * Limits  a process that runs has the row key in its memory: this is against copied disks.
 * Errors  FAIL_AGAIN before READY; FAIL_ALTERED; FAIL_NOMEM; FAIL_RANDOM.
 */
#include "valised/store_impl.h"

enum { STORE_ROWS_OVERHEAD = 12 + 16 };

struct store_rows_place {
	const char *column;	    /* "header" */
	const uint8_t *document_id; /* 16 bytes, or NULL: zeros */
};

/* Append the sealed, or the opened bytes. */
MUST int store_rows_seal(struct store *s, const struct store_rows_place *place,
	struct rd plain, struct buf *out);
MUST int store_rows_open(struct store *s, const struct store_rows_place *place,
	struct rd sealed, struct buf *out);

MUST int store_rows_lookup(
	struct store *s, struct rd address, uint8_t ret_lookup[HASH_LEN]);

#endif
