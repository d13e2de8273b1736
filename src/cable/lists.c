/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/lists.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "member/address.h"

/*
 * The text is walked line by line up to the first empty one, twice: first the addresses that
 * stand there by themselves are collected, then everything is written.  Whatever is no @name
 * is copied as it is: what else is wrong with a cable is the parser's to say.
 */

enum header { OTHER, TO, INFO, EXEMPT };

struct seen {
	size_t count;
	struct rd addresses[2 * LISTS_ADDRESSES_MAX];
};

struct expansion {
	const struct lists_source *source;
	struct buf *out;
	struct rd bad;
	struct buf texts[2 *
		ADDRESSING_SICS_MAX]; /* of the lists in use; seen points into them */
	struct rd names[2 * ADDRESSING_SICS_MAX];
	size_t text_count;
	struct seen *readers; /* To and Info */
	struct seen *exempted;
};

static bool
has(const struct seen *seen, struct rd address)
{
	for (size_t i = 0; i < seen->count; i++)
		if (address_compare(seen->addresses[i], address) == 0)
			return true;
	return false;
}

static int
add(struct seen *seen, struct rd address)
{
	if (seen->count == sizeof seen->addresses / sizeof seen->addresses[0])
		return FAIL_LIMIT;
	seen->addresses[seen->count++] = address;
	return 0;
}

/* Cut the text before the first of these bytes; the byte goes, too. */
static struct rd
cut(struct rd *text, char end)
{
	const uint8_t *p = text->len > 0 ? memchr(text->ptr, end, text->len) : NULL;
	size_t len = p == NULL ? text->len : (size_t)(p - text->ptr);
	struct rd piece = rd_of(text->ptr, len);

	*text = p == NULL ? rd_of(text->ptr + len, 0) : rd_of(p + 1, text->len - len - 1);
	return piece;
}

static struct rd
trim(struct rd text)
{
	while (text.len > 0 && memchr(" \t\r", text.ptr[0], 3) != NULL)
		text = rd_of(text.ptr + 1, text.len - 1);
	while (text.len > 0 && memchr(" \t\r", text.ptr[text.len - 1], 3) != NULL)
		text.len--;
	return text;
}

static bool
is_name(struct rd line, const char *name)
{
	return line.len > strlen(name) && line.ptr[strlen(name)] == ':' &&
		strncasecmp((const char *)line.ptr, name, strlen(name)) == 0;
}

