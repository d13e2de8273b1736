/* SPDX-License-Identifier: Apache-2.0 */
#include "vary.h"

#include <ctype.h>
#include <string.h>

/*
 * Character noise is that of recognition: half of the changes are confusions of the usual
 * pairs, the rest any letter; one in five drops the character, one in five adds one.  Word
 * edits replace (60 %), drop (20 %) or insert (20 %).
 */

uint64_t
dice_roll(struct dice *d, uint64_t below)
{
	uint64_t x = d->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	d->state = x;
	return (x * UINT64_C(2685821657736338717) >> 11) % below;
}

static size_t
word_at(const char *text, size_t len, size_t at, size_t *ret_end)
{
	while (at < len && isspace((unsigned char)text[at]))
		at++;
	*ret_end = at;
	while (*ret_end < len && !isspace((unsigned char)text[*ret_end]))
		(*ret_end)++;
	return at;
}

size_t
vary_words(const char *text, size_t len)
{
	size_t count = 0, end = 0;

	while (word_at(text, len, end, &end) < len)
		count++;
	return count;
}

void
vary_cut(const char *text, size_t len, size_t first, size_t count, struct buf *out)
{
	size_t end = 0, from = 0, at;

	for (size_t i = 0; (at = word_at(text, len, end, &end)) < len; i++) {
		if (i == first)
			from = at;
		if (i + 1 == first + count)
			break;
	}
	buf_bytes(out, text + from, end - from);
}

static const char confused[][2] = {{'o', '0'}, {'l', '1'}, {'i', 'l'}, {'s', '5'},
	{'b', 'h'}, {'e', 'c'}, {'c', 'e'}, {'n', 'u'}, {'u', 'n'}, {'g', 'q'},
	{'f', 't'}, {'t', 'f'}};

static char
noisy(struct dice *d, char c)
{
	if (dice_roll(d, 2) == 0) {
		for (size_t i = 0; i < sizeof confused / sizeof confused[0]; i++) {
			if (tolower((unsigned char)c) == confused[i][0])
				return confused[i][1];
		}
	}
	return (char)('a' + dice_roll(d, 26));
}

static void
add_noise(struct dice *d, unsigned percent, const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) || dice_roll(d, 100) >= percent) {
			buf_u8(out, (uint8_t)text[i]);
			continue;
		}
		switch (dice_roll(d, 5)) {
		case 0:
			break;
		case 1:
			buf_u8(out, (uint8_t)text[i]);
			buf_u8(out, (uint8_t)('a' + dice_roll(d, 26)));
			break;
		default:
			buf_u8(out, (uint8_t)noisy(d, text[i]));
		}
	}
}

static void
edit_words(
	struct dice *d, unsigned percent, const char *text, size_t len, struct buf *out)
{
	static const char *const other[] = {"matter", "government", "however", "about",
		"policy", "new", "certain", "view", "present", "further", "an", "which"};
	size_t end = 0, at;

	while ((at = word_at(text, len, end, &end)) < len) {
		const char *instead = other[dice_roll(d, sizeof other / sizeof other[0])];
		uint64_t what = dice_roll(d, 100) < percent ? dice_roll(d, 5) : 5;

		if (what == 0)
			continue;
		if (what <= 4)
			buf_text(out, instead);
		if (what == 4)
			buf_u8(out, ' ');
		if (what >= 4)
			buf_bytes(out, text + at, end - at);
		buf_u8(out, ' ');
	}
}

static void
lay_rewrapped(struct dice *d, const char *text, size_t len, struct buf *out)
{
	size_t end = 0, at, column = 0, width = 30 + dice_roll(d, 50);

	buf_text(out, "> ");
	while ((at = word_at(text, len, end, &end)) < len) {
		if (column + (end - at) > width) {
			buf_text(out, "\r\n> ");
			column = 0;
		}
		buf_bytes(out, text + at, end - at);
		buf_text(out, dice_roll(d, 12) == 0 ? "  " : " ");
		column += end - at + 1;
	}
}

static void
lay_hyphenated(struct dice *d, const char *text, size_t len, struct buf *out)
{
	size_t column = 0, width = 40 + dice_roll(d, 30);

	for (size_t i = 0; i < len; i++, column++) {
		bool is_inside = i > 0 && i + 1 < len &&
			isalpha((unsigned char)text[i - 1]) &&
			isalpha((unsigned char)text[i]);

		if (column >= width && is_inside) {
			buf_text(out, "-\n");
			column = 0;
		}
		buf_u8(out, (uint8_t)text[i]);
	}
}

static void
lay_teleprinter(struct dice *d, const char *text, size_t len, struct buf *out)
{
	size_t quote = 0;

	(void)d;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '.')
			buf_text(out, " STOP");
		else if (c == ',')
			buf_text(out, " COMMA");
		else if (c == '"' ||
			(c == 0xe2 && i + 2 < len &&
				((unsigned char)text[i + 2] & 0xfe) == 0x9c))
			buf_text(out, quote++ % 2 == 0 ? " QUOTE " : " UNQUOTE ");
		else if (c < 0x80)
			buf_u8(out, (uint8_t)toupper(c));
	}
}

