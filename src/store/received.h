/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_RECEIVED_H
#define STORE_RECEIVED_H
/*
 * received: which documents an index host has taken into an index, and under which id.
 *
 *   DIR/received     lines "<document id, 32 hex> <id>\n", appended and synced; "-" for the id:
 *                    the document was destroyed, and nothing of it is taken any more
 *
 * The last line of a document counts.  A line that a crash has cut off is none.
 *
 * Errors  those of sys/disk.h; FAIL_LIMIT over RECEIVED_LEN_MAX bytes; FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum {
	RECEIVED_DOCUMENT_LEN = 16,
	RECEIVED_ID_MAX = 64,
	RECEIVED_LEN_MAX = 1 << 30,
};

struct received;

/* What is there; no file is an empty one. */
MUST int received_open(const char *dir, struct received **ret_received);
void received_close(struct received *received);

/* The id of a document, or NULL; "-" when it was destroyed. */
const char *received_find(const struct received *received,
	const uint8_t document_id[RECEIVED_DOCUMENT_LEN]);

/* Has another document this id? */
bool received_is_taken(const struct received *received, const char *id);

/* Durable when this returns 0. */
MUST int received_put(struct received *received,
	const uint8_t document_id[RECEIVED_DOCUMENT_LEN], const char *id);

#endif
