/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PIPELINE_H
#define VALISE_PIPELINE_H
/*
 * pipeline: the body of an envelope, a batch of segments at a time, on all processors.
 *
 *   take   one thread at a time, in order     fill batch->in
 *   work   all threads at once                batch->in -> batch->out, leaf hashes
 *   put    one thread at a time, in order     use batch->out
 *
 * One thread a processor is fastest (bench/seal): one more gains nothing while another writes,
 * and costs the time of waking threads.
 *
 * A body that fits into the first batch is done by the calling thread alone.  Memory is
 * (threads) x 2 batches, whatever the size of the body.  The first failure ends all; nothing
 * is put after it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "envelope/segment.h"

enum { PIPELINE_SEGMENTS_MAX = 4 };

struct batch {
	uint32_t first; /* number of its first segment */
	size_t count;	/* segments in it */
	bool is_end;	/* holds the last segment: set by take */
	size_t size;	/* of in and of out: segments_per_batch frames */
	uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
	uint8_t leaves[PIPELINE_SEGMENTS_MAX][HASH_LEN];
	struct aead *aead; /* NULL when there is no key */
	struct hash *hash;
};

struct pipeline {
	int (*take)(void *ctx, struct batch *batch);
	int (*work)(void *ctx, struct batch *batch);
	int (*put)(void *ctx, const struct batch *batch);
	void *ctx;
	const uint8_t *key;	   /* AEAD_KEY_LEN bytes, or NULL */
	size_t segments_per_batch; /* 1..PIPELINE_SEGMENTS_MAX */
	size_t thread_count;
};

/* FAIL_LIMIT for more segments than an envelope can have; else what the functions answer. */
MUST int pipeline_run(const struct pipeline *pipeline);

#endif
