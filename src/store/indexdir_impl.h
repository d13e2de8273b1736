/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_INDEXDIR_IMPL_H
#define STORE_INDEXDIR_IMPL_H
/*
 * indexdir_impl: what reading and writing of an index directory share.  Not for other files.
 */
#include "store/indexdir.h"
#include "sys/disk.h"

struct mapping {
	uint8_t *ptr;
	size_t len;
};

struct indexdir {
	char path[DISK_PATH_MAX];
	int lock_fd;
	bool is_writer;
	struct manifest manifest;
	struct index index;
	struct mapping map[INDEX_PARTS_MAX];
	uint8_t *dead[INDEX_PARTS_MAX];
};

MUST int indexdir_path(
	const struct indexdir *d, const char *name, char ret_path[DISK_PATH_MAX]);
MUST int indexdir_segment_path(
	const struct indexdir *d, uint64_t number, char ret_path[DISK_PATH_MAX]);

/* Read key, manifest and segments again. */
MUST int indexdir_load(struct indexdir *d);

/* Remove segment files that the manifest does not name; failing to is no error. */
void indexdir_sweep(struct indexdir *d);

#endif
