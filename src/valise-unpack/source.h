/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_SOURCE_H
#define VALISE_UNPACK_SOURCE_H
/*
 * source: the bytes of one input or member, as blocks, wherever they come from.
 *
 * Kinds    a descriptor (regular file: seekable, holes skipped on request; or a pipe), bytes in
 *          memory, or a stream that another reader makes (a member of an archive).
 * Blocks   source_block() gives the next bytes and where they stand in the member; the pointer
 *          holds until the next call.  len 0 is the end.  Where a hole is skipped, the offset
 *          jumps.
 * Peek     the first bytes can be looked at before they are taken.
 * A file   is read up to the size it had when it was opened, so that one which grows while we
 *          read ends; source_is_changed() then says so.
 * Errors   FAIL_IO, FAIL_NOMEM, FAIL_LIMIT (a budget), and those of the stream's maker.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/fail.h"

#define SOURCE_SIZE_UNKNOWN UINT64_MAX

enum { SOURCE_BLOCK = 256 * 1024, SOURCE_PEEK_MAX = 64 * 1024 };

struct source {
	/* The next bytes and their offset; *ret_len 0 at the end. */
	int (*next)(struct source *s, const uint8_t **ret_ptr, size_t *ret_len);
	void *maker;   /* of a stream */
	uint64_t size; /* or SOURCE_SIZE_UNKNOWN */
	uint64_t pos;  /* offset of what next() gave last, then of what follows it */
	bool is_skipping_holes;
	bool is_seekable;

	int fd; /* a descriptor: */
	uint8_t *block;
	uint64_t mtime_ns, ctime_ns;

	const uint8_t *mem; /* bytes in memory: */
	size_t mem_len;

	struct buf head; /* peeked, from offset 0 */
	size_t head_taken;
	const uint8_t *kept; /* a block that came after a jump while peeking */
	size_t kept_len;
	uint64_t kept_at;
};

/* Reads from the descriptor's beginning where it can seek. */
MUST int source_open_fd(struct source *s, int fd);
void source_open_mem(struct source *s, const void *ptr, size_t len);
void source_open_stream(struct source *s,
	int (*next)(struct source *s, const uint8_t **ret_ptr, size_t *ret_len),
	void *maker, uint64_t size);
void source_close(struct source *s);

/* Look at up to `want` bytes (at most SOURCE_PEEK_MAX) from the beginning; fewer at the end. */
MUST int source_peek(
	struct source *s, size_t want, const uint8_t **ret_ptr, size_t *ret_len);

MUST int source_block(
	struct source *s, uint64_t *ret_offset, const uint8_t **ret_ptr, size_t *ret_len);

/*
 * Have all of it in memory: bytes in memory as they are, everything else into *into.
 * FAIL_TOO_BIG when there are more than max; the source is then used up.
 */
MUST int source_load(struct source *s, size_t max, struct buf *into,
	const uint8_t **ret_ptr, size_t *ret_len);

/* Go to an offset; only where is_seekable. */
void source_seek(struct source *s, uint64_t offset);

/* Copy the last bytes (at most max) without moving; only where is_seekable. */
MUST int source_tail(struct source *s, void *ret_out, size_t max, size_t *ret_len);

/* Has the file changed since it was opened? */
bool source_is_changed(const struct source *s);

#endif
