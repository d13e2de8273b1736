/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_EMIT_H
#define VALISE_UNPACK_EMIT_H
/*
 * emit: the one way out of an unpacker: records in a block, blocks to whoever listens.
 *
 * States  idle, in a member, in a blob: emit keeps the order that wire/unpack.h asks for, so
 *         that a reader of formats cannot break the conversation.  A member that is still open
 *         when another opens is a programmer error.
 * Errors  the first one (out of memory, listener gone, EMIT_TEXT_MAX reached) sticks; later
 *         records are dropped and emit_error() tells it.  Readers of formats need to ask only
 *         where they would otherwise go on working for nothing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/unpack.h"

enum { EMIT_BLOCK = 192 * 1024 }; /* bytes gathered before the listener hears them */

struct emit {
	struct buf out;
	int (*flush)(void *arg, const uint8_t *ptr, size_t len);
	void *arg;
	struct unpack_total total; /* counted as records go out; bytes by whoever reads */
	uint64_t member_bytes;
	uint64_t blob_bytes;
	bool is_in_member;
	int error;
};

/* flush receives whole records. */
void emit_init(struct emit *e, int (*flush)(void *arg, const uint8_t *ptr, size_t len),
	void *arg);
void emit_done(struct emit *e);

/* Hello first, total last; the total is also sent after an error of memory, if it can be. */
void emit_hello(struct emit *e);
MUST int emit_total(struct emit *e);

void emit_member(
	struct emit *e, enum unpack_kind kind, const char *path, size_t path_len);
void emit_text(struct emit *e, const struct unpack_text *text);

/* Text longer than one record, all of it from `offset` on, byte for byte. */
void emit_text_exact(struct emit *e, const struct unpack_text *text);
void emit_end(struct emit *e, enum unpack_reason reason, uint64_t bytes);

/* Also inside a member, which is then closed by the caller: kept back until it is. */
void emit_skip(struct emit *e, enum unpack_reason reason, const struct buf *path,
	const char *detail);
void emit_blob(struct emit *e, const struct unpack_blob *blob);
void emit_blob_data(struct emit *e, const void *ptr, size_t len);
void emit_blob_end(struct emit *e);

/* Hand what is gathered to the listener now. */
void emit_flush(struct emit *e);

static inline MUST int
emit_error(const struct emit *e)
{
	return e->error;
}

/* The reason to report for a failure. */
enum unpack_reason emit_reason_of(int r);

#endif
