/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/walk.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/mem.h"
#include "valise-unpack/encword.h"

/*
 * One message through GMime: its structure and transfer encodings.  Charsets and encoded words
 * are ours (charset.h, encword.h), because GMime asks iconv for them, and iconv opens files,
 * which a locked-in process cannot.
 *
 * The header comes first, as text about the message; then its parts: bodies without a name
 * belong to the message's own path, whatever has a file name is a member.
 */

struct mail {
	GMimeMessage *message;
	GMimePartIter *iter;
	GMimeStream *part; /* decoded bytes of the part that is being read */
	bool is_started;
	unsigned number; /* of the part */
};

static void
mail_close(struct level *l)
{
	struct mail *mail = l->state;

	if (mail == NULL)
		return;
	if (mail->part != NULL)
		g_object_unref(mail->part);
	if (mail->iter != NULL)
		g_mime_part_iter_free(mail->iter);
	if (mail->message != NULL)
		g_object_unref(mail->message);
	mem_free(mail);
	l->state = NULL;
}

static int
mail_open(struct walk *w, struct level *l)
{
	GMimeStream *stream;
	GMimeParser *parser;
	struct mail *mail = NULL;
	const uint8_t *ptr = NULL;
	size_t len = 0;
	int r;

	if ((r = source_load(&l->source, (size_t)w->limits.load_max, &l->data, &ptr,
		     &len)) != 0 ||
		(r = mem_new(&mail, sizeof *mail)) != 0)
		return r;
	l->state = mail;
	stream = g_mime_stream_mem_new_with_buffer((const char *)ptr, len);
	parser = g_mime_parser_new_with_stream(stream);
	mail->message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	if (mail->message == NULL)
		return FAIL_FORMAT;
	mail->iter = g_mime_part_iter_new(GMIME_OBJECT(mail->message));
	return 0;
}

/* All header fields of a message, decoded, one a line: text under its path. */
static int
tell_header(struct walk *w, const struct level *l, GMimeMessage *message)
{
	const struct buf path = walk_path(w, l);
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
	struct unpack_text text = {.flags = l->flags | (unsigned)UNPACK_TEXT_META,
		.page = l->page,
		.offset = UNPACK_OFFSET_NONE};
	struct buf line;
	int r = 0;

	emit_member(w->emit, UNPACK_KIND_MAIL, (const char *)path.data, path.len);
	for (int i = 0; r == 0 && i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(header);
		const char *raw = g_mime_header_get_raw_value(header);

		if (name == NULL || raw == NULL)
			continue;
		/* Names are ASCII by grammar, but not by nature: decode them as well. */
		buf_init(&line, UNPACK_TEXT_MAX);
		encword_put(&line, name, strnlen(name, 256));
		buf_text(&line, ":");
		encword_put(&line, raw, strnlen(raw, UNPACK_TEXT_MAX / 4));
		buf_text(&line, "\n");
		if ((r = buf_error(&line)) == 0) {
			text.ptr = (const char *)line.data;
			text.len = line.len;
			emit_text(w->emit, &text);
		}
		buf_done(&line);
	}
	emit_end(w->emit, emit_reason_of(r), 0);
	return 0;
}

static bool
is_type(GMimeObject *object, const char *type, const char *subtype)
{
	return g_mime_content_type_is_type(
		g_mime_object_get_content_type(object), type, subtype);
}

static bool
is_encrypted(GMimeObject *object)
{
	const char *kind = g_mime_object_get_content_type_parameter(object, "smime-type");

	return is_type(object, "multipart", "encrypted") ||
		((is_type(object, "application", "pkcs7-mime") ||
			 is_type(object, "application", "x-pkcs7-mime")) &&
			(kind == NULL || strstr(kind, "signed") == NULL));
}

