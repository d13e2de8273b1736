/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_PROSE_H
#define VALISE_UNPACK_PROSE_H
/*
 * prose: text on its way out, gathered into chunks that know where they come from.
 *
 * A piece is UTF-8 without NUL and the range [from, to) of the member's own bytes that it was
 * read from.  A chunk is either exact (each byte of text is one byte of the source) or
 * rough (the positions between its ends are interpolated); exact pieces are not mixed with
 * rough ones, and rough chunks stay under PROSE_ROUGH bytes so that the error stays small.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valise-unpack/emit.h"

enum { PROSE_MAX = 16 * 1024, PROSE_ROUGH = 1024, PROSE_ASIDE_MAX = 4 << 20 };

struct prose {
	struct emit *emit;
	unsigned flags; /* UNPACK_TEXT_* of every chunk */
	uint32_t page;
	bool is_unplaced; /* the positions are not those of the member's own bytes */
	bool is_break;	  /* the next chunk does not continue the last */
	bool is_exact;
	uint64_t from, to; /* of what text holds */
	struct buf aside;  /* see prose_aside() */
	uint64_t aside_from, aside_to;
	size_t len;
	char text[PROSE_MAX];
};

void prose_init(struct prose *p, struct emit *emit, unsigned flags);
void prose_done(struct prose *p);

/* Takes void * so that it can be the `put` of struct charset_out. */
void prose_put(void *prose, const char *ptr, size_t len, uint64_t from, uint64_t to);

/* The next text stands on this page, and continues what was there. */
void prose_page(struct prose *p, uint32_t page);

/* One character; NUL and what Unicode does not have become a space. */
void prose_char(struct prose *p, uint32_t c, uint64_t from, uint64_t to);

/* Send what is gathered. */
void prose_flush(struct prose *p);

/* Send it; what comes next stands somewhere else. */
void prose_break(struct prose *p);

/* Send it; what comes next has another page or other flags. */
void prose_turn(struct prose *p, unsigned flags, uint32_t page);

/*
 * Text that stands between the words of a sentence without belonging to it (comments, deleted
 * words): kept back, so that the sentence stays whole, until prose_aside_flush() sends it with
 * these flags added, or PROSE_ASIDE_MAX bytes are kept.
 */
void prose_aside(
	struct prose *p, const char *ptr, size_t len, uint64_t from, uint64_t to);
void prose_aside_flush(struct prose *p, unsigned flags);

/* UTF-8 of one character in ret_out; its length, 1 to 4. */
size_t prose_utf8(uint32_t c, char ret_out[4]);

#endif
