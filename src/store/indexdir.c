/* SPDX-License-Identifier: Apache-2.0 */
#include "store/indexdir.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rd.h"
#include "leak/sum.h"
#include "store/indexdir_impl.h"
#include "sys/disk.h"

/*
 * Opening: lock if writing, key, manifest, then each segment mapped and added to the index.
 * Small indexes are summed at once, so that a flipped bit is an error and not a miss; for
 * large ones that is what `index verify` is for.
 */

enum {
	KEY_ROOM = 4096, /* more than a key file: what is longer is none */
	KEY_FILE_LEN = 8 + GRAM_KEY_LEN + 8,
	READ_AGAIN_MAX = 5,
	SUMMED_MAX = 64 * 1024 * 1024
};

static const uint8_t key_magic[8] = {'V', 'A', 'L', 'I', 'S', 'E', 'I', 'K'};

int
indexdir_path(const struct indexdir *d, const char *name, char ret_path[DISK_PATH_MAX])
{
	int n = snprintf(ret_path, DISK_PATH_MAX, "%s/%s", d->path, name);

	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

int
indexdir_segment_path(
	const struct indexdir *d, uint64_t number, char ret_path[DISK_PATH_MAX])
{
	char name[32];

	(void)snprintf(name, sizeof name, "seg-%016" PRIx64, number);
	return indexdir_path(d, name, ret_path);
}

static int
take_lock(struct indexdir *d)
{
	char path[DISK_PATH_MAX];
	int r;

	if ((r = indexdir_path(d, "lock", path)) != 0 ||
		(r = disk_open(AT_FDCWD, path, O_RDWR | O_CREAT, 0600, &d->lock_fd)) != 0)
		return r;
	return flock(d->lock_fd, LOCK_EX | LOCK_NB) == 0 ? 0 : FAIL_AGAIN;
}

static int
make_key(const struct indexdir *d, struct rng *rng)
{
	uint8_t file[KEY_FILE_LEN];
	char path[DISK_PATH_MAX];
	struct buf b;
	int r;

	buf_init(&b, sizeof file);
	if ((r = indexdir_path(d, "key", path)) != 0 || disk_is_there(path))
		return r;
	if ((r = rng_fill(rng, file, GRAM_KEY_LEN)) != 0)
		goto out;
	buf_bytes(&b, key_magic, sizeof key_magic);
	buf_bytes(&b, file, GRAM_KEY_LEN);
	if ((r = buf_error(&b)) != 0)
		goto out;
	buf_u64(&b, sum_of(b.data, b.len));
	if ((r = buf_error(&b)) == 0)
		r = disk_write_small(path, b.data, b.len, false);
out:
	buf_done(&b);
	mem_wipe(file, sizeof file);
	return r;
}

static int
read_key(struct indexdir *d, struct gram_key *ret_key)
{
	char path[DISK_PATH_MAX];
	struct buf b;
	struct rd tail;
	uint64_t sum;
	int r;

	buf_init(&b, SIZE_MAX / 4);
	if ((r = indexdir_path(d, "key", path)) != 0 ||
		(r = disk_read_small(path, KEY_ROOM, &b)) != 0)
		goto out;
	r = FAIL_FORMAT;
	if (b.len != KEY_FILE_LEN || memcmp(b.data, key_magic, sizeof key_magic) != 0)
		goto out;
	tail = rd_of(b.data + KEY_FILE_LEN - 8, 8);
	if ((r = rd_u64(&tail, &sum)) != 0)
		goto out;
	r = FAIL_ALTERED;
	if (sum != sum_of(b.data, KEY_FILE_LEN - 8))
		goto out;
	gram_key_parse(b.data + sizeof key_magic, ret_key);
	r = 0;
out:
	buf_done(&b);
	return r;
}

static int
read_manifest(struct indexdir *d, const struct gram_key *key)
{
	char path[DISK_PATH_MAX];
	struct buf b;
	int r;

	buf_init(&b, SIZE_MAX / 4);
	if ((r = indexdir_path(d, "manifest", path)) != 0)
		goto out;
	if (d->is_writer && !disk_is_there(path)) {
		/* Made, and nothing committed yet. */
		d->manifest = (struct manifest){.key_check = segment_key_check(key)};
		goto out;
	}
	if ((r = disk_read_small(path, MANIFEST_BYTES_MAX, &b)) != 0 ||
		(r = manifest_parse(b.data, b.len, &d->manifest)) != 0)
		goto out;
	if (d->manifest.key_check != segment_key_check(key))
		r = FAIL_MISMATCH;
out:
	buf_done(&b);
	return r;
}

static int
map_file(const char *path, struct mapping *ret_map)
{
	struct stat st;
	void *p;
	int fd = -1, r;

	if ((r = disk_open(AT_FDCWD, path, O_RDONLY, 0, &fd)) != 0)
		return r;
	r = FAIL_TRUNCATED;
	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		goto out;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	r = FAIL_NOMEM;
	if (p == MAP_FAILED)
		goto out;
	*ret_map = (struct mapping){p, (size_t)st.st_size};
	r = 0;
out:
	disk_close(fd);
	return r;
}

static void
unmap_all(struct indexdir *d)
{
	for (size_t i = 0; i < INDEX_PARTS_MAX; i++) {
		if (d->map[i].ptr != NULL)
			(void)munmap(d->map[i].ptr, d->map[i].len);
		d->map[i] = (struct mapping){0};
		mem_free(d->dead[i]);
		d->dead[i] = NULL;
	}
}

/* The removal marks of segment i; none needed: NULL. */
static int
mark_dead(struct indexdir *d, size_t i, const struct segment *s)
{
	const struct manifest *m = &d->manifest;
	int r;

	for (size_t k = 0; k < m->dead_count; k++) {
		if (m->dead[k].segment != m->segment[i].number)
			continue;
		if (m->dead[k].doc >= s->shape.docs)
			return FAIL_FORMAT;
		if (d->dead[i] == NULL &&
			(r = mem_new(&d->dead[i], (size_t)s->shape.docs)) != 0)
			return r;
		d->dead[i][m->dead[k].doc] = 1;
	}
	return 0;
}

static int
load_segment(struct indexdir *d, size_t i, const struct gram_key *key)
{
	const struct manifest_segment *ms = &d->manifest.segment[i];
	char path[DISK_PATH_MAX];
	struct segment s;
	int r;

	if ((r = indexdir_segment_path(d, ms->number, path)) != 0 ||
		(r = map_file(path, &d->map[i])) != 0)
		return r;
	if (d->map[i].len != ms->len)
		return FAIL_TRUNCATED;
	if (ms->len <= SUMMED_MAX && sum_of(d->map[i].ptr, d->map[i].len) != ms->sum)
		return FAIL_ALTERED;
	if ((r = segment_map(d->map[i].ptr, d->map[i].len, key, &s)) != 0 ||
		(r = mark_dead(d, i, &s)) != 0)
		return r;
	return index_add(&d->index, &s, d->dead[i]);
}

static int
load_once(struct indexdir *d, const struct gram_key *key)
{
	int r;

	unmap_all(d);
	manifest_done(&d->manifest);
	index_init(&d->index, key);
	if ((r = read_manifest(d, key)) != 0)
		return r;
	for (size_t i = 0; i < d->manifest.segments; i++) {
		if ((r = load_segment(d, i, key)) != 0)
			return r;
	}
	return 0;
}

int
indexdir_load(struct indexdir *d)
{
	struct gram_key key;
	int r;

	if ((r = read_key(d, &key)) != 0)
		return r;
	for (int i = 0; i < READ_AGAIN_MAX; i++) {
		r = load_once(d, &key);
		/* A merge may have ended between manifest and segment. */
		if (r != FAIL_ABSENT || d->manifest.segments == 0)
			break;
	}
	mem_wipe(&key, sizeof key);
	return r;
}

int
indexdir_open(const char *path, enum indexdir_mode mode, struct rng *rng,
	struct indexdir **ret_dir)
{
	struct indexdir *d = NULL;
	int r;

	if ((r = mem_new(&d, sizeof *d)) != 0)
		return r;
	d->lock_fd = -1;
	d->is_writer = mode != INDEXDIR_READ;
	r = FAIL_USAGE;
	if (snprintf(d->path, sizeof d->path, "%s", path) >= (int)sizeof d->path)
		goto out;
	if ((mode == INDEXDIR_CREATE && (r = disk_make_private_dir(path)) != 0) ||
		(d->is_writer && (r = take_lock(d)) != 0) ||
		(mode == INDEXDIR_CREATE && (r = make_key(d, rng)) != 0) ||
		(r = indexdir_load(d)) != 0)
		goto out;
	if (d->is_writer)
		indexdir_sweep(d);
	*ret_dir = d;
	d = NULL;
out:
	indexdir_close(d);
	return r;
}

void
indexdir_close(struct indexdir *d)
{
	if (d == NULL)
		return;
	unmap_all(d);
	manifest_done(&d->manifest);
	disk_close(d->lock_fd);
	mem_free_wiped(d, sizeof *d);
}

const struct index *
indexdir_index(const struct indexdir *d)
{
	return &d->index;
}

const struct manifest *
indexdir_manifest(const struct indexdir *d)
{
	return &d->manifest;
}

bool
indexdir_is_dead(const struct indexdir *d, uint32_t doc)
{
	for (size_t i = d->index.parts; i > 0; i--) {
		const struct index_part *part = &d->index.part[i - 1];

		if (doc >= part->first_doc)
			return part->dead != NULL &&
				part->dead[doc - part->first_doc] != 0;
	}
	return false;
}

int
indexdir_verify(const struct indexdir *d, uint64_t *ret_segment)
{
	int r;

	for (size_t i = 0; i < d->index.parts; i++) {
		const struct manifest_segment *ms = &d->manifest.segment[i];

		*ret_segment = ms->number;
		if (sum_of(d->map[i].ptr, d->map[i].len) != ms->sum)
			return FAIL_ALTERED;
		if ((r = segment_verify(&d->index.part[i].segment)) != 0)
			return r;
	}
	*ret_segment = UINT64_MAX;
	return 0;
}
