/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_DISK_H
#define VALISED_VAULT_DISK_H
/*
 * vault_disk: the four things that custody asks of a disk, behind a table of functions.
 *
 *   read      bytes at an offset; fewer than asked means the end; FAIL_ABSENT: no such file
 *   append    cut the file at `offset` (make it when that is 0), put the bytes there
 *   sync      what append() put there is durable when this has returned 0
 *   replace   a whole file, durable: the new one under a temporary name, synced, renamed, the
 *             directory synced; then the old bytes are overwritten with zeros and synced
 *
 * After a crash in replace() there is the old file or the new one.  Overwriting is best effort:
 * a disk that writes elsewhere (flash, copy on write) keeps old bytes, which is why they are
 * sealed under a master key that is gone by then (docs/format/custody.md).
 * Append cuts first, so what an earlier append left half-written is never read again.
 *
 * vault_disk_sys is the directory of a running station; tests have one in memory.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"

/* A file in pieces: next() appends one piece; nothing appended means the end. */
struct vault_pieces {
	int (*next)(void *arg, struct buf *piece);
	void *arg;
};

enum { VAULT_PIECE_MAX = 256 * 1024 };

struct vault_disk {
	int (*read)(void *ctx, const char *name, uint64_t offset, void *ptr, size_t len,
		size_t *ret_len);
	int (*append)(void *ctx, const char *name, uint64_t offset, const void *ptr,
		size_t len);
	int (*sync)(void *ctx, const char *name);
	int (*replace)(void *ctx, const char *name, const struct vault_pieces *pieces);
	void *ctx;
};

struct vault_disk_sys;

/* Makes the directory (0700) when it is missing, and opens it: afterwards no path is needed. */
MUST int vault_disk_sys_new(const char *path, struct vault_disk_sys **ret_disk);
void vault_disk_sys_free(struct vault_disk_sys *disk);
struct vault_disk vault_disk_sys_table(struct vault_disk_sys *disk);

#endif
