/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "store/boxes.h"
#include "valised/store_cables_impl.h"

/*
 * Inbox: one walk along the index for each name of the officer, and the pages joined by
 * number.  A document that reaches him by two names is one line: the one for action, or the
 * first.  Sent box: what he has signed as its author, on any of his devices.
 */
enum { PAGE_MAX = 500, PAGE_LEN_MAX = 1 << 20 };

struct line {
	uint64_t number;
	uint8_t role;
	size_t at; /* of its post_row in bytes */
	size_t len;
};

struct page {
	struct store *s;
	uint32_t max;
	struct rd address; /* by which the rows of this walk are his */
	struct buf bytes;
	size_t count;
	size_t room;
	struct line *lines;
	int error;
};

struct summary {
	struct buf bytes;
	struct rd reference;
	struct rd title;
	struct rd author;
};

static int
open_summary(struct store *s, const struct boxes_row *row, struct summary *summary)
{
	const struct store_rows_place place = {cables_column_summary, row->document_id};
	struct rd in;
	int r;

	buf_clear(&summary->bytes);
	if ((r = store_rows_open(s, &place, row->summary, &summary->bytes)) != 0)
		return r;
	in = rd_of(summary->bytes.data, summary->bytes.len);
	if (rd_vec8(&in, 0, UINT8_MAX, &summary->reference) != 0 ||
		rd_vec16(&in, 0, UINT16_MAX, &summary->title) != 0 ||
		rd_vec8(&in, 0, UINT8_MAX, &summary->author) != 0)
		return FAIL_ALTERED;
	return 0;
}

static int
add_line(struct page *page, const struct boxes_row *row, size_t at)
{
	int r;

	if (page->count == page->room) {
		const size_t room = page->room == 0 ? 64 : 2 * page->room;

		r = mem_grow(&page->lines, page->room * sizeof *page->lines,
			room * sizeof *page->lines);
		if (r != 0)
			return r;
		page->room = room;
	}
	page->lines[page->count++] =
		(struct line){row->number, row->role, at, page->bytes.len - at};
	return 0;
}

static int
take_row(void *ctx, const struct boxes_row *row)
{
	struct page *page = ctx;
	const size_t at = page->bytes.len;
	struct post_row post = {.number = row->number,
		.document_id = row->document_id,
		.envelope_hash = row->envelope_hash,
		.originator = row->originator,
		.address = page->address,
		.role = row->role,
		.precedence = row->precedence,
		.type = row->type,
		.dtg_s = row->dtg_s,
		.label = row->label,
		.due_s = row->due_s,
		.reply_by_s = row->reply_by_s,
		.state = (uint8_t)row->state,
		.len = row->len,
		.kept_s = row->kept_s};
	struct summary summary;
	int r;

	buf_init(&summary.bytes, 4096);
	if ((r = open_summary(page->s, row, &summary)) == 0) {
		post.reference = summary.reference;
		post.title = summary.title;
		post.author = summary.author;
		codec_write(&post_row_codec, &post, &page->bytes);
		r = buf_error(&page->bytes);
	}
	buf_done(&summary.bytes);
	return r != 0 ? r : add_line(page, row, at);
}

static int
walk(struct page *page, const struct post_inbox *asked, enum boxes_kind kind)
{
	uint8_t lookup[HASH_LEN];
	const struct boxes_page what = {.kind = kind,
		.lookup = lookup,
		.before = asked->before == 0 || asked->before > DB_INT_MAX
			? DB_INT_MAX
			: asked->before,
		.max = page->max};
	int r;

	if ((r = store_rows_lookup(page->s, page->address, lookup)) != 0)
		return r;
	if (kind == BOXES_SENT)
		page->address = rd_of(NULL, 0);
	return boxes_each(store_db(page->s), &what, take_row, page);
}

static int
walk_names(struct page *page, const struct store_ask *ask, const struct post_inbox *asked)
{
	const struct rd member = ask->officer->credential.subject.member;
	const bool is_sent = asked->box == POST_BOX_SENT;
	struct store_names names;
	struct buf address;
	int r = 0;

	buf_init(&address, ADDRESS_MAX);
	store_names_of(page->s, ask->officer, &names);
	for (size_t i = 0; r == 0 && i < (is_sent ? 1 : names.count); i++) {
		buf_clear(&address);
		buf_bytes(&address, member.ptr, member.len);
		buf_u8(&address, '/');
		buf_bytes(&address, names.names[i].ptr, names.names[i].len);
		if ((r = buf_error(&address)) != 0)
			break;
		page->address = rd_of(address.data, address.len);
		r = walk(page, asked,
			is_sent			      ? BOXES_SENT
				: asked->is_open_only ? BOXES_OPEN
						      : BOXES_IN);
	}
	buf_done(&address);
	return r;
}

/* The newest line that is not yet written; of two of one document the one for action. */
static const struct line *
newest(const struct page *page, uint64_t before)
{
	const struct line *best = NULL;

	for (size_t i = 0; i < page->count; i++) {
		const struct line *line = &page->lines[i];

		if (line->number >= before)
			continue;
		if (best == NULL || line->number > best->number ||
			(line->number == best->number && line->role < best->role))
			best = line;
	}
	return best;
}

static int
reply_page(const struct page *page, const struct store_ask *ask)
{
	uint64_t before = UINT64_MAX;
	const struct line *line;
	struct post_list list;
	struct buf out;
	int r;

	buf_init(&out, POST_BODY_MAX);
	for (uint32_t i = 0; i < page->max; i++) {
		line = newest(page, before);
		if (line == NULL || out.len + line->len > PAGE_LEN_MAX)
			break;
		buf_bytes(&out, page->bytes.data + line->at, line->len);
		before = line->number;
	}
	list.items = rd_of(out.data, out.len);
	if ((r = buf_error(&out)) == 0)
		r = store_reply(page->s, ask->number, &post_list_codec, &list);
	buf_done(&out);
	return r;
}

int
cables_handle_inbox(struct store *s, const struct store_ask *ask)
{
	struct page page = {.s = s};
	struct post_inbox asked;
	int r;

	if ((r = codec_parse_whole(&post_inbox_codec, ask->body, &asked)) != 0)
		return r;
	page.max = asked.max == 0 || asked.max > PAGE_MAX ? PAGE_MAX : asked.max;
	buf_init(&page.bytes, (size_t)32 << 20);
	if ((r = walk_names(&page, ask, &asked)) == 0)
		r = reply_page(&page, ask);
	mem_free(page.lines);
	buf_done(&page.bytes);
	return r;
}
