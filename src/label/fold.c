/* SPDX-License-Identifier: Apache-2.0 */
#include "label/fold.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "label/label.h"

/*
 * The fold is ASCII and never longer than its source: two bytes of Latin-1 become one letter,
 * a combining accent none.  Text is checked as UTF-8 once at the start, so the decoder below
 * needs no checks of its own.
 */

/* What the fold makes of a code point: itself as a capital, SKIP, or NONE. */
enum { SKIP = 1, NONE = 0 };

static char
fold_char(uint32_t c)
{
	/* U+00C0 to U+00DF, and the small letters 0x20 above.  '\0' has no fold. */
	static const char latin1[32] = "AAAAAA\0CEEEEIIII\0NOOOOO\0\0UUUUY";

	if (c >= ' ' && c <= '~')
		return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
	if (c == 0xa0 || c == 0x202f)
		return ' ';
	if (c >= 0xc0 && c <= 0xff)
		return latin1[c & 0x1f];
	return c >= 0x300 && c <= 0x36f ? SKIP : NONE;
}

/* One code point of valid UTF-8. */
static size_t
next_char(const char *p, uint32_t *ret_c)
{
	uint32_t c = (unsigned char)p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (n > 1)
		c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3fu);
	*ret_c = c;
	return n;
}

static bool
is_joint(char c)
{
	return c == ',' || c == ':';
}

/* Does a space before f part two words?  At an end and beside a joint it means nothing. */
static bool
parts(const char *out, size_t at, char f)
{
	return at > 0 && !is_joint(f) && !is_joint(out[at - 1]);
}

int
fold_text(const char *text, size_t len, char *ret_out, size_t out_size)
{
	bool is_space = false;
	size_t at = 0;
	uint32_t c = 0;
	char f;

	if (!text_is_line(text, len))
		return FAIL_FORMAT;
	for (size_t n; len > 0; text += n, len -= n) {
		n = next_char(text, &c);
		if ((f = fold_char(c)) == NONE)
			return FAIL_FORMAT;
		if (f == SKIP || f == ' ') {
			is_space = is_space || f == ' ';
			continue;
		}
		if (at + (is_space ? 2 : 1) >= out_size)
			return FAIL_LIMIT;
		if (is_space && parts(ret_out, at, f))
			ret_out[at++] = ' ';
		ret_out[at++] = f;
		is_space = false;
	}
	if (at >= out_size)
		return FAIL_LIMIT;
	ret_out[at] = '\0';
	return 0;
}

size_t
fold_starts(const char *folded, const char *word)
{
	char key[LABEL_NAME_MAX + 1];
	size_t n;

	if (fold_text(word, strlen(word), key, sizeof key) != 0)
		return 0;
	n = strlen(key);
	if (n == 0 || strncmp(folded, key, n) != 0)
		return 0;
	return folded[n] == '\0' || folded[n] == ' ' || is_joint(folded[n]) ? n : 0;
}
