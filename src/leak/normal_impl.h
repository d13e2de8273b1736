/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_NORMAL_IMPL_H
#define LEAK_NORMAL_IMPL_H
/*
 * normal_impl: what the three implementations of normal_run() share.  Not for other files.
 *
 * The fast paths take 64 or 32 bytes at a time, but only up to the first byte that needs a
 * closer look: one outside ASCII, or the first letter of what may be a dropped word.  That one
 * goes through normal_step(), the portable rule, and the fast path takes up again behind it.
 */
#include <stdbool.h>

#include "leak/normal.h"

enum { NORMAL_BMP = 0x10000, NORMAL_DROPPED = 5, NORMAL_HEAD = 4 };

/* The dropped words; the fast paths look for their first NORMAL_HEAD letters. */
extern const char normal_dropped[NORMAL_DROPPED][8];

/* A table entry is up to four characters, the first one lowest; 0 = deleted. */
struct normal {
	enum cpu_kind cpu;
	uint8_t ascii[NORMAL_VIEWS][128]; /* 0 = deleted */
	/*
	 * Which bytes need a closer look, for three neighbours at once: bit w of the first,
	 * 8 + w of the second and 16 + w of the third say that the byte fits that letter of
	 * dropped word w; bit 7 that it is wide, for which any two may follow.
	 */
	uint32_t look[256];
	uint32_t bmp[NORMAL_BMP]; /* plain view */
};

struct normal_cursor {
	const struct normal *n;
	enum normal_view view;
	const uint8_t *text;
	size_t len, at, to;
	uint8_t *out;	 /* where the next character goes */
	uint32_t *start; /* NULL, or where its offset goes */
};

/* Take one byte, character or dropped word. */
void normal_step(struct normal_cursor *c);

/* The rest, up to c->to. */
void normal_portable(struct normal_cursor *c);

/* As far as whole vectors go; the caller finishes with normal_portable(). */
void normal_avx2(struct normal_cursor *c);
void normal_avx512(struct normal_cursor *c);

static inline bool
normal_is_word_byte(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10;
}

/* Fill the table (normal_table.c). */
void normal_table_fill(uint32_t bmp[NORMAL_BMP]);

/* The entry of any code point. */
uint32_t normal_table_of(uint32_t code);

#endif
