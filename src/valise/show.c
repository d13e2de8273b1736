/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/show.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"

enum { SEQUENCE_MAX = 4 };

/* Length of the UTF-8 sequence that its first byte announces; 0 for no first byte. */
static size_t
sequence_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

static unsigned
code_point(const uint8_t *ptr, size_t len)
{
	unsigned v = len == 1 ? ptr[0] : ptr[0] & (0x7fu >> len);

	for (size_t i = 1; i < len; i++)
		v = v << 6 | (ptr[i] & 0x3fu);
	return v;
}

void
show_escaped(const void *ptr, size_t len, struct buf *out)
{
	const uint8_t *at = ptr, *end = at + len;

	while (at < end) {
		size_t n = sequence_len(*at);

		if (*at == '\n' || *at == '\t') {
			buf_u8(out, *at++);
		} else if (n == 0 || n > (size_t)(end - at) || !text_is_utf8(at, n)) {
			buf_printf(out, "\\x%02x", *at++);
		} else if (text_is_line(at, n)) {
			buf_bytes(out, at, n);
			at += n;
		} else {
			unsigned v = code_point(at, n);

			buf_printf(out, v < 0x80 ? "\\x%02x" : "\\u%04x", v);
			at += n;
		}
	}
}

void
show_type(const struct addressing *addressing, struct buf *out)
{
	const char *name = message_type_text(addressing->type);

	if (addressing->type == MESSAGE_NORMAL || name == NULL)
		return;
	for (; *name != '\0'; name++)
		buf_u8(out, (uint8_t)toupper((unsigned char)*name));
	if (addressing->type_name.len > 0) {
		buf_u8(out, ' ');
		show_escaped(addressing->type_name.ptr, addressing->type_name.len, out);
	}
}

static void
field(const char *name, struct rd value, struct buf *out)
{
	if (value.len == 0)
		return;
	buf_printf(out, "%-10s", name);
	show_escaped(value.ptr, value.len, out);
	buf_u8(out, '\n');
}

static void
addresses(const char *name, const struct rd *list, size_t count, struct buf *out)
{
	if (count == 0)
		return;
	buf_printf(out, "%-10s", name);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%.*s", i > 0 ? ", " : "", (int)list[i].len,
			(const char *)list[i].ptr);
	buf_u8(out, '\n');
}

static void
moment(const char *name, uint64_t s, struct buf *out)
{
	char text[TIME_TEXT_MAX];

	if (s != 0 && time_dtg(s, text) == 0)
		buf_printf(out, "%-10s%s\n", name, text);
}

static void
first_lines(const struct reading *rd, struct buf *out)
{
	const struct addressing *a = rd->addressing;
	char dtg[TIME_TEXT_MAX] = "";
	size_t before = out->len;

	show_type(a, out);
	if (out->len > before)
		buf_text(out, "\n");
	if (time_dtg(a->dtg_s, dtg) != 0)
		dtg[0] = '\0';
	show_escaped(a->reference.ptr, a->reference.len, out);
	buf_printf(out, "%s%s   %s", a->reference.len > 0 ? "   " : "", dtg,
		precedence_text(a->precedence_action));
	if (a->precedence_info != a->precedence_action)
		buf_printf(out, " (info %s)", precedence_text(a->precedence_info));
	buf_u8(out, '\n');
}

static void
attachments(const struct body_head *head, struct buf *out)
{
	char size[TEXT_HUMAN_MAX];

	for (size_t i = 1; i < head->part_count; i++) {
		const struct body_part *part = &head->parts[i];

		buf_printf(out, "%-10s%zu  ", "Attached", i);
		show_escaped(part->name.ptr, part->name.len, out);
		if (part->size != BODY_SIZE_REST) {
			text_size(part->size, size);
			buf_printf(out, "  %s", size);
		}
		buf_u8(out, '\n');
	}
}

static void
references(const struct addressing *a, struct buf *out)
{
	for (size_t i = 0; i < a->reference_count; i++) {
		const struct addressing_reference *ref = &a->references[i];
		char id[2 * CORE_DOCUMENT_ID_LEN + 1] = "";

		if (ref->text.len > 0) {
			field("Refers to", ref->text, out);
			continue;
		}
		text_hex(ref->document_id.ptr, ref->document_id.len, id);
		field("Refers to", rd_of(id, strlen(id)), out);
	}
}

int
show_cable(const struct reading *rd, struct buf *out)
{
	const struct addressing *a = rd->addressing;
	const struct core *core = &rd->file.header->core;
	const struct body_part *first = &rd->head->parts[0];

	first_lines(rd, out);
	field("From", rd_of(rd->author, strlen(rd->author)), out);
	addresses("To", a->addresses, a->action_count, out);
	addresses("Info", a->addresses + a->action_count, a->info_count, out);
	addresses("Sic", a->sics, a->sic_count, out);
	moment("Reply by", a->reply_by_s, out);
	moment("Expires", core->expiry_s, out);
	if ((core->flags & CORE_CONTROLLED) != 0)
		buf_printf(out, "%-10s%s\n", "Control",
			"ORCON: forwarding needs the originator's consent");
	references(a, out);
	field("Title", a->title, out);
	field("Subject", rd->head->subject, out);
	attachments(rd->head, out);
	buf_u8(out, '\n');
	if (first->kind == BODY_FILE)
		field("File", first->name, out);
	show_escaped(rd->text.data, rd->text.len, out);
	if (rd->text.len > 0 && rd->text.data[rd->text.len - 1] != '\n')
		buf_u8(out, '\n');
	return buf_error(out);
}
