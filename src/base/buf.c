/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/*
 * Growth doubles, so that n bytes cost O(n) copies; the old block is wiped by mem_grow(), so
 * growing never leaves half a key behind.
 */

enum { BUF_FIRST = 256 };

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void
buf_done(struct buf *b)
{
	mem_free_wiped(b->data, b->cap);
	*b = (struct buf){.max = b->max};
}

void
buf_clear(struct buf *b)
{
	if (b->len > 0)
		mem_wipe(b->data, b->len);
	b->len = 0;
	b->error = 0;
}

int
buf_error(const struct buf *b)
{
	return b->error;
}

uint8_t *
buf_extend(struct buf *b, size_t len)
{
	size_t cap = b->cap > 0 ? b->cap : BUF_FIRST;
	uint8_t *at;

	if (b->error != 0)
		return NULL;
	if (len > b->max - b->len) {
		b->error = FAIL_LIMIT;
		return NULL;
	}
	/* Also for nothing at all: the answer must not look like an error. */
	if (len > b->cap - b->len || b->data == NULL) {
		while (cap < b->len + len)
			cap = cap > b->max / 2 ? b->max : cap * 2;
		if ((b->error = mem_grow(&b->data, b->cap, cap)) != 0)
			return NULL;
		b->cap = cap;
	}
	at = b->data + b->len;
	b->len += len;
	return at;
}

static void
put_uint(struct buf *b, uint64_t v, size_t width)
{
	uint8_t *at = buf_extend(b, width);

	for (size_t i = 0; at != NULL && i < width; i++)
		at[i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

void
buf_u8(struct buf *b, uint8_t v)
{
	put_uint(b, v, 1);
}

void
buf_u16(struct buf *b, uint16_t v)
{
	put_uint(b, v, 2);
}

void
buf_u24(struct buf *b, uint32_t v)
{
	CHECK(v < 1u << 24);
	put_uint(b, v, 3);
}

void
buf_u32(struct buf *b, uint32_t v)
{
	put_uint(b, v, 4);
}

void
buf_u64(struct buf *b, uint64_t v)
{
	put_uint(b, v, 8);
}

void
buf_bytes(struct buf *b, const void *ptr, size_t len)
{
	uint8_t *at = buf_extend(b, len);

	if (at != NULL && len > 0)
		memcpy(at, ptr, len);
}

void
buf_text(struct buf *b, const char *s)
{
	buf_bytes(b, s, strlen(s));
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;
	uint8_t *at;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	CHECK(n >= 0);
	/* One byte more for the NUL that vsnprintf writes; taken back below. */
	if ((at = buf_extend(b, (size_t)n + 1)) == NULL)
		return;
	va_start(ap, format);
	(void)vsnprintf((char *)at, (size_t)n + 1, format, ap);
	va_end(ap);
	b->len--;
}

size_t
buf_vec_begin(struct buf *b, size_t width)
{
	CHECK(width >= 1 && width <= 4);
	put_uint(b, 0, width);
	return b->len;
}

void
buf_vec_end(struct buf *b, size_t mark, size_t width)
{
	uint64_t len;

	if (b->error != 0)
		return;
	CHECK(mark >= width && mark <= b->len);
	len = b->len - mark;
	if (len >> 8 * width != 0) {
		b->error = FAIL_LIMIT;
		return;
	}
	for (size_t i = 0; i < width; i++)
		b->data[mark - width + i] = (uint8_t)(len >> 8 * (width - 1 - i));
}

void
buf_vec(struct buf *b, size_t width, const void *ptr, size_t len)
{
	size_t mark = buf_vec_begin(b, width);

	buf_bytes(b, ptr, len);
	buf_vec_end(b, mark, width);
}
