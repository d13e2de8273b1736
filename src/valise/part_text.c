/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/part_text.h"

static int
hear(void *arg, const struct unpack_record *record)
{
	struct part_text *t = arg;

	switch (record->type) {
	case UNPACK_MEMBER:
		if (t->text->len > 0)
			buf_text(t->text, "\n\n");
		break;
	case UNPACK_TEXT:
		if ((record->text.flags & UNPACK_TEXT_BREAK) != 0)
			buf_text(t->text, "\n");
		buf_bytes(t->text, record->text.ptr, record->text.len);
		break;
	case UNPACK_END:
		if (record->end.reason != UNPACK_COMPLETE)
			t->skipped(t->arg, unpack_reason_text(record->end.reason));
		break;
	case UNPACK_SKIP:
		t->skipped(t->arg, unpack_reason_text(record->skip.reason));
		break;
	case UNPACK_HELLO:
	case UNPACK_BLOB:
	case UNPACK_DATA:
	case UNPACK_BLOB_END:
	case UNPACK_TOTAL:
		break;
	}
	return buf_error(t->text);
}

int
part_text_take(
	struct part_text *part, struct unpacker *unpacker, int fd, const char *name)
{
	struct unpacker_sink sink = {hear, part};

	return unpacker_run(unpacker, fd, name, &sink);
}
