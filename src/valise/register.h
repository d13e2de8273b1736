/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_REGISTER_H
#define VALISE_REGISTER_H
/*
 * register: rows of the own station's register: what came for this officer, what was sent.
 *
 * A document is named by its number ("12"), or one of ours by its reference ("PT/2026/0001").
 * Whoever sees that a document was recalled removes the kept copy of it.
 */
#include "valise/session.h"

enum { REGISTER_PAGE_MAX = 100 };

/* A page: newest first, those before `before` (0: the newest).  *ret_rows points into bytes. */
MUST int register_page(struct session *session, const struct post_inbox *inbox,
	struct buf *bytes, struct rd *ret_rows);

/* The next row of a page; false at its end, or where what is left is no row. */
MUST bool register_next(struct rd *rows, struct post_row *ret_row);

/* The row of a number in the inbox, else among the sent; FAIL_ABSENT, or what asking answers. */
MUST int register_row(struct session *session, uint64_t number, struct buf *bytes,
	struct post_row *ret_row);

/*
 * The row of a number in the inbox or among the sent, or of a reference among the sent; it
 * points into bytes.  An exit status; failures are reported.
 */
MUST int register_find(struct session *session, const char *word, struct buf *bytes,
	struct post_row *ret_row);

#endif
