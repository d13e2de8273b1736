/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/html.h"

#include <string.h>
#include <strings.h>

#include "valise-unpack/charset.h"

/*
 * A state machine over characters.  Text states hand on whole stretches up to the next '<' or
 * '&'; the rest of the bytes are markup and go one at a time through the table of steps.
 */

enum state {
	TEXT,
	ENTITY,	 /* after & */
	OPEN,	 /* after < */
	NAME,	 /* in a tag's name */
	TAG,	 /* between a tag's attributes */
	QUOTE,	 /* in an attribute's quoted value */
	BANG,	 /* after <! */
	DECL,	 /* <!DOCTYPE ...> and <?...> */
	COMMENT, /* hidden text */
	CDATA,
	RAW,	 /* in script or style */
	RAW_TAG, /* in what may be its end tag */
};

void
html_init(struct html *h, struct prose *out, bool is_xml)
{
	memset(h, 0, sizeof *h);
	h->out = out;
	h->is_xml = is_xml;
	h->state = TEXT;
}

static uint64_t
pos(const struct html *h, size_t i)
{
	if (h->to - h->from == h->piece_len)
		return h->from + i;
	return h->from + i * (h->to - h->from) / h->piece_len;
}

static bool
is_name(const char *name, size_t len, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == len && strncasecmp(name, list[i], len) == 0)
			return true;
	return false;
}

/* Elements that stand inside a line; all others end it. */
static bool
is_inline(const struct html *h)
{
	static const char *const names[] = {"a", "abbr", "acronym", "b", "bdi", "bdo",
		"big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
		"kbd", "label", "mark", "nobr", "o:p", "q", "s", "samp", "small", "span",
		"st1", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
		"img", "input"};

	return is_name(h->name, h->name_len, names, sizeof names / sizeof names[0]);
}

/* The tag's name is complete: break the line, or begin to drop script and style. */
static void
tag_named(struct html *h, size_t i)
{
	static const char *const raw[] = {"script", "style"};

	if (!is_inline(h))
		prose_char(h->out, '\n', h->at, pos(h, i));
	h->raw[0] = '\0';
	if (!h->is_xml && !h->is_end_tag && is_name(h->name, h->name_len, raw, 2)) {
		memcpy(h->raw, h->name, h->name_len);
		h->raw[h->name_len] = '\0';
	}
}

static void
tag_over(struct html *h)
{
	h->state = h->raw[0] != '\0' ? RAW : TEXT;
	h->name_len = 0;
}

