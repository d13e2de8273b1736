/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/infile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/disk.h"

struct infile {
	int fd;
	bool is_regular;
	uint64_t
		start; /* where it began: standard input may stand in the middle of a file */
	struct stat then;
};

static int
open_input(struct infile *in, const char *path)
{
	if (strcmp(path, "-") != 0)
		return disk_open(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0, &in->fd);
	in->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	return in->fd < 0 ? disk_fail_of(errno) : 0;
}

static int
look_at(struct infile *in)
{
	off_t start;

	if (fstat(in->fd, &in->then) != 0)
		return disk_fail_of(errno);
	if (S_ISDIR(in->then.st_mode))
		return FAIL_USAGE;
	in->is_regular = S_ISREG(in->then.st_mode);
	if (!in->is_regular)
		return 0;
	if ((start = lseek(in->fd, 0, SEEK_CUR)) < 0)
		return disk_fail_of(errno);
	in->start = (uint64_t)start;
	/* Advice only; twice the read-ahead. */
	(void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

int
infile_new(const char *path, struct infile **ret_file)
{
	struct infile *in = NULL;
	int r;

	if ((r = mem_new(&in, sizeof *in)) != 0)
		return r;
	in->fd = -1;
	if ((r = open_input(in, path)) != 0 || (r = look_at(in)) != 0)
		goto out;
	*ret_file = in;
	in = NULL;
out:
	infile_free(in);
	return r;
}

void
infile_free(struct infile *in)
{
	if (in == NULL)
		return;
	disk_close(in->fd);
	mem_free(in);
}

bool
infile_has_size(const struct infile *in, uint64_t *ret_size)
{
	uint64_t end = (uint64_t)in->then.st_size;

	if (in->is_regular && ret_size != NULL)
		*ret_size = end > in->start ? end - in->start : 0;
	return in->is_regular;
}

int
infile_read(struct infile *in, void *ptr, size_t len, size_t *ret_len)
{
	return disk_read(in->fd, ptr, len, ret_len);
}

int
infile_read_at(struct infile *in, void *ptr, size_t len, uint64_t offset, size_t *ret_len)
{
	if (!in->is_regular)
		return FAIL_UNSUPPORTED;
	return disk_read_at(in->fd, ptr, len, in->start + offset, ret_len);
}

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

int
infile_check_unchanged(const struct infile *in)
{
	const struct stat *then = &in->then;
	struct stat now;

	if (!in->is_regular)
		return 0;
	if (fstat(in->fd, &now) != 0)
		return disk_fail_of(errno);
	/* The change time as well: whoever writes can set the modification time back. */
	if (now.st_dev != then->st_dev || now.st_ino != then->st_ino ||
		now.st_size != then->st_size ||
		!is_same_time(&now.st_mtim, &then->st_mtim) ||
		!is_same_time(&now.st_ctim, &then->st_ctim))
		return FAIL_CHANGED;
	return 0;
}
