/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_STORE_HELD_H
#define VALISED_STORE_HELD_H
/*
 * store_held: what the store role has to say and may not say yet.
 *
 *   put (in order) -> let out, after a commit
 *                  -> cut off behind a mark, when the work that put it failed
 *
 * Attack answered: an acknowledgement that a power cut makes a lie.
 * Errors  FAIL_NOMEM.
 */
#include "base/buf.h"
#include "wire/front.h"

struct held_item {
	struct held_item *next;
	enum role to;
	uint8_t type;
	uint64_t number;
	struct buf body;
};

struct held {
	struct held_item *first;
	struct held_item *last;
	size_t count;
	size_t len; /* of all bodies */
};

/* The body is taken over: afterwards *body is empty, also on failure. */
MUST int held_put(
	struct held *held, enum role to, uint8_t type, uint64_t number, struct buf *body);

/* The first one, which is then the caller's; NULL when there is none. */
struct held_item *held_take(struct held *held);
void held_item_free(struct held_item *item);

/* Everything that came after `mark` items; the rest stays. */
struct held held_cut(struct held *held, size_t mark);

void held_clear(struct held *held);

#endif
