/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/body.h"

#include <string.h>

#include "base/text.h"

/*
 * Sizes are stated before the bytes so that a reader can go to any part; the size of the last
 * one may be left open, because a pipe does not know how long it will be.
 */

bool
body_is_name(const uint8_t *ptr, size_t len)
{
	if (len < 1 || len > BODY_NAME_MAX || memchr(ptr, '/', len) != NULL)
		return false;
	if (ptr[0] == '.' && (len == 1 || (len == 2 && ptr[1] == '.')))
		return false;
	return text_is_line(ptr, len);
}

static bool
is_media_type(struct rd type)
{
	for (size_t i = 0; i < type.len; i++)
		if (type.ptr[i] <= ' ' || type.ptr[i] > '~')
			return false;
	return type.len <= BODY_MEDIA_TYPE_MAX;
}

/* Attachments are written side by side: none may take the other's place. */
static bool
is_name_taken(const struct body_head *head, size_t i)
{
	struct rd name = head->parts[i].name;

	for (size_t k = 1; k < i; k++)
		if (head->parts[k].name.len == name.len &&
			memcmp(head->parts[k].name.ptr, name.ptr, name.len) == 0)
			return true;
	return false;
}

static bool
is_part(const struct body_head *head, size_t i)
{
	const struct body_part *part = &head->parts[i];
	bool is_first = i == 0;

	if (is_first ? part->kind != BODY_TEXT && part->kind != BODY_FILE
		     : part->kind != BODY_ATTACHMENT)
		return false;
	if (part->size == BODY_SIZE_REST && i + 1 != head->part_count)
		return false;
	/* The text of a cable has no name; files and attachments do, but a pipe's. */
	if (part->name.len > 0 ? !body_is_name(part->name.ptr, part->name.len)
			       : part->kind == BODY_ATTACHMENT)
		return false;
	return is_media_type(part->media_type) && !is_name_taken(head, i);
}

static bool
are_places_good(const struct body_head *head)
{
	for (size_t i = 0; i < head->place_count; i++) {
		const struct body_place *p = &head->places[i];

		if (p->part >= head->part_count ||
			(head->parts[p->part].size != BODY_SIZE_REST &&
				p->offset > head->parts[p->part].size))
			return false;
		if (i > 0 &&
			(p->part < p[-1].part ||
				(p->part == p[-1].part && p->offset < p[-1].offset)))
			return false;
	}
	return true;
}

static int
body_check(const struct body_head *head)
{
	if (head->part_count < 1 || head->part_count > BODY_PARTS_MAX ||
		head->place_count > BODY_PLACES_MAX ||
		head->subject.len > BODY_SUBJECT_MAX)
		return FAIL_FORMAT;
	if (head->subject.len > 0 && !text_is_line(head->subject.ptr, head->subject.len))
		return FAIL_FORMAT;
	for (size_t i = 0; i < head->part_count; i++)
		if (!is_part(head, i))
			return FAIL_FORMAT;
	return are_places_good(head) ? 0 : FAIL_FORMAT;
}

static int
parse_parts(struct rd list, struct body_head *head)
{
	while (list.len > 0) {
		struct body_part *part = &head->parts[head->part_count];

		if (head->part_count == BODY_PARTS_MAX ||
			rd_u8(&list, &part->kind) != 0 ||
			rd_vec8(&list, 0, BODY_NAME_MAX, &part->name) != 0 ||
			rd_vec8(&list, 0, BODY_MEDIA_TYPE_MAX, &part->media_type) != 0 ||
			rd_u64(&list, &part->size) != 0)
			return FAIL_FORMAT;
		head->part_count++;
	}
	return 0;
}

static int
parse_places(struct rd list, struct body_head *head)
{
	while (list.len > 0) {
		struct body_place *place = &head->places[head->place_count];

		if (head->place_count == BODY_PLACES_MAX ||
			rd_u8(&list, &place->part) != 0 ||
			rd_u64(&list, &place->offset) != 0)
			return FAIL_FORMAT;
		head->place_count++;
	}
	return 0;
}

int
body_parse(struct rd in, struct body_head *ret_head, size_t *ret_len)
{
	struct rd at = in, body, parts, places;
	uint8_t version;
	int r;

	*ret_head = (struct body_head){0};
	if ((r = rd_vec32(&at, 1, BODY_HEAD_MAX, &body)) != 0)
		return r;
	if (rd_u8(&body, &version) != 0)
		return FAIL_FORMAT;
	if (version != BODY_VERSION)
		return FAIL_VERSION;
	if (rd_vec16(&body, 0, BODY_SUBJECT_MAX, &ret_head->subject) != 0 ||
		rd_vec16(&body, 1, UINT16_MAX, &parts) != 0 ||
		rd_vec16(&body, 0, UINT16_MAX, &places) != 0 || rd_end(&body) != 0)
		return FAIL_FORMAT;
	if ((r = parse_parts(parts, ret_head)) != 0 ||
		(r = parse_places(places, ret_head)) != 0 ||
		(r = body_check(ret_head)) != 0)
		return r;
	*ret_len = in.len - at.len;
	return 0;
}

int
body_write(const struct body_head *head, struct buf *out)
{
	size_t all, mark;
	int r;

	if ((r = body_check(head)) != 0)
		return r;
	all = buf_vec_begin(out, 4);
	buf_u8(out, BODY_VERSION);
	buf_vec(out, 2, head->subject.ptr, head->subject.len);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < head->part_count; i++) {
		const struct body_part *part = &head->parts[i];

		buf_u8(out, part->kind);
		buf_vec(out, 1, part->name.ptr, part->name.len);
		buf_vec(out, 1, part->media_type.ptr, part->media_type.len);
		buf_u64(out, part->size);
	}
	buf_vec_end(out, mark, 2);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < head->place_count; i++) {
		buf_u8(out, head->places[i].part);
		buf_u64(out, head->places[i].offset);
	}
	buf_vec_end(out, mark, 2);
	buf_vec_end(out, all, 4);
	return buf_error(out);
}
