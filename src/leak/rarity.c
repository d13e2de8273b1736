/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/rarity.h"

/*
 * Words are runs of ASCII letters and digits and of bytes from 0x80 on, so that accented words
 * count once.  Capitals are judged for ASCII letters only.
 */

struct letters {
	uint32_t words;
	uint64_t upper, lower;
	uint64_t capitalised; /* letters of words that begin with a capital */
};

unsigned
rarity_by_docs(unsigned df)
{
	static const uint8_t weight[RARITY_DF_MAX + 1] = {
		16, 16, 12, 10, 8, 7, 6, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1};

	return df <= RARITY_DF_MAX ? weight[df] : 0;
}

static void
count(const uint8_t *text, size_t len, struct letters *ret_letters)
{
	struct letters l = {0};
	bool is_inside = false, is_capital = false;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = text[i];
		bool is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z';
		bool is_word =
			is_upper || is_lower || c >= 0x80 || (c >= '0' && c <= '9');

		if (is_word && !is_inside) {
			l.words++;
			is_capital = is_upper;
		}
		is_inside = is_word;
		l.upper += is_upper;
		l.lower += is_lower;
		l.capitalised += (is_upper || is_lower) && is_capital;
	}
	*ret_letters = l;
}

/* Square root, rounded down; v < 2^32. */
static uint32_t
root(uint64_t v)
{
	uint64_t low = 0, high = UINT64_C(1) << 16;

	while (low + 1 < high) {
		uint64_t mid = (low + high) / 2;

		if (mid * mid <= v)
			low = mid;
		else
			high = mid;
	}
	return (uint32_t)low;
}

void
rarity_judge(const struct rarity_stretch *stretch, struct rarity_verdict *ret_verdict)
{
	uint64_t covered =
		stretch->covered < stretch->span ? stretch->covered : stretch->span;
	uint64_t strength = stretch->weighted, letters;
	struct letters l;

	count(stretch->text, stretch->len, &l);
	letters = l.upper + l.lower;
	strength = strength *
		root(65536 * (uint64_t)root(covered * 65536 / stretch->span) / 256) / 256;
	/* Under a fifth in lower case: all capitals, which say nothing. */
	if (l.lower * 5 >= letters && letters > 0)
		strength -=
			strength * RARITY_NAMES_PERCENT * l.capitalised / (letters * 100);
	if (l.words < RARITY_WORDS_MIN && strength < RARITY_LONG * RARITY_ONE)
		strength = 0;
	*ret_verdict = (struct rarity_verdict){(uint32_t)strength, l.words};
}
