/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/parser.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/time.h"
#include "cable/moment.h"

/*
 * One function a header.  A fault names the word and not the whole value, and of a list that
 * goes over several lines the line in which the word stands.
 */

static int
fault(struct parser *p, const struct parser_value *v, struct rd word, const char *what,
	const char *remedy)
{
	size_t line = v->line;

	for (const uint8_t *at = v->text.ptr; at < word.ptr; at++)
		line += *at == '\n';
	return parser_fault(p, FAIL_FORMAT,
		(struct cable_fault){.line = line,
			.header = parser_name(v->header),
			.what = what,
			.remedy = remedy},
		word);
}

/* The next word of a list; false at its end. */
static bool
next_word(struct rd *list, struct rd *ret_word)
{
	const uint8_t *comma;
	size_t len;

	if (list->ptr == NULL)
		return false;
	comma = list->len > 0 ? memchr(list->ptr, ',', list->len) : NULL;
	len = comma != NULL ? (size_t)(comma - list->ptr) : list->len;
	*ret_word = parser_trim(rd_of(list->ptr, len));
	*list = comma != NULL ? rd_of(comma + 1, list->len - len - 1) : rd_of(NULL, 0);
	return true;
}

static bool
is_among(const struct rd *list, size_t count, struct rd word)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].len == word.len &&
			memcmp(list[i].ptr, word.ptr, word.len) == 0)
			return true;
	return false;
}

static int
take_address(struct parser *p, const struct parser_value *v, struct rd word)
{
	struct addressing *a = &p->cable->addressing;
	size_t count = a->action_count + a->info_count + a->exempted_count;

	if (!addressing_is_address(word.ptr, word.len))
		return fault(p, v, word, "is no address",
			"write addresses such as PT/defence-policy, with commas between");
	if (is_among(a->addresses, count, word))
		return fault(p, v, word, "is addressed twice", "name it once");
	if (count == ADDRESSING_ADDRESSES_MAX)
		return fault(p, v, word, "is one address too many",
			"a cable has at most 1,024");
	a->addresses[count] = word;
	*(v->header == PARSER_TO		   ? &a->action_count
			: v->header == PARSER_INFO ? &a->info_count
						   : &a->exempted_count) += 1;
	return 0;
}

static int
take_addresses(struct parser *p, const struct parser_value *v)
{
	struct rd list = v->text, word;
	int r = 0;

	while (r == 0 && next_word(&list, &word))
		r = take_address(p, v, word);
	return r;
}

static int
take_sics(struct parser *p, const struct parser_value *v)
{
	struct addressing *a = &p->cable->addressing;
	struct rd list = v->text, word;

	while (next_word(&list, &word)) {
		if (!addressing_is_sic(word.ptr, word.len))
			return fault(p, v, word, "is no SIC",
				"a SIC is 3 to 8 of A-Z and 0-9; commas between");
		if (is_among(a->sics, a->sic_count, word))
			return fault(p, v, word, "is there twice", "name it once");
		if (a->sic_count == ADDRESSING_SICS_MAX)
			return fault(p, v, word, "is one SIC too many",
				"a cable has at most 8");
		a->sics[a->sic_count++] = word;
	}
	return 0;
}

static int
take_precedence(struct parser *p, const struct parser_value *v)
{
	static const char remedy[] =
		"write ROUTINE, PRIORITY, IMMEDIATE or FLASH, for action/info";
	struct addressing *a = &p->cable->addressing;
	struct rd text = parser_trim(v->text), word = text;
	const uint8_t *slash = memchr(text.ptr, '/', text.len);

	if (slash != NULL)
		word = parser_trim(rd_of(text.ptr, (size_t)(slash - text.ptr)));
	if (precedence_parse((const char *)word.ptr, word.len, &a->precedence_action) !=
		0)
		return fault(p, v, word, "is no precedence", remedy);
	a->precedence_info = a->precedence_action;
	if (slash == NULL)
		return 0;
	word = parser_trim(rd_of(slash + 1, text.len - (size_t)(slash + 1 - text.ptr)));
	if (precedence_parse((const char *)word.ptr, word.len, &a->precedence_info) != 0)
		return fault(p, v, word, "is no precedence", remedy);
	return 0;
}

