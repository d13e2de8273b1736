/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_OUTFILE_H
#define SYS_OUTFILE_H
/*
 * outfile: a file that appears under its name when it is complete and durable, or never.
 *
 *   outfile_new() -> outfile_write()* -> outfile_commit() -> outfile_free()
 *
 * Until the commit the bytes lie beside OUT in a file without a name (O_TMPFILE), or, where
 * the file system has none, under ".valise-<random>.tmp".  Commit: fsync of the file, link or
 * rename, fsync of the directory.  outfile_free() without a commit leaves nothing; after a
 * kill or power cut an unnamed file is gone by itself.
 *
 * An OUT that exists is refused early and again, atomically, at the commit, unless is_forced;
 * then it is replaced in one step.  A symbolic link is replaced itself, not what it points to.
 * New files have mode 0600.
 *
 * "-", "/dev/stdout", a FIFO and a device are streams: bytes go out at once and cannot be
 * taken back.  Ask outfile_is_stream() before writing what has not been verified.
 *
 * Batches  A batch collects many files of one directory and makes them durable in groups of
 *          OUTBATCH_GROUP, with one sync for the group: 10,000 small files would spend a minute
 *          in fsync otherwise.  No file of a group appears before all of them are durable.
 *          Files of one batch may be written by several threads, each file by one.
 *
 * Errors   those of sys/disk.h; FAIL_EXISTS; FAIL_USAGE when OUT is a directory.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct outfile;

MUST int outfile_new(const char *path, bool is_forced, struct outfile **ret_file);

/* Without a commit this takes everything back.  NULL is fine. */
void outfile_free(struct outfile *o);

bool outfile_is_stream(const struct outfile *o);

/* Append. */
MUST int outfile_write(struct outfile *o, const void *ptr, size_t len);

/* Write at an offset; not for streams (FAIL_UNSUPPORTED).  Several threads may, apart. */
MUST int outfile_write_at(
	struct outfile *o, const void *ptr, size_t len, uint64_t offset);

/* Make it durable and give it its name.  Afterwards only outfile_free().  Not in a batch. */
MUST int outfile_commit(struct outfile *o);

enum { OUTBATCH_GROUP = 256 };

struct outbatch;

MUST int outbatch_new(const char *dir, bool is_forced, struct outbatch **ret_batch);

/* Files that were put and not yet committed are taken back.  NULL is fine. */
void outbatch_free(struct outbatch *b);

/* A new file `name` (no slash) in the batch's directory, to be written with outfile_write(). */
MUST int outbatch_open(struct outbatch *b, const char *name, struct outfile **ret_file);

/*
 * Hand a complete file over (the batch owns it, also on failure).  A full group is committed
 * at once.  On failure the files of the group that have no name yet are taken back.
 */
MUST int outbatch_put(struct outbatch *b, struct outfile *o);

/* Commit the rest.  After 0 every file that was put is durable under its name. */
MUST int outbatch_commit(struct outbatch *b);

#endif
