/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_post: any bytes as each message that a station is sent, and as a list of each.
 *
 * What parses is written again and must give the same bytes: one canonical form.
 */
#include <string.h>

#include "../tests/wire/messages.h"
#include "fuzz.h"

static void
check_same(const struct codec *codec, const void *message, struct rd in)
{
	struct buf out;

	buf_init(&out, in.len);
	codec_write(codec, message, &out);
	CHECK(buf_error(&out) == 0);
	CHECK(out.len == in.len && memcmp(out.data, in.ptr, in.len) == 0);
	buf_done(&out);
}

/* Each message of a list takes at least one byte, so that the walk ends. */
static void
check_list(const struct codec *codec, struct rd list)
{
	_Alignas(16) uint8_t message[MESSAGE_SIZE_MAX];

	while (list.len > 0) {
		struct rd at = list;

		if (codec_parse(codec, &list, message) != 0)
			return;
		CHECK(list.len < at.len);
		check_same(codec, message, rd_of(at.ptr, at.len - list.len));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_Alignas(16) uint8_t message[MESSAGE_SIZE_MAX];
	struct rd in = rd_of(data, size);

	for (size_t i = 0; i < MESSAGES; i++) {
		if (codec_parse_whole(messages[i].codec, in, message) == 0)
			check_same(messages[i].codec, message, in);
		check_list(messages[i].codec, in);
	}
	return 0;
}
