/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_disk.h"

#include <string.h>

#include "base/mem.h"

/* A helper of tests: want of memory outside a planned failure is a CHECK. */

enum { FILE_MAX = 64 << 20, ROOM = 128 * 1024 };

void
memory_disk_init(struct memory_disk *disk)
{
	*disk = (struct memory_disk){.fail_at = -1};
	for (size_t i = 0; i < MEMORY_FILES; i++) {
		buf_init(&disk->files[i].now, FILE_MAX);
		buf_init(&disk->files[i].durable, FILE_MAX);
		/* Set aside, so that a planned want of memory never hits what is durable. */
		CHECK(buf_extend(&disk->files[i].durable, ROOM) != NULL);
		buf_clear(&disk->files[i].durable);
	}
}

void
memory_disk_done(struct memory_disk *disk)
{
	for (size_t i = 0; i < MEMORY_FILES; i++) {
		buf_done(&disk->files[i].now);
		buf_done(&disk->files[i].durable);
	}
}

struct memory_file *
memory_disk_file(struct memory_disk *disk, const char *name)
{
	for (size_t i = 0; i < MEMORY_FILES; i++)
		if (disk->files[i].is_there && strcmp(disk->files[i].name, name) == 0)
			return &disk->files[i];
	return NULL;
}

static struct memory_file *
make_file(struct memory_disk *disk, const char *name)
{
	struct memory_file *file = memory_disk_file(disk, name);

	for (size_t i = 0; file == NULL && i < MEMORY_FILES; i++)
		if (!disk->files[i].is_there && !disk->files[i].is_there_durable)
			file = &disk->files[i];
	CHECK(file != NULL && strlen(name) < sizeof file->name);
	memcpy(file->name, name, strlen(name) + 1);
	file->is_there = true;
	return file;
}

static void
assign(struct buf *to, const struct buf *from)
{
	buf_clear(to);
	if (from->len > 0)
		buf_bytes(to, from->data, from->len);
	CHECK(buf_error(to) == 0);
}

static bool
is_failing(struct memory_disk *disk)
{
	bool is_now = disk->fail_at >= 0 &&
		(disk->fail_on ? disk->calls >= disk->fail_at
			       : disk->calls == disk->fail_at);

	disk->calls++;
	return is_now;
}

static int
memory_read(void *ctx, const char *name, uint64_t offset, void *ptr, size_t len,
	size_t *ret_len)
{
	struct memory_file *file = memory_disk_file(ctx, name);
	size_t n = 0;

	if (file == NULL)
		return FAIL_ABSENT;
	if (offset < file->now.len)
		n = file->now.len - (size_t)offset;
	if (n > len)
		n = len;
	if (n > 0)
		memcpy(ptr, file->now.data + offset, n);
	*ret_len = n;
	return 0;
}

static int
memory_append(void *ctx, const char *name, uint64_t offset, const void *ptr, size_t len)
{
	struct memory_disk *disk = ctx;
	struct memory_file *file;
	bool is_bad = is_failing(disk);

	if (memory_disk_file(disk, name) == NULL && offset > 0)
		return FAIL_ABSENT;
	file = make_file(disk, name);
	if (offset < file->now.len)
		file->now.len = (size_t)offset;
	/* A disk that fills up takes a part. */
	buf_bytes(&file->now, ptr, is_bad ? len / 2 : len);
	if (buf_error(&file->now) != 0) {
		int r = buf_error(&file->now);

		file->now.error = 0;
		return r;
	}
	return is_bad ? disk->fail : 0;
}

static int
memory_sync(void *ctx, const char *name)
{
	struct memory_disk *disk = ctx;
	struct memory_file *file = memory_disk_file(disk, name);

	if (is_failing(disk))
		return disk->fail;
	if (file == NULL)
		return FAIL_ABSENT;
	if (disk->is_lying)
		return 0;
	assign(&file->durable, &file->now);
	file->is_there_durable = true;
	return 0;
}

static int
take_pieces(const struct vault_pieces *pieces, struct buf *whole)
{
	struct buf piece;
	int r;

	buf_init(&piece, VAULT_PIECE_MAX);
	do {
		buf_clear(&piece);
		if ((r = pieces->next(pieces->arg, &piece)) != 0 ||
			(r = buf_error(&piece)) != 0)
			break;
		if (piece.len > 0)
			buf_bytes(whole, piece.data, piece.len);
		r = buf_error(whole);
	} while (r == 0 && piece.len > 0);
	buf_done(&piece);
	return r;
}

static int
memory_replace(void *ctx, const char *name, const struct vault_pieces *pieces)
{
	struct memory_disk *disk = ctx;
	struct memory_file *file;
	bool is_bad = is_failing(disk);
	struct buf whole;
	int r;

	buf_init(&whole, FILE_MAX);
	if ((r = take_pieces(pieces, &whole)) != 0)
		goto out;
	if (is_bad && !disk->fail_late) {
		r = disk->fail;
		goto out;
	}
	file = make_file(disk, name);
	file->is_there_durable = true;
	/* The memory changes hands, so that what comes now cannot fail. */
	buf_done(&file->now);
	file->now = whole;
	buf_init(&whole, FILE_MAX);
	assign(&file->durable, &file->now);
	r = is_bad ? disk->fail : 0;
out:
	buf_done(&whole);
	return r;
}

struct vault_disk
memory_disk_table(struct memory_disk *disk)
{
	return (struct vault_disk){.read = memory_read,
		.append = memory_append,
		.sync = memory_sync,
		.replace = memory_replace,
		.ctx = disk};
}

bool
memory_disk_is_dirty(const struct memory_disk *disk)
{
	for (size_t i = 0; i < MEMORY_FILES; i++) {
		const struct memory_file *file = &disk->files[i];

		if (file->is_there != file->is_there_durable ||
			file->now.len != file->durable.len ||
			(file->now.len > 0 &&
				memcmp(file->now.data, file->durable.data,
					file->now.len) != 0))
			return true;
	}
	return false;
}

void
memory_disk_cut(struct memory_disk *disk, size_t torn)
{
	for (size_t i = 0; i < MEMORY_FILES; i++) {
		struct memory_file *file = &disk->files[i];
		size_t more = file->now.len > file->durable.len
			? file->now.len - file->durable.len
			: 0;

		if (more > torn)
			more = torn;
		if (more > 0)
			buf_bytes(
				&file->durable, file->now.data + file->durable.len, more);
		assign(&file->now, &file->durable);
		file->is_there = file->is_there_durable;
	}
	disk->fail_at = -1;
	disk->is_lying = false;
}

void
memory_disk_restore(const struct memory_disk *from, struct memory_disk *to)
{
	for (size_t i = 0; i < MEMORY_FILES; i++) {
		const struct memory_file *file = &from->files[i];

		memcpy(to->files[i].name, file->name, sizeof file->name);
		to->files[i].is_there = to->files[i].is_there_durable =
			file->is_there_durable;
		assign(&to->files[i].now, &file->durable);
		assign(&to->files[i].durable, &file->durable);
	}
}

void
memory_disk_copy(const struct memory_disk *from, struct memory_disk *to)
{
	memory_disk_init(to);
	memory_disk_restore(from, to);
}
