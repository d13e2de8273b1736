/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/cable.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cable/parser.h"

/*
 * First the bytes are copied with LF at the end of every line and checked as text, so that no
 * later step meets a control character.  Then the header lines are collected by name; only
 * when all are there are their values understood, in one order, whatever order they came in.
 */

static const struct {
	const char *name;
	bool is_list;	    /* goes on in lines that begin with a space */
	bool is_repeatable; /* one thing a line */
} headers[PARSER_HEADERS] = {
	[PARSER_TO] = {"To", true, false},
	[PARSER_INFO] = {"Info", true, false},
	[PARSER_EXEMPT] = {"Exempt", true, false},
	[PARSER_PREC] = {"Prec", false, false},
	[PARSER_LABEL] = {"Label", false, false},
	[PARSER_TITLE] = {"Title", false, false},
	[PARSER_SUBJECT] = {"Subject", false, false},
	[PARSER_SIC] = {"SIC", true, false},
	[PARSER_REF] = {"Ref", false, false},
	[PARSER_REFERS_TO] = {"Refers-to", false, true},
	[PARSER_REPLY_BY] = {"Reply-by", false, false},
	[PARSER_EXPIRES] = {"Expires", false, false},
	[PARSER_CONTROL] = {"Control", false, false},
	[PARSER_TYPE] = {"Type", false, false},
	[PARSER_ATTACH] = {"Attach", false, true},
};

const char *
parser_name(enum parser_header header)
{
	return headers[header].name;
}

int
parser_fault(struct parser *p, int r, struct cable_fault fault, struct rd value)
{
	size_t len =
		value.len < CABLE_FAULT_VALUE_MAX ? value.len : CABLE_FAULT_VALUE_MAX;

	/* Not in the middle of a character. */
	while (len > 0 && len < value.len && (value.ptr[len] & 0xc0) == 0x80)
		len--;
	*p->fault = fault;
	if (text_is_line(value.ptr, len))
		memcpy(p->fault->value, value.ptr, len);
	return r;
}

static int
line_fault(struct parser *p, size_t line, const char *what, const char *remedy)
{
	return parser_fault(p, FAIL_FORMAT,
		(struct cable_fault){.line = line, .what = what, .remedy = remedy},
		rd_of("", 0));
}

struct rd
parser_trim(struct rd text)
{
	while (text.len > 0 && memchr(" \t\n", text.ptr[0], 3) != NULL)
		text = rd_of(text.ptr + 1, text.len - 1);
	while (text.len > 0 && memchr(" \t\n", text.ptr[text.len - 1], 3) != NULL)
		text.len--;
	return text;
}

/* Copy one line without its CR; is it text, but for tabs? */
static int
copy_line(struct parser *p, struct rd line)
{
	struct buf *out = &p->cable->bytes;

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	buf_bytes(out, line.ptr, line.len);
	buf_u8(out, '\n');
	for (;;) {
		const uint8_t *tab =
			line.len > 0 ? memchr(line.ptr, '\t', line.len) : NULL;
		size_t len = tab != NULL ? (size_t)(tab - line.ptr) : line.len;

		if (!text_is_line(line.ptr, len))
			return line_fault(p, p->line,
				"has bytes that are no text (control characters or not "
				"UTF-8)",
				"save it as plain UTF-8 text");
		if (tab == NULL)
			return 0;
		line = rd_of(tab + 1, line.len - len - 1);
	}
}

static int
copy_lines(struct parser *p, struct rd in)
{
	int r;

	for (p->line = 1; in.len > 0; p->line++) {
		const uint8_t *end = memchr(in.ptr, '\n', in.len);
		size_t len = end != NULL ? (size_t)(end - in.ptr) : in.len;

		if ((r = copy_line(p, rd_of(in.ptr, len))) != 0)
			return r;
		len += end != NULL ? 1 : 0;
		in = rd_of(in.ptr + len, in.len - len);
	}
	if ((r = buf_error(&p->cable->bytes)) != 0)
		return r;
	p->rest = rd_of(p->cable->bytes.data, p->cable->bytes.len);
	p->line = 1;
	return 0;
}

/* The next line without its LF; the parser stands behind it. */
static struct rd
next_line(struct parser *p)
{
	const uint8_t *end = memchr(p->rest.ptr, '\n', p->rest.len);
	struct rd line;

	CHECK(end != NULL);
	line = rd_of(p->rest.ptr, (size_t)(end - p->rest.ptr));
	p->rest = rd_of(end + 1, p->rest.len - line.len - 1);
	p->line++;
	return line;
}

static bool
goes_on(const struct parser *p)
{
	return p->rest.len > 0 && (p->rest.ptr[0] == ' ' || p->rest.ptr[0] == '\t');
}

