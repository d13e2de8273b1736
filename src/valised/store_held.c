/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/store_held.h"

#include "base/mem.h"

int
held_put(struct held *held, enum role to, uint8_t type, uint64_t number, struct buf *body)
{
	struct held_item *item = NULL;
	int r;

	if ((r = buf_error(body)) != 0 || (r = mem_new(&item, sizeof *item)) != 0) {
		buf_done(body);
		return r;
	}
	item->to = to;
	item->type = type;
	item->number = number;
	item->body = *body;
	buf_init(body, body->max);
	if (held->last == NULL)
		held->first = item;
	else
		held->last->next = item;
	held->last = item;
	held->count++;
	held->len += item->body.len;
	return 0;
}

struct held_item *
held_take(struct held *held)
{
	struct held_item *item = held->first;

	if (item == NULL)
		return NULL;
	held->first = item->next;
	if (held->first == NULL)
		held->last = NULL;
	held->count--;
	held->len -= item->body.len;
	item->next = NULL;
	return item;
}

void
held_item_free(struct held_item *item)
{
	if (item == NULL)
		return;
	buf_done(&item->body);
	mem_free(item);
}

/* Moves the first `mark` items to a list of their own and leaves the rest to the caller. */
struct held
held_cut(struct held *held, size_t mark)
{
	struct held kept = {0};
	struct held cut;

	CHECK(mark <= held->count);
	while (kept.count < mark) {
		struct held_item *item = held_take(held);

		if (kept.last == NULL)
			kept.first = item;
		else
			kept.last->next = item;
		kept.last = item;
		kept.count++;
		kept.len += item->body.len;
	}
	cut = *held;
	*held = kept;
	return cut;
}

void
held_clear(struct held *held)
{
	struct held_item *item;

	while ((item = held_take(held)) != NULL)
		held_item_free(item);
}