/* Of which header this line is; a line that begins with a space belongs to the one before. */
static enum header
header_of(struct rd line, enum header before)
{
	if (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
		return before;
	if (is_name(line, "To"))
		return TO;
	if (is_name(line, "Info"))
		return INFO;
	return is_name(line, "Exempt") ? EXEMPT : OTHER;
}

/* The part of a line in front of its words. */
static struct rd
head_of(struct rd line)
{
	const uint8_t *colon = memchr(line.ptr, ':', line.len);
	bool goes_on = line.ptr[0] == ' ' || line.ptr[0] == '\t';

	return rd_of(
		line.ptr, goes_on || colon == NULL ? 0 : (size_t)(colon + 1 - line.ptr));
}

/* The list of this name, read once. */
static int
list_of(struct expansion *e, struct rd name, struct rd *ret_text)
{
	size_t i = e->text_count;
	int r;

	for (size_t k = 0; k < i; k++)
		if (address_compare(e->names[k], name) == 0) {
			*ret_text = rd_of(e->texts[k].data, e->texts[k].len);
			return 0;
		}
	e->bad = name;
	if (!address_is_name(name))
		return FAIL_ABSENT;
	if (i == sizeof e->texts / sizeof e->texts[0])
		return FAIL_LIMIT;
	buf_init(&e->texts[i], LISTS_LEN_MAX);
	e->names[i] = name;
	e->text_count++;
	if ((r = e->source->find(e->source->ctx, name, &e->texts[i])) != 0 ||
		(r = buf_error(&e->texts[i])) != 0)
		return r;
	*ret_text = rd_of(e->texts[i].data, e->texts[i].len);
	return 0;
}

/* The addresses of a list that nobody has named yet. */
static int
take_list(struct expansion *e, struct rd name, struct seen *seen, bool *is_first)
{
	struct rd rest, member, local;
	int r;

	if ((r = list_of(e, name, &rest)) != 0)
		return r;
	while (rest.len > 0) {
		struct rd line = trim(cut(&rest, '\n'));

		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (address_split(line, &member, &local) != 0)
			return FAIL_FORMAT;
		if (has(seen, line))
			continue;
		if ((r = add(seen, line)) != 0)
			return r;
		buf_text(e->out, *is_first ? "" : ", ");
		buf_bytes(e->out, line.ptr, line.len);
		*is_first = false;
	}
	return 0;
}

/* Collect what stands there by itself. */
static int
note_words(struct seen *seen, struct rd words)
{
	int r;

	while (words.len > 0) {
		struct rd word = trim(cut(&words, ','));

		if (word.len > 0 && word.ptr[0] != '@' && (r = add(seen, word)) != 0)
			return r;
	}
	return 0;
}

static int
write_words(struct expansion *e, struct rd words, struct seen *seen)
{
	struct rd all = trim(words);
	bool is_more = all.len > 0 && all.ptr[all.len - 1] == ','; /* on the next line */
	bool is_first = true;
	int r;

	buf_text(e->out, " ");
	while (words.len > 0) {
		struct rd word = trim(cut(&words, ','));

		if (word.len > 0 && word.ptr[0] == '@') {
			r = take_list(
				e, rd_of(word.ptr + 1, word.len - 1), seen, &is_first);
			if (r != 0)
				return r;
			continue;
		}
		if (word.len == 0 && words.len == 0)
			break;
		buf_text(e->out, is_first ? "" : ", ");
		buf_bytes(e->out, word.ptr, word.len);
		is_first = false;
	}
	if (is_more)
		buf_text(e->out, ",");
	return 0;
}

static bool
has_list(struct rd words)
{
	return words.len > 0 && memchr(words.ptr, '@', words.len) != NULL;
}

/* One walk: collect (out NULL) or write. */
static int
walk(struct expansion *e, struct rd text, bool is_writing)
{
	enum header header = OTHER;
	int r = 0;

	while (text.len > 0 && r == 0) {
		struct rd line = cut(&text, '\n'), head, words;

		if (trim(line).len == 0) {
			if (is_writing) {
				buf_bytes(e->out, line.ptr, line.len);
				buf_text(e->out, "\n");
				buf_bytes(e->out, text.ptr, text.len);
			}
			return 0;
		}
		header = header_of(line, header);
		head = head_of(line);
		words = rd_of(line.ptr + head.len, line.len - head.len);
		if (!is_writing) {
			if (header != OTHER)
				r = note_words(
					header == EXEMPT ? e->exempted : e->readers,
					words);
		} else if (header == OTHER || !has_list(words)) {
			buf_bytes(e->out, line.ptr, line.len);
			buf_text(e->out, "\n");
		} else {
			buf_bytes(e->out, head.ptr, head.len);
			r = write_words(
				e, words, header == EXEMPT ? e->exempted : e->readers);
			buf_text(e->out, "\n");
		}
	}
	return r;
}

int
lists_expand(struct rd text, const struct lists_source *source, struct buf *out,
	struct rd *ret_name)
{
	struct expansion *e = NULL;
	int r;

	if ((r = mem_new(&e, sizeof *e)) != 0)
		return r;
	e->source = source;
	e->out = out;
	if ((r = mem_new(&e->readers, sizeof *e->readers)) != 0 ||
		(r = mem_new(&e->exempted, sizeof *e->exempted)) != 0 ||
		(r = walk(e, text, false)) != 0 || (r = walk(e, text, true)) != 0)
		goto out;
	r = buf_error(out);
out:
	if (r == FAIL_ABSENT || r == FAIL_FORMAT)
		*ret_name = e->bad;
	for (size_t i = 0; i < e->text_count; i++)
		buf_done(&e->texts[i]);
	mem_free(e->readers);
	mem_free(e->exempted);
	mem_free(e);
	return r;
}
