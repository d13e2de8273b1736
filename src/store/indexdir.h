/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_INDEXDIR_H
#define STORE_INDEXDIR_H
/*
 * indexdir: the directory of an index (docs/format/index.md): key, manifest, segments.
 *
 *   DIR/key          32 random bytes, made with the directory     DIR mode 0700, files 0600
 *   DIR/manifest     which segments count                         replaced as a whole
 *   DIR/seg-<hex>    segments                                     written once
 *   DIR/lock         held by the one writer
 *
 * An index is content: with its key it gives the registered texts back.
 *
 * Crashes  A segment is complete and durable before the manifest names it; the manifest is
 *          replaced in one step; files are removed only after a durable manifest without
 *          them.  Killed anywhere, the index is that of before or after; the next writer
 *          removes what no manifest names.
 * Readers  take no lock.  One that finds a segment gone, because a merge ended meanwhile,
 *          reads the manifest again.
 * Errors   those of sys/disk.h and leak/segment.h; FAIL_AGAIN: another writer is at work.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rng.h"
#include "leak/index.h"
#include "leak/manifest.h"
#include "leak/segment_build.h"

enum indexdir_mode {
	INDEXDIR_READ = 0,
	INDEXDIR_WRITE = 1,
	INDEXDIR_CREATE = 2, /* write, and make it when it is not there; needs an rng */
};

struct indexdir;

MUST int indexdir_open(const char *path, enum indexdir_mode mode, struct rng *rng,
	struct indexdir **ret_dir);
void indexdir_close(struct indexdir *d);

const struct index *indexdir_index(const struct indexdir *d);
const struct manifest *indexdir_manifest(const struct indexdir *d);

/* Is the document removed? */
bool indexdir_is_dead(const struct indexdir *d, uint32_t doc);

/*
 * Write a segment of what the builder holds, remove the documents `dead` (numbers in the
 * index as it is now), join segments if it is time, and make all of it count in one step.
 * Afterwards documents have other numbers.
 */
MUST int indexdir_commit(struct indexdir *d, struct segment_build *build,
	const uint32_t *dead, size_t dead_count);

/* Join all segments into one, without what was removed. */
MUST int indexdir_merge(struct indexdir *d);

/*
 * Read everything.  On failure *ret_segment is the number of the segment that is damaged, or
 * UINT64_MAX.
 */
MUST int indexdir_verify(const struct indexdir *d, uint64_t *ret_segment);

#endif
