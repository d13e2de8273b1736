/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/rtf.h"

#include <string.h>

/*
 * One table of control words: what each does to the group or puts into the text.  A word that
 * is not in the table formats, and is ignored; after \* an unknown word drops its group, as the
 * specification asks of readers.
 */

enum mode {
	MODE_TEXT,
	MODE_HIDDEN, /* text nobody sees: comments, properties */
	MODE_DROP,
	MODE_PICTURE, /* dropped, and counted */
};

enum state {
	STATE_TEXT,
	STATE_SLASH,
	STATE_WORD,
	STATE_NUMBER,
	STATE_HEX1,
	STATE_HEX2,
	STATE_BINARY,
};

enum action {
	ACT_PUT,  /* the character `value` */
	ACT_MODE, /* the group is of mode `value` */
	ACT_UNICODE,
	ACT_UC,
	ACT_CODEPAGE,
	ACT_CHARSET,
	ACT_BINARY,
	ACT_HIDE, /* \v, \deleted; 0 ends it */
	ACT_PLAIN,
};

static const struct word {
	const char *name;
	enum action action;
	uint32_t value;
} words[] = {
	{"u", ACT_UNICODE, 0},
	{"uc", ACT_UC, 0},
	{"par", ACT_PUT, '\n'},
	{"line", ACT_PUT, '\n'},
	{"sect", ACT_PUT, '\n'},
	{"page", ACT_PUT, '\n'},
	{"column", ACT_PUT, '\n'},
	{"softline", ACT_PUT, '\n'},
	{"cell", ACT_PUT, '\t'},
	{"nestcell", ACT_PUT, '\t'},
	{"row", ACT_PUT, '\n'},
	{"nestrow", ACT_PUT, '\n'},
	{"tab", ACT_PUT, '\t'},
	{"emdash", ACT_PUT, 0x2014},
	{"endash", ACT_PUT, 0x2013},
	{"emspace", ACT_PUT, 0x2003},
	{"enspace", ACT_PUT, 0x2002},
	{"qmspace", ACT_PUT, 0x2005},
	{"bullet", ACT_PUT, 0x2022},
	{"lquote", ACT_PUT, 0x2018},
	{"rquote", ACT_PUT, 0x2019},
	{"ldblquote", ACT_PUT, 0x201c},
	{"rdblquote", ACT_PUT, 0x201d},
	{"fonttbl", ACT_MODE, MODE_DROP},
	{"colortbl", ACT_MODE, MODE_DROP},
	{"stylesheet", ACT_MODE, MODE_DROP},
	{"filetbl", ACT_MODE, MODE_DROP},
	{"listtable", ACT_MODE, MODE_DROP},
	{"listoverridetable", ACT_MODE, MODE_DROP},
	{"rsidtbl", ACT_MODE, MODE_DROP},
	{"themedata", ACT_MODE, MODE_DROP},
	{"colorschememapping", ACT_MODE, MODE_DROP},
	{"latentstyles", ACT_MODE, MODE_DROP},
	{"datastore", ACT_MODE, MODE_DROP},
	{"generator", ACT_MODE, MODE_DROP},
	{"pict", ACT_MODE, MODE_PICTURE},
	{"objdata", ACT_MODE, MODE_PICTURE},
	{"info", ACT_MODE, MODE_HIDDEN},
	{"annotation", ACT_MODE, MODE_HIDDEN},
	{"atnid", ACT_MODE, MODE_HIDDEN},
	{"atnauthor", ACT_MODE, MODE_HIDDEN},
	{"fldinst", ACT_MODE, MODE_HIDDEN},
	{"xe", ACT_MODE, MODE_HIDDEN},
	{"userprops", ACT_MODE, MODE_HIDDEN},
	{"docvar", ACT_MODE, MODE_HIDDEN},
	{"footnote", ACT_MODE, MODE_HIDDEN},
	{"header", ACT_MODE, MODE_HIDDEN},
	{"headerl", ACT_MODE, MODE_HIDDEN},
	{"headerr", ACT_MODE, MODE_HIDDEN},
	{"headerf", ACT_MODE, MODE_HIDDEN},
	{"footer", ACT_MODE, MODE_HIDDEN},
	{"footerl", ACT_MODE, MODE_HIDDEN},
	{"footerr", ACT_MODE, MODE_HIDDEN},
	{"footerf", ACT_MODE, MODE_HIDDEN},
	{"shptxt", ACT_MODE, MODE_TEXT},
	{"shppict", ACT_MODE, MODE_TEXT},
	{"nonshppict", ACT_MODE, MODE_DROP},
	{"shpinst", ACT_MODE, MODE_TEXT},
	{"deleted", ACT_HIDE, 0},
	{"v", ACT_HIDE, 0},
	{"plain", ACT_PLAIN, 0},
	{"ansicpg", ACT_CODEPAGE, 0},
	{"mac", ACT_CHARSET, CHARSET_MAC},
	{"pc", ACT_CHARSET, CHARSET_CP437},
	{"pca", ACT_CHARSET, CHARSET_CP850},
	{"bin", ACT_BINARY, 0},
};