static int
take_label(struct parser *p, const struct parser_value *v)
{
	struct rd text = parser_trim(v->text);
	int r = label_from_text((const char *)text.ptr, text.len, &p->cable->label);

	if (r == 0 || r == FAIL_NOMEM)
		return r;
	return fault(p, v, text, "is no label that a policy knows",
		"write one such as SECRET REL TO FR, PT or TLP:AMBER; `valise policy "
		"list` names the policies");
}

/* One line of at most max bytes. */
static int
take_line(struct parser *p, const struct parser_value *v, size_t max, struct rd *ret_text)
{
	struct rd text = parser_trim(v->text);

	if (!text_is_line(text.ptr, text.len))
		return fault(p, v, text, "has a tab in it", "write spaces");
	if (text.len > max)
		return fault(p, v, text, "is too long",
			"a title has 480 bytes, a subject and a path 1,024, the others "
			"64");
	*ret_text = text;
	return 0;
}

static int
take_title(struct parser *p, const struct parser_value *v)
{
	struct rd *title = &p->cable->addressing.title;
	size_t count = 0;
	int r;

	if ((r = take_line(p, v, ADDRESSING_TITLE_MAX, title)) != 0)
		return r;
	for (size_t i = 0; i < title->len; i++)
		count += (title->ptr[i] & 0xc0) != 0x80;
	if (count > ADDRESSING_TITLE_CHARS_MAX)
		return fault(p, v, *title, "is longer than 120 characters",
			"shorten it; the subject may be longer, and is sealed");
	return 0;
}

static int
take_subject(struct parser *p, const struct parser_value *v)
{
	return take_line(p, v, BODY_SUBJECT_MAX, &p->cable->subject);
}

static int
take_ref(struct parser *p, const struct parser_value *v)
{
	return take_line(p, v, ADDRESSING_REFERENCE_MAX, &p->cable->addressing.reference);
}

/* "id:" and 32 digits off the front of a reference, into the cable. */
static int
take_id(struct parser *p, const struct parser_value *v, struct rd *text,
	struct addressing_reference *ref)
{
	enum { MARK = 3, DIGITS = 2 * CORE_DOCUMENT_ID_LEN };
	uint8_t *id = p->cable->ids[p->cable->addressing.reference_count];

	if (text->len < MARK || memcmp(text->ptr, "id:", MARK) != 0)
		return 0;
	if (text->len < MARK + DIGITS ||
		text_unhex((const char *)text->ptr + MARK, DIGITS, id,
			CORE_DOCUMENT_ID_LEN) != 0 ||
		(text->len > MARK + DIGITS && text->ptr[MARK + DIGITS] != ' '))
		return fault(p, v, *text, "is no document id",
			"write id: and 32 digits of 0-9 and a-f, then a space and words");
	ref->document_id = rd_of(id, CORE_DOCUMENT_ID_LEN);
	*text = parser_trim(rd_of(text->ptr + MARK + DIGITS, text->len - MARK - DIGITS));
	return 0;
}

static int
take_reference(struct parser *p, const struct parser_value *v)
{
	enum { ID_TEXT_MAX = 3 + 2 * CORE_DOCUMENT_ID_LEN + 1 };
	struct addressing *a = &p->cable->addressing;
	struct addressing_reference ref = {0};
	struct rd text = {0};
	int r;

	if (a->reference_count == ADDRESSING_REFERENCES_MAX)
		return fault(p, v, v->text, "is one reference too many",
			"a cable has at most 64");
	if ((r = take_line(p, v, ADDRESSING_REFERENCE_MAX + ID_TEXT_MAX, &text)) != 0 ||
		(r = take_id(p, v, &text, &ref)) != 0)
		return r;
	if (text.len > ADDRESSING_REFERENCE_MAX)
		return fault(p, v, text, "is too long", "a reference has 64 bytes");
	ref.text = text;
	a->references[a->reference_count++] = ref;
	return 0;
}

