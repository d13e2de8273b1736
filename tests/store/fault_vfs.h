/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORE_FAULT_VFS_H
#define TESTS_STORE_FAULT_VFS_H
/*
 * fault_vfs: a disk that lies in memory, forgets, and fails when it is told to.
 *
 * Each file is two images: what a program reads (live) and what would be there after a power
 * cut (durable), with a mark on each sector that was written and not yet synced.  A sync
 * copies; a power cut lets each marked sector stay old, become new, or be torn between the
 * two, by a seed.  Bytes that nobody wrote never change.  A file that was made and never
 * synced, and a removal, may or may not have happened.
 *
 * A sync that fails does what Linux does: the marks are gone, and the bytes will never reach
 * the disk unless they are written again, though they read well until the power goes.
 */
#include <stdbool.h>
#include <stdint.h>

enum fault {
	FAULT_NONE,
	FAULT_IO,    /* any call: EIO */
	FAULT_SPACE, /* a write: disk full, nothing written */
	FAULT_SHORT, /* a write: half of it written, then disk full */
	FAULT_SYNC,  /* a sync fails */
	FAULT_POWER, /* any call: the power goes; nothing works until fault_vfs_power() */
	FAULT_LIE,   /* planted: every sync says yes and does nothing */
};
enum { FAULTS = FAULT_LIE + 1 };

/* Make it the default file system of SQLite. */
void fault_vfs_install(void);

/* No files at all, no faults. */
void fault_vfs_format(uint64_t seed);

/* Let n calls of the kind pass, then fail one (is_once) or all. */
void fault_vfs_fail(enum fault fault, long n, bool is_once);
void fault_vfs_heal(void);

/* How many calls were made to fail. */
long fault_vfs_failed(void);

/* The power goes and comes back: what was not synced is dropped, torn or kept. */
void fault_vfs_power(void);

#endif