/* Decode the part's content into the level that will read it. */
static int
open_part(struct mail *mail, GMimePart *part, struct level *child)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GByteArray *bytes;

	if (mail->part != NULL)
		g_object_unref(mail->part);
	mail->part = g_mime_stream_mem_new();
	if (content != NULL &&
		g_mime_data_wrapper_write_to_stream(content, mail->part) < 0)
		return FAIL_FORMAT;
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mail->part));
	source_open_mem(&child->source, bytes->data, bytes->len);
	return 0;
}

/* The member's name: its file name, or its number; in an mbox after the message's number. */
static int
name_part(
	const struct level *l, const struct mail *mail, GMimePart *part, struct buf *name)
{
	const char *file = g_mime_part_get_filename(part);

	if (l->is_same_path && l->page > 0)
		buf_printf(name, "%u/", l->page);
	if (file != NULL)
		encword_put(name, file, strnlen(file, UNPACK_NAME_MAX));
	else
		buf_printf(name, "part%u", mail->number);
	return buf_error(name);
}

/* The type that the mail states helps where the content is ambiguous. */
static void
hint_part(GMimePart *part, struct level *child)
{
	GMimeObject *object = GMIME_OBJECT(part);
	const char *charset = g_mime_object_get_content_type_parameter(object, "charset");

	if (charset != NULL) {
		child->charset = charset_by_name(charset, strnlen(charset, 64));
		child->has_charset = true;
	}
	if (is_type(object, "text", "html")) {
		child->is_kind_given = true;
		child->magic.kind = UNPACK_KIND_HTML;
	} else if (is_type(object, "text", "plain") && child->is_same_path) {
		child->is_kind_given = true;
		child->magic.kind = UNPACK_KIND_TEXT;
	}
}

static int
take_part(struct walk *w, struct level *l, GMimePart *part)
{
	struct mail *mail = l->state;
	GMimeObject *object = GMIME_OBJECT(part);
	struct level *child = NULL;
	struct buf name;
	int r;

	mail->number++;
	buf_init(&name, 4 * UNPACK_NAME_MAX);
	if ((r = name_part(l, mail, part, &name)) != 0)
		goto out;
	if (g_mime_part_get_filename(part) == NULL && is_type(object, "text", "*"))
		r = walk_same(w, &child);
	else
		r = walk_child(w, (const char *)name.data, name.len, &child);
	if (r != 0 || (r = open_part(mail, part, child)) != 0)
		goto out;
	hint_part(part, child);
	r = walk_charge(w, child->source.mem_len);
out:
	buf_done(&name);
	return r;
}

/* Look at the object at hand; a part with content becomes a member. */
static int
take_object(struct walk *w, struct level *l, GMimeObject *object, bool *ret_is_found)
{
	const struct buf path = walk_path(w, l);

	if (is_encrypted(object)) {
		emit_skip(w->emit, UNPACK_ENCRYPTED, &path, "encrypted part of a mail");
		return 0;
	}
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner =
			g_mime_message_part_get_message((GMimeMessagePart *)object);

		return inner != NULL ? tell_header(w, l, inner) : 0;
	}
	if (!GMIME_IS_PART(object))
		return 0;
	*ret_is_found = true;
	return take_part(w, l, GMIME_PART(object));
}

static int
mail_next(struct walk *w, struct level *l, bool *ret_is_found)
{
	struct mail *mail = l->state;
	int r;

	if (!mail->is_started && (r = tell_header(w, l, mail->message)) != 0)
		return r;
	while (!*ret_is_found) {
		GMimeObject *object;

		if ((r = walk_check(w)) != 0)
			return r;
		if (mail->is_started && !g_mime_part_iter_next(mail->iter))
			return 0;
		mail->is_started = true;
		object = g_mime_part_iter_get_current(mail->iter);
		if (object == NULL)
			return 0;
		if ((r = take_object(w, l, object, ret_is_found)) != 0) {
			*ret_is_found = false;
			return r;
		}
	}
	return 0;
}

const struct handler handler_mail = {mail_open, mail_next, mail_close};
