/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/private_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "valise/keys_place.h"

/* Directories hold files only, and no directories: nothing here goes down into one. */

enum { ZEROS = 4096 };

static const char *const kinds[] = {"draft-", "read-"};

/* Zeros over a file's bytes, then its name away.  What cannot be opened is removed at least. */
static void
wipe_file(int dir, const char *name)
{
	static const uint8_t zeros[ZEROS];
	struct stat st;
	int fd = -1, r = 0;

	if (disk_open(dir, name, O_WRONLY | O_NOFOLLOW, 0, &fd) == 0 &&
		fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		for (off_t left = st.st_size; left > 0 && r == 0; left -= ZEROS)
			r = disk_write(fd, zeros, ZEROS);
		if (r == 0)
			r = disk_sync(fd);
	}
	disk_close(fd);
	disk_unlink(dir, name);
}

static void
wipe_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			wipe_file(dirfd(dir), entry->d_name);
	(void)closedir(dir);
	(void)rmdir(path);
}

int
private_dir_new(const char *kind, struct private_dir *ret_dir)
{
	struct private_dir dir = {.fd = -1};
	char run[DISK_PATH_MAX];
	int n, r;

	if ((r = keys_runtime_dir(run)) != 0)
		return r;
	n = snprintf(dir.path, sizeof dir.path, "%.2000s/%s-XXXXXX", run, kind);
	if (n < 0 || mkdtemp(dir.path) == NULL)
		return FAIL_DENIED;
	if ((r = disk_open(AT_FDCWD, dir.path, O_RDONLY | O_DIRECTORY, 0, &dir.fd)) !=
			0 ||
		flock(dir.fd, LOCK_EX | LOCK_NB) != 0) {
		private_dir_wipe(&dir);
		return r != 0 ? r : FAIL_AGAIN;
	}
	*ret_dir = dir;
	return 0;
}

void
private_dir_wipe(struct private_dir *dir)
{
	wipe_dir(dir->path);
	private_dir_leave(dir);
}

void
private_dir_leave(struct private_dir *dir)
{
	disk_close(dir->fd);
	dir->fd = -1;
}

static bool
is_ours(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

/* Unless somebody holds it. */
static bool
wipe_unheld(const char *run, const char *name)
{
	char path[DISK_PATH_MAX];
	int n = snprintf(path, sizeof path, "%.2000s/%s", run, name);
	int fd = -1;
	bool is_free;

	if (n < 0 || n >= DISK_PATH_MAX ||
		disk_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, &fd) !=
			0)
		return false;
	is_free = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (is_free)
		wipe_dir(path);
	disk_close(fd);
	return is_free;
}

int
private_dir_wipe_all(size_t *ret_count)
{
	char run[DISK_PATH_MAX];
	struct dirent *entry;
	size_t count = 0;
	DIR *dir;
	int r;

	if ((r = keys_runtime_dir(run)) != 0)
		return r;
	if ((dir = opendir(run)) == NULL)
		return FAIL_DENIED;
	while ((entry = readdir(dir)) != NULL)
		if (is_ours(entry->d_name) && wipe_unheld(run, entry->d_name))
			count++;
	(void)closedir(dir);
	*ret_count = count;
	return 0;
}