void
rtf_init(struct rtf *p, struct prose *out)
{
	memset(p, 0, sizeof *p);
	p->out = out;
	p->charset = CHARSET_CP1252;
	p->groups[0].skip_after_u = 1;
}

static struct rtf_group *
group(struct rtf *p)
{
	return &p->groups[p->depth];
}

/* One character of text, where it belongs. */
static void
put(struct rtf *p, uint32_t c)
{
	const struct rtf_group *g = group(p);
	char utf8[4];

	if (p->skip > 0) {
		p->skip--;
		return;
	}
	if (g->mode >= MODE_DROP)
		return;
	if (g->mode == MODE_HIDDEN || g->is_hidden)
		prose_aside(p->out, utf8, prose_utf8(c, utf8), p->at, p->offset + 1);
	else
		prose_char(p->out, c, p->at, p->offset + 1);
}

static void
put_unicode(struct rtf *p)
{
	/* Written as a signed 16-bit number; some writers use the unsigned one. */
	uint32_t c = (uint32_t)p->number;

	if (p->number < 0)
		c = (uint32_t)(p->number + 65536);
	p->skip = 0;
	if (c >= 0xd800 && c <= 0xdbff) {
		p->high = c;
	} else {
		if (p->high != 0 && c >= 0xdc00 && c <= 0xdfff)
			c = 0x10000 + ((p->high - 0xd800) << 10) + (c - 0xdc00);
		p->high = 0;
		put(p, c);
	}
	p->skip = group(p)->skip_after_u;
}

static int
hex_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void
tell_picture(struct rtf *p, int byte)
{
	if (p->picture != NULL)
		p->picture(p->picture_arg, byte, p->offset);
}

static void
picture_begin(struct rtf *p)
{
	p->pictures++;
	if (p->picture_depth > 0)
		return;
	p->picture_depth = p->depth;
	p->picture_digit = -1;
	tell_picture(p, RTF_PICTURE_BEGIN);
}

static void
picture_end(struct rtf *p)
{
	p->picture_depth = 0;
	tell_picture(p, RTF_PICTURE_END);
}

/* Two digits are a byte of the picture; words and blanks between them are not. */
static void
picture_step(struct rtf *p, uint8_t c)
{
	int v = hex_of(c);

	if (v < 0 || p->picture_depth != p->depth)
		return;
	if (p->picture_digit >= 0)
		tell_picture(p, p->picture_digit << 4 | v);
	p->picture_digit = p->picture_digit >= 0 ? -1 : v;
}

static void
set_mode(struct rtf *p, enum mode mode)
{
	struct rtf_group *g = group(p);

	/* Inside what is dropped nothing comes back to life. */
	if (g->mode >= MODE_DROP)
		return;
	if (mode == MODE_PICTURE)
		picture_begin(p);
	if (mode == MODE_HIDDEN && g->mode != MODE_HIDDEN)
		prose_aside(p->out, "\n", 1, p->at, p->at + 1);
	if (mode != MODE_TEXT || g->mode != MODE_HIDDEN)
		g->mode = (uint8_t)mode;
}

static void
act(struct rtf *p, const struct word *w)
{
	struct rtf_group *g = group(p);
	bool is_on = !p->has_number || p->number != 0;

	switch (w->action) {
	case ACT_PUT:
		put(p, w->value);
		break;
	case ACT_MODE:
		set_mode(p, (enum mode)w->value);
		break;
	case ACT_UNICODE:
		if (p->has_number)
			put_unicode(p);
		break;
	case ACT_UC:
		if (p->has_number && p->number >= 0 && p->number < 16)
			g->skip_after_u = (uint8_t)p->number;
		break;
	case ACT_CODEPAGE:
		if (p->number > 0 && charset_by_codepage((unsigned long)p->number) != 0)
			p->charset = charset_by_codepage((unsigned long)p->number);
		break;
	case ACT_CHARSET:
		p->charset = (enum charset)w->value;
		break;
	case ACT_BINARY:
		p->binary = p->has_number && p->number > 0 ? (uint64_t)p->number : 0;
		break;
	case ACT_HIDE:
		g->is_hidden = is_on;
		break;
	case ACT_PLAIN:
		g->is_hidden = false;
		break;
	}
}

