/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/unpack.h"

#include <string.h>

#include "base/text.h"

/*
 * The reading side is a state machine over three states.  Each record type has one row that
 * says where it may come, where it leads, how long its body may be and who reads it; what is
 * not in the table does not exist.  The rows are the conversation.
 */

enum state {
	STATE_START,  /* nothing read yet */
	STATE_IDLE,   /* between members */
	STATE_MEMBER, /* in a member */
	STATE_BLOB,   /* in a blob */
	STATE_OVER,   /* the total was read */
};

typedef int read_fn(struct unpack_parser *p, struct rd *body, struct unpack_record *ret);

static int
read_reason(struct rd *in, enum unpack_reason *ret_reason)
{
	uint8_t v;
	int r;

	if ((r = rd_u8(in, &v)) != 0)
		return r;
	if (v > UNPACK_REASON_MAX)
		return FAIL_FORMAT;
	*ret_reason = (enum unpack_reason)v;
	return 0;
}

static int
read_kind(struct rd *in, enum unpack_kind *ret_kind)
{
	uint8_t v;
	int r;

	if ((r = rd_u8(in, &v)) != 0)
		return r;
	if (v > UNPACK_KIND_MAX)
		return FAIL_FORMAT;
	*ret_kind = (enum unpack_kind)v;
	return 0;
}

/* A path goes to terminals and reports: one line of clean text, or nothing. */
static int
read_path(struct rd *in, const char **ret_path, size_t *ret_len)
{
	struct rd path;
	int r;

	if ((r = rd_vec16(in, 0, UNPACK_PATH_MAX, &path)) != 0)
		return r;
	if (!text_is_line(path.ptr, path.len))
		return FAIL_FORMAT;
	*ret_path = (const char *)path.ptr;
	*ret_len = path.len;
	return 0;
}

static int
read_hello(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	uint16_t version;
	int r;

	(void)p;
	(void)ret;
	if ((r = rd_u16(body, &version)) != 0)
		return r;
	return version == UNPACK_VERSION ? 0 : FAIL_VERSION;
}

static int
read_member(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	int r;

	if ((r = read_kind(body, &ret->member.kind)) != 0)
		return r;
	p->members++;
	return read_path(body, &ret->member.path, &ret->member.path_len);
}