static void
lay_bare(struct dice *d, const char *text, size_t len, struct buf *out)
{
	(void)d;
	for (size_t i = 0; i < len; i++) {
		if (!ispunct((unsigned char)text[i]) && (unsigned char)text[i] < 0x80)
			buf_u8(out, (uint8_t)text[i]);
	}
}

static void
lay_look_alikes(struct dice *d, const char *text, size_t len, struct buf *out)
{
	static const char latin[] = "aeopcxyis";
	static const char *const other[] = {"\xd0\xb0", "\xd0\xb5", "\xd0\xbe",
		"\xd1\x80", "\xd1\x81", "\xd1\x85", "\xd1\x83", "\xd1\x96", "\xd1\x95"};

	for (size_t i = 0; i < len; i++) {
		const char *at = text[i] != 0 ? strchr(latin, text[i]) : NULL;

		if (at != NULL && dice_roll(d, 3) == 0)
			buf_text(out, other[at - latin]);
		else
			buf_u8(out, (uint8_t)text[i]);
	}
}

static void
lay_invisible(struct dice *d, const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		buf_u8(out, (uint8_t)text[i]);
		if ((unsigned char)text[i] < 0x80 && dice_roll(d, 4) == 0)
			buf_text(out, "\xe2\x80\x8b");
	}
}

enum { SENTENCES_MAX = 512 };

static void
lay_shuffled(struct dice *d, const char *text, size_t len, struct buf *out)
{
	size_t from[SENTENCES_MAX + 1], order[SENTENCES_MAX], count = 0, start = 0;

	for (size_t i = 0; i < len && count < SENTENCES_MAX - 1; i++) {
		if (text[i] == '.' && i + 1 < len &&
			isspace((unsigned char)text[i + 1])) {
			from[count++] = start;
			start = i + 1;
		}
	}
	from[count++] = start;
	from[count] = len;
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		size_t j = dice_roll(d, i), keep = order[i - 1];

		order[i - 1] = order[j];
		order[j] = keep;
	}
	for (size_t i = 0; i < count; i++) {
		buf_bytes(
			out, text + from[order[i]], from[order[i] + 1] - from[order[i]]);
		buf_u8(out, ' ');
	}
}

/* The same words in random order: must not be found. */
static void
lay_word_salad(struct dice *d, const char *text, size_t len, struct buf *out)
{
	size_t count = vary_words(text, len);

	for (size_t i = 0; i < count; i++) {
		vary_cut(text, len, dice_roll(d, count), 1, out);
		buf_u8(out, ' ');
	}
}

const struct variant variants[] = {
	{"whole document", 0, 0, 0, NULL, 99.9, false},
	{"whole document, re-wrapped", 0, 0, 0, lay_rewrapped, 99.9, false},
	{"paragraph", 120, 0, 0, NULL, 99.9, false},
	{"paragraph, re-wrapped", 120, 0, 0, lay_rewrapped, 99.9, false},
	{"paragraph, hyphenated", 120, 0, 0, lay_hyphenated, 99.9, false},
	{"paragraph, teleprinter", 120, 0, 0, lay_teleprinter, 99.9, false},
	{"paragraph, no punctuation", 120, 0, 0, lay_bare, 99.9, false},
	{"paragraph, look-alikes", 120, 0, 0, lay_look_alikes, 99.9, false},
	{"paragraph, zero-width", 120, 0, 0, lay_invisible, 99.9, false},
	{"paragraph, other order", 120, 0, 0, lay_shuffled, 99.9, false},
	{"paragraph, 2 % noise", 120, 2, 0, NULL, 99.9, false},
	{"paragraph, 5 % noise", 120, 5, 0, NULL, 99.9, false},
	{"paragraph, 10 % noise", 120, 10, 0, NULL, 99, false},
	{"paragraph, 10 % words", 120, 0, 10, NULL, 99.9, false},
	{"paragraph, 20 % words", 120, 0, 20, NULL, 99.5, false},
	{"paragraph, 35 % words", 120, 0, 35, NULL, 95, false},
	{"paragraph, 40 % words", 120, 0, 40, NULL, 90, false},
	{"40 words", 40, 0, 0, NULL, 99.9, false},
	{"40 words, teleprinter", 40, 0, 0, lay_teleprinter, 99.9, false},
	{"30 words", 30, 0, 0, NULL, 99.5, false},
	{"30 words, 5 % noise", 30, 5, 0, NULL, 93, false},
	{"20 words", 20, 0, 0, NULL, 99, false},
	{"15 words", 15, 0, 0, NULL, 97, false},
	{"12 words", 12, 0, 0, NULL, 90, false},
	{"6 words", 6, 0, 0, NULL, 0, true},
	{"words in random order", 120, 0, 0, lay_word_salad, 0, true},
};

const size_t variants_count = sizeof variants / sizeof variants[0];

void
vary_apply(const struct variant *v, struct dice *d, const char *text, size_t len,
	struct buf *out)
{
	if (v->layout != NULL)
		v->layout(d, text, len, out);
	else if (v->chars_percent > 0)
		add_noise(d, v->chars_percent, text, len, out);
	else if (v->words_percent > 0)
		edit_words(d, v->words_percent, text, len, out);
	else
		buf_bytes(out, text, len);
}
