/* SPDX-License-Identifier: Apache-2.0 */
#include "log/tree.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/crypto.h"

enum { NAIVE_MAX = 300 };

static struct hash *hash;

static void
push_text(struct tree *t, const char *s)
{
	uint8_t leaf[HASH_LEN];

	tree_leaf(hash, s, strlen(s), leaf);
	tree_push(t, leaf);
}

static void
assert_root(const struct tree *t, const char *hex)
{
	char got[2 * HASH_LEN + 1];
	uint8_t root[HASH_LEN];

	tree_root(t, root);
	text_hex(root, sizeof root, got);
	assert_string_equal(got, hex);
}

/*
 * The reference tree of Certificate Transparency: 8 leaves and the roots of sizes 0 to 8
 * (constants in github.com/transparency-dev/merkle, from RFC 6962's reference code).
 */
static void
test_reference_roots(void **state)
{
	static const char *const leaves[8] = {"", "00", "10", "2021", "3031", "40414243",
		"5051525354555657", "606162636465666768696a6b6c6d6e6f"};
	static const char *const roots[9] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
	uint8_t bytes[16], leaf[HASH_LEN];
	struct tree t;

	(void)state;
	tree_init(&t);
	assert_root(&t, roots[0]);
	for (size_t i = 0; i < 8; i++) {
		size_t len = strlen(leaves[i]) / 2;

		assert_int_equal(text_unhex(leaves[i], 2 * len, bytes, len), 0);
		tree_leaf(hash, bytes, len, leaf);
		tree_push(&t, leaf);
		assert_int_equal(t.size, i + 1);
		assert_root(&t, roots[i + 1]);
	}
}

/*
 * Leaf i is "release <i>"; roots at the edges of tiles, from a recursive program in Python
 * that follows the definition of RFC 6962, section 2.1, word by word.
 */
static void
test_roots_around_tile_edges(void **state)
{
	static const struct {
		uint64_t size;
		const char *root;
	} v[] = {
		{1, "c9552d582d239e85764f55a87e4cf411f8725b7e7e1dc20b0efa3aca80525273"},
		{2, "6ae7868d3dd64cf0146aed9bb1d6083edd7ea26869cb5456676e9378596e15ba"},
		{7, "7f3bc799cfa5666349e0d8131a100172792227764f4aae8da34a4a80295239cf"},
		{255, "7b82390dd1afccd0a4dcf4cf51b2af36e668fed3a3b7f7ae8a17ce70ea53b481"},
		{256, "4b814d9cbb3b6d90397e27a48687c8cb77fc6b6d3f729ccca1f301ad693cf02a"},
		{257, "2ea2ec05eb6eecd8651869775b67f95af17ec4bde072fe6fcf992688af456ebf"},
		{511, "b6369c808c1240c26aa996a29fb95ee60b307ab06fc8d7571679512650bce21f"},
		{512, "4850883ee5da450b194cd05b11f7a9b2a44e87aeb2c52f948629c3e038dda4f3"},
		{513, "1e0b86c0a88dd7da483782101547182b223a0634f0ce2dac5b9b210435393ba6"},
		{65535,
			"acd86423bbcee85fdb4b60ea0a64af382bfca2211c1ec20eb77d9d922287798"
			"0"},
		{65536,
			"d0ef801fe7f2337e07193c530d50439b1dbb889c1f3876230f720188a7404a1"
			"8"},
		{65537,
			"7df514c7bd0c8b4b5547958b635fc11cefc5cc1316549b4cf1d1ad419427e55"
			"0"},
		{65793,
			"3ef2c79656e7cf5735f70a1261c61ae2282c18a8fcc1f694a36bf466e3c7ef1"
			"7"},
		{131071,
			"4c06823abf69b74b4c67e4274a6739876cfd152a2fdf2a5bcb22fb5b6aabb11"
			"7"},
		{131072,
			"300c3b7482e75b9337083aab8fcdb4c31892cf4e09af609a133b13449e6cf6f"
			"f"},
		{131073,
			"ec2f564cb0134a4cbd21f3d0e640b90102c3cac30bab8acb97c8bebbb77aacf"
			"6"},
	};
	char text[32];
	struct tree t;

	(void)state;
	tree_init(&t);
	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
		while (t.size < v[i].size) {
			(void)snprintf(text, sizeof text, "release %" PRIu64, t.size);
			push_text(&t, text);
		}
		assert_root(&t, v[i].root);
	}
}

/*
 * The tree the slow way: join neighbours level by level; an odd last one moves up as it is.
 * With is_wrong set it is doubled instead (the tree of Bitcoin), which is the planted bug.
 */
