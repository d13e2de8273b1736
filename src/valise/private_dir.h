/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PRIVATE_DIR_H
#define VALISE_PRIVATE_DIR_H
/*
 * private_dir: a directory for opened text: under the runtime directory, ours alone, wiped.
 *
 * Names    RUNTIME/draft-XXXXXX while an editor runs; RUNTIME/read-XXXXXX for attachments
 * Wiped    by who made it, or by `valise lock` (private_dir_wipe_all()).  What an editor has
 *          open in another window is locked (flock) and is left alone; what was left behind by
 *          a crash is not locked and goes.
 *
 * Wiping overwrites each file with zeros before its name goes.  The runtime directory is
 * memory; where it is not, overwriting is the best that can be done.
 */
#include "base/fail.h"
#include "sys/disk.h"

struct private_dir {
	char path[DISK_PATH_MAX];
	int fd; /* holds the lock; closed when the process ends */
};

/* kind: "draft", "read".  FAIL_DENIED, FAIL_SPACE and the like. */
MUST int private_dir_new(const char *kind, struct private_dir *ret_dir);

/* Overwrite and remove what is in it, and it. */
void private_dir_wipe(struct private_dir *dir);

/* Let go of it without removing anything: `lock` wipes it later. */
void private_dir_leave(struct private_dir *dir);

/* All directories of this user that nobody holds; *ret_count says how many there were. */
MUST int private_dir_wipe_all(size_t *ret_count);

#endif
