/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_RARITY_H
#define LEAK_RARITY_H
/*
 * rarity: how much what was found says about where the text comes from.
 *
 *   documents  a gram that many registered documents hold is template text: full weight for
 *              one, a quarter less for each doubling, none above RARITY_DF_MAX.
 *   gaps       scraps strewn over a stretch say less than the same characters in one piece:
 *              times the square root of the covered part of the stretch.
 *   names      addressees, offices, titles and headings stand in unrelated papers too.  In
 *              text of mixed case they show by their capitals: up to 30 % less.  A passage all
 *              in capitals (a telegram) is not judged by them.
 *   words      fewer than RARITY_WORDS_MIN words are a scrap, unless they are long.
 *
 * Tuned on cables that were not registered (bench/leak): at equal recall of quotations of
 * twelve words (94 %) a third fewer of 2,500 papers on the same subjects are reported, and no
 * scrap of six words is.  Integers only, so that every machine says the same.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RARITY_ONE = 16,    /* full weight of a character */
	RARITY_DF_MAX = 16, /* documents */
	RARITY_WORDS_MIN = 8,
	RARITY_LONG = 60, /* characters that need no number of words */
	RARITY_NAMES_PERCENT = 30,
};

/* Weight by the number of documents that hold the gram (>= 1); 0 above RARITY_DF_MAX. */
unsigned rarity_by_docs(unsigned df);

struct rarity_stretch {
	const uint8_t *text; /* the passage's source */
	size_t len;
	uint32_t covered;  /* characters */
	uint32_t weighted; /* the same, each times its weight */
	uint64_t span;	   /* characters from first to last; >= 1 */
};

struct rarity_verdict {
	uint32_t
		strength; /* characters times RARITY_ONE, as if each were of full weight */
	uint32_t words;	  /* that the passage touches */
};

void rarity_judge(
	const struct rarity_stretch *stretch, struct rarity_verdict *ret_verdict);

#endif
