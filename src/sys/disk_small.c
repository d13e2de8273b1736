/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/outfile.h"

/*
 * Small files as a whole: keys, configuration.  Apart from disk.c because they stand on
 * sys/outfile.h, which stands on disk.c.
 */

enum { PIECE = 4096 };

int
disk_read_small(const char *path, size_t max, struct buf *ret_bytes)
{
	size_t room = max, n = PIECE;
	uint8_t piece[PIECE];
	int fd = -1, r;

	if ((r = disk_open(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0, &fd)) != 0)
		return r;
	/* One byte more than allowed is asked for, to see that the file ends. */
	while (n == PIECE) {
		if ((r = disk_read(fd, piece, PIECE, &n)) != 0)
			goto out;
		if (n > room) {
			r = FAIL_LIMIT;
			goto out;
		}
		buf_bytes(ret_bytes, piece, n);
		if ((r = buf_error(ret_bytes)) != 0)
			goto out;
		room -= n;
	}
out:
	mem_wipe(piece, sizeof piece);
	disk_close(fd);
	return r;
}

int
disk_write_small(const char *path, const void *ptr, size_t len, bool is_replacing)
{
	struct outfile *o = NULL;
	int r;

	if ((r = outfile_new(path, is_replacing, &o)) != 0 ||
		(r = outfile_write(o, ptr, len)) != 0 || (r = outfile_commit(o)) != 0)
		goto out;
out:
	outfile_free(o);
	return r;
}

/*
 * In a directory like /tmp anybody may have put something under our name first: a directory
 * of theirs, or a link of theirs to a directory of ours.  So what is there must be ours, the
 * link as well as the directory.
 */
static int
check_private(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return disk_fail_of(errno);
	if (st.st_uid != geteuid())
		return FAIL_REFUSED;
	if (S_ISLNK(st.st_mode) && stat(path, &st) != 0)
		return disk_fail_of(errno);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
		(st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return FAIL_REFUSED;
	return 0;
}

int
disk_make_private_dir(const char *path)
{
	char part[DISK_PATH_MAX];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof part)
		return FAIL_USAGE;
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		char end = part[i];

		if (end != '/' && end != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST && !disk_is_there(part))
			return disk_fail_of(errno);
		part[i] = end;
	}
	return check_private(path);
}
