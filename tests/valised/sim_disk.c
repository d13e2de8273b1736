/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_impl.h"

/* A disk in memory: whole files, durable at once. */

static struct sim_file *
find_file(struct sim_station *s, const char *name)
{
	for (size_t i = 0; i < SIM_FILES_MAX; i++)
		if (strcmp(s->files[i].name, name) == 0)
			return &s->files[i];
	return NULL;
}

static struct sim_file *
make_file(struct sim_station *s, const char *name)
{
	struct sim_file *file = find_file(s, name);

	if (file == NULL && (file = find_file(s, "")) != NULL) {
		CHECK(strlen(name) < sizeof file->name);
		(void)snprintf(file->name, sizeof file->name, "%s", name);
		buf_init(&file->bytes, SIM_FILE_MAX);
	}
	CHECK(file != NULL);
	return file;
}

static int
disk_read(void *ctx, const char *name, uint64_t offset, void *ptr, size_t len,
	size_t *ret_len)
{
	const struct sim_file *file = find_file(ctx, name);

	if (file == NULL)
		return FAIL_ABSENT;
	*ret_len = 0;
	if (offset >= file->bytes.len)
		return 0;
	if (len > file->bytes.len - offset)
		len = file->bytes.len - (size_t)offset;
	memcpy(ptr, file->bytes.data + offset, len);
	*ret_len = len;
	return 0;
}

static int
disk_append(void *ctx, const char *name, uint64_t offset, const void *ptr, size_t len)
{
	struct sim_file *file = make_file(ctx, name);

	CHECK(offset <= file->bytes.len);
	file->bytes.len = (size_t)offset;
	buf_bytes(&file->bytes, ptr, len);
	return buf_error(&file->bytes);
}

static int
disk_sync(void *ctx, const char *name)
{
	return find_file(ctx, name) != NULL ? 0 : FAIL_ABSENT;
}

static int
disk_replace(void *ctx, const char *name, const struct vault_pieces *pieces)
{
	struct sim_file *file;
	struct buf all, piece;
	int r;

	buf_init(&all, SIM_FILE_MAX);
	buf_init(&piece, 2 * VAULT_PIECE_MAX);
	do {
		buf_clear(&piece);
		r = pieces->next(pieces->arg, &piece);
		buf_bytes(&all, piece.data, piece.len);
	} while (r == 0 && piece.len > 0);
	buf_done(&piece);
	if (r != 0 || (r = buf_error(&all)) != 0) {
		buf_done(&all);
		return r;
	}
	file = make_file(ctx, name);
	buf_done(&file->bytes);
	file->bytes = all;
	return 0;
}

struct vault_disk
sim_disk(struct sim_station *station)
{
	return (struct vault_disk){
		disk_read, disk_append, disk_sync, disk_replace, station};
}
