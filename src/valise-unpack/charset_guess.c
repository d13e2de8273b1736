/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/charset.h"

#include <string.h>
#include <strings.h>

/*
 * A byte order mark decides.  Without one, text in UTF-16 or UTF-32 of any alphabet betrays
 * itself: read with the right width and order nearly all units are characters that people
 * write; read as bytes it is full of control characters.
 */

enum { GUESS_HEAD = 4096, GUESS_MIN = 8 };

static const struct {
	uint8_t bytes[4];
	size_t len;
	enum charset charset;
} marks[] = {
	{{0xff, 0xfe, 0, 0}, 4,
		CHARSET_UTF32LE}, /* before UTF-16LE, whose mark it begins with */
	{{0, 0, 0xfe, 0xff}, 4, CHARSET_UTF32BE},
	{{0xff, 0xfe}, 2, CHARSET_UTF16LE},
	{{0xfe, 0xff}, 2, CHARSET_UTF16BE},
	{{0xef, 0xbb, 0xbf}, 3, CHARSET_UTF8},
};

/* Letters, figures, punctuation of European, Greek, Cyrillic, Hebrew and Arabic writing. */
static bool
is_written(uint32_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t' ||
		(c >= 0xa0 && c < 0x0700) || (c >= 0x2010 && c < 0x2070) || c == 0x20ac ||
		c == 0xfeff;
}

static uint32_t
unit(const uint8_t *p, size_t size, bool is_little)
{
	uint32_t c = 0;

	for (size_t i = 0; i < size; i++)
		c |= (uint32_t)p[i] << 8 * (is_little ? i : size - 1 - i);
	return c;
}

/* At least 9 of 10 units are written, and a blank or line break is among them. */
static bool
is_likely(const uint8_t *head, size_t len, size_t size, bool is_little)
{
	size_t written = 0, blanks = 0, total = len / size;

	if (len < GUESS_MIN)
		return false;
	for (size_t i = 0; i < total; i++) {
		uint32_t c = unit(head + i * size, size, is_little);

		written += is_written(c);
		blanks += c == ' ' || c == '\n' || c == '\r' || c == '\t';
	}
	return written * 10 >= total * 9 && blanks > 0;
}

/* Eight-bit text holds next to no control characters. */
static size_t
count_controls(const uint8_t *head, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += head[i] < 0x20 && head[i] != '\n' && head[i] != '\r' &&
			head[i] != '\t' && head[i] != '\f' && head[i] != 0x1b;
	return n;
}

enum charset
charset_guess(const uint8_t *head, size_t len, size_t *ret_skip)
{
	*ret_skip = 0;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (len >= marks[i].len &&
			memcmp(head, marks[i].bytes, marks[i].len) == 0) {
			*ret_skip = marks[i].len;
			return marks[i].charset;
		}
	}
	if (len > GUESS_HEAD)
		len = GUESS_HEAD;
	if (count_controls(head, len) * 8 < len)
		return CHARSET_UTF8;
	if (is_likely(head, len, 4, true))
		return CHARSET_UTF32LE;
	if (is_likely(head, len, 4, false))
		return CHARSET_UTF32BE;
	if (is_likely(head, len, 2, true))
		return CHARSET_UTF16LE;
	if (is_likely(head, len, 2, false))
		return CHARSET_UTF16BE;
	return CHARSET_UTF8;
}

/*
 * Latin-1 and Windows-1252 are missing on purpose: much that says so is UTF-8, and CHARSET_UTF8
 * reads all three.
 */
static const struct {
	const char *name;
	enum charset charset;
} names[] = {
	{"utf-16", CHARSET_UTF16LE},
	{"utf-16le", CHARSET_UTF16LE},
	{"utf-16be", CHARSET_UTF16BE},
	{"utf-32", CHARSET_UTF32LE},
	{"utf-32le", CHARSET_UTF32LE},
	{"utf-32be", CHARSET_UTF32BE},
	{"iso-8859-2", CHARSET_LATIN2},
	{"latin2", CHARSET_LATIN2},
	{"iso-8859-5", CHARSET_ISO_5},
	{"iso-8859-7", CHARSET_ISO_7},
	{"iso-8859-9", CHARSET_CP1254},
	{"iso-8859-15", CHARSET_LATIN9},
	{"latin9", CHARSET_LATIN9},
	{"latin-9", CHARSET_LATIN9},
	{"windows-1250", CHARSET_CP1250},
	{"windows-1251", CHARSET_CP1251},
	{"windows-1253", CHARSET_CP1253},
	{"windows-1254", CHARSET_CP1254},
	{"cp1250", CHARSET_CP1250},
	{"cp1251", CHARSET_CP1251},
	{"koi8-r", CHARSET_KOI8R},
	{"koi8-u", CHARSET_KOI8R},
	{"ibm437", CHARSET_CP437},
	{"cp437", CHARSET_CP437},
	{"ibm850", CHARSET_CP850},
	{"cp850", CHARSET_CP850},
	{"macintosh", CHARSET_MAC},
	{"mac-roman", CHARSET_MAC},
};

enum charset
charset_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i].name) == len &&
			strncasecmp(names[i].name, name, len) == 0)
			return names[i].charset;
	return CHARSET_UTF8;
}

enum charset
charset_by_codepage(unsigned long codepage)
{
	static const struct {
		unsigned long number;
		enum charset charset;
	} pages[] = {{437, CHARSET_CP437}, {850, CHARSET_CP850}, {1250, CHARSET_CP1250},
		{1251, CHARSET_CP1251}, {1252, CHARSET_CP1252}, {1253, CHARSET_CP1253},
		{1254, CHARSET_CP1254}, {10000, CHARSET_MAC}, {20866, CHARSET_KOI8R},
		{28592, CHARSET_LATIN2}, {28595, CHARSET_ISO_5}, {28597, CHARSET_ISO_7},
		{28605, CHARSET_LATIN9}};

	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
		if (pages[i].number == codepage)
			return pages[i].charset;
	return CHARSET_UTF8;
}
