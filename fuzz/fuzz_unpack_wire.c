/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "base/text.h"
#include "wire/unpack.h"

/*
 * The records of a taken-over unpacker.  Whatever is accepted is clean: paths fit on one line,
 * text is UTF-8 without NUL, chunks are not empty; and each record, written again, is the same
 * bytes.
 */

static void
write_again(const struct unpack_record *record, struct buf *out)
{
	switch (record->type) {
	case UNPACK_HELLO:
		unpack_put_hello(out);
		break;
	case UNPACK_MEMBER:
		CHECK(text_is_line(record->member.path, record->member.path_len));
		unpack_put_member(out, &record->member);
		break;
	case UNPACK_TEXT:
		CHECK(text_is_utf8(record->text.ptr, record->text.len));
		CHECK(memchr(record->text.ptr, 0, record->text.len) == NULL);
		unpack_put_text(out, &record->text);
		break;
	case UNPACK_END:
		unpack_put_end(out, &record->end);
		break;
	case UNPACK_SKIP:
		CHECK(text_is_line(record->skip.detail, record->skip.detail_len));
		unpack_put_skip(out, &record->skip);
		break;
	case UNPACK_BLOB:
		unpack_put_blob(out, &record->blob);
		break;
	case UNPACK_DATA:
		unpack_put_data(out, record->data.ptr, record->data.len);
		break;
	case UNPACK_BLOB_END:
		unpack_put_blob_end(out, record->blob_len);
		break;
	case UNPACK_TOTAL:
		unpack_put_total(out, &record->total);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct unpack_limits limits = {1000, 1 << 20, 1 << 20};
	struct unpack_parser parser;
	struct unpack_record record;
	struct rd in = rd_of(data, size);

	unpack_parser_init(&parser, &limits);
	for (;;) {
		const uint8_t *start = in.ptr;
		size_t need = unpack_need(&in);
		struct buf again;

		if (unpack_next(&parser, &in, &record) != 0)
			break;
		CHECK((size_t)(in.ptr - start) == need);
		buf_init(&again, 1 << 20);
		write_again(&record, &again);
		CHECK(buf_error(&again) == 0);
		CHECK(again.len == need && memcmp(again.data, start, need) == 0);
		buf_done(&again);
	}
	return 0;
}
