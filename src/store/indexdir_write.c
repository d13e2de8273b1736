/* SPDX-License-Identifier: Apache-2.0 */
#include "store/indexdir_impl.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "leak/segment_merge.h"
#include "leak/sum.h"
#include "sys/outfile.h"

/*
 * Writing.  The order is the whole point: segment durable under its name (outfile_commit),
 * then manifest replaced and durable (disk_write_small), then old segments removed.  A kill
 * between any two leaves files that no manifest names, which the next writer sweeps.
 */

struct file_sink {
	struct segment_sink sink;
	struct outfile *out;
	struct sum sum;
	uint64_t len;
};

static int
put(struct segment_sink *sink, const void *ptr, size_t len)
{
	struct file_sink *f = (struct file_sink *)sink;

	sum_add(&f->sum, ptr, len);
	f->len += len;
	return outfile_write(f->out, ptr, len);
}

static bool
is_named(const struct manifest *m, uint64_t number)
{
	for (size_t i = 0; i < m->segments; i++) {
		if (m->segment[i].number == number)
			return true;
	}
	return false;
}

void
indexdir_sweep(struct indexdir *d)
{
	DIR *dir = opendir(d->path);
	const struct dirent *e;
	uint64_t number;
	char end;

	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL) {
		if (strlen(e->d_name) != 20 ||
			sscanf(e->d_name, "seg-%16" SCNx64 "%c", &number, &end) != 1)
			continue;
		if (!is_named(&d->manifest, number))
			(void)unlinkat(dirfd(dir), e->d_name, 0);
	}
	(void)closedir(dir);
}

/* A new segment file, filled by `fill`. */
static int
write_segment(struct indexdir *d, struct manifest *m,
	int (*fill)(struct segment_sink *sink, void *arg), void *arg,
	struct manifest_segment *ret_segment)
{
	struct file_sink f = {.sink = {put}};
	char path[DISK_PATH_MAX];
	int r;

	sum_init(&f.sum);
	if ((r = indexdir_segment_path(d, m->next, path)) != 0 ||
		(r = outfile_new(path, true, &f.out)) != 0 ||
		(r = fill(&f.sink, arg)) != 0 || (r = outfile_commit(f.out)) != 0)
		goto out;
	*ret_segment = (struct manifest_segment){m->next++, f.len, sum_end(&f.sum)};
out:
	outfile_free(f.out);
	return r;
}

static int
fill_from_build(struct segment_sink *sink, void *arg)
{
	return segment_build_write(arg, sink);
}

struct join {
	const struct indexdir *d;
	size_t from;
};

static int
fill_from_parts(struct segment_sink *sink, void *arg)
{
	const struct join *join = arg;
	const struct index *index = &join->d->index;
	struct segment_merge_in in[INDEX_PARTS_MAX];
	size_t count = 0;

	for (size_t i = join->from; i < index->parts; i++)
		in[count++] = (struct segment_merge_in){
			&index->part[i].segment, index->part[i].dead};
	return segment_merge(in, count, segment_key_check(&index->key), sink);
}

/* A copy to change; the old one stays until the new one is durable. */
static int
copy_manifest(const struct manifest *from, struct manifest *ret_copy)
{
	struct buf b;
	int r;

	buf_init(&b, SIZE_MAX / 4);
	manifest_write(from, &b);
	if ((r = buf_error(&b)) == 0)
		r = manifest_parse(b.data, b.len, ret_copy);
	buf_done(&b);
	return r;
}

static int
publish(struct indexdir *d, struct manifest *m)
{
	char path[DISK_PATH_MAX];
	struct buf b;
	int r;

	buf_init(&b, SIZE_MAX / 4);
	m->generation++;
	manifest_write(m, &b);
	if ((r = buf_error(&b)) != 0 || (r = indexdir_path(d, "manifest", path)) != 0 ||
		(r = disk_write_small(path, b.data, b.len, true)) != 0 ||
		(r = indexdir_load(d)) != 0)
		goto out;
	indexdir_sweep(d);
out:
	buf_done(&b);
	return r;
}

static int
kill_docs(
	const struct indexdir *d, struct manifest *m, const uint32_t *dead, size_t count)
{
	int r;

	for (size_t i = 0; i < count; i++) {
		size_t part = d->index.parts;

		CHECK(dead[i] < d->index.docs);
		while (d->index.part[part - 1].first_doc > dead[i])
			part--;
		if ((r = manifest_kill(m, d->manifest.segment[part - 1].number,
			     dead[i] - d->index.part[part - 1].first_doc)) != 0)
			return r;
	}
	return 0;
}

static int
join_from(struct indexdir *d, size_t from)
{
	struct join join = {d, from};
	struct manifest_segment segment;
	struct manifest m = {0};
	int r;

	if ((r = copy_manifest(&d->manifest, &m)) != 0 ||
		(r = write_segment(d, &m, fill_from_parts, &join, &segment)) != 0)
		goto out;
	manifest_replace(&m, from, &segment);
	r = publish(d, &m);
out:
	manifest_done(&m);
	return r;
}

int
indexdir_commit(struct indexdir *d, struct segment_build *build, const uint32_t *dead,
	size_t dead_count)
{
	struct manifest_segment segment;
	struct manifest m = {0};
	size_t from;
	int r;

	CHECK(d->is_writer);
	if ((r = copy_manifest(&d->manifest, &m)) != 0 ||
		(r = kill_docs(d, &m, dead, dead_count)) != 0)
		goto out;
	if (build != NULL && segment_build_docs(build) > 0) {
		if ((r = write_segment(d, &m, fill_from_build, build, &segment)) != 0 ||
			(r = manifest_append(&m, &segment)) != 0)
			goto out;
	}
	if ((r = publish(d, &m)) != 0)
		goto out;
	from = manifest_join_from(&d->manifest);
	if (from < d->manifest.segments)
		r = join_from(d, from);
out:
	manifest_done(&m);
	return r;
}

int
indexdir_merge(struct indexdir *d)
{
	CHECK(d->is_writer);
	if (d->manifest.segments == 0 ||
		(d->manifest.segments == 1 && d->manifest.dead_count == 0))
		return 0;
	return join_from(d, 0);
}
