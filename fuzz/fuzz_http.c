/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "sys/http_head.h"

/*
 * Heads of requests and of answers.  What is understood lies within the input, is of the
 * characters that the header promises, and written plainly means the same again.
 */

static bool
is_within(struct rd span, const uint8_t *data, size_t size)
{
	return span.ptr >= data && span.len <= size && span.ptr + span.len <= data + size;
}

static void
check_request(const struct http_head *h, const uint8_t *data, size_t size)
{
	struct http_head again;
	struct buf b;

	CHECK(is_within(h->method, data, size) && is_within(h->path, data, size));
	CHECK(http_head_is_path(h->path) && h->method.len > 0 && h->hosts == 1);
	CHECK(memmem(data, size, "HTTP/1.1\r\n", 10) != NULL);
	CHECK(memcmp(data + size - 4, "\r\n\r\n", 4) == 0);
	buf_init(&b, 2 * size + 256);
	buf_bytes(&b, h->method.ptr, h->method.len);
	buf_text(&b, " ");
	buf_bytes(&b, h->path.ptr, h->path.len);
	buf_text(&b, " HTTP/1.1\r\nHost: a\r\n");
	if (h->has_len)
		buf_printf(
			&b, "Content-Length: %llu\r\n", (unsigned long long)h->body_len);
	buf_text(&b, "\r\n");
	CHECK(buf_error(&b) == 0);
	CHECK(http_head_request(rd_of(b.data, b.len), &again) == 0);
	CHECK(again.body_len == h->body_len && again.has_len == h->has_len);
	CHECK(again.path.len == h->path.len && again.method.len == h->method.len);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head h;

	if (http_head_request(rd_of(data, size), &h) == 0)
		check_request(&h, data, size);
	if (http_head_answer(rd_of(data, size), &h) == 0)
		CHECK(h.status >= 100 && h.status <= 599);
	return 0;
}
