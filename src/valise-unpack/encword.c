/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/encword.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "valise-unpack/charset.h"

/* One encoded word, found in its header. */
struct word {
	const char *charset;
	size_t charset_len;
	bool is_base64;
	const char *text;
	size_t text_len;
	size_t len; /* of the whole */
};

/* RFC 2231 appends a language: "utf-8*en". */
static size_t
name_len(const char *charset, size_t len)
{
	const char *star = memchr(charset, '*', len);

	return star != NULL ? (size_t)(star - charset) : len;
}

static bool
find_word(const char *p, size_t len, struct word *ret_word)
{
	const char *end = p + len, *q, *close;
	struct word w = {0};

	if (len < 8 || p[0] != '=' || p[1] != '?')
		return false;
	w.charset = p + 2;
	q = memchr(w.charset, '?', (size_t)(end - w.charset));
	if (q == NULL || end - q < 4 || q[2] != '?')
		return false;
	w.charset_len = name_len(w.charset, (size_t)(q - w.charset));
	w.is_base64 = (q[1] | 0x20) == 'b';
	if (!w.is_base64 && (q[1] | 0x20) != 'q')
		return false;
	w.text = q + 3;
	close = memmem(w.text, (size_t)(end - w.text), "?=", 2);
	if (close == NULL)
		return false;
	w.text_len = (size_t)(close - w.text);
	w.len = (size_t)(close + 2 - p);
	*ret_word = w;
	return true;
}

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
value_of(char c)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(letters, c) : NULL;

	return at != NULL ? (int)(at - letters) : -1;
}

static void
put_clean(void *arg, const char *ptr, size_t len, uint64_t from, uint64_t to)
{
	(void)from;
	(void)to;
	buf_bytes(arg, ptr, len);
}

/* The decoder keeps state, so bytes may come one at a time. */
static void
put_byte(struct charset_decoder *d, uint8_t byte, const struct charset_out *to)
{
	charset_feed(d, &byte, 1, to);
}

static void
put_word(struct buf *out, const struct word *w)
{
	const struct charset_out to = {put_clean, out};
	struct charset_decoder d;
	uint32_t bits = 0;
	unsigned count = 0;

	charset_decoder_init(&d, charset_by_name(w->charset, w->charset_len), 0);
	for (size_t i = 0; i < w->text_len; i++) {
		char c = w->text[i];
		int v = value_of(c);

		if (w->is_base64 && v >= 0) {
			bits = bits << 6 | (unsigned)v;
			count += 6;
			if (count >= 8)
				put_byte(&d, (uint8_t)(bits >> (count -= 8)), &to);
		} else if (!w->is_base64 && c == '=' && i + 2 < w->text_len &&
			hex_of(w->text[i + 1]) >= 0 && hex_of(w->text[i + 2]) >= 0) {
			put_byte(&d,
				(uint8_t)(hex_of(w->text[i + 1]) << 4 |
					hex_of(w->text[i + 2])),
				&to);
			i += 2;
		} else if (!w->is_base64) {
			put_byte(&d, c == '_' ? ' ' : (uint8_t)c, &to);
		}
	}
	charset_end(&d, &to);
}

static size_t
blanks(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && (p[n] == ' ' || p[n] == '\t' || p[n] == '\r' || p[n] == '\n'))
		n++;
	return n;
}

void
encword_put(struct buf *out, const char *ptr, size_t len)
{
	const struct charset_out to = {put_clean, out};
	struct charset_decoder d;
	struct word w;

	if (len > ENCWORD_MAX)
		len = ENCWORD_MAX;
	charset_decoder_init(&d, CHARSET_UTF8, 0);
	while (len > 0) {
		size_t n = blanks(ptr, len);

		/* Blanks after a word and before another one separate, and are no text. */
		if (find_word(ptr, len, &w)) {
			charset_end(&d, &to);
			put_word(out, &w);
			ptr += w.len;
			len -= w.len;
			n = blanks(ptr, len);
			if (find_word(ptr + n, len - n, &w)) {
				ptr += n;
				len -= n;
			}
			continue;
		}
		put_byte(&d, n > 0 ? ' ' : (uint8_t)ptr[0], &to);
		n = n > 0 ? n : 1;
		ptr += n;
		len -= n;
	}
	charset_end(&d, &to);
}
