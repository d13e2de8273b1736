/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/disk.h"
#include "sys/random.h"

/*
 * Two ways to a temporary file, one way out.  An unnamed file gets its name by link(2), which
 * never replaces; replacing takes a temporary name and a rename.  Both are one atomic step for
 * whoever looks at OUT.
 */

enum { TEMP_RANDOM = 8, TEMP_MAX = 40 };

struct outfile {
	int fd;
	int dir_fd;
	bool is_dir_shared; /* dir_fd belongs to a batch */
	bool is_stream;
	bool is_forced;
	char temp[TEMP_MAX]; /* a temporary name that is in the directory; "" when none */
	char name[NAME_MAX + 1];
};

static int
temp_name(char ret_name[TEMP_MAX])
{
	static const char head[] = ".valise-", tail[] = ".tmp";
	uint8_t random[TEMP_RANDOM];
	char *at = ret_name;
	int r;

	if ((r = rng_fill(random_system(), random, sizeof random)) != 0)
		return r;
	memcpy(at, head, sizeof head - 1);
	at += sizeof head - 1;
	text_hex(random, sizeof random, at);
	memcpy(at + 2 * sizeof random, tail, sizeof tail);
	return 0;
}

static int
open_named(struct outfile *o)
{
	char name[TEMP_MAX];
	int r;

	if ((r = temp_name(name)) != 0 ||
		(r = disk_open(o->dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
			 0600, &o->fd)) != 0)
		return r;
	memcpy(o->temp, name, sizeof name);
	return 0;
}

static int
open_temp(struct outfile *o)
{
	int r;

	/* Without /proc an unnamed file could not be given a name at the end. */
	if (faccessat(AT_FDCWD, "/proc/self/fd", X_OK, 0) != 0)
		return open_named(o);
	r = disk_open(o->dir_fd, ".", O_TMPFILE | O_RDWR, 0600, &o->fd);
	/* A file system without O_TMPFILE says one of two things, an old kernel the third. */
	if (r == FAIL_UNSUPPORTED || r == FAIL_USAGE || (r == FAIL_IO && errno == EINVAL))
		r = open_named(o);
	return r;
}

static int
set_name(struct outfile *o, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_MAX || strchr(name, '/') != NULL ||
		strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return FAIL_USAGE;
	memcpy(o->name, name, len + 1);
	return 0;
}

/* Early, so that nobody waits for an hour to hear it; the commit asks again. */
static int
check_free(const struct outfile *o)
{
	struct stat st;

	if (fstatat(o->dir_fd, o->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : disk_fail_of(errno);
	if (S_ISDIR(st.st_mode))
		return FAIL_USAGE;
	return o->is_forced ? 0 : FAIL_EXISTS;
}

static int
open_stdout(struct outfile *o)
{
	o->is_stream = true;
	o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	return o->fd < 0 ? disk_fail_of(errno) : 0;
}

static int
open_path(struct outfile *o, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[DISK_PATH_MAX];
	struct stat st;
	int r;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		if (S_ISDIR(st.st_mode))
			return FAIL_USAGE;
		o->is_stream = true;
		return disk_open(AT_FDCWD, path, O_WRONLY | O_NOCTTY, 0, &o->fd);
	}
	if ((r = set_name(o, slash == NULL ? path : slash + 1)) != 0 ||
		(r = disk_dir_of(path, dir)) != 0 ||
		(r = disk_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, &o->dir_fd)) !=
			0 ||
		(r = check_free(o)) != 0)
		return r;
	return open_temp(o);
}

int
outfile_new(const char *path, bool is_forced, struct outfile **ret_file)
{
	struct outfile *o = NULL;
	int r;

	if ((r = mem_new(&o, sizeof *o)) != 0)
		return r;
	o->fd = o->dir_fd = -1;
	o->is_forced = is_forced;
	if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
		r = open_stdout(o);
	else
		r = open_path(o, path);
	if (r != 0)
		goto out;
	*ret_file = o;
	o = NULL;
out:
	outfile_free(o);
	return r;
}

void
outfile_free(struct outfile *o)
{
	if (o == NULL)
		return;
	if (o->temp[0] != '\0')
		disk_unlink(o->dir_fd, o->temp);
	disk_close(o->fd);
	if (!o->is_dir_shared)
		disk_close(o->dir_fd);
	mem_free(o);
}

bool
outfile_is_stream(const struct outfile *o)
{
	return o->is_stream;
}

int
outfile_write(struct outfile *o, const void *ptr, size_t len)
{
	return disk_write(o->fd, ptr, len);
}

