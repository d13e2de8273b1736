/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Each call asks refuse() first, which is how the tests fail it.  The counter is atomic because
 * several threads write one file; outside the tests it costs one relaxed load per call.
 */

enum { NEVER = -1 };

static atomic_long countdown = NEVER;
static atomic_long failed;
static atomic_int failing_errno;

static bool
refuse(void)
{
	long left = atomic_load_explicit(&countdown, memory_order_relaxed);

	if (left == NEVER)
		return false;
	if (left > 0) {
		(void)atomic_fetch_sub(&countdown, 1);
		return false;
	}
	atomic_store(&countdown, NEVER);
	(void)atomic_fetch_add(&failed, 1);
	errno = atomic_load(&failing_errno);
	return true;
}

void
disk_fail_after(long n, int error_number)
{
	CHECK(n >= 0 && error_number > 0);
	atomic_store(&failed, 0);
	atomic_store(&failing_errno, error_number);
	atomic_store(&countdown, n);
}

void
disk_fail_never(void)
{
	atomic_store(&countdown, NEVER);
}

long
disk_failed_count(void)
{
	return atomic_load(&failed);
}

int
disk_fail_of(int error_number)
{
	static const struct {
		int error_number, fail;
	} table[] = {
		{ENOSPC, FAIL_SPACE},
		{EDQUOT, FAIL_SPACE},
		{EFBIG, FAIL_SPACE},
		{EACCES, FAIL_DENIED},
		{EPERM, FAIL_DENIED},
		{EROFS, FAIL_DENIED},
		{ENOENT, FAIL_ABSENT},
		{ENOTDIR, FAIL_ABSENT},
		{ENXIO, FAIL_ABSENT},
		{EEXIST, FAIL_EXISTS},
		{EPIPE, FAIL_CLOSED},
		{ECONNRESET, FAIL_CLOSED},
		{EAGAIN, FAIL_AGAIN},
		{EMFILE, FAIL_AGAIN},
		{ENFILE, FAIL_AGAIN},
		{ETXTBSY, FAIL_AGAIN},
		{ENOMEM, FAIL_NOMEM},
		{EISDIR, FAIL_USAGE},
		{ELOOP, FAIL_USAGE},
		{ENAMETOOLONG, FAIL_USAGE},
		{ENOSYS, FAIL_UNSUPPORTED},
		{EOPNOTSUPP, FAIL_UNSUPPORTED},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].error_number == error_number)
			return table[i].fail;
	return FAIL_IO;
}

static int
fail_now(void)
{
	return disk_fail_of(errno);
}

int
disk_open(int dir_fd, const char *path, int flags, mode_t mode, int *ret_fd)
{
	int fd;

	if (refuse())
		return fail_now();
	do
		fd = openat(dir_fd, path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return fail_now();
	*ret_fd = fd;
	return 0;
}

void
disk_close(int fd)
{
	/* After EINTR Linux has closed it all the same; a second try could close another's. */
	if (fd >= 0)
		(void)close(fd);
}

int
disk_read(int fd, void *ptr, size_t len, size_t *ret_len)
{
	uint8_t *at = ptr;
	size_t done = 0;

	if (refuse())
		return fail_now();
	while (done < len) {
		ssize_t n = read(fd, at + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_now();
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*ret_len = done;
	return 0;
}

int
disk_read_at(int fd, void *ptr, size_t len, uint64_t offset, size_t *ret_len)
{
	uint8_t *at = ptr;
	size_t done = 0;

	if (refuse())
		return fail_now();
	while (done < len) {
		ssize_t n = pread(fd, at + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_now();
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*ret_len = done;
	return 0;
}

int
disk_write(int fd, const void *ptr, size_t len)
{
	const uint8_t *at = ptr;

	if (refuse())
		return fail_now();
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_now();
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int
disk_write_at(int fd, const void *ptr, size_t len, uint64_t offset)
{
	const uint8_t *at = ptr;

	if (refuse())
		return fail_now();
	while (len > 0) {
		ssize_t n = pwrite(fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_now();
		at += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/*
 * An error of a sync is final.  The kernel reports it once and marks the pages clean, so that
 * asking again would say "durable" of bytes that are lost; callers give the file up.
 */
int
disk_sync(int fd)
{
	return refuse() || fsync(fd) != 0 ? fail_now() : 0;
}

int
disk_sync_all(int fd)
{
	return refuse() || syncfs(fd) != 0 ? fail_now() : 0;
}

int
disk_link(int fd, int dir_fd, const char *name)
{
	char path[32];
	int n;

	/* linkat(AT_EMPTY_PATH) needs a capability; the name in /proc does not. */
	n = snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	CHECK(n > 0 && (size_t)n < sizeof path);
	if (refuse() || linkat(AT_FDCWD, path, dir_fd, name, AT_SYMLINK_FOLLOW) != 0)
		return fail_now();
	return 0;
}

int
disk_rename(int dir_fd, const char *from, const char *to, bool is_replacing)
{
	unsigned flags = is_replacing ? 0 : RENAME_NOREPLACE;

	if (refuse())
		return fail_now();
	if (renameat2(dir_fd, from, dir_fd, to, flags) == 0)
		return 0;
	/* Some file systems (NFS) know no RENAME_NOREPLACE; link(2) refuses a taken name too. */
	if (flags == 0 || errno != EINVAL)
		return fail_now();
	if (linkat(dir_fd, from, dir_fd, to, 0) != 0)
		return fail_now();
	disk_unlink(dir_fd, from);
	return 0;
}

void
disk_unlink(int dir_fd, const char *name)
{
	/* Used for taking back only; there is nobody to tell when it fails. */
	(void)unlinkat(dir_fd, name, 0);
}

bool
disk_is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int
disk_dir_of(const char *path, char ret_dir[DISK_PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len;

	if (slash == NULL) {
		memcpy(ret_dir, ".", 2);
		return 0;
	}
	len = slash == path ? 1 : (size_t)(slash - path);
	if (len >= DISK_PATH_MAX)
		return FAIL_USAGE;
	memcpy(ret_dir, path, len);
	ret_dir[len] = '\0';
	return 0;
}
