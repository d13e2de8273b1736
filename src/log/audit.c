/* SPDX-License-Identifier: Apache-2.0 */
#include "log/audit.h"

#include <string.h>

#include "base/mem.h"
#include "log/tree.h"

/* A row of one level: the hashes of the tile that is being filled. */
struct level {
	uint64_t index; /* of that tile */
	size_t count;
	uint8_t hashes[TILE_WIDTH][HASH_LEN];
};

struct audit {
	const struct audit_source *source;
	uint64_t size;
	uint64_t old_size;
	struct audit_result *result;
	struct hash *hash;
	struct tree tree;
	struct buf file;
	struct level levels[AUDIT_LEVELS];
};

static int
differs(struct audit *a, const struct tile *tile, const char *what)
{
	tile_path(tile, a->result->where);
	a->result->what = what;
	return FAIL_MISMATCH;
}

/* A file of the log; where it is missing is remembered. */
static int
read_file(struct audit *a, const struct tile *tile)
{
	char path[TILE_PATH_MAX];
	int r;

	tile_path(tile, path);
	buf_clear(&a->file);
	if ((r = a->source->read(a->source->ctx, path, &a->file)) == 0)
		r = buf_error(&a->file);
	if (r != 0) {
		memcpy(a->result->where, path, sizeof path);
		a->result->what = "the file cannot be read";
	}
	return r;
}

/* The tile of a level is full, or the log ends: it must be what was computed. */
static int
check_tile(struct audit *a, uint8_t level)
{
	struct level *l = &a->levels[level];
	struct tile tile = {
		.level = level, .index = l->index, .width = (uint16_t)l->count};
	int r;

	if (l->count == 0)
		return 0;
	if ((r = read_file(a, &tile)) != 0)
		return r;
	if (a->file.len != l->count * HASH_LEN)
		return differs(a, &tile, "the tile has another length");
	if (memcmp(a->file.data, l->hashes, a->file.len) != 0)
		return differs(a, &tile, "the tile differs from the entries");
	a->result->tiles++;
	return 0;
}

/* The root of a full tile. */
static void
join(const struct level *l, uint8_t ret_hash[HASH_LEN])
{
	struct tree tree;

	tree_init(&tree);
	for (size_t i = 0; i < l->count; i++)
		tree_push(&tree, l->hashes[i]);
	tree_root(&tree, ret_hash);
}

/* Put a hash on its level; a tile that is full then is checked and goes up as one hash. */
static int
put(struct audit *a, const uint8_t leaf[HASH_LEN])
{
	uint8_t hash[HASH_LEN];
	int r;

	memcpy(hash, leaf, HASH_LEN);
	for (uint8_t level = 0; level < AUDIT_LEVELS; level++) {
		struct level *l = &a->levels[level];

		memcpy(l->hashes[l->count++], hash, HASH_LEN);
		if (l->count < TILE_WIDTH)
			return 0;
		if ((r = check_tile(a, level)) != 0)
			return r;
		join(l, hash);
		l->index++;
		l->count = 0;
	}
	return FAIL_LIMIT;
}

static int
take_entries(struct audit *a, const struct tile *bundle)
{
	uint64_t first = bundle->index * TILE_WIDTH;
	struct rd rest = rd_of(a->file.data, a->file.len), entry;
	uint8_t leaf[HASH_LEN];
	int r;

	for (uint64_t i = 0; i < bundle->width; i++) {
		if (tile_take_entry(&rest, &entry) != 0)
			return differs(a, bundle, "the bundle is malformed");
		tree_leaf(a->hash, entry.ptr, entry.len, leaf);
		tree_push(&a->tree, leaf);
		if (first + i + 1 == a->old_size)
			tree_root(&a->tree, a->result->old_root);
		if (a->source->entry != NULL &&
			(r = a->source->entry(a->source->ctx, first + i, entry)) != 0)
			return r;
		a->result->entries++;
		/* The file's buffer is used for tiles, too: only after the last entry. */
		memcpy(a->levels[0].hashes[i], leaf, HASH_LEN);
	}
	return rest.len == 0 ? 0 : differs(a, bundle, "the bundle is too long");
}

/* One bundle, then its level 0 tile, which take_entries() has filled but for the last hash. */
static int
check_bundle(struct audit *a, uint64_t index)
{
	uint64_t left = a->size - index * TILE_WIDTH;
	struct tile bundle = {.is_entries = true,
		.index = index,
		.width = (uint16_t)(left < TILE_WIDTH ? left : TILE_WIDTH)};
	uint8_t last[HASH_LEN];
	int r;

	if ((r = read_file(a, &bundle)) != 0 || (r = take_entries(a, &bundle)) != 0)
		return r;
	a->levels[0].count = bundle.width;
	if (bundle.width < TILE_WIDTH)
		return 0;
	a->levels[0].count--;
	memcpy(last, a->levels[0].hashes[TILE_WIDTH - 1], HASH_LEN);
	return put(a, last);
}

static int
check_all(struct audit *a, const struct checkpoint *head)
{
	uint8_t root[HASH_LEN];
	int r;

	for (uint64_t i = 0; i * TILE_WIDTH < a->size; i++) {
		if ((r = check_bundle(a, i)) != 0)
			return r;
		if (a->source->progress != NULL)
			a->source->progress(a->source->ctx, a->result->entries);
	}
	for (uint8_t level = 0; level < AUDIT_LEVELS; level++)
		if ((r = check_tile(a, level)) != 0)
			return r;
	tree_root(&a->tree, root);
	if (memcmp(root, head->root, HASH_LEN) != 0) {
		a->result->what = "the head's root is not that of the entries";
		return FAIL_MISMATCH;
	}
	return 0;
}

int
audit_run(const struct audit_source *source, const struct checkpoint *head,
	uint64_t old_size, struct audit_result *ret_result)
{
	struct audit *a = NULL;
	int r;

	*ret_result = (struct audit_result){.what = ""};
	if (old_size > head->size)
		return FAIL_USAGE;
	if ((r = mem_new(&a, sizeof *a)) != 0)
		return r;
	a->source = source;
	a->size = head->size;
	a->old_size = old_size;
	a->result = ret_result;
	tree_init(&a->tree);
	if (old_size == 0)
		tree_root(&a->tree, ret_result->old_root);
	buf_init(&a->file, AUDIT_FILE_MAX);
	if ((r = hash_new(&a->hash)) == 0)
		r = check_all(a, head);
	hash_free(a->hash);
	buf_done(&a->file);
	mem_free(a);
	return r;
}
