/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/block.h"

#include <string.h>

/*
 * 32 KiB of source are 25,000 characters and 100 KiB of order values: it all stays in the
 * second cache between normalising, selecting and probing.
 */

void
block_begin(struct block *b, const struct normal *n, const uint8_t *text, size_t len,
	bool is_mapped)
{
	CHECK(!is_mapped || len <= UINT32_MAX);
	b->normal = n;
	b->text = text;
	b->len = len;
	b->from = b->next = 0;
	b->first = 0;
	b->count = b->carried = 0;
	b->is_mapped = is_mapped;
}

static void
carry(struct block *b)
{
	size_t keep = b->count < BLOCK_CARRY ? b->count : BLOCK_CARRY;

	memmove(b->chars, b->chars + b->count - keep, keep);
	if (b->is_mapped)
		memmove(b->start, b->start + b->count - keep, keep * sizeof b->start[0]);
	b->first += b->count - keep;
	b->carried = keep;
}

bool
block_next(struct block *b)
{
	struct normal_in in = {.text = b->text, .len = b->len, .from = b->next};
	struct normal_out out;

	if (b->next >= b->len)
		return false;
	carry(b);
	in.to = b->len - in.from < BLOCK_SOURCE ? b->len : in.from + BLOCK_SOURCE;
	out = (struct normal_out){.chars = b->chars + b->carried,
		.start = b->is_mapped ? b->start + b->carried : NULL};
	normal_run(b->normal, NORMAL_FOLDED, &in, &out);
	b->from = in.from;
	b->next = out.next;
	b->count = b->carried + out.len;
	return true;
}

size_t
block_grams(const struct block *b, enum cpu_kind cpu, uint32_t *ret_at)
{
	size_t grams = b->count < GRAM_K ? 0 : b->count - GRAM_K + 1, found = 0;

	for (size_t at = 0; at < grams; at += GRAM_BATCH) {
		size_t n = grams - at < GRAM_BATCH ? grams - at : GRAM_BATCH;
		size_t here = gram_select(cpu, b->chars + at, n, ret_at + found);

		for (size_t i = found; i < found + here; i++)
			ret_at[i] += (uint32_t)at;
		found += here;
	}
	return found;
}
