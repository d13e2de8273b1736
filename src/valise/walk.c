/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/walk.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sys/disk.h"
#include "wire/unpack.h"

/* fts(3) walks without recursion and without following links. */

static int
copy_text(const char *s, size_t len, char **ret_copy)
{
	int r;

	if ((r = mem_new(ret_copy, len + 1)) == 0)
		memcpy(*ret_copy, s, len);
	return r;
}

/* Each part of the path is spelled by itself: a part may be as long as a name can be. */
static int
spell(const char *path, char **ret_name)
{
	struct buf b;
	int r;

	buf_init(&b, SIZE_MAX / 2);
	while (*path != 0) {
		size_t len = strcspn(path, "/");

		if (len > 0)
			unpack_name_put(&b, path, len);
		path += len;
		if (*path == '/') {
			buf_u8(&b, '/');
			path++;
		}
	}
	if (b.len > UNPACK_PATH_MAX / 2)
		b.len = UNPACK_PATH_MAX / 2;
	if ((r = buf_error(&b)) == 0)
		r = copy_text((const char *)b.data, b.len, ret_name);
	buf_done(&b);
	return r;
}

static int
append(struct walk *t, const char *path, const char *name, uint64_t size,
	const char *skipped)
{
	size_t cap = t->cap > 0 ? t->cap * 2 : 64;
	struct walk_file *f;
	int r;

	if (t->count == WALK_FILES_MAX)
		return FAIL_LIMIT;
	if (t->count == t->cap) {
		if ((r = mem_grow(&t->file, t->cap * sizeof t->file[0],
			     cap * sizeof t->file[0])) != 0)
			return r;
		t->cap = cap;
	}
	f = &t->file[t->count++];
	*f = (struct walk_file){.size = size, .skipped = skipped};
	t->bytes += size;
	if ((r = copy_text(path, strlen(path), &f->path)) != 0)
		return r;
	return spell(name, &f->name);
}

static const char *
why_skipped(const FTSENT *e)
{
	if (e->fts_info == FTS_SL || e->fts_info == FTS_SLNONE)
		return "symbolic link";
	if (e->fts_info == FTS_DC)
		return "directory loop";
	if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
		return "cannot be read";
	return "not a regular file";
}

static int
visit(struct walk *t, FTS *fts, size_t root_len)
{
	FTSENT *e;
	int r;

	for (errno = 0; (e = fts_read(fts)) != NULL; errno = 0) {
		const char *name = e->fts_path + root_len;

		while (*name == '/')
			name++;
		if (e->fts_info == FTS_D || e->fts_info == FTS_DP)
			continue;
		if (e->fts_info == FTS_F)
			r = append(t, e->fts_path, name, (uint64_t)e->fts_statp->st_size,
				NULL);
		else
			r = append(t, e->fts_path, *name != 0 ? name : e->fts_path, 0,
				why_skipped(e));
		if (r != 0)
			return r;
	}
	return errno == 0 ? 0 : disk_fail_of(errno);
}

static int
compare_files(const void *a, const void *b)
{
	const struct walk_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

int
walk_add(struct walk *t, const char *path)
{
	char *roots[2] = {NULL, NULL};
	size_t before = t->count;
	struct stat st;
	FTS *fts = NULL;
	int r;

	if (strcmp(path, "-") == 0)
		return append(t, path, path, 0, NULL);
	if (stat(path, &st) != 0)
		return disk_fail_of(errno);
	if (!S_ISDIR(st.st_mode))
		return append(t, path, path, (uint64_t)st.st_size, NULL);
	if ((r = copy_text(path, strlen(path), &roots[0])) != 0)
		return r;
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_COMFOLLOW, NULL);
	r = fts == NULL ? disk_fail_of(errno) : visit(t, fts, strlen(path));
	if (fts != NULL)
		(void)fts_close(fts);
	mem_free(roots[0]);
	if (r == 0 && t->count > before)
		qsort(t->file + before, t->count - before, sizeof t->file[0],
			compare_files);
	return r;
}

void
walk_done(struct walk *t)
{
	for (size_t i = 0; i < t->count; i++) {
		mem_free(t->file[i].path);
		mem_free(t->file[i].name);
	}
	mem_free(t->file);
	*t = (struct walk){0};
}