int
outfile_write_at(struct outfile *o, const void *ptr, size_t len, uint64_t offset)
{
	return o->is_stream ? FAIL_UNSUPPORTED : disk_write_at(o->fd, ptr, len, offset);
}

/* Give the file, which is durable, its name. */
static int
publish(struct outfile *o)
{
	char name[TEMP_MAX];
	int r;

	if (o->temp[0] == '\0') {
		r = disk_link(o->fd, o->dir_fd, o->name);
		if (r != FAIL_EXISTS || !o->is_forced)
			return r;
		if ((r = temp_name(name)) != 0 ||
			(r = disk_link(o->fd, o->dir_fd, name)) != 0)
			return r;
		memcpy(o->temp, name, sizeof name);
	}
	if ((r = disk_rename(o->dir_fd, o->temp, o->name, o->is_forced)) != 0)
		return r;
	o->temp[0] = '\0';
	return 0;
}

static int
commit_stream(struct outfile *o)
{
	struct stat st;

	/* Standard output may be a file on a full disk that reports it late. */
	if (fstat(o->fd, &st) == 0 && S_ISREG(st.st_mode))
		return disk_sync(o->fd);
	return 0;
}

int
outfile_commit(struct outfile *o)
{
	int r;

	if (o->is_stream)
		return commit_stream(o);
	/* The bytes before the name: after a crash the name never leads to half a file. */
	if ((r = disk_sync(o->fd)) != 0 || (r = publish(o)) != 0)
		return r;
	if ((r = disk_sync(o->dir_fd)) != 0 && !o->is_forced)
		disk_unlink(o->dir_fd, o->name);
	return r;
}

struct outbatch {
	int dir_fd;
	bool is_forced;
	pthread_mutex_t lock; /* of what follows */
	size_t count;
	struct outfile *files[OUTBATCH_GROUP];
};

int
outbatch_new(const char *dir, bool is_forced, struct outbatch **ret_batch)
{
	struct outbatch *b = NULL;
	int r;

	if ((r = mem_new(&b, sizeof *b)) != 0)
		return r;
	if ((r = disk_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, &b->dir_fd)) != 0) {
		mem_free(b);
		return r;
	}
	b->is_forced = is_forced;
	CHECK(pthread_mutex_init(&b->lock, NULL) == 0);
	*ret_batch = b;
	return 0;
}

static void
drop_files(struct outbatch *b)
{
	for (size_t i = 0; i < b->count; i++)
		outfile_free(b->files[i]);
	b->count = 0;
}

void
outbatch_free(struct outbatch *b)
{
	if (b == NULL)
		return;
	drop_files(b);
	disk_close(b->dir_fd);
	(void)pthread_mutex_destroy(&b->lock);
	mem_free(b);
}

int
outbatch_open(struct outbatch *b, const char *name, struct outfile **ret_file)
{
	struct outfile *o = NULL;
	int r;

	if ((r = mem_new(&o, sizeof *o)) != 0)
		return r;
	o->fd = -1;
	o->dir_fd = b->dir_fd;
	o->is_dir_shared = true;
	o->is_forced = b->is_forced;
	if ((r = set_name(o, name)) != 0 || (r = check_free(o)) != 0 ||
		(r = open_temp(o)) != 0)
		goto out;
	*ret_file = o;
	o = NULL;
out:
	outfile_free(o);
	return r;
}

/*
 * One syncfs for the group instead of one fsync a file: the same promise (every byte durable
 * before any name appears), measured at a fraction of the time (docs/decisions/0003).
 */
static int
commit_group(struct outbatch *b)
{
	size_t named = 0;
	int r = 0;

	if (b->count == 0)
		return 0;
	if ((r = disk_sync_all(b->dir_fd)) != 0)
		goto out;
	while (named < b->count && (r = publish(b->files[named])) == 0)
		named++;
	/* What has its name stays, and is made durable even when a later one failed. */
	if (named > 0 && r == 0)
		r = disk_sync(b->dir_fd);
	else if (named > 0)
		(void)fsync(b->dir_fd);
out:
	drop_files(b);
	return r;
}

int
outbatch_put(struct outbatch *b, struct outfile *o)
{
	int r = 0;

	CHECK(o->dir_fd == b->dir_fd);
	CHECK(pthread_mutex_lock(&b->lock) == 0);
	b->files[b->count++] = o;
	if (b->count == OUTBATCH_GROUP)
		r = commit_group(b);
	CHECK(pthread_mutex_unlock(&b->lock) == 0);
	return r;
}

int
outbatch_commit(struct outbatch *b)
{
	int r;

	CHECK(pthread_mutex_lock(&b->lock) == 0);
	r = commit_group(b);
	CHECK(pthread_mutex_unlock(&b->lock) == 0);
	return r;
}