static void
naive_root(
	uint8_t (*level)[HASH_LEN], size_t n, bool is_wrong, uint8_t ret_root[HASH_LEN])
{
	static const uint8_t node = 0x01;

	for (; n > 1; n = (n + 1) / 2)
		for (size_t i = 0; i < n; i += 2) {
			const uint8_t *right = i + 1 < n ? level[i + 1] : level[i];

			if (i + 1 == n && !is_wrong) {
				memmove(level[i / 2], level[i], HASH_LEN);
				continue;
			}
			hash_begin(hash);
			hash_add(hash, &node, 1);
			hash_add(hash, level[i], HASH_LEN);
			hash_add(hash, right, HASH_LEN);
			hash_end(hash, level[i / 2]);
		}
	memcpy(ret_root, level[0], HASH_LEN);
}

/* How many of the sizes 1 to NAIVE_MAX have another root than the slow way finds? */
static unsigned
differences(bool is_wrong)
{
	static uint8_t leaves[NAIVE_MAX][HASH_LEN], level[NAIVE_MAX][HASH_LEN];
	uint8_t want[HASH_LEN], got[HASH_LEN];
	unsigned found = 0;
	struct tree t;

	tree_init(&t);
	for (size_t n = 1; n <= NAIVE_MAX; n++) {
		uint16_t id = (uint16_t)n;

		tree_leaf(hash, &id, sizeof id, leaves[n - 1]);
		tree_push(&t, leaves[n - 1]);
		memcpy(level, leaves, n * HASH_LEN);
		naive_root(level, n, is_wrong, want);
		tree_root(&t, got);
		found += memcmp(got, want, HASH_LEN) != 0;
	}
	return found;
}

static void
test_agrees_with_the_slow_way(void **state)
{
	(void)state;
	assert_int_equal(differences(false), 0);
}

static void
test_the_comparison_sees_a_planted_bug(void **state)
{
	(void)state;
	assert_true(differences(true) > NAIVE_MAX / 2);
}

/* Nothing of a tree's state changes by asking for its root. */
static void
test_root_does_not_disturb(void **state)
{
	struct tree t, before;
	uint8_t root[HASH_LEN];

	(void)state;
	tree_init(&t);
	for (int i = 0; i < 11; i++)
		push_text(&t, "x");
	before = t;
	tree_root(&t, root);
	assert_memory_equal(&t, &before, sizeof t);
}

/* The third line of a checkpoint file as a root; SKIP when the shared data is not there. */
static void
read_checkpoint_root(const char *dir, int size, uint8_t ret_root[HASH_LEN])
{
	char path[4096], line[3][128];
	size_t len = 0;
	FILE *f;

	(void)snprintf(path, sizeof path,
		"%s/vectors/ledger/tessera/testdata/log/checkpoint.%d", dir, size);
	if ((f = fopen(path, "r")) == NULL) {
		print_message("SKIP: no shared vectors\n");
		skip();
	}
	for (int i = 0; i < 3; i++)
		assert_non_null(fgets(line[i], sizeof line[i], f));
	(void)fclose(f);
	len = strcspn(line[2], "\n");
	assert_int_equal(text_unbase64(line[2], len, ret_root, HASH_LEN, &len), 0);
	assert_int_equal(len, HASH_LEN);
}

/* The 15-entry log of transparency-dev/tessera with its signed heads. */
static void
test_tessera_log(void **state)
{
	static const char *const entries[15] = {"one", "two", "three", "four", "five",
		"six", "seven", "eit", "nain", "ten", "ileven", "twelf", "threeten",
		"fourten", "fivten"};
	const char *dir = getenv("VALISE_SHARED");
	uint8_t want[HASH_LEN], got[HASH_LEN];
	struct tree t;

	(void)state;
	tree_init(&t);
	for (int size = 0; size <= 15; size++) {
		read_checkpoint_root(dir != NULL ? dir : "../shared", size, want);
		tree_root(&t, got);
		assert_memory_equal(got, want, HASH_LEN);
		if (size < 15)
			push_text(&t, entries[size]);
	}
}

static int
setup(void **state)
{
	(void)state;
	return crypto_init() != 0 || hash_new(&hash) != 0;
}

static int
teardown(void **state)
{
	(void)state;
	hash_free(hash);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference_roots),
		cmocka_unit_test(test_roots_around_tile_edges),
		cmocka_unit_test(test_agrees_with_the_slow_way),
		cmocka_unit_test(test_the_comparison_sees_a_planted_bug),
		cmocka_unit_test(test_root_does_not_disturb),
		cmocka_unit_test(test_tessera_log),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