/* A control word is complete. */
static void
word_over(struct rtf *p)
{
	const struct word *w = NULL;

	p->state = STATE_TEXT;
	if (p->is_negative)
		p->number = -p->number;
	for (size_t i = 0; i < sizeof words / sizeof words[0] && w == NULL; i++)
		if (strlen(words[i].name) == p->word_len &&
			memcmp(words[i].name, p->word, p->word_len) == 0)
			w = &words[i];
	if (w != NULL)
		act(p, w);
	else if (p->is_starred)
		set_mode(p, MODE_DROP);
	p->is_starred = false;
	if (p->binary > 0)
		p->state = STATE_BINARY;
}

static void
open_group(struct rtf *p)
{
	p->skip = 0;
	if (p->depth + 1 < RTF_DEPTH) {
		p->groups[p->depth + 1] = p->groups[p->depth];
		p->depth++;
	} else {
		p->over++;
	}
}

static void
close_group(struct rtf *p)
{
	p->skip = 0;
	if (p->over > 0) {
		p->over--;
		return;
	}
	if (p->picture_depth > 0 && p->picture_depth == p->depth)
		picture_end(p);
	if (p->depth > 0)
		p->depth--;
}

static void
step_text(struct rtf *p, uint8_t c)
{
	p->at = p->offset;
	if (c == '\\')
		p->state = STATE_SLASH;
	else if (c == '{')
		open_group(p);
	else if (c == '}')
		close_group(p);
	else if (p->picture_depth > 0)
		picture_step(p, c);
	else if (c != '\r' && c != '\n' && c != 0)
		put(p, charset_byte(p->charset, c));
	if (c != '\\')
		p->is_starred = false;
}

static bool
is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
step_slash(struct rtf *p, uint8_t c)
{
	p->word_len = 0;
	p->has_number = p->is_negative = false;
	p->number = 0;
	if (is_letter(c)) {
		p->word[p->word_len++] = (char)c;
		p->state = STATE_WORD;
		return;
	}
	p->state = STATE_TEXT;
	if (c == '\'')
		p->state = STATE_HEX1;
	else if (c == '*')
		p->is_starred = true;
	else if (c == '~')
		put(p, 0xa0);
	else if (c == '_')
		put(p, 0x2011);
	else if (c == '\n' || c == '\r')
		put(p, '\n');
	else if (c == '\\' || c == '{' || c == '}')
		put(p, c);
}

/* In a word or its number; false: c does not belong to it. */
static bool
step_word(struct rtf *p, uint8_t c)
{
	if (p->state == STATE_WORD && is_letter(c) && p->word_len < RTF_WORD_MAX) {
		p->word[p->word_len++] = (char)c;
		return true;
	}
	if (p->state == STATE_WORD && c == '-') {
		p->is_negative = true;
		p->state = STATE_NUMBER;
		return true;
	}
	if (c >= '0' && c <= '9') {
		p->state = STATE_NUMBER;
		p->has_number = true;
		if (p->number < 100000000)
			p->number = p->number * 10 + (c - '0');
		return true;
	}
	word_over(p);
	/* One blank after a word belongs to it. */
	return c == ' ';
}

static void
step_hex(struct rtf *p, uint8_t c)
{
	int v = hex_of(c);

	if (v < 0) {
		p->state = STATE_TEXT;
		return;
	}
	if (p->state == STATE_HEX1) {
		p->hex = (uint8_t)(v << 4);
		p->state = STATE_HEX2;
		return;
	}
	p->state = STATE_TEXT;
	put(p, charset_byte(p->charset, (uint8_t)(p->hex | v)));
}

void
rtf_feed(struct rtf *p, const uint8_t *ptr, size_t len, uint64_t offset)
{
	size_t i = 0;

	while (i < len) {
		p->offset = offset + i;
		switch ((enum state)p->state) {
		case STATE_TEXT:
			step_text(p, ptr[i++]);
			break;
		case STATE_SLASH:
			step_slash(p, ptr[i++]);
			break;
		case STATE_WORD:
		case STATE_NUMBER:
			i += step_word(p, ptr[i]);
			break;
		case STATE_HEX1:
		case STATE_HEX2:
			step_hex(p, ptr[i++]);
			break;
		case STATE_BINARY:
			if (p->picture_depth > 0)
				tell_picture(p, ptr[i]);
			i++;
			if (--p->binary == 0)
				p->state = STATE_TEXT;
			break;
		}
	}
}

bool
rtf_end(struct rtf *p)
{
	if (p->state == STATE_WORD || p->state == STATE_NUMBER)
		word_over(p);
	if (p->picture_depth > 0)
		picture_end(p);
	prose_aside_flush(p->out, UNPACK_TEXT_HIDDEN);
	return p->depth == 0 && p->over == 0;
}
