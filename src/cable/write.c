/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/cable.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cable/moment.h"
#include "cable/parser.h"

/*
 * The headers in the order of the table, those without content left out.  A field that would
 * not be read back as it is (an envelope may hold more than this form can say) is refused, so
 * that what is written always means what it was written from.
 */

/* What the parser would read as exactly this text. */
static bool
is_plain(struct rd text)
{
	return text_is_line(text.ptr, text.len) && parser_trim(text).len == text.len;
}

static int
put_line(enum parser_header header, struct rd text, struct buf *out)
{
	if (text.len == 0)
		return 0;
	if (!is_plain(text))
		return FAIL_FORMAT;
	buf_printf(out, "%s: ", parser_name(header));
	buf_bytes(out, text.ptr, text.len);
	buf_u8(out, '\n');
	return 0;
}

static int
put_text(enum parser_header header, const char *text, struct buf *out)
{
	return put_line(header, rd_of(text, strlen(text)), out);
}

/* A comma after each but the last; below, with four spaces, when the line would be too long. */
static void
put_list(enum parser_header header, const struct rd *words, size_t count, struct buf *out)
{
	size_t column = strlen(parser_name(header)) + 2;

	if (count == 0)
		return;
	buf_printf(out, "%s: ", parser_name(header));
	for (size_t i = 0; i < count; i++) {
		size_t room = i + 1 < count ? 1 : 0;

		if (i > 0 && column + 1 + words[i].len + room > CABLE_WIDTH) {
			buf_text(out, "\n    ");
			column = 4;
		} else if (i > 0) {
			buf_u8(out, ' ');
			column++;
		}
		buf_bytes(out, words[i].ptr, words[i].len);
		buf_bytes(out, ",", room);
		column += words[i].len + room;
	}
	buf_u8(out, '\n');
}

static int
put_addresses(const struct addressing *a, struct buf *out)
{
	const struct rd *info = a->addresses + a->action_count;

	if (a->action_count + a->info_count == 0)
		return FAIL_FORMAT;
	put_list(PARSER_TO, a->addresses, a->action_count, out);
	put_list(PARSER_INFO, info, a->info_count, out);
	put_list(PARSER_EXEMPT, info + a->info_count, a->exempted_count, out);
	return 0;
}

static int
put_precedence(const struct addressing *a, struct buf *out)
{
	const char *action = precedence_text(a->precedence_action);
	const char *info = precedence_text(a->precedence_info);

	if (action == NULL || info == NULL)
		return FAIL_FORMAT;
	buf_printf(out, "%s: %s", parser_name(PARSER_PREC), action);
	if (a->precedence_info != a->precedence_action)
		buf_printf(out, "/%s", info);
	buf_u8(out, '\n');
	return 0;
}

static int
put_label(const struct label *label, struct buf *out)
{
	char text[LABEL_TEXT_MAX + 1];
	int r;

	if (label == NULL)
		return FAIL_FORMAT;
	if ((r = label_to_text(label, text)) != 0)
		return r;
	return put_text(PARSER_LABEL, text, out);
}

static int
put_reference(const struct addressing_reference *ref, struct buf *out)
{
	char hex[2 * CORE_DOCUMENT_ID_LEN + 1];

	if (!is_plain(ref->text) || ref->document_id.len + ref->text.len == 0)
		return FAIL_FORMAT;
	if (ref->document_id.len == 0) {
		/* Words that begin like an id would be read as one. */
		if (ref->text.len >= 3 && memcmp(ref->text.ptr, "id:", 3) == 0)
			return FAIL_FORMAT;
		return put_line(PARSER_REFERS_TO, ref->text, out);
	}
	text_hex(ref->document_id.ptr, CORE_DOCUMENT_ID_LEN, hex);
	buf_printf(out, "%s: id:%s%s", parser_name(PARSER_REFERS_TO), hex,
		ref->text.len > 0 ? " " : "");
	buf_bytes(out, ref->text.ptr, ref->text.len);
	buf_u8(out, '\n');
	return 0;
}

static int
put_references(const struct addressing *a, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; i < a->reference_count && r == 0; i++)
		r = put_reference(&a->references[i], out);
	return r;
}

static int
put_moment(enum parser_header header, uint64_t s, struct buf *out)
{
	char text[TIME_TEXT_MAX];
	int r;

	if (s == 0)
		return 0;
	if ((r = moment_write(s, text)) != 0)
		return FAIL_FORMAT;
	return put_text(header, text, out);
}

static int
put_type(const struct addressing *a, struct buf *out)
{
	const char *text = message_type_text(a->type);

	if (text == NULL || !is_plain(a->type_name) ||
		(a->type == MESSAGE_NORMAL && a->type_name.len > 0))
		return FAIL_FORMAT;
	if (a->type == MESSAGE_NORMAL)
		return 0;
	buf_printf(out, "%s: %s%s", parser_name(PARSER_TYPE), text,
		a->type_name.len > 0 ? ": " : "");
	buf_bytes(out, a->type_name.ptr, a->type_name.len);
	buf_u8(out, '\n');
	return 0;
}

static int
put_attachments(const struct cable *cable, struct buf *out)
{
	int r = 0;

	for (size_t i = 0; i < cable->attachment_count && r == 0; i++)
		r = put_line(PARSER_ATTACH, cable->attachments[i], out);
	return r;
}

int
cable_write_head(const struct cable *cable, struct buf *out)
{
	const struct addressing *a = &cable->addressing;
	int r;

	if ((r = put_addresses(a, out)) != 0 || (r = put_precedence(a, out)) != 0 ||
		(r = put_label(cable->label, out)) != 0 ||
		(r = put_line(PARSER_TITLE, a->title, out)) != 0 ||
		(r = put_line(PARSER_SUBJECT, cable->subject, out)) != 0)
		return r;
	put_list(PARSER_SIC, a->sics, a->sic_count, out);
	if ((r = put_line(PARSER_REF, a->reference, out)) != 0 ||
		(r = put_references(a, out)) != 0 ||
		(r = put_moment(PARSER_REPLY_BY, a->reply_by_s, out)) != 0 ||
		(r = put_moment(PARSER_EXPIRES, cable->expiry_s, out)) != 0 ||
		(r = cable->is_controlled ? put_text(PARSER_CONTROL, "ORCON", out) : 0) !=
			0 ||
		(r = put_type(a, out)) != 0 || (r = put_attachments(cable, out)) != 0)
		return r;
	buf_u8(out, '\n');
	return buf_error(out);
}

int
cable_write(const struct cable *cable, struct buf *out)
{
	int r;

	if ((r = cable_write_head(cable, out)) != 0)
		return r;
	buf_bytes(out, cable->text.ptr, cable->text.len);
	return buf_error(out);
}
