/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_BLOCK_H
#define LEAK_BLOCK_H
/*
 * block: a text of any length as a row of blocks of normalised characters.
 *
 * Each block begins with the last GRAM_K - 1 characters of the one before, so that every gram
 * lies whole in exactly one block: that in which it ends.  What a block holds does not depend
 * on where the blocks were cut, but for the cut itself.
 *
 *   struct block b = ...; block_begin(&b, normal, text, len);
 *   while (block_next(&b)) ... b.chars, b.grams, b.first ...
 *
 * Registration and the close look of a scan ask for offsets; a scan's first pass does not.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leak/gram.h"
#include "leak/normal.h"

enum {
	BLOCK_SOURCE = 32 * 1024, /* bytes of source in a block */
	BLOCK_CARRY = GRAM_K - 1,
	BLOCK_ROOM = BLOCK_CARRY + 2 * BLOCK_SOURCE + 64 + NORMAL_SLACK + GRAM_SLACK,
	BLOCK_GRAMS_MAX = BLOCK_ROOM,
};

struct block {
	const struct normal *normal;
	const uint8_t *text;
	size_t len;
	size_t from, next; /* source bytes of this block: [from, next) */
	uint64_t first;	   /* which character of the text chars[0] is */
	size_t count;	   /* characters here, with the carried ones */
	size_t carried;
	uint8_t chars[BLOCK_ROOM];  /* folded view */
	uint32_t start[BLOCK_ROOM]; /* source offset of each; if is_mapped */
	bool is_mapped;
};

/* Text shorter than 4 GiB when is_mapped. */
void block_begin(struct block *b, const struct normal *n, const uint8_t *text, size_t len,
	bool is_mapped);

/* The next block; false at the end of the text.  A block may have no characters. */
bool block_next(struct block *b);

/*
 * Positions in chars of the selected grams; ret_at has room for BLOCK_GRAMS_MAX.
 * Returns how many.
 */
size_t block_grams(const struct block *b, enum cpu_kind cpu, uint32_t *ret_at);

#endif