/* It was no markup after all: give the bytes back as text. */
static void
give_back(struct html *h, const char *lead, size_t i)
{
	prose_put(h->out, lead, strlen(lead), h->at, h->at + strlen(lead));
	prose_put(h->out, h->name, h->name_len, h->at + strlen(lead), pos(h, i));
	h->name_len = 0;
	h->state = TEXT;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of a digit, at least 16 when it is none. */
static unsigned
digit_of(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	return is_letter(c) ? (unsigned)((c | 0x20) - 'a') + 10 : 99;
}

/* "#8217", "#x2019": 0 when it is no number. */
static uint32_t
numeric(const char *s, size_t len)
{
	bool is_hex = len > 1 && (s[1] == 'x' || s[1] == 'X');
	unsigned base = is_hex ? 16 : 10;
	uint32_t c = 0;

	for (size_t i = is_hex ? 2 : 1; i < len; i++) {
		if (digit_of(s[i]) >= base || c > 0x10ffff)
			return 0;
		c = c * base + digit_of(s[i]);
	}
	/* Browsers read the C1 controls as Windows-1252; so does everybody who writes them. */
	return c >= 0x80 && c < 0xa0 ? charset_byte(CHARSET_CP1252, (uint8_t)c) : c;
}

/* Does the entity go on with c?  When not, it is decoded or given back; true: c is used up. */
static bool
step_entity(struct html *h, char c, size_t i)
{
	uint32_t decoded;

	if ((is_letter(c) || is_digit(c) || (c == '#' && h->name_len == 0)) &&
		h->name_len < sizeof h->name) {
		h->name[h->name_len++] = c;
		return true;
	}
	decoded = h->name_len > 1 && h->name[0] == '#'
		? numeric(h->name, h->name_len)
		: html_entity(h->name, h->name_len);
	if (decoded == 0) {
		give_back(h, "&", i);
		return false;
	}
	h->state = TEXT;
	h->name_len = 0;
	prose_char(h->out, decoded, h->at, pos(h, c == ';' ? i + 1 : i));
	return c == ';';
}

static bool
step_open(struct html *h, char c, size_t i)
{
	h->is_end_tag = false;
	if (c == '!') {
		h->state = BANG;
	} else if (c == '?') {
		h->state = DECL;
	} else if (c == '/' || is_letter(c) || c == '_') {
		h->state = NAME;
		h->is_end_tag = c == '/';
		if (!h->is_end_tag)
			h->name[h->name_len++] = c;
	} else {
		give_back(h, "<", i);
		return false;
	}
	return true;
}

static bool
step_name(struct html *h, char c, size_t i)
{
	if (c == '>' || c == '/' || c == ' ' || c == '\n' || c == '\r' || c == '\t') {
		tag_named(h, i);
		h->state = TAG;
		if (c == '>')
			tag_over(h);
	} else if (h->name_len < sizeof h->name) {
		/* No name has other letters, and half a character must not be given back. */
		if ((uint8_t)c < 0x80)
			h->name[h->name_len++] = c;
	} else if (c == '<') {
		/* "a <bbbb...": longer than any name and then another tag. */
		give_back(h, "<", i);
		return false;
	}
	return true;
}

static bool
step_tag(struct html *h, char c, size_t i)
{
	(void)i;
	if (c == '>') {
		tag_over(h);
	} else if (c == '"' || c == '\'') {
		h->quote = c;
		h->state = QUOTE;
	}
	return true;
}

static bool
step_quote(struct html *h, char c, size_t i)
{
	(void)i;
	/* A quote that is never closed would hide the rest: a tag's end in it ends it too when
	 * a line break came before; h->dashes serves as that flag. */
	if (c == '\n')
		h->dashes = 1;
	if (c == h->quote || (c == '<' && h->dashes > 0)) {
		h->dashes = 0;
		h->state = TAG;
		if (c == '<') {
			tag_over(h);
			return false;
		}
	}
	return true;
}

static bool
step_bang(struct html *h, char c, size_t i)
{
	static const char cdata[] = "[CDATA[";

	if (h->name_len == 0 && c == '>') {
		h->state = TEXT;
		return true;
	}
	h->name[h->name_len++] = c;
	if (h->name_len == 2 && memcmp(h->name, "--", 2) == 0) {
		prose_aside(h->out, "\n", 1, h->at, h->at + 1);
		h->state = COMMENT;
	} else if (h->name_len == 7 && memcmp(h->name, cdata, 7) == 0) {
		h->state = CDATA;
	} else if (c == '>') {
		h->state = TEXT;
	} else if (strncmp(h->name, "--", h->name_len) != 0 &&
		strncmp(h->name, cdata, h->name_len) != 0) {
		h->state = DECL;
	} else {
		return true;
	}
	(void)i;
	h->name_len = 0;
	h->dashes = h->brackets = 0;
	return true;
}

static bool
step_decl(struct html *h, char c, size_t i)
{
	(void)i;
	if (c == '>')
		h->state = TEXT;
	return true;
}

static bool
step_comment(struct html *h, char c, size_t i)
{
	if (c == '>' && h->dashes >= 2) {
		h->state = TEXT;
		return true;
	}
	h->dashes = c == '-' ? h->dashes + 1 : 0;
	prose_aside(h->out, &c, 1, pos(h, i), pos(h, i + 1));
	return true;
}

static bool
step_cdata(struct html *h, char c, size_t i)
{
	if (c == '>' && h->brackets >= 2) {
		h->state = TEXT;
		return true;
	}
	h->brackets = c == ']' ? h->brackets + 1 : 0;
	prose_put(h->out, &c, 1, pos(h, i), pos(h, i + 1));
	return true;
}

static bool
step_raw(struct html *h, char c, size_t i)
{
	(void)i;
	if (c == '<') {
		h->state = RAW_TAG;
		h->name_len = 0;
	}
	return true;
}

/* "</script": anything else is still script. */
static bool
step_raw_tag(struct html *h, char c, size_t i)
{
	size_t want = strlen(h->raw);

	(void)i;
	if (h->name_len == 0 && c == '/') {
		h->name[h->name_len++] = c;
		return true;
	}
	if (h->name_len > 0 && h->name_len <= want &&
		(c | 0x20) == (h->raw[h->name_len - 1] | 0x20)) {
		h->name[h->name_len++] = c;
		if (h->name_len == want + 1) {
			h->raw[0] = '\0';
			h->state = TAG;
		}
		return true;
	}
	h->state = RAW;
	return false;
}

static bool (*const steps[])(struct html *h, char c, size_t i) = {
	[ENTITY] = step_entity,
	[OPEN] = step_open,
	[NAME] = step_name,
	[TAG] = step_tag,
	[QUOTE] = step_quote,
	[BANG] = step_bang,
	[DECL] = step_decl,
	[COMMENT] = step_comment,
	[CDATA] = step_cdata,
	[RAW] = step_raw,
	[RAW_TAG] = step_raw_tag,
};

/* The stretch of text from i on. */
static size_t
text_len(const char *ptr, size_t len, size_t i)
{
	size_t n = i;

	while (n < len && ptr[n] != '<' && ptr[n] != '&')
		n++;
	return n - i;
}

/*
 * Comments and CDATA hold text that may be cut anywhere, but chunks must not be cut within a
 * character: their bytes above 0x7f are taken together.
 */
static size_t
put_wide(struct html *h, const char *ptr, size_t len, size_t i)
{
	size_t n = 1;

	while (i + n < len && ((uint8_t)ptr[i + n] & 0xc0) == 0x80)
		n++;
	if (h->state == COMMENT)
		prose_aside(h->out, ptr + i, n, pos(h, i), pos(h, i + n));
	else if (h->state == CDATA)
		prose_put(h->out, ptr + i, n, pos(h, i), pos(h, i + n));
	h->dashes = h->brackets = 0;
	return n;
}

void
html_put(void *html, const char *ptr, size_t len, uint64_t from, uint64_t to)
{
	struct html *h = html;
	size_t i = 0;

	h->from = from;
	h->to = to;
	h->piece_len = len;
	while (i < len) {
		if (h->state == TEXT) {
			size_t n = text_len(ptr, len, i);

			prose_put(h->out, ptr + i, n, pos(h, i), pos(h, i + n));
			i += n;
			if (i == len)
				break;
			h->at = pos(h, i);
			h->name_len = 0;
			h->state = ptr[i++] == '<' ? OPEN : ENTITY;
		} else if ((uint8_t)ptr[i] >= 0x80 && h->state != NAME &&
			h->state != ENTITY && h->state != OPEN && h->state != BANG) {
			i += put_wide(h, ptr, len, i);
		} else if (steps[h->state](h, ptr[i], i)) {
			i++;
		}
	}
}

void
html_end(struct html *h)
{
	h->from = h->to;
	h->piece_len = 0;
	if (h->state == ENTITY)
		(void)step_entity(h, ' ', 0);
	else if (h->state == OPEN)
		give_back(h, "<", 0);
	prose_aside_flush(h->out, UNPACK_TEXT_HIDDEN);
}

/* The value after "charset=": up to a quote, a blank or the tag's end. */
static bool
take_value(const uint8_t *p, size_t len, const char **ret_name, size_t *ret_len)
{
	size_t at = len > 0 && (p[0] == '"' || p[0] == '\'') ? 1 : 0, n = 0;

	while (at + n < len && n < HTML_NAME_MAX && p[at + n] > ' ' &&
		strchr("\"'>;", p[at + n]) == NULL)
		n++;
	*ret_name = (const char *)p + at;
	*ret_len = n;
	return n > 0;
}

bool
html_find_charset(const uint8_t *head, size_t len, const char **ret_name, size_t *ret_len)
{
	static const char *const words[] = {"charset=", "encoding="};

	if (len > 2048)
		len = 2048;
	for (size_t i = 0; i + 10 < len; i++) {
		for (size_t w = 0; w < 2; w++) {
			size_t n = strlen(words[w]);

			if (strncasecmp((const char *)head + i, words[w], n) == 0)
				return take_value(
					head + i + n, len - i - n, ret_name, ret_len);
		}
	}
	return false;
}
