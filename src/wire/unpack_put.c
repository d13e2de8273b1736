/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/unpack.h"

#include <string.h>

#include "base/text.h"

/*
 * The writing half.  The unpacker is trusted to keep the rules while it is still itself, so
 * a broken rule here is a programmer error; the reader checks it all again.
 */

static size_t
record_begin(struct buf *out, enum unpack_type type)
{
	buf_u8(out, (uint8_t)type);
	return buf_vec_begin(out, 3);
}

static void
record_end(struct buf *out, size_t mark)
{
	buf_vec_end(out, mark, 3);
}

void
unpack_put_hello(struct buf *out)
{
	size_t mark = record_begin(out, UNPACK_HELLO);

	buf_u16(out, UNPACK_VERSION);
	record_end(out, mark);
}

void
unpack_put_member(struct buf *out, const struct unpack_member *member)
{
	size_t mark = record_begin(out, UNPACK_MEMBER);

	CHECK(member->path_len <= UNPACK_PATH_MAX);
	buf_u8(out, (uint8_t)member->kind);
	buf_vec(out, 2, member->path, member->path_len);
	record_end(out, mark);
}

void
unpack_put_text(struct buf *out, const struct unpack_text *text)
{
	size_t mark = record_begin(out, UNPACK_TEXT);

	CHECK(text->len > 0 && text->len <= UNPACK_TEXT_MAX);
	buf_u8(out, (uint8_t)text->flags);
	buf_u32(out, text->page);
	buf_u64(out, text->offset);
	buf_u32(out, text->span);
	buf_bytes(out, text->ptr, text->len);
	record_end(out, mark);
}

void
unpack_put_end(struct buf *out, const struct unpack_end *end)
{
	size_t mark = record_begin(out, UNPACK_END);

	buf_u8(out, (uint8_t)end->reason);
	buf_u64(out, end->bytes);
	record_end(out, mark);
}

void
unpack_put_skip(struct buf *out, const struct unpack_skip *skip)
{
	size_t mark = record_begin(out, UNPACK_SKIP);

	CHECK(skip->path_len <= UNPACK_PATH_MAX && skip->detail_len <= UNPACK_DETAIL_MAX);
	buf_u8(out, (uint8_t)skip->reason);
	buf_vec(out, 2, skip->path, skip->path_len);
	buf_vec(out, 1, skip->detail, skip->detail_len);
	record_end(out, mark);
}

void
unpack_put_blob(struct buf *out, const struct unpack_blob *blob)
{
	size_t mark = record_begin(out, UNPACK_BLOB);

	CHECK(blob->path_len <= UNPACK_PATH_MAX && blob->depth <= UNPACK_DEPTH_MAX);
	buf_u8(out, (uint8_t)blob->helper);
	buf_u8(out, (uint8_t)blob->kind);
	buf_u8(out, (uint8_t)blob->depth);
	buf_u32(out, blob->page);
	buf_vec(out, 2, blob->path, blob->path_len);
	record_end(out, mark);
}

void
unpack_put_data(struct buf *out, const void *ptr, size_t len)
{
	size_t mark = record_begin(out, UNPACK_DATA);

	CHECK(len <= UNPACK_DATA_MAX);
	buf_bytes(out, ptr, len);
	record_end(out, mark);
}

void
unpack_put_blob_end(struct buf *out, uint64_t bytes)
{
	size_t mark = record_begin(out, UNPACK_BLOB_END);

	buf_u64(out, bytes);
	record_end(out, mark);
}

void
unpack_put_total(struct buf *out, const struct unpack_total *total)
{
	size_t mark = record_begin(out, UNPACK_TOTAL);

	buf_u64(out, total->members);
	buf_u64(out, total->skipped);
	buf_u64(out, total->text);
	buf_u64(out, total->bytes);
	record_end(out, mark);
}

static bool
is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* How many bytes at p may stand in a path as they are; 0: the first one must be spelt. */
static size_t
clean_len(const uint8_t *p, size_t len)
{
	if (p[0] == '!' || (p[0] == '%' && len > 2 && is_hex(p[1]) && is_hex(p[2])))
		return 0;
	for (size_t n = 1; n <= 4 && n <= len; n++)
		if (text_is_line(p, n))
			return n;
	return 0;
}

void
unpack_name_put(struct buf *out, const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	size_t put = 0;

	if (len == 0)
		buf_u8(out, '%');
	for (size_t n; len > 0 && put + 4 <= UNPACK_NAME_MAX; p += n, len -= n) {
		if ((n = clean_len(p, len)) > 0) {
			buf_bytes(out, p, n);
			put += n;
		} else {
			n = 1;
			buf_printf(out, "%%%02X", p[0]);
			put += 3;
		}
	}
}
