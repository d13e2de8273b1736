/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BUF_H
#define BASE_BUF_H
/*
 * buf: the one growing byte buffer, and the writer of every binary format.
 *
 * A buffer has a maximum that its owner sets.  The first error (FAIL_NOMEM, FAIL_LIMIT) sticks:
 * later puts do nothing, and buf_error() tells it.  A writer therefore reads as the list of
 * its fields, with one question at the end.  Whoever uses the bytes asks buf_error() first.
 *
 * buf_done() wipes what it frees: buffers hold keys and text as often as not.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max;
	int error;
};

/* An empty buffer that never holds more than max bytes.  Allocates nothing. */
void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);

/* Keep the memory, forget the bytes (wiped) and the error. */
void buf_clear(struct buf *b);

/* 0, or the first error of all puts so far. */
MUST int buf_error(const struct buf *b);

void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v);
void buf_u24(struct buf *b, uint32_t v);
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_bytes(struct buf *b, const void *ptr, size_t len);

/* The bytes of a C string without its NUL. */
void buf_text(struct buf *b, const char *s);

/* printf into the buffer, without the NUL. */
void buf_printf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Append len bytes to be filled by the caller; NULL after an error. */
uint8_t *buf_extend(struct buf *b, size_t len);

/*
 * Vectors: a length of `width` bytes (1 to 4) before the bytes.  begin returns a mark, end
 * writes the length there; FAIL_LIMIT sticks when it does not fit.
 */
size_t buf_vec_begin(struct buf *b, size_t width);
void buf_vec_end(struct buf *b, size_t mark, size_t width);

/* A whole vector at once. */
void buf_vec(struct buf *b, size_t width, const void *ptr, size_t len);

#endif
