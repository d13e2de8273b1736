/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LEAK_FIXTURE_H
#define TESTS_LEAK_FIXTURE_H
/*
 * fixture: made-up documents and segments in memory, the same in every run.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "leak/index.h"
#include "leak/normal.h"
#include "leak/segment_write.h"

struct fixture_sink {
	struct segment_sink sink;
	struct buf bytes;
	uint64_t room; /* FAIL_SPACE once more than this was put */
};

void fixture_sink_init(struct fixture_sink *s);

extern const struct gram_key fixture_key;

uint32_t fixture_random(uint32_t *seed);

/* Words made of syllables: prose that shares no phrase with another seed's. */
void fixture_prose(uint32_t seed, size_t words, struct buf *out);

/* A segment of `docs` documents "doc-<n>" with 200 words of fixture_prose(first + n). */
MUST int fixture_segment(
	const struct normal *n, uint32_t first, size_t docs, struct segment_sink *sink);

/* Build and open; the bytes stay in `sink`. */
MUST int fixture_open(const struct normal *n, uint32_t first, size_t docs,
	struct fixture_sink *sink, struct segment *ret_segment);

#endif
