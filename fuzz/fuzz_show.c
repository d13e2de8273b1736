/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "valise/kept.h"
#include "valise/pager.h"
#include "valise/show.h"

/*
 * What an opened text may hold is anything.  Shown, it is lines of text and nothing that a
 * terminal obeys; wrapped, its lines begin in order and miss nothing.  The same bytes as a kept
 * copy's file stay within their bounds.
 */

enum { COLUMNS = 20 };

static void
check_lines(struct rd text)
{
	size_t *lines = NULL, count = 0;

	if (pager_wrap(text, COLUMNS, &lines, &count) != 0)
		return;
	CHECK((count == 0) == (text.len == 0));
	for (size_t i = 0; i < count; i++)
		CHECK(lines[i] < text.len &&
			(i == 0 ? lines[0] == 0 : lines[i] > lines[i - 1]));
	mem_free(lines);
}

static void
check_shown(const uint8_t *data, size_t size)
{
	struct buf out;

	buf_init(&out, 8 * size + 16);
	show_escaped(data, size, &out);
	CHECK(buf_error(&out) == 0);
	check_lines(rd_of(out.data, out.len));
	for (size_t i = 0; i < out.len; i++)
		if (out.data[i] == '\n' || out.data[i] == '\t')
			out.data[i] = ' ';
	CHECK(out.len == 0 || text_is_line(out.data, out.len));
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kept_copy copy;

	if (kept_copy_parse(rd_of(data, size), &copy) == 0) {
		CHECK(copy.enrols.ptr + copy.enrols.len == data + size);
		CHECK(copy.slot.key_id > data && copy.slot.sealed < data + size);
	}
	check_shown(data, size);
	check_lines(rd_of(data, size));
	return 0;
}