static int
take_moment(struct parser *p, const struct parser_value *v, uint64_t *ret_s)
{
	struct rd text = parser_trim(v->text);

	if (moment_parse((const char *)text.ptr, text.len, ret_s) != 0)
		return fault(p, v, text, "is no time",
			"write 221030Z NOV 26 or 2026-11-22T10:30:00Z");
	return 0;
}

static int
take_reply_by(struct parser *p, const struct parser_value *v)
{
	return take_moment(p, v, &p->cable->addressing.reply_by_s);
}

static int
take_expires(struct parser *p, const struct parser_value *v)
{
	return take_moment(p, v, &p->cable->expiry_s);
}

static int
take_control(struct parser *p, const struct parser_value *v)
{
	struct rd text = parser_trim(v->text);

	if (text.len != 5 || strncasecmp((const char *)text.ptr, "ORCON", 5) != 0)
		return fault(p, v, text, "is no control",
			"write ORCON (forwarding needs your consent), or leave it out");
	p->cable->is_controlled = true;
	return 0;
}

static int
take_type(struct parser *p, const struct parser_value *v)
{
	struct addressing *a = &p->cable->addressing;
	struct rd text = {0}, word;
	const uint8_t *colon;
	int r;

	if ((r = take_line(p, v, ADDRESSING_TYPE_NAME_MAX + 32, &text)) != 0)
		return r;
	colon = memchr(text.ptr, ':', text.len);
	word = colon != NULL ? parser_trim(rd_of(text.ptr, (size_t)(colon - text.ptr)))
			     : text;
	if (message_type_parse((const char *)word.ptr, word.len, &a->type) != 0)
		return fault(p, v, word, "is no message type",
			"write message, operation, exercise, drill or project, and a "
			"name "
			"after ':'");
	if (colon == NULL)
		return 0;
	a->type_name =
		parser_trim(rd_of(colon + 1, text.len - (size_t)(colon + 1 - text.ptr)));
	if (a->type == MESSAGE_NORMAL && a->type_name.len > 0)
		return fault(p, v, a->type_name, "cannot be: a plain message has no name",
			"leave the name out");
	if (a->type_name.len > ADDRESSING_TYPE_NAME_MAX)
		return fault(p, v, a->type_name, "is too long",
			"the name has at most 64 bytes");
	return 0;
}

static int
take_attachment(struct parser *p, const struct parser_value *v)
{
	struct cable *c = p->cable;
	struct rd path = {0}, name;
	int r;

	if ((r = take_line(p, v, CABLE_PATH_MAX, &path)) != 0)
		return r;
	name = cable_base_name(path);
	if (!body_is_name(name.ptr, name.len))
		return fault(p, v, path, "is no file name", "name a file");
	for (size_t i = 0; i < c->attachment_count; i++) {
		struct rd other = cable_base_name(c->attachments[i]);

		if (is_among(&other, 1, name))
			return fault(p, v, name, "is attached twice",
				"give one of the two files another name");
	}
	if (c->attachment_count == CABLE_ATTACHMENTS_MAX)
		return fault(p, v, path, "is one attachment too many",
			"a cable has at most 255; put them into an archive");
	c->attachments[c->attachment_count++] = path;
	return 0;
}

int
parser_take(struct parser *p, const struct parser_value *value)
{
	static int (*const takers[PARSER_HEADERS])(
		struct parser *, const struct parser_value *) = {
		[PARSER_TO] = take_addresses,
		[PARSER_INFO] = take_addresses,
		[PARSER_EXEMPT] = take_addresses,
		[PARSER_PREC] = take_precedence,
		[PARSER_LABEL] = take_label,
		[PARSER_TITLE] = take_title,
		[PARSER_SUBJECT] = take_subject,
		[PARSER_SIC] = take_sics,
		[PARSER_REF] = take_ref,
		[PARSER_REFERS_TO] = take_reference,
		[PARSER_REPLY_BY] = take_reply_by,
		[PARSER_EXPIRES] = take_expires,
		[PARSER_CONTROL] = take_control,
		[PARSER_TYPE] = take_type,
		[PARSER_ATTACH] = take_attachment,
	};

	return takers[value->header](p, value);
}
