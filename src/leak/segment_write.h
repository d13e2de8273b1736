/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SEGMENT_WRITE_H
#define LEAK_SEGMENT_WRITE_H
/*
 * segment_write: segments come out from front to back, so that a merge of a hundred million
 * grams holds only the directory and the filters in memory.
 *
 *   segment_writer_new()     documents, ids, maps and the number of grams are known
 *   segment_writer_entry()   each gram, by hash and then by posting
 *   segment_writer_end()     directory, filters, checksum
 *
 * Where the bytes go is the caller's: a `struct segment_sink`.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "leak/segment.h"

struct segment_sink {
	int (*put)(struct segment_sink *sink, const void *ptr, size_t len);
};

/* The documents of a segment to be: their records in order, ids and maps joined. */
struct segment_docs {
	struct buf records, ids, maps;
	uint64_t count, chars, grams;
};

void segment_docs_init(struct segment_docs *docs);
void segment_docs_done(struct segment_docs *docs);

/*
 * Append a document; its base, id_at and map_at are set here.  Errors stick in the buffers:
 * ask segment_docs_error().
 */
void segment_docs_add(struct segment_docs *docs, const struct segment_doc *doc,
	const char *id, const uint8_t *map, size_t map_len);
MUST int segment_docs_error(const struct segment_docs *docs);

struct segment_writer;

MUST int segment_writer_new(const struct segment_docs *docs, uint64_t key_check,
	struct segment_sink *sink, struct segment_writer **ret_writer);
void segment_writer_free(struct segment_writer *w);

/* CHECKs the order. */
MUST int segment_writer_entry(struct segment_writer *w, uint64_t hash, uint64_t posting);

/* FAIL_FORMAT when there were not as many entries as the documents have grams. */
MUST int segment_writer_end(struct segment_writer *w);

#endif
