/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/inbox_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cable/delivery.h"
#include "cable/due.h"
#include "label/label.h"
#include "label/policy.h"
#include "valise/state_json.h"

enum { FROM_WIDTH = 22, LABEL_WIDTH = 18, TITLE_WIDTH = 24 };

static const char letters[] = "RPOZ"; /* ROUTINE, PRIORITY, IMMEDIATE, FLASH (ACP 127) */

/* A cell: so many columns of a text, the rest of it filled; one code point is one column. */
static void
cell(struct rd text, size_t width)
{
	size_t columns = 0, at = 0;

	while (at < text.len && columns < width) {
		size_t next = at + 1;

		while (next < text.len && (text.ptr[next] & 0xc0) == 0x80)
			next++;
		/* What does not fit ends with a sign that there is more. */
		if (columns + 1 == width && next < text.len)
			(void)fputs("~", stdout);
		else
			(void)fwrite(text.ptr + at, 1, next - at, stdout);
		at = next;
		columns++;
	}
	(void)printf("%*s  ", (int)(width - columns), "");
}

static void
text_cell(const char *text, size_t width)
{
	cell(rd_of(text, strlen(text)), width);
}

void
inbox_row_head(bool is_sent)
{
	(void)printf("%6s  ", "N");
	text_cell(is_sent ? "Reference" : "From", FROM_WIDTH);
	(void)printf("%-14s  P  ", "DTG");
	text_cell("Label", LABEL_WIDTH);
	text_cell("Title", TITLE_WIDTH);
	(void)printf("%s\n", is_sent ? "State" : "Due");
}

/* The marking, or what can be said of a label that no policy here knows. */
static void
label_cell(struct rd bytes)
{
	char marking[LABEL_TEXT_MAX + 1] = "?";
	struct label *label = NULL;

	if (label_parse(&bytes, &label) == 0 &&
		label_marking(label, POLICY_EN, marking, sizeof marking) != 0)
		(void)snprintf(marking, sizeof marking, "%s", label->classification);
	label_free(label);
	text_cell(marking, LABEL_WIDTH);
}

static bool
is_waiting(const struct post_row *row)
{
	return row->state == DELIVERY_DELIVERED || row->state == DELIVERY_READ ||
		row->state == DELIVERY_KEPT || row->state == DELIVERY_NON_RECEIPT;
}

static const char *
state_text(uint8_t state)
{
	return state < DELIVERY_STATES ? delivery_text(state) : "unknown";
}

static void
due_cell(const struct post_row *row, bool is_sent, uint64_t now_s)
{
	char due[DUE_TEXT_MAX];

	if (is_sent || !is_waiting(row) || row->due_s == 0) {
		(void)fputs(state_text(row->state), stdout);
		return;
	}
	due_text(row->due_s, now_s, due);
	(void)fputs(due, stdout);
	if (row->state == DELIVERY_READ)
		(void)fputs(", read", stdout);
}

/* FLASH and what is overdue, until it is acknowledged. */
static const char *
colour_of(const struct post_row *row, uint64_t now_s)
{
	if (!is_waiting(row))
		return "";
	if (row->precedence == PRECEDENCE_FLASH)
		return "\033[1;31m";
	return row->due_s != 0 && row->due_s <= now_s ? "\033[31m" : "";
}

static char
letter_of(uint8_t precedence)
{
	return precedence < sizeof letters - 1 ? letters[precedence] : '?';
}

void
inbox_row_print(const struct post_row *row, bool is_sent, uint64_t now_s, bool has_colour)
{
	const char *colour = has_colour && !is_sent ? colour_of(row, now_s) : "";
	const char *type = message_type_text(row->type);
	char dtg[TIME_TEXT_MAX] = "";

	if (time_dtg(row->dtg_s, dtg) != 0)
		dtg[0] = '\0';
	(void)printf("%s%6" PRIu64 "  ", colour, row->number);
	cell(is_sent ? row->reference : row->author, FROM_WIDTH);
	(void)printf("%-14s  %c  ", dtg, letter_of(row->precedence));
	label_cell(row->label);
	cell(row->title, TITLE_WIDTH);
	due_cell(row, is_sent, now_s);
	if (row->type != MESSAGE_NORMAL && type != NULL)
		(void)printf("  (%s)", type);
	(void)printf("%s\n", colour[0] != '\0' ? "\033[0m" : "");
}

static void
set_time(json_t *object, const char *name, uint64_t s)
{
	char text[TIME_TEXT_MAX];

	(void)json_object_set_new(object, name,
		s != 0 && time_rfc3339(s, text) == 0 ? json_string(text) : json_null());
}

static void
set_label(json_t *object, struct rd bytes)
{
	char text[LABEL_TEXT_MAX + 1] = "";
	struct label *label = NULL;

	if (label_parse(&bytes, &label) != 0 || label_to_text(label, text) != 0)
		text[0] = '\0';
	label_free(label);
	(void)json_object_set_new(object, "label", json_string(text));
}

static json_t *
words(const struct post_row *row)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1];
	const char *precedence = precedence_text(row->precedence);
	const char *type = message_type_text(row->type);

	text_hex(row->document_id, CORE_DOCUMENT_ID_LEN, id);
	return json_pack(
		"{s:I, s:s, s:s%, s:s%, s:s%, s:s, s:s, s:s, s:s%, s:s%, s:s, s:I}",
		"number", (json_int_t)row->number, "document_id", id, "originator",
		row->originator.ptr, row->originator.len, "author", row->author.ptr,
		row->author.len, "address", row->address.ptr, row->address.len, "role",
		row->role == 1		 ? "action"
			: row->role == 2 ? "info"
					 : "",
		"precedence", precedence != NULL ? precedence : "", "type",
		type != NULL ? type : "", "reference", row->reference.ptr,
		row->reference.len, "title", row->title.ptr, row->title.len, "state",
		state_text(row->state), "len", (json_int_t)row->len);
}

int
inbox_row_json(struct session *session, const struct post_row *row, bool is_sent)
{
	json_t *object = words(row);
	int status = EXIT_OK;

	if (object == NULL)
		return session_fail_here(session, "print", "JSON", FAIL_NOMEM);
	set_label(object, row->label);
	set_time(object, "dtg", row->dtg_s);
	set_time(object, "due", row->due_s);
	set_time(object, "reply_by", row->reply_by_s);
	set_time(object, "kept", row->kept_s);
	if (is_sent)
		status = state_json_add(session, row->document_id, object);
	if (status == EXIT_OK) {
		(void)json_dumpf(object, stdout, JSON_COMPACT);
		(void)putchar('\n');
	}
	json_decref(object);
	return status;
}
