/* SPDX-License-Identifier: Apache-2.0 */
#include "log/line.h"

#include <string.h>

#include "base/text.h"

enum { DIGITS_MAX = 19, BASE64_LEN = 44 };

int
line_take(struct rd *text, struct rd *ret_line)
{
	const uint8_t *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
	size_t len;

	if (end == NULL)
		return FAIL_FORMAT;
	len = (size_t)(end - text->ptr);
	*ret_line = rd_of(text->ptr, len);
	*text = rd_of(end + 1, text->len - len - 1);
	return 0;
}

int
line_number(struct rd line, uint64_t *ret_number)
{
	uint64_t v = 0;

	if (line.len == 0 || line.len > DIGITS_MAX ||
		(line.len > 1 && line.ptr[0] == '0'))
		return FAIL_FORMAT;
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] < '0' || line.ptr[i] > '9')
			return FAIL_FORMAT;
		v = 10 * v + (uint64_t)(line.ptr[i] - '0');
	}
	if (v >> 63 != 0)
		return FAIL_FORMAT;
	*ret_number = v;
	return 0;
}

int
line_hash(struct rd line, uint8_t ret_hash[HASH_LEN])
{
	size_t len;

	if (text_unbase64((const char *)line.ptr, line.len, ret_hash, HASH_LEN, &len) !=
			0 ||
		len != HASH_LEN)
		return FAIL_FORMAT;
	return 0;
}

int
line_hashes(struct rd *text, size_t max, struct proof *ret_proof)
{
	struct rd line;
	int r;

	CHECK(max <= PROOF_HASHES_MAX);
	ret_proof->count = 0;
	for (;;) {
		if ((r = line_take(text, &line)) != 0)
			return r;
		if (line.len == 0)
			return 0;
		if (ret_proof->count == max)
			return FAIL_LIMIT;
		if ((r = line_hash(line, ret_proof->hashes[ret_proof->count++])) != 0)
			return r;
	}
}

void
line_write_hashes(const struct proof *proof, struct buf *out)
{
	char base64[BASE64_LEN + 1];

	for (size_t i = 0; i < proof->count; i++) {
		text_base64(proof->hashes[i], HASH_LEN, base64);
		buf_printf(out, "%s\n", base64);
	}
	buf_text(out, "\n");
}
