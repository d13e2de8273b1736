/* SPDX-License-Identifier: Apache-2.0 */
#include "collect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
hear_text(struct collect *c, const struct unpack_text *t)
{
	static const struct {
		unsigned flag;
		const char *open, *close;
	} marks[] = {{UNPACK_TEXT_HIDDEN, "<", ">"}, {UNPACK_TEXT_DECODED, "{", "}"},
		{UNPACK_TEXT_META, "(", ")"}};
	const char *close = "";

	if ((t->flags & UNPACK_TEXT_BREAK) != 0)
		buf_text(&c->text, " | ");
	for (size_t i = 0; i < 3; i++) {
		if ((t->flags & marks[i].flag) == 0)
			continue;
		buf_text(&c->text, marks[i].open);
		close = marks[i].close;
		break;
	}
	buf_bytes(&c->text, t->ptr, t->len);
	buf_text(&c->text, close);
	if (c->first_offset == UNPACK_OFFSET_NONE)
		c->first_offset = t->offset;
	c->last_offset = t->offset;
	c->last_span = t->span;
}

static int
hear(void *arg, const uint8_t *ptr, size_t len)
{
	struct collect *c = arg;
	struct unpack_record record;
	struct rd in = rd_of(ptr, len);

	while (in.len > 0) {
		assert_int_equal(unpack_next(&c->parser, &in, &record), 0);
		if (record.type == UNPACK_TEXT)
			hear_text(c, &record.text);
		else if (record.type == UNPACK_MEMBER)
			buf_printf(&c->records, "M %.*s %s\n",
				(int)record.member.path_len, record.member.path,
				unpack_kind_text(record.member.kind));
		else if (record.type == UNPACK_END &&
			record.end.reason != UNPACK_COMPLETE)
			buf_printf(&c->records, "E %s\n",
				unpack_reason_text(record.end.reason));
		else if (record.type == UNPACK_SKIP)
			buf_printf(&c->records, "S %.*s %s\n", (int)record.skip.path_len,
				record.skip.path, unpack_reason_text(record.skip.reason));
		else if (record.type == UNPACK_BLOB)
			buf_printf(&c->records, "B %.*s %s\n", (int)record.blob.path_len,
				record.blob.path, unpack_kind_text(record.blob.kind));
	}
	return 0;
}

void
collect_begin_idle(struct collect *c)
{
	static const struct unpack_limits limits = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

	memset(c, 0, sizeof *c);
	unpack_parser_init(&c->parser, &limits);
	buf_init(&c->text, 64 << 20);
	buf_init(&c->records, 64 << 20);
	c->first_offset = UNPACK_OFFSET_NONE;
	emit_init(&c->emit, hear, c);
	prose_init(&c->prose, &c->emit, 0);
}

void
collect_begin(struct collect *c)
{
	collect_begin_idle(c);
	emit_hello(&c->emit);
	emit_member(&c->emit, UNPACK_KIND_TEXT, "", 0);
}

void
collect_end(struct collect *c)
{
	if (c->emit.is_in_member) {
		prose_flush(&c->prose);
		emit_end(&c->emit, UNPACK_COMPLETE, 0);
		assert_int_equal(emit_total(&c->emit), 0);
	}
	assert_int_equal(unpack_finish(&c->parser), 0);
	buf_u8(&c->text, 0);
	buf_u8(&c->records, 0);
	assert_int_equal(buf_error(&c->text), 0);
	assert_int_equal(buf_error(&c->records), 0);
}

void
collect_done(struct collect *c)
{
	prose_done(&c->prose);
	emit_done(&c->emit);
	buf_done(&c->text);
	buf_done(&c->records);
}
