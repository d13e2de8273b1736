/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/magic.h"

#include <string.h>
#include <strings.h>

/* One row: bytes at an offset.  The first row that fits decides. */
static const struct row {
	size_t at;
	const char *bytes;
	size_t len;
	enum unpack_kind kind;
} rows[] = {
	{0, "PK\3\4", 4, UNPACK_KIND_ARCHIVE},
	{0, "PK\5\6", 4, UNPACK_KIND_ARCHIVE},
	{0, "PK00PK\3\4", 8, UNPACK_KIND_ARCHIVE},
	{0, "7z\xbc\xaf\x27\x1c", 6, UNPACK_KIND_ARCHIVE},
	{0, "Rar!\x1a\x07", 6, UNPACK_KIND_ARCHIVE},
	{0, "\x1f\x8b\x08", 3, UNPACK_KIND_ARCHIVE},
	{0, "\xfd\x37zXZ\0", 6, UNPACK_KIND_ARCHIVE},
	{0, "\x28\xb5\x2f\xfd", 4, UNPACK_KIND_ARCHIVE},
	{0, "\x04\x22\x4d\x18", 4, UNPACK_KIND_ARCHIVE},
	{0, "\x1f\x9d", 2, UNPACK_KIND_ARCHIVE},
	{0, "LZIP\1", 5, UNPACK_KIND_ARCHIVE},
	{0, "MSCF\0\0\0\0", 8, UNPACK_KIND_ARCHIVE},
	{0, "!<arch>\n", 8, UNPACK_KIND_ARCHIVE},
	{0, "070701", 6, UNPACK_KIND_ARCHIVE},
	{0, "070702", 6, UNPACK_KIND_ARCHIVE},
	{0, "070707", 6, UNPACK_KIND_ARCHIVE},
	{0, "\xc7\x71", 2, UNPACK_KIND_ARCHIVE},
	{0, "\x71\xc7", 2, UNPACK_KIND_ARCHIVE},
	{0, "\xed\xab\xee\xdb", 4, UNPACK_KIND_ARCHIVE},
	{0, "WARC/", 5, UNPACK_KIND_ARCHIVE},
	{2, "-lh", 3, UNPACK_KIND_ARCHIVE},
	{257, "ustar", 5, UNPACK_KIND_ARCHIVE},
	{32769, "CD001", 5, UNPACK_KIND_ARCHIVE},
	{0, "\x89PNG\r\n\x1a\n", 8, UNPACK_KIND_IMAGE},
	{0, "\xff\xd8\xff", 3, UNPACK_KIND_IMAGE},
	{0, "GIF87a", 6, UNPACK_KIND_IMAGE},
	{0, "GIF89a", 6, UNPACK_KIND_IMAGE},
	{0, "II*\0", 4, UNPACK_KIND_IMAGE},
	{0, "MM\0*", 4, UNPACK_KIND_IMAGE},
	{8, "WEBPVP8", 7, UNPACK_KIND_IMAGE},
	{0, "\0\0\0\x0cjP  \r\n\x87\n", 12, UNPACK_KIND_IMAGE},
	{0, "{\\rtf", 5, UNPACK_KIND_RTF},
};

static bool
is_at(const uint8_t *head, size_t len, size_t at, const char *bytes, size_t n)
{
	return at + n <= len && memcmp(head + at, bytes, n) == 0;
}

/* Old tar has no magic: the checksum of the first header must fit. */
static bool
is_old_tar(const uint8_t *head, size_t len)
{
	unsigned sum = 0, told = 0, digits = 0;

	if (len < 512 || head[0] == 0)
		return false;
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : head[i];
	for (size_t i = 148; i < 156; i++) {
		if (head[i] >= '0' && head[i] <= '7') {
			told = told * 8 + (head[i] - (unsigned)'0');
			digits++;
		}
	}
	return digits >= 4 && told == sum;
}

