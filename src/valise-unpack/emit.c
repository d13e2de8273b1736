/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/emit.h"

#include <string.h>

/*
 * Records are gathered in one buffer that never shrinks; the listener is called at block size,
 * and once more at the end.  A record is never cut: whoever writes to a pipe may block, but
 * whoever reads it always finds whole records in the blocks.
 */

/* The buffer takes a block and the largest record on top. */
#define OUT_MAX (EMIT_BLOCK + UNPACK_HEAD_LEN + UNPACK_BODY_MAX)

void
emit_init(struct emit *e, int (*flush)(void *arg, const uint8_t *ptr, size_t len),
	void *arg)
{
	memset(e, 0, sizeof *e);
	buf_init(&e->out, OUT_MAX);
	e->flush = flush;
	e->arg = arg;
}

void
emit_done(struct emit *e)
{
	buf_done(&e->out);
}

void
emit_flush(struct emit *e)
{
	if (e->error == 0)
		e->error = buf_error(&e->out);
	if (e->error == 0 && e->out.len > 0)
		e->error = e->flush(e->arg, e->out.data, e->out.len);
	/* Only forget: nobody else sees this process, and wiping each block costs more. */
	e->out.len = 0;
}

static void
record_done(struct emit *e)
{
	if (e->out.len >= EMIT_BLOCK || buf_error(&e->out) != 0)
		emit_flush(e);
}

void
emit_hello(struct emit *e)
{
	unpack_put_hello(&e->out);
	record_done(e);
}

int
emit_total(struct emit *e)
{
	CHECK(!e->is_in_member);
	unpack_put_total(&e->out, &e->total);
	emit_flush(e);
	return e->error;
}

void
emit_member(struct emit *e, enum unpack_kind kind, const char *path, size_t path_len)
{
	const struct unpack_member member = {kind, path, path_len};

	CHECK(!e->is_in_member);
	e->is_in_member = true;
	if (e->error != 0)
		return;
	unpack_put_member(&e->out, &member);
	e->total.members++;
	record_done(e);
}

void
emit_text(struct emit *e, const struct unpack_text *text)
{
	CHECK(e->is_in_member);
	if (e->error != 0 || text->len == 0)
		return;
	unpack_put_text(&e->out, text);
	e->total.text += text->len;
	record_done(e);
}

void
emit_text_exact(struct emit *e, const struct unpack_text *text)
{
	struct unpack_text part = *text;
	size_t done = 0;

	while (done < text->len) {
		size_t len = text->len - done;

		if (len > UNPACK_TEXT_MAX) {
			len = UNPACK_TEXT_MAX;
			/* Never cut within a character. */
			while (((uint8_t)text->ptr[done + len] & 0xc0) == 0x80)
				len--;
		}
		part.ptr = text->ptr + done;
		part.len = len;
		if (text->offset != UNPACK_OFFSET_NONE) {
			part.offset = text->offset + done;
			part.span = (uint32_t)len;
		}
		emit_text(e, &part);
		part.flags &= ~(unsigned)UNPACK_TEXT_BREAK;
		done += len;
	}
}

void
emit_end(struct emit *e, enum unpack_reason reason, uint64_t bytes)
{
	const struct unpack_end end = {reason, bytes};

	CHECK(e->is_in_member);
	e->is_in_member = false;
	if (e->error != 0)
		return;
	unpack_put_end(&e->out, &end);
	e->total.skipped += reason != UNPACK_COMPLETE;
	record_done(e);
}

void
emit_skip(struct emit *e, enum unpack_reason reason, const struct buf *path,
	const char *detail)
{
	struct unpack_skip skip = {.reason = reason, .detail = detail};

	CHECK(!e->is_in_member && reason != UNPACK_COMPLETE);
	if (e->error != 0)
		return;
	skip.path = (const char *)path->data;
	skip.path_len = path->len;
	skip.detail_len = strnlen(detail, UNPACK_DETAIL_MAX);
	unpack_put_skip(&e->out, &skip);
	e->total.skipped++;
	record_done(e);
}

void
emit_blob(struct emit *e, const struct unpack_blob *blob)
{
	CHECK(!e->is_in_member);
	e->blob_bytes = 0;
	if (e->error == 0)
		unpack_put_blob(&e->out, blob);
	record_done(e);
}

void
emit_blob_data(struct emit *e, const void *ptr, size_t len)
{
	const uint8_t *p = ptr;

	for (size_t n; e->error == 0 && len > 0; p += n, len -= n) {
		n = len < UNPACK_DATA_MAX ? len : UNPACK_DATA_MAX;
		unpack_put_data(&e->out, p, n);
		e->blob_bytes += n;
		record_done(e);
	}
}

void
emit_blob_end(struct emit *e)
{
	if (e->error == 0)
		unpack_put_blob_end(&e->out, e->blob_bytes);
	/* The helper shall start while this process still works. */
	emit_flush(e);
}

enum unpack_reason
emit_reason_of(int r)
{
	switch (r) {
	case 0:
		return UNPACK_COMPLETE;
	case FAIL_NO_KEY:
	case FAIL_PASSPHRASE:
		return UNPACK_ENCRYPTED;
	case FAIL_LIMIT:
	case FAIL_NOMEM:
	case FAIL_TIMEOUT:
	case FAIL_TOO_BIG:
		return UNPACK_LIMIT;
	case FAIL_UNSUPPORTED:
		return UNPACK_UNSUPPORTED;
	case FAIL_CHANGED:
		return UNPACK_CHANGED;
	case FAIL_IO:
	case FAIL_DENIED:
		return UNPACK_UNREADABLE;
	default:
		return UNPACK_DAMAGED;
	}
}