/* Most text is ASCII; eight bytes at a time keep this check out of the scan's way. */
static bool
is_clean_text(const uint8_t *ptr, size_t len)
{
	if (memchr(ptr, 0, len) != NULL)
		return false;
	for (uint64_t word; len >= sizeof word; ptr += sizeof word, len -= sizeof word) {
		memcpy(&word, ptr, sizeof word);
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return text_is_utf8(ptr, len);
}

static int
read_text(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	struct unpack_text *t = &ret->text;
	uint8_t flags;
	int r;

	if ((r = rd_u8(body, &flags)) != 0 || (r = rd_u32(body, &t->page)) != 0 ||
		(r = rd_u64(body, &t->offset)) != 0 || (r = rd_u32(body, &t->span)) != 0)
		return r;
	if ((flags & ~(unsigned)UNPACK_TEXT_FLAGS) != 0 || body->len == 0 ||
		body->len > UNPACK_TEXT_MAX)
		return FAIL_FORMAT;
	/* The consumer adds span to offset: a pair that wraps around is a lie. */
	if (t->offset != UNPACK_OFFSET_NONE && t->offset > INT64_MAX)
		return FAIL_FORMAT;
	if (body->len > p->limits.text_max - p->text)
		return FAIL_LIMIT;
	if (!is_clean_text(body->ptr, body->len))
		return FAIL_FORMAT;
	t->flags = flags;
	t->ptr = (const char *)body->ptr;
	t->len = body->len;
	p->text += body->len;
	body->ptr += body->len;
	body->len = 0;
	return 0;
}

static int
read_end(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	int r;

	if ((r = read_reason(body, &ret->end.reason)) != 0)
		return r;
	p->skipped += ret->end.reason != UNPACK_COMPLETE;
	return rd_u64(body, &ret->end.bytes);
}

static int
read_skip(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	struct unpack_skip *s = &ret->skip;
	struct rd detail;
	int r;

	if ((r = read_reason(body, &s->reason)) != 0 ||
		(r = read_path(body, &s->path, &s->path_len)) != 0 ||
		(r = rd_vec8(body, 0, UNPACK_DETAIL_MAX, &detail)) != 0)
		return r;
	if (s->reason == UNPACK_COMPLETE || !text_is_line(detail.ptr, detail.len))
		return FAIL_FORMAT;
	s->detail = (const char *)detail.ptr;
	s->detail_len = detail.len;
	p->skipped++;
	return 0;
}

static int
read_blob(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	struct unpack_blob *b = &ret->blob;
	uint8_t helper, depth;
	int r;

	if ((r = rd_u8(body, &helper)) != 0 || (r = read_kind(body, &b->kind)) != 0 ||
		(r = rd_u8(body, &depth)) != 0 || (r = rd_u32(body, &b->page)) != 0 ||
		(r = read_path(body, &b->path, &b->path_len)) != 0)
		return r;
	if (helper == 0 || helper > UNPACK_HELPER_MAX || depth > UNPACK_DEPTH_MAX)
		return FAIL_FORMAT;
	b->helper = (enum unpack_helper)helper;
	b->depth = depth;
	p->blob = 0;
	return 0;
}

static int
read_data(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	if (body->len > p->limits.blob_max - p->blob)
		return FAIL_LIMIT;
	ret->data = *body;
	p->blob += body->len;
	body->ptr += body->len;
	body->len = 0;
	return 0;
}

static int
read_blob_end(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	int r;

	if ((r = rd_u64(body, &ret->blob_len)) != 0)
		return r;
	return ret->blob_len == p->blob ? 0 : FAIL_FORMAT;
}

static int
read_total(struct unpack_parser *p, struct rd *body, struct unpack_record *ret)
{
	struct unpack_total *t = &ret->total;
	int r;

	if ((r = rd_u64(body, &t->members)) != 0 ||
		(r = rd_u64(body, &t->skipped)) != 0 ||
		(r = rd_u64(body, &t->text)) != 0 || (r = rd_u64(body, &t->bytes)) != 0)
		return r;
	if (t->members != p->members || t->skipped != p->skipped || t->text != p->text)
		return FAIL_FORMAT;
	return 0;
}

static const struct row {
	enum state from, to;
	size_t max; /* of the body */
	read_fn *read;
} rows[] = {
	[UNPACK_HELLO] = {STATE_START, STATE_IDLE, 2, read_hello},
	[UNPACK_MEMBER] = {STATE_IDLE, STATE_MEMBER, 3 + UNPACK_PATH_MAX, read_member},
	[UNPACK_TEXT] = {STATE_MEMBER, STATE_MEMBER,
		UNPACK_TEXT_HEAD_LEN + UNPACK_TEXT_MAX, read_text},
	[UNPACK_END] = {STATE_MEMBER, STATE_IDLE, 9, read_end},
	[UNPACK_SKIP] = {STATE_IDLE, STATE_IDLE, 4 + UNPACK_PATH_MAX + UNPACK_DETAIL_MAX,
		read_skip},
	[UNPACK_BLOB] = {STATE_IDLE, STATE_BLOB, 9 + UNPACK_PATH_MAX, read_blob},
	[UNPACK_DATA] = {STATE_BLOB, STATE_BLOB, UNPACK_DATA_MAX, read_data},
	[UNPACK_BLOB_END] = {STATE_BLOB, STATE_IDLE, 8, read_blob_end},
	[UNPACK_TOTAL] = {STATE_IDLE, STATE_OVER, 32, read_total},
};

void
unpack_parser_init(struct unpack_parser *p, const struct unpack_limits *limits)
{
	memset(p, 0, sizeof *p);
	p->limits = *limits;
	p->state = STATE_START;
}

/* The row of the record at the start of `in`, and its body; FAIL_TRUNCATED when it is cut. */
static int
take_row(const struct unpack_parser *p, struct rd *in, const struct row **ret_row,
	struct unpack_record *ret_record, struct rd *ret_body)
{
	struct rd rd = *in;
	uint32_t len;
	uint8_t type;
	int r;

	if ((r = rd_u8(&rd, &type)) != 0)
		return r;
	if (type == 0 || type > UNPACK_TOTAL || rows[type].from != (enum state)p->state)
		return FAIL_FORMAT;
	if ((r = rd_u24(&rd, &len)) != 0)
		return r;
	if (len > rows[type].max)
		return FAIL_FORMAT;
	if (len > rd.len)
		return FAIL_TRUNCATED;
	*ret_body = rd_of(rd.ptr, len);
	*ret_row = &rows[type];
	ret_record->type = (enum unpack_type)type;
	*in = rd_of(rd.ptr + len, rd.len - len);
	return 0;
}

int
unpack_next(struct unpack_parser *p, struct rd *in, struct unpack_record *ret_record)
{
	struct unpack_record record = {0};
	const struct row *row = NULL;
	struct rd rest = *in, body;
	int r;

	if (p->error != 0)
		return p->error;
	if ((r = take_row(p, &rest, &row, &record, &body)) == FAIL_TRUNCATED)
		return r;
	if (r == 0 && p->records >= p->limits.records_max)
		r = FAIL_LIMIT;
	if (r == 0 && (r = row->read(p, &body, &record)) == 0)
		r = rd_end(&body);
	/* A body shorter than its fields is a broken rule, not a request for more bytes. */
	if (r == FAIL_TRUNCATED)
		r = FAIL_FORMAT;
	if (r != 0)
		return p->error = r;
	p->records++;
	p->state = row->to;
	*in = rest;
	*ret_record = record;
	return 0;
}

size_t
unpack_need(const struct rd *in)
{
	struct rd rd = *in;
	uint32_t len;
	uint8_t type;

	if (rd_u8(&rd, &type) != 0 || rd_u24(&rd, &len) != 0)
		return UNPACK_HEAD_LEN;
	return UNPACK_HEAD_LEN + (size_t)len;
}

int
unpack_finish(const struct unpack_parser *p)
{
	if (p->error != 0)
		return p->error;
	return p->state == STATE_OVER ? 0 : FAIL_TRUNCATED;
}

const char *
unpack_reason_text(enum unpack_reason reason)
{
	static const char *const words[] = {"complete", "encrypted", "limit", "damaged",
		"unsupported", "no-ocr", "changed", "unreadable"};

	return (unsigned)reason <= UNPACK_REASON_MAX ? words[reason] : "unknown";
}

const char *
unpack_kind_text(enum unpack_kind kind)
{
	static const char *const words[] = {"raw", "text", "html", "rtf", "xml", "office",
		"mail", "mbox", "archive", "pdf", "image"};

	return (unsigned)kind <= UNPACK_KIND_MAX ? words[kind] : "unknown";
}