/* Lines that begin with a space belong to the list before them. */
static int
take_folds(struct parser *p, struct parser_value *value)
{
	while (goes_on(p)) {
		size_t at = p->line;
		struct rd line = next_line(p);

		if (parser_trim(line).len == 0)
			return line_fault(p, at, "has spaces only",
				"leave the line before the text empty");
		if (!headers[value->header].is_list)
			return line_fault(p, at, "begins with a space",
				"only lists (To, Info, Exempt, SIC) go on in the next "
				"line");
		value->text.len = (size_t)(line.ptr + line.len - value->text.ptr);
	}
	return 0;
}

static int
find_header(struct rd name, enum parser_header *ret_header)
{
	for (int i = 0; i < PARSER_HEADERS; i++)
		if (strlen(headers[i].name) == name.len &&
			strncasecmp(headers[i].name, (const char *)name.ptr, name.len) ==
				0) {
			*ret_header = (enum parser_header)i;
			return 0;
		}
	return FAIL_ABSENT;
}

/* "Name: value", by its name. */
static int
split_header(struct parser *p, size_t at, struct rd line, struct parser_value *ret_value)
{
	const uint8_t *colon = memchr(line.ptr, ':', line.len);
	size_t len = colon != NULL ? (size_t)(colon - line.ptr) : 0;

	if (colon == NULL)
		return parser_fault(p, FAIL_FORMAT,
			(struct cable_fault){.line = at,
				.what = "is no header",
				.remedy = "write 'Name: value', and an empty line before "
					  "the text"},
			line);
	if (find_header(rd_of(line.ptr, len), &ret_value->header) != 0)
		return parser_fault(p, FAIL_FORMAT,
			(struct cable_fault){.line = at,
				.what = "is no header that a cable has",
				.remedy =
					"write one of To, Info, Exempt, Prec, Label, "
					"Title, Subject, SIC, Ref, Refers-to, Reply-by, "
					"Expires, Control, Type, Attach"},
			rd_of(line.ptr, len));
	ret_value->text = rd_of(colon + 1, line.len - len - 1);
	ret_value->line = at;
	return 0;
}

static int
take_header(struct parser *p)
{
	struct parser_value value = {0};
	size_t at = p->line;
	int r;

	if ((r = split_header(p, at, next_line(p), &value)) != 0 ||
		(r = take_folds(p, &value)) != 0)
		return r;
	if (headers[value.header].is_repeatable) {
		value.text = parser_trim(value.text);
		return value.text.len > 0 ? parser_take(p, &value) : 0;
	}
	if (p->values[value.header].line != 0)
		return parser_fault(p, FAIL_FORMAT,
			(struct cable_fault){.line = at,
				.header = headers[value.header].name,
				.what = "is there twice",
				.remedy = "keep one; a list has commas"},
			rd_of("", 0));
	p->values[value.header] = value;
	return 0;
}

/* A header with nothing in it says as much as one that is not there. */
static int
take_values(struct parser *p)
{
	int r = 0;

	for (int i = 0; i < PARSER_HEADERS && r == 0; i++)
		if (parser_trim(p->values[i].text).len > 0)
			r = parser_take(p, &p->values[i]);
	if (r != 0)
		return r;
	if (p->cable->addressing.action_count + p->cable->addressing.info_count == 0)
		return line_fault(p, 0, "the cable goes to nobody",
			"write To: or Info: with an address such as PT/defence-policy");
	if (p->cable->label == NULL)
		return line_fault(p, 0, "the cable has no label",
			"write Label: with one, such as SECRET REL TO FR, PT or "
			"TLP:AMBER");
	return 0;
}

static int
parse(struct parser *p, struct rd in)
{
	static const char bom[] = "\xef\xbb\xbf";
	int r;

	if (in.len > CABLE_LEN_MAX)
		return parser_fault(p, FAIL_LIMIT,
			(struct cable_fault){.what = "the cable is longer than 16 MiB",
				.remedy = "attach what is long"},
			rd_of("", 0));
	if (in.len >= 3 && memcmp(in.ptr, bom, 3) == 0)
		return line_fault(p, 1, "begins with a byte order mark",
			"save it as UTF-8 without one");
	if ((r = copy_lines(p, in)) != 0)
		return r;
	while (p->rest.len > 0 && p->rest.ptr[0] != '\n')
		if ((r = take_header(p)) != 0)
			return r;
	if (p->rest.len > 0)
		p->cable->text = rd_of(p->rest.ptr + 1, p->rest.len - 1);
	return take_values(p);
}

int
cable_parse(const void *ptr, size_t len, struct cable **ret_cable,
	struct cable_fault *ret_fault)
{
	struct parser p = {.fault = ret_fault};
	int r;

	*ret_fault = (struct cable_fault){.what = "", .remedy = ""};
	if ((r = cable_new(&p.cable)) != 0)
		return r;
	if ((r = parse(&p, rd_of(ptr, len))) != 0) {
		cable_free(p.cable);
		return r;
	}
	*ret_cable = p.cable;
	return 0;
}
