/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/prose.h"

#include <string.h>

enum { PROSE_DIRECT = 2048 }; /* an exact piece of this size is not copied first */

void
prose_init(struct prose *p, struct emit *emit, unsigned flags)
{
	p->emit = emit;
	p->flags = flags;
	p->page = 0;
	p->is_break = p->is_unplaced = false;
	p->is_exact = true;
	p->from = p->to = 0;
	p->len = 0;
	buf_init(&p->aside, PROSE_ASIDE_MAX);
	p->aside_from = p->aside_to = 0;
}

void
prose_done(struct prose *p)
{
	buf_done(&p->aside);
}

static void
send(struct prose *p, const char *ptr, size_t len)
{
	uint64_t span = p->to - p->from;
	struct unpack_text text = {
		.flags = p->flags | (p->is_break ? (unsigned)UNPACK_TEXT_BREAK : 0),
		.page = p->page,
		.offset = p->from,
		.span = span > UINT32_MAX ? UINT32_MAX : (uint32_t)span,
		.ptr = ptr,
		.len = len,
	};

	if (p->is_unplaced) {
		text.offset = UNPACK_OFFSET_NONE;
		text.span = 0;
	}
	if (len > UNPACK_TEXT_MAX)
		emit_text_exact(p->emit, &text);
	else
		emit_text(p->emit, &text);
	p->is_break = false;
}

void
prose_flush(struct prose *p)
{
	if (p->len > 0)
		send(p, p->text, p->len);
	p->len = 0;
	p->is_exact = true;
}

void
prose_break(struct prose *p)
{
	prose_flush(p);
	p->is_break = true;
}

void
prose_turn(struct prose *p, unsigned flags, uint32_t page)
{
	prose_break(p);
	p->flags = flags;
	p->page = page;
}

void
prose_page(struct prose *p, uint32_t page)
{
	prose_flush(p);
	p->page = page;
}

/* May a piece join what is gathered?  See the header: exact with exact, rough up to a size. */
static bool
may_join(const struct prose *p, bool is_exact, uint64_t from, size_t len)
{
	if (len > PROSE_MAX - p->len)
		return false;
	/* Without positions there is nothing to keep apart. */
	if (p->is_unplaced)
		return true;
	if (p->is_exact)
		return is_exact && from == p->to;
	return p->len + len <= PROSE_ROUGH && from >= p->from;
}

void
prose_put(void *prose, const char *ptr, size_t len, uint64_t from, uint64_t to)
{
	struct prose *p = prose;
	bool is_exact = to - from == len;

	if (len == 0)
		return;
	if (p->len > 0 && !may_join(p, is_exact, from, len))
		prose_flush(p);
	if (p->len == 0) {
		p->from = from;
		p->to = from;
		p->is_exact = is_exact;
	}
	if (len > PROSE_MAX || (is_exact && p->len == 0 && len >= PROSE_DIRECT)) {
		CHECK(is_exact || len <= UNPACK_TEXT_MAX);
		p->to = to;
		send(p, ptr, len);
		return;
	}
	memcpy(p->text + p->len, ptr, len);
	p->len += len;
	if (to > p->to)
		p->to = to;
}

size_t
prose_utf8(uint32_t c, char ret_out[4])
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = ' ';
	if (c < 0x80) {
		ret_out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		ret_out[0] = (char)(0xc0 | c >> 6);
		ret_out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		ret_out[0] = (char)(0xe0 | c >> 12);
		ret_out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		ret_out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	ret_out[0] = (char)(0xf0 | c >> 18);
	ret_out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	ret_out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	ret_out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

void
prose_char(struct prose *p, uint32_t c, uint64_t from, uint64_t to)
{
	char utf8[4];

	prose_put(p, utf8, prose_utf8(c, utf8), from, to);
}

void
prose_aside_flush(struct prose *p, unsigned flags)
{
	struct unpack_text text = {
		.flags = p->flags | flags | UNPACK_TEXT_BREAK,
		.page = p->page,
		.offset = p->is_unplaced ? UNPACK_OFFSET_NONE : p->aside_from,
		.span = p->is_unplaced ? 0 : (uint32_t)(p->aside_to - p->aside_from),
	};
	const char *ptr = (const char *)p->aside.data;

	prose_flush(p);
	for (size_t left = p->aside.len, n; left > 0; ptr += n, left -= n) {
		n = left;
		if (n > UNPACK_TEXT_MAX) {
			n = UNPACK_TEXT_MAX;
			while (((uint8_t)ptr[n] & 0xc0) == 0x80)
				n--;
		}
		text.ptr = ptr;
		text.len = n;
		emit_text(p->emit, &text);
		text.flags &= ~(unsigned)UNPACK_TEXT_BREAK;
		p->is_break = true;
	}
	if (buf_error(&p->aside) == FAIL_NOMEM && p->emit->error == 0)
		p->emit->error = FAIL_NOMEM;
	buf_clear(&p->aside);
}

void
prose_aside(struct prose *p, const char *ptr, size_t len, uint64_t from, uint64_t to)
{
	if (len > PROSE_ASIDE_MAX - p->aside.len)
		prose_aside_flush(p, UNPACK_TEXT_HIDDEN);
	if (p->aside.len == 0)
		p->aside_from = from;
	p->aside_to = to > p->aside_from ? to : p->aside_from;
	buf_bytes(&p->aside, ptr, len);
}
