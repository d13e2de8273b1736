/* SPDX-License-Identifier: Apache-2.0 */
#include "log/tile.h"

#include <stdio.h>
#include <string.h>

#include "log/tree.h"

enum { GROUPS_MAX = 7, LEVEL_BITS = 8 };

/* "x001/x234/067" */
static void
write_index(uint64_t index, char *out, size_t len)
{
	uint64_t groups[GROUPS_MAX];
	size_t count = 0, at = 0;

	do {
		groups[count++] = index % 1000;
		index /= 1000;
	} while (index > 0);
	while (count-- > 0) {
		int n = snprintf(out + at, len - at, count > 0 ? "x%03u/" : "%03u",
			(unsigned)groups[count]);

		CHECK(n > 0 && (size_t)n < len - at);
		at += (size_t)n;
	}
}

void
tile_path(const struct tile *tile, char ret_path[TILE_PATH_MAX])
{
	char index[TILE_PATH_MAX], level[8] = "entries", partial[8] = "";
	int n;

	CHECK(tile->width >= 1 && tile->width <= TILE_WIDTH);
	write_index(tile->index, index, sizeof index);
	if (!tile->is_entries)
		(void)snprintf(level, sizeof level, "%u", tile->level);
	if (tile->width < TILE_WIDTH)
		(void)snprintf(partial, sizeof partial, ".p/%u", tile->width);
	n = snprintf(ret_path, TILE_PATH_MAX, "tile/%s/%s%s", level, index, partial);
	CHECK(n > 0 && n < TILE_PATH_MAX);
}

/* Up to three digits, at least `min` of them. */
static int
take_digits(struct rd *in, size_t min, unsigned *ret_v)
{
	unsigned v = 0;
	size_t n = 0;

	while (n < in->len && n < 3 && in->ptr[n] >= '0' && in->ptr[n] <= '9')
		v = 10 * v + (unsigned)(in->ptr[n++] - '0');
	if (n < min)
		return FAIL_FORMAT;
	*in = rd_of(in->ptr + n, in->len - n);
	*ret_v = v;
	return 0;
}

static bool
take_text(struct rd *in, const char *text)
{
	size_t len = strlen(text);

	if (in->len < len || memcmp(in->ptr, text, len) != 0)
		return false;
	*in = rd_of(in->ptr + len, in->len - len);
	return true;
}

static int
take_index(struct rd *in, uint64_t *ret_index)
{
	uint64_t v = 0;
	unsigned group;
	bool is_last;

	for (size_t i = 0; i < GROUPS_MAX; i++) {
		is_last = !take_text(in, "x");
		if (take_digits(in, 3, &group) != 0 || v > UINT64_MAX / 1000 - 1)
			return FAIL_FORMAT;
		v = 1000 * v + group;
		if (is_last) {
			*ret_index = v;
			return 0;
		}
		if (!take_text(in, "/"))
			return FAIL_FORMAT;
	}
	return FAIL_FORMAT;
}

/* "entries/" or "LEVEL/" */
static int
take_level(struct rd *in, struct tile *t)
{
	unsigned v = 0;

	t->is_entries = take_text(in, "entries/");
	if (t->is_entries)
		return 0;
	if (take_digits(in, 1, &v) != 0 || v > TILE_LEVEL_MAX || !take_text(in, "/"))
		return FAIL_FORMAT;
	t->level = (uint8_t)v;
	return 0;
}

int
tile_parse(struct rd path, struct tile *ret_tile)
{
	struct tile t = {.width = TILE_WIDTH};
	char again[TILE_PATH_MAX];
	struct rd in = path;
	unsigned v;

	if (!take_text(&in, "tile/") || take_level(&in, &t) != 0 ||
		take_index(&in, &t.index) != 0)
		return FAIL_FORMAT;
	if (take_text(&in, ".p/")) {
		if (take_digits(&in, 1, &v) != 0 || v < 1 || v >= TILE_WIDTH)
			return FAIL_FORMAT;
		t.width = (uint16_t)v;
	}
	/* One spelling: no zeros in front, nothing after the end. */
	tile_path(&t, again);
	if (strlen(again) != path.len || memcmp(again, path.ptr, path.len) != 0)
		return FAIL_FORMAT;
	*ret_tile = t;
	return 0;
}

/* How many subtree hashes a log of this size has at a level. */
static uint64_t
hashes_at(uint64_t size, uint8_t level)
{
	return size >> (LEVEL_BITS * level);
}

int
tile_at(uint64_t size, uint8_t level, uint64_t number, struct tile *ret_tile)
{
	uint64_t count, left;

	if (level > TILE_LEVEL_MAX)
		return FAIL_ABSENT;
	count = hashes_at(size, level);
	if (number >= count)
		return FAIL_ABSENT;
	*ret_tile = (struct tile){.level = level, .index = number / TILE_WIDTH};
	left = count - ret_tile->index * TILE_WIDTH;
	ret_tile->width = (uint16_t)(left < TILE_WIDTH ? left : TILE_WIDTH);
	return 0;
}

bool
tile_exists(const struct tile *tile, uint64_t size)
{
	uint64_t count;

	if (tile->level > TILE_LEVEL_MAX || tile->width < 1 || tile->width > TILE_WIDTH)
		return false;
	count = hashes_at(size, tile->level);
	return tile->index <= count / TILE_WIDTH &&
		tile->index * TILE_WIDTH + tile->width <= count;
}

void
tile_place_of(unsigned height, uint64_t index, struct tile_place *ret_place)
{
	unsigned level = height / LEVEL_BITS, within = height % LEVEL_BITS;
	uint64_t first = index << within;

	*ret_place = (struct tile_place){.level = (uint8_t)level,
		.index = first / TILE_WIDTH,
		.first = (unsigned)(first % TILE_WIDTH),
		.count = 1u << within};
}

int
tile_hash(struct rd bytes, const struct tile_place *place, uint8_t ret_hash[HASH_LEN])
{
	uint8_t row[TILE_WIDTH / 2][HASH_LEN];
	unsigned count = place->count;

	CHECK(count >= 1 && count <= TILE_WIDTH / 2);
	if (((size_t)place->first + count) * HASH_LEN > bytes.len)
		return FAIL_ABSENT;
	memcpy(row, bytes.ptr + (size_t)place->first * HASH_LEN,
		(size_t)count * HASH_LEN);
	for (; count > 1; count /= 2)
		for (unsigned i = 0; i < count / 2; i++)
			tree_node(row[2 * i], row[2 * i + 1], row[i]);
	memcpy(ret_hash, row[0], HASH_LEN);
	return 0;
}

int
tile_take_entry(struct rd *bundle, struct rd *ret_entry)
{
	return rd_vec16(bundle, 0, TILE_ENTRY_MAX, ret_entry) == 0 ? 0 : FAIL_FORMAT;
}

void
tile_put_entry(struct rd entry, struct buf *bundle)
{
	buf_vec(bundle, 2, entry.ptr, entry.len);
}
