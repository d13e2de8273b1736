/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_NORMAL_H
#define LEAK_NORMAL_H
/*
 * normal: one normalisation for registered and for scanned text, so that layout, case,
 * punctuation, accents, look-alikes and invisible characters do not hide a passage.
 *
 *   UTF-8 text  ->  characters a-z, 0-9, and bytes 0x80..0xff for letters of other scripts
 *
 * Rules, in this order, each depending on nothing but the character or word itself, so that a
 * passage normalises to the same characters wherever it stands:
 *   1. A byte that is no part of valid UTF-8 is read as windows-1252.
 *   2. A word (a run of ASCII letters and digits) that is one of STOP, COMMA, QUOTE, UNQUOTE,
 *      PERIOD, in any case, goes: telegrams spell their punctuation out.
 *   3. Look-alikes of other scripts become the Latin letter (leak/confusable.c).
 *   4. Compatibility decomposition and case folding (NFKD of Unicode, by utf8proc); marks go.
 *   5. Letters and digits stay; everything else goes, spaces, hyphens and line ends included.
 *      A letter outside a-z becomes a class byte (7 bits of its code point); an ideograph or
 *      syllable becomes two.  No character gives more than NORMAL_PER_CHAR_MAX.
 *
 * The folded view maps what character recognition confuses to one letter, one for one:
 *   0 o | 1 l i | 5 s | 8 b h | c e | u n | q g 9 | f t.
 * Grams are made of this view; both views have the same length and the same offsets.  The
 * pairs of letters that are confused with one (rn m, vv w, cl d) are not folded: that would
 * move offsets and shorten passages below the guaranteed 31 characters.
 *
 * Version  NORMAL_VERSION stands in every index; any change of a rule or table raises it.
 * Output   at most 2 bytes for each byte of input; the buffer has NORMAL_SLACK more, which
 *          the fast paths may scribble on.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/cpu.h"

enum {
	NORMAL_VERSION = 1,
	NORMAL_PER_CHAR_MAX = 4,
	NORMAL_SLACK = 128,
};

enum normal_view {
	NORMAL_PLAIN = 0,
	NORMAL_FOLDED = 1,
	NORMAL_VIEWS = 2,
};

/* The tables, about 256 KiB, built once; read-only afterwards, for any number of threads. */
struct normal;

MUST int normal_new(enum cpu_kind cpu, struct normal **ret_normal);
void normal_free(struct normal *n);

/* The part [from, to) of a text.  What begins before `to` is finished, also beyond it. */
struct normal_in {
	const uint8_t *text;
	size_t len;
	size_t from; /* not inside a character or word */
	size_t to;
};

struct normal_out {
	uint8_t *chars; /* room for 2 * (to - from) + NORMAL_SLACK */
	uint32_t *
		start; /* NULL, or where in the text each character comes from; same room */
	size_t len;    /* characters written */
	size_t next;   /* where the next part begins: to, or a little later */
};

/* With `start` the text must be shorter than 4 GiB. */
void normal_run(const struct normal *n, enum normal_view view, const struct normal_in *in,
	struct normal_out *out);

/* Length of the source character that starts at text[at], at < len. */
size_t normal_char_len(const uint8_t *text, size_t len, size_t at);

/* The folded form of one normalised character. */
uint8_t normal_fold(uint8_t c);

#endif
