/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SEGMENT_BUILD_H
#define LEAK_SEGMENT_BUILD_H
/*
 * segment_build: texts in, a segment out.
 *
 *   segment_build_new() -> segment_build_add()* -> segment_build_write() -> segment_build_clear()
 *
 * The grams wait in memory, 16 bytes each, and are sorted by radix when they are written; the
 * caller looks at segment_build_grams() and writes in time.
 *
 * Limits  a document < 4 GiB; an id 1 to SEGMENT_ID_MAX bytes: FAIL_LIMIT.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/gram.h"
#include "leak/normal.h"
#include "leak/segment.h"
#include "leak/segment_write.h"

struct segment_build;

/* A document to be registered. */
struct segment_text {
	const char *id;
	size_t id_len;
	const uint8_t *text; /* UTF-8, or nearly */
	size_t len;
	uint8_t digest[SEGMENT_DIGEST_LEN];
};

MUST int segment_build_new(const struct normal *n, enum cpu_kind cpu,
	const struct gram_key *key, struct segment_build **ret_build);
void segment_build_free(struct segment_build *b);

/* On failure the builder is good for segment_build_free() only. */
MUST int segment_build_add(struct segment_build *b, const struct segment_text *text);

uint64_t segment_build_grams(const struct segment_build *b);
uint64_t segment_build_docs(const struct segment_build *b);

MUST int segment_build_write(struct segment_build *b, struct segment_sink *sink);

/* Begin the next one. */
void segment_build_clear(struct segment_build *b);

#endif