static bool
is_bzip2(const uint8_t *head, size_t len)
{
	return len >= 10 && memcmp(head, "BZh", 3) == 0 && head[3] >= '1' &&
		head[3] <= '9' &&
		(memcmp(head + 4, "1AY&SY", 6) == 0 ||
			memcmp(head + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* "BM" and "P5" alone are too little: their next fields must make sense too. */
static bool
is_bmp(const uint8_t *head, size_t len)
{
	return len >= 30 && memcmp(head, "BM", 2) == 0 &&
		memcmp(head + 6, "\0\0\0\0", 4) == 0 && head[26] == 1 && head[27] == 0;
}

static bool
is_pnm(const uint8_t *head, size_t len)
{
	return len >= 10 && head[0] == 'P' && strchr("123456", head[1]) != NULL &&
		head[1] != '\0' && (head[2] == '\n' || head[2] == ' ') &&
		((head[3] >= '0' && head[3] <= '9') || head[3] == '#');
}

static bool
has(const uint8_t *head, size_t len, size_t within, const char *word)
{
	if (len > within)
		len = within;
	return head != NULL && memmem(head, len, word, strlen(word)) != NULL;
}

/* An encrypted Office file is an old compound file that holds a stream of this name. */
static bool
is_encrypted_office(const uint8_t *head, size_t len)
{
	static const char name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";

	return is_at(head, len, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) &&
		memmem(head, len, name, sizeof name) != NULL;
}

static bool
ends_with(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && strncasecmp(name + len - n, end, n) == 0;
}

/* Skip blanks; compare without case. */
static bool
begins(const uint8_t *p, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp((const char *)p, word, n) == 0;
}

static bool
is_page_name(const char *name, size_t len)
{
	return ends_with(name, len, ".html") || ends_with(name, len, ".htm") ||
		ends_with(name, len, ".xhtml");
}

static bool
is_page(const uint8_t *p, size_t len)
{
	static const char *const tags[] = {"<!doctype html", "<html", "<head", "<body",
		"<title", "<meta", "<p>", "<p ", "<div", "<table", "<h1", "<span", "<br",
		"<pre", "<font", "<script", "<style", "<ul", "<a "};

	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (begins(p, len, tags[i]))
			return true;
	return begins(p, len, "<!--") &&
		(has(p, len, 4096, "<html") || has(p, len, 4096, "<p"));
}

static enum unpack_kind
markup_kind(const uint8_t *p, size_t len, const char *name, size_t name_len)
{
	size_t blank = 0;

	while (blank < len && p[blank] != '\0' && strchr(" \t\r\n", p[blank]) != NULL)
		blank++;
	p += blank;
	len -= blank;
	if (begins(p, len, "<?xml"))
		return has(p, len, 1024, "<html") ? UNPACK_KIND_HTML : UNPACK_KIND_XML;
	if (is_page(p, len))
		return UNPACK_KIND_HTML;
	if (len > 0 && is_page_name(name, name_len) && memchr(p, '<', len) != NULL)
		return UNPACK_KIND_HTML;
	return UNPACK_KIND_TEXT;
}

/* The length of a header field's name at p ("Subject"), when a colon follows; else 0. */
static size_t
field_len(const uint8_t *p, size_t len)
{
	size_t n = 0;

	while (n < len && n < 64 && p[n] > 0x20 && p[n] < 0x7f && p[n] != ':')
		n++;
	return n > 0 && n < len && p[n] == ':' ? n : 0;
}

static bool
is_field(const uint8_t *p, size_t n, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) == n && begins(p, n, names[i]))
			return true;
	return false;
}

/*
 * Mail: the first lines are header fields, and among them are one that only mail programs
 * write and one that people do.  A memorandum that begins "FROM: ... TO:" is text.
 */
static bool
is_mail(const uint8_t *p, size_t len, const char *name, size_t name_len)
{
	static const char *const machine[] = {"received", "message-id", "mime-version",
		"return-path", "content-type", "date", "delivered-to", "x-mailer"};
	static const char *const people[] = {"from", "to", "subject", "sender"};
	bool is_machine = ends_with(name, name_len, ".eml"), is_people = false;

	for (const uint8_t *end = p + (len < 8192 ? len : 8192); p < end;) {
		const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = field_len(p, (size_t)(end - p));

		if (*p == '\n' || *p == '\r' || nl == NULL)
			break;
		if (n == 0 && *p != ' ' && *p != '\t')
			return false;
		is_machine |= is_field(p, n, machine, sizeof machine / sizeof machine[0]);
		is_people |= is_field(p, n, people, sizeof people / sizeof people[0]);
		p = nl + 1;
	}
	return is_machine && is_people;
}

static bool
is_mbox(const uint8_t *p, size_t len, const char *name, size_t name_len)
{
	const uint8_t *nl;

	if (len < 16 || memcmp(p, "From ", 5) != 0)
		return false;
	nl = memchr(p, '\n', len < 1024 ? len : 1024);
	if (nl == NULL)
		return false;
	nl++;
	return field_len(nl, len - (size_t)(nl - p)) > 0 ||
		(len > (size_t)(nl - p) && *nl == '>') ||
		ends_with(name, name_len, ".mbox");
}

bool
magic_is_text(const uint8_t *ptr, size_t len)
{
	size_t controls = 0, step = len > 8192 ? len / 4096 : 1, seen = 0;

	/* A block is judged by a sample of 4,096 bytes spread over it. */
	for (size_t i = 0; i < len; i += step, seen++) {
		uint8_t c = ptr[i];

		controls += (c < 0x20 && c != '\n' && c != '\r' && c != '\t' &&
				    c != '\f' && c != 0x1b) ||
			c == 0x7f;
	}
	return controls * 50 <= seen;
}

static bool
is_wide(enum charset charset)
{
	return charset >= CHARSET_UTF16LE && charset <= CHARSET_UTF32BE;
}

/* Text of some kind: look for markup in it; two- and four-byte text is thinned out first. */
static void
guess_text(const uint8_t *head, size_t len, const char *name, size_t name_len,
	struct magic *m)
{
	uint8_t thin[1024];
	size_t step = m->charset >= CHARSET_UTF32LE ? 4 : 2, n = 0;

	head += m->skip;
	len -= m->skip;
	if (is_wide(m->charset)) {
		size_t at = m->charset == CHARSET_UTF16LE || m->charset == CHARSET_UTF32LE
			? 0
			: step - 1;

		for (size_t i = at; i < len && n < sizeof thin; i += step)
			thin[n++] = head[i];
		m->kind = markup_kind(thin, n, name, name_len);
		return;
	}
	if (is_mbox(head, len, name, name_len))
		m->kind = UNPACK_KIND_MBOX;
	else if (is_mail(head, len, name, name_len))
		m->kind = UNPACK_KIND_MAIL;
	else
		m->kind = markup_kind(head, len, name, name_len);
}

/* By its first bytes alone: UNPACK_KIND_RAW when they tell nothing. */
static enum unpack_kind
binary_kind(const uint8_t *head, size_t len, const char *name, size_t name_len)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (is_at(head, len, rows[i].at, rows[i].bytes, rows[i].len))
			return rows[i].kind;
	if (is_bzip2(head, len) || is_old_tar(head, len))
		return UNPACK_KIND_ARCHIVE;
	if (is_bmp(head, len) || is_pnm(head, len))
		return UNPACK_KIND_IMAGE;
	if (has(head, len, 1024, "%PDF-"))
		return UNPACK_KIND_PDF;
	if (ends_with(name, name_len, ".lzma") && len > 13 && head[0] == 0x5d)
		return UNPACK_KIND_ARCHIVE;
	return UNPACK_KIND_RAW;
}

void
magic_guess(const uint8_t *head, size_t len, const char *name, size_t name_len,
	struct magic *ret_magic)
{
	struct magic m = {.kind = binary_kind(head, len, name, name_len)};

	if (m.kind == UNPACK_KIND_RAW)
		m.is_encrypted = is_encrypted_office(head, len);
	if (m.kind == UNPACK_KIND_RAW && !m.is_encrypted) {
		m.charset = charset_guess(head, len, &m.skip);
		if (m.skip > 0 || is_wide(m.charset) || magic_is_text(head, len))
			guess_text(head, len, name, name_len, &m);
	}
	*ret_magic = m;
}

bool
magic_is_office(
	const uint8_t *head, size_t head_len, const uint8_t *tail, size_t tail_len)
{
	if (has(head, head_len, 256, "mimetypeapplication/vnd.oasis.opendocument") ||
		has(head, head_len, 256, "[Content_Types].xml"))
		return true;
	return has(tail, tail_len, tail_len, "[Content_Types].xml");
}
