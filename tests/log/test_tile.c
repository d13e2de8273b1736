/* SPDX-License-Identifier: Apache-2.0 */
#include "log/tile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "log/proof.h"

static int
parse(const char *path, struct tile *ret_tile)
{
	return tile_parse(rd_of(path, strlen(path)), ret_tile);
}

static void
paths_of_the_specification(void **state)
{
	static const struct {
		const char *path;
		struct tile tile;
	} cases[] = {
		{"tile/0/x001/x234/067", {false, 0, 1234067, 256}},
		{"tile/0/273.p/112", {false, 0, 273, 112}},
		{"tile/1/001.p/17", {false, 1, 1, 17}},
		{"tile/2/000.p/1", {false, 2, 0, 1}},
		{"tile/entries/000.p/15", {true, 0, 0, 15}},
		{"tile/entries/x001/000", {true, 0, 1000, 256}},
		{"tile/7/999", {false, 7, 999, 256}},
	};
	static const char *const bad[] = {"", "tile", "tile/", "tile/0", "tile/0/",
		"tile/0/1", "tile/0/0001", "tile/0/x000/001", "tile/0/x001",
		"tile/0/001/002", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/07",
		"tile/0/001.p/", "tile/8/000", "tile/00/000", "tile/0/000/",
		"tile/entry/000", "/tile/0/000",
		"tile/0/x001/x001/x001/x001/x001/x001/x001/001", "tile/0/../000"};
	struct tile t;
	char path[TILE_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(parse(cases[i].path, &t), 0);
		assert_int_equal(t.is_entries, cases[i].tile.is_entries);
		assert_int_equal(t.level, cases[i].tile.level);
		assert_int_equal(t.index, cases[i].tile.index);
		assert_int_equal(t.width, cases[i].tile.width);
		tile_path(&cases[i].tile, path);
		assert_string_equal(path, cases[i].path);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (parse(bad[i], &t) == 0)
			fail_msg("accepted: %s", bad[i]);
}

/* A log of 70,000: 273 full tiles and 112; 1 and 17; one of 1. */
static void
tiles_of_a_size(void **state)
{
	struct tile t;

	(void)state;
	assert_int_equal(tile_at(70000, 0, 69999, &t), 0);
	assert_true(t.index == 273 && t.width == 112);
	assert_int_equal(tile_at(70000, 0, 0, &t), 0);
	assert_true(t.index == 0 && t.width == 256);
	assert_int_equal(tile_at(70000, 1, 272, &t), 0);
	assert_true(t.index == 1 && t.width == 17);
	assert_int_equal(tile_at(70000, 2, 0, &t), 0);
	assert_true(t.index == 0 && t.width == 1);
	assert_int_equal(tile_at(70000, 3, 0, &t), FAIL_ABSENT);
	assert_int_equal(tile_at(70000, 0, 70000, &t), FAIL_ABSENT);
	assert_int_equal(tile_at(0, 0, 0, &t), FAIL_ABSENT);
	assert_true(tile_exists(&(struct tile){false, 0, 273, 112}, 70000));
	assert_true(tile_exists(&(struct tile){false, 0, 273, 1}, 70000));
	assert_false(tile_exists(&(struct tile){false, 0, 273, 113}, 70000));
	assert_false(tile_exists(&(struct tile){false, 0, 274, 1}, 70000));
	assert_false(tile_exists(&(struct tile){false, 0, UINT64_MAX, 1}, 70000));
}

/* Tiles built leaf by leaf, and read as the reader of proofs. */
enum { LEAVES = 70000, LEVELS = 3, TILES = 274 };

struct tiles {
	struct buf bytes[LEVELS][TILES];
};

static int
read_tile(void *ctx, unsigned height, uint64_t index, uint8_t ret_hash[HASH_LEN])
{
	struct tiles *tiles = ctx;
	struct tile_place place;
	struct buf *b;

	tile_place_of(height, index, &place);
	b = &tiles->bytes[place.level][place.index];
	return tile_hash(rd_of(b->data, b->len), &place, ret_hash);
}

static void
fill(struct tiles *tiles, struct tree *tree)
{
	struct proof_reader reader = {read_tile, tiles};
	uint8_t leaf[HASH_LEN];
	struct hash *h;

	assert_int_equal(hash_new(&h), 0);
	tree_init(tree);
	for (int level = 0; level < LEVELS; level++)
		for (int i = 0; i < TILES; i++)
			buf_init(&tiles->bytes[level][i], TILE_LEN);
	for (uint64_t i = 0; i < LEAVES; i++) {
		char text[32];

		tree_leaf(h, text,
			(size_t)snprintf(text, sizeof text, "release %u", (unsigned)i),
			leaf);
		tree_push(tree, leaf);
		buf_bytes(&tiles->bytes[0][i / TILE_WIDTH], leaf, HASH_LEN);
		for (uint8_t level = 1; level < LEVELS; level++) {
			uint64_t n = (i + 1) >> (8 * level);
			uint8_t hash[HASH_LEN];

			if ((i + 1) % (UINT64_C(1) << (8 * level)) != 0)
				break;
			/* the root of the full tile below */
			assert_int_equal(
				read_tile(tiles, 8u * level - 1, 2 * (n - 1), leaf), 0);
			assert_int_equal(
				read_tile(tiles, 8u * level - 1, 2 * n - 1, hash), 0);
			tree_node(leaf, hash, hash);
			buf_bytes(&tiles->bytes[level][(n - 1) / TILE_WIDTH], hash,
				HASH_LEN);
		}
	}
	assert_int_equal(proof_root(&reader, LEAVES, leaf), 0);
	hash_free(h);
}

static void
proofs_come_from_tiles(void **state)
{
	struct tiles *tiles;
	struct proof_reader reader;
	uint8_t root[HASH_LEN], want[HASH_LEN], leaf[HASH_LEN];
	struct proof proof;
	struct tree tree;

	(void)state;
	assert_int_equal(mem_new(&tiles, sizeof *tiles), 0);
	fill(tiles, &tree);
	reader = (struct proof_reader){read_tile, tiles};
	tree_root(&tree, want);
	assert_int_equal(proof_root(&reader, LEAVES, root), 0);
	assert_memory_equal(root, want, HASH_LEN);
	for (uint64_t i = 0; i < LEAVES; i += 997) {
		assert_int_equal(proof_make_inclusion(&reader, i, LEAVES, &proof), 0);
		assert_int_equal(read_tile(tiles, 0, i, leaf), 0);
		assert_int_equal(proof_check_inclusion(&proof, i, leaf, LEAVES, root), 0);
	}
	/* a spoilt tile shows */
	tiles->bytes[1][0].data[40] ^= 1;
	assert_int_equal(read_tile(tiles, 0, 0, leaf), 0);
	assert_int_equal(proof_make_inclusion(&reader, 0, LEAVES, &proof), 0);
	assert_int_equal(
		proof_check_inclusion(&proof, 0, leaf, LEAVES, root), FAIL_MISMATCH);
	for (int level = 0; level < LEVELS; level++)
		for (int i = 0; i < TILES; i++)
			buf_done(&tiles->bytes[level][i]);
	mem_free(tiles);
}

static void
bundles(void **state)
{
	struct buf b;
	struct rd in, entry;

	(void)state;
	buf_init(&b, 1 << 20);
	tile_put_entry(rd_of("one", 3), &b);
	tile_put_entry(rd_of("", 0), &b);
	assert_int_equal(buf_error(&b), 0);
	in = rd_of(b.data, b.len);
	assert_int_equal(tile_take_entry(&in, &entry), 0);
	assert_memory_equal(entry.ptr, "one", 3);
	assert_int_equal(tile_take_entry(&in, &entry), 0);
	assert_int_equal(entry.len, 0);
	assert_int_equal(in.len, 0);
	in = rd_of(b.data, 4);
	assert_int_equal(tile_take_entry(&in, &entry), FAIL_FORMAT);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_of_the_specification),
		cmocka_unit_test(tiles_of_a_size),
		cmocka_unit_test(proofs_come_from_tiles),
		cmocka_unit_test(bundles),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
