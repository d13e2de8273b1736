/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/disk.h"

/*
 * Everything is relative to one open directory, so the process may be locked in to it.  The file
 * that was used last stays open: append and sync must mean the same descriptor, because an
 * error of a write-back is told to the descriptors that were open when it happened.
 */

enum { NAME_MAX_LEN = 32 };

struct vault_disk_sys {
	int dir_fd;
	int fd; /* of `name`, or -1 */
	char name[NAME_MAX_LEN];
};

int
vault_disk_sys_new(const char *path, struct vault_disk_sys **ret_disk)
{
	struct vault_disk_sys *d = NULL;
	int r;

	if ((r = mem_new(&d, sizeof *d)) != 0)
		return r;
	d->dir_fd = d->fd = -1;
	if ((r = disk_make_private_dir(path)) != 0 ||
		(r = disk_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, &d->dir_fd)) !=
			0)
		goto out;
	*ret_disk = d;
	d = NULL;
out:
	vault_disk_sys_free(d);
	return r;
}

void
vault_disk_sys_free(struct vault_disk_sys *disk)
{
	if (disk == NULL)
		return;
	disk_close(disk->fd);
	disk_close(disk->dir_fd);
	mem_free(disk);
}

static void
let_go(struct vault_disk_sys *d)
{
	disk_close(d->fd);
	d->fd = -1;
}

static int
open_file(struct vault_disk_sys *d, const char *name, bool is_made)
{
	int r;

	if (d->fd >= 0 && strcmp(d->name, name) == 0)
		return 0;
	let_go(d);
	CHECK(strlen(name) < sizeof d->name);
	if ((r = disk_open(d->dir_fd, name, O_RDWR | (is_made ? O_CREAT : 0), 0600,
		     &d->fd)) != 0)
		return r;
	memcpy(d->name, name, strlen(name) + 1);
	return 0;
}

static int
sys_read(void *ctx, const char *name, uint64_t offset, void *ptr, size_t len,
	size_t *ret_len)
{
	struct vault_disk_sys *d = ctx;
	int r;

	if ((r = open_file(d, name, false)) != 0)
		return r;
	return disk_read_at(d->fd, ptr, len, offset, ret_len);
}

static int
sys_append(void *ctx, const char *name, uint64_t offset, const void *ptr, size_t len)
{
	struct vault_disk_sys *d = ctx;
	int r;

	if ((r = open_file(d, name, offset == 0)) != 0)
		return r;
	if (ftruncate(d->fd, (off_t)offset) != 0)
		return disk_fail_of(errno);
	return disk_write_at(d->fd, ptr, len, offset);
}

static int
sys_sync(void *ctx, const char *name)
{
	struct vault_disk_sys *d = ctx;
	int r;

	if ((r = open_file(d, name, false)) != 0)
		return r;
	/* A descriptor that has told of an error is given up: it tells each error once only. */
	if ((r = disk_sync(d->fd)) != 0)
		let_go(d);
	return r;
}

static int
write_pieces(int fd, const struct vault_pieces *pieces)
{
	struct buf piece;
	int r;

	buf_init(&piece, VAULT_PIECE_MAX);
	do {
		buf_clear(&piece);
		if ((r = pieces->next(pieces->arg, &piece)) != 0 ||
			(r = buf_error(&piece)) != 0 ||
			(r = disk_write(fd, piece.data, piece.len)) != 0)
			break;
	} while (piece.len > 0);
	buf_done(&piece);
	return r != 0 ? r : disk_sync(fd);
}

/* The old bytes, now without a name; what cannot be overwritten is let lie. */
static void
overwrite(int fd)
{
	static const uint8_t zeros[4096];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zeros) {
		size_t left = (size_t)(st.st_size - at);

		if (disk_write_at(fd, zeros, left < sizeof zeros ? left : sizeof zeros,
			    (uint64_t)at) != 0)
			return;
	}
	(void)!disk_sync(fd);
}

static int
sys_replace(void *ctx, const char *name, const struct vault_pieces *pieces)
{
	struct vault_disk_sys *d = ctx;
	char part[NAME_MAX_LEN + 8];
	int fd = -1, old_fd = -1, r;

	/* The old one may be read by pieces->next() through d->fd until the new one is whole. */
	(void)snprintf(part, sizeof part, "%s.new", name);
	disk_unlink(d->dir_fd, part);
	if ((r = disk_open(d->dir_fd, part, O_WRONLY | O_CREAT | O_EXCL, 0600, &fd)) != 0)
		return r;
	if ((r = write_pieces(fd, pieces)) != 0)
		goto out;
	let_go(d);
	r = disk_open(d->dir_fd, name, O_RDWR, 0, &old_fd);
	if (r != 0 && r != FAIL_ABSENT)
		goto out;
	if ((r = disk_rename(d->dir_fd, part, name, true)) != 0 ||
		(r = disk_sync(d->dir_fd)) != 0)
		goto out;
	overwrite(old_fd);
out:
	if (r != 0)
		disk_unlink(d->dir_fd, part);
	disk_close(old_fd);
	disk_close(fd);
	return r;
}

struct vault_disk
vault_disk_sys_table(struct vault_disk_sys *disk)
{
	return (struct vault_disk){.read = sys_read,
		.append = sys_append,
		.sync = sys_sync,
		.replace = sys_replace,
		.ctx = disk};
}
