/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_DISK_H
#define SYS_DISK_H
/*
 * disk: the system calls on files, each behind one function, and small files as a whole.
 *
 * Everything that touches a file (sys/outfile.h and sys/infile.h too) goes through the calls
 * below.  They repeat after EINTR and short reads and writes, they turn errno into FAIL_* in
 * one place, and disk_fail_after() makes any of them fail, so that a test can fail each call
 * of a scenario in turn and look at what is left behind.
 *
 * Errors  FAIL_SPACE   ENOSPC, EDQUOT, EFBIG      FAIL_DENIED  EACCES, EPERM, EROFS
 *         FAIL_ABSENT  ENOENT, ENOTDIR, ENXIO     FAIL_EXISTS  EEXIST
 *         FAIL_CLOSED  EPIPE, ECONNRESET          FAIL_AGAIN   EAGAIN, EMFILE, ENFILE, ETXTBSY
 *         FAIL_NOMEM   ENOMEM                     FAIL_USAGE   EISDIR, ELOOP, ENAMETOOLONG
 *         FAIL_UNSUPPORTED  ENOSYS, EOPNOTSUPP    FAIL_IO      EIO and everything else
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/fail.h"

enum { DISK_PATH_MAX = 4096 };

/* The FAIL_* of an errno; never 0. */
int disk_fail_of(int error_number);

/* Close-on-exec is always set. */
MUST int disk_open(int dir_fd, const char *path, int flags, mode_t mode, int *ret_fd);

/* Close; an error of close(2) is of no use after a sync, so none is told.  -1 is fine. */
void disk_close(int fd);

/* Read until len bytes are there or the input ends: *ret_len < len means the end. */
MUST int disk_read(int fd, void *ptr, size_t len, size_t *ret_len);
MUST int disk_read_at(int fd, void *ptr, size_t len, uint64_t offset, size_t *ret_len);

MUST int disk_write(int fd, const void *ptr, size_t len);
MUST int disk_write_at(int fd, const void *ptr, size_t len, uint64_t offset);

/* fsync; syncfs: the whole file system on which fd lies. */
MUST int disk_sync(int fd);
MUST int disk_sync_all(int fd);

/* Give an unnamed file (O_TMPFILE) a name; FAIL_EXISTS when the name is taken. */
MUST int disk_link(int fd, int dir_fd, const char *name);

/* Rename within one directory; without is_replacing atomically FAIL_EXISTS. */
MUST int disk_rename(int dir_fd, const char *from, const char *to, bool is_replacing);

void disk_unlink(int dir_fd, const char *name);

/* Append the whole file to ret_bytes, at most max bytes: FAIL_LIMIT above. */
MUST int disk_read_small(const char *path, size_t max, struct buf *ret_bytes);

/*
 * Write a whole small file, mode 0600: temporary name, fsync, rename, fsync of the directory.
 * After a crash there is the old file or the new one.  Without is_replacing FAIL_EXISTS when
 * the path is taken.
 */
MUST int disk_write_small(
	const char *path, const void *ptr, size_t len, bool is_replacing);

/*
 * Make a directory for us alone, mode 0700, and its missing parents.  One that is there must
 * be a directory of ours that nobody else may write to: FAIL_REFUSED.
 */
MUST int disk_make_private_dir(const char *path);

/* The directory part of a path ("." when it has none); FAIL_USAGE when it is too long. */
MUST int disk_dir_of(const char *path, char ret_dir[DISK_PATH_MAX]);

/* Is there anything (a dangling link counts) at this path? */
bool disk_is_there(const char *path);

/* Tests: let n calls pass, then fail one with this errno.  disk_fail_never() ends it. */
void disk_fail_after(long n, int error_number);
void disk_fail_never(void);

/* Tests: how many calls were failed since disk_fail_after(). */
long disk_failed_count(void);

#endif
