/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SCAN_TEXT_H
#define VALISE_SCAN_TEXT_H
/*
 * scan_text: the text of one member as the unpacker gives it, piece by piece into the match.
 *
 * Up to SCAN_TEXT_PIECE bytes are held; longer texts go on in pieces that overlap.  For every
 * chunk it remembers which bytes and page of the member it came from.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "leak/match.h"
#include "wire/unpack.h"

enum { SCAN_TEXT_PIECE = 16 * 1024 * 1024 };

struct scan_span {
	uint64_t at; /* in the member's text */
	uint32_t len, page;
	uint64_t offset; /* in the member, or UNPACK_OFFSET_NONE */
	uint32_t span;	 /* bytes of the member */
};

struct scan_text {
	struct match *match;
	bool is_scouting; /* texts longer than a piece: one gram in eight first */
	struct buf text;
	uint64_t base; /* of text.data[0], in the member's text */
	size_t fed;    /* bytes at the start of text that the match has seen */
	bool is_begun;
	struct scan_span *span;
	size_t spans, spans_cap;
	uint64_t bytes; /* of text, in all */
};

void scan_text_init(struct scan_text *t, struct match *match, bool is_scouting);
void scan_text_done(struct scan_text *t);

/* Forget everything: another member begins. */
void scan_text_clear(struct scan_text *t);

MUST int scan_text_add(struct scan_text *t, const struct unpack_text *chunk);

/* A border that no passage is likely to cross: between two stretches of one member. */
MUST int scan_text_break(struct scan_text *t);

/* The end of the member: what was found.  NULL when there was no text. */
MUST int scan_text_end(struct scan_text *t, const struct chain_result **ret_result);

/* Where the bytes [from, to) of the text come from. */
struct scan_place {
	bool is_known; /* false: the unpacker does not know; page may still be */
	uint64_t from, to;
	uint32_t page; /* 0: none */
};

void scan_text_place(const struct scan_text *t, uint64_t from, uint64_t to,
	struct scan_place *ret_place);

#endif
