/* SPDX-License-Identifier: Apache-2.0 */
#include "log/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

/* A tree of up to 512 leaves, every subtree hash computed plainly. */
enum { LEAVES = 512, HEIGHTS = 10 };

static uint8_t nodes[HEIGHTS][LEAVES][HASH_LEN];
static uint8_t roots[LEAVES + 1][HASH_LEN];

static int
read_node(void *ctx, unsigned height, uint64_t index, uint8_t ret_hash[HASH_LEN])
{
	(void)ctx;
	assert_true(height < HEIGHTS && (index + 1) << height <= LEAVES);
	memcpy(ret_hash, nodes[height][index], HASH_LEN);
	return 0;
}

static const struct proof_reader reader = {read_node, NULL};

static int
grow(void **state)
{
	struct hash *h = NULL;
	struct tree tree;

	(void)state;
	if (crypto_init() != 0 || hash_new(&h) != 0)
		return 1;
	tree_init(&tree);
	tree_root(&tree, roots[0]);
	for (unsigned i = 0; i < LEAVES; i++) {
		char text[32];
		int len = snprintf(text, sizeof text, "release %u", i);

		tree_leaf(h, text, (size_t)len, nodes[0][i]);
		tree_push(&tree, nodes[0][i]);
		tree_root(&tree, roots[i + 1]);
	}
	for (unsigned height = 1; height < HEIGHTS; height++)
		for (unsigned i = 0; i < (unsigned)LEAVES >> height; i++)
			tree_node(nodes[height - 1][2 * i], nodes[height - 1][2 * i + 1],
				nodes[height][i]);
	hash_free(h);
	return 0;
}

static int
consistent(const struct proof *proof, uint64_t m, uint64_t n)
{
	struct proof_sizes sizes = {m, n, roots[m], roots[n]};

	return proof_check_consistency(proof, &sizes);
}

static void
every_leaf_of_every_size(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 256; n++)
		for (uint64_t i = 0; i < n; i++) {
			struct proof proof;

			assert_int_equal(proof_make_inclusion(&reader, i, n, &proof), 0);
			assert_int_equal(proof_check_inclusion(
						 &proof, i, nodes[0][i], n, roots[n]),
				0);
			/* not of its neighbour, not in the next tree */
			if (n > 1)
				assert_int_equal(
					proof_check_inclusion(&proof, (i + 1) % n,
						nodes[0][i], n, roots[n]),
					FAIL_MISMATCH);
			assert_int_equal(proof_check_inclusion(
						 &proof, i, nodes[0][i], n, roots[n + 1]),
				FAIL_MISMATCH);
		}
}

static void
every_pair_of_sizes(void **state)
{
	(void)state;
	for (uint64_t n = 0; n <= 256; n++)
		for (uint64_t m = 0; m <= n; m++) {
			struct proof proof;

			assert_int_equal(
				proof_make_consistency(&reader, m, n, &proof), 0);
			assert_int_equal(consistent(&proof, m, n), 0);
			if (m > 0 && m < n)
				assert_int_equal(
					consistent(&proof, m, n + 1), FAIL_MISMATCH);
		}
}

/* A hash more, a hash less, a bit in any of them: refused. */
static void
spoil(struct proof *proof, int (*check)(const struct proof *, uint64_t, uint64_t),
	uint64_t a, uint64_t b)
{
	for (size_t i = 0; i < proof->count; i++)
		for (unsigned bit = 0; bit < 8 * HASH_LEN; bit += 37) {
			proof->hashes[i][bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(check(proof, a, b), FAIL_MISMATCH);
			proof->hashes[i][bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	memset(proof->hashes[proof->count], 7, HASH_LEN);
	proof->count++;
	assert_int_equal(check(proof, a, b), FAIL_MISMATCH);
	proof->count--;
	if (proof->count > 0) {
		proof->count--;
		assert_int_equal(check(proof, a, b), FAIL_MISMATCH);
	}
}

static int
included(const struct proof *proof, uint64_t i, uint64_t n)
{
	return proof_check_inclusion(proof, i, nodes[0][i], n, roots[n]);
}

static void
spoilt_proofs_are_refused(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= LEAVES; n += 13)
		for (uint64_t i = 0; i < n; i += 7) {
			struct proof proof;

			assert_int_equal(proof_make_inclusion(&reader, i, n, &proof), 0);
			spoil(&proof, included, i, n);
			assert_int_equal(
				proof_make_consistency(&reader, i, n, &proof), 0);
			spoil(&proof, consistent, i, n);
		}
}

static void
impossible_questions(void **state)
{
	struct proof proof = {0};
	struct proof_sizes backwards = {5, 4, roots[5], roots[4]};
	uint8_t root[HASH_LEN];

	(void)state;
	assert_int_equal(
		proof_check_inclusion(&proof, 4, nodes[0][4], 4, roots[4]), FAIL_USAGE);
	assert_int_equal(
		proof_check_inclusion(&proof, 0, nodes[0][0], 0, roots[0]), FAIL_USAGE);
	assert_int_equal(proof_check_consistency(&proof, &backwards), FAIL_USAGE);
	assert_int_equal(proof_make_inclusion(&reader, 3, 3, &proof), FAIL_USAGE);
	assert_int_equal(proof_make_consistency(&reader, 4, 3, &proof), FAIL_USAGE);
	/* from nothing: only from the root of nothing */
	backwards = (struct proof_sizes){0, 4, roots[1], roots[4]};
	proof.count = 0;
	assert_int_equal(proof_check_consistency(&proof, &backwards), FAIL_MISMATCH);
	for (uint64_t n = 0; n <= LEAVES; n++) {
		assert_int_equal(proof_root(&reader, n, root), 0);
		assert_memory_equal(root, roots[n], HASH_LEN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_leaf_of_every_size),
		cmocka_unit_test(every_pair_of_sizes),
		cmocka_unit_test(spoilt_proofs_are_refused),
		cmocka_unit_test(impossible_questions),
	};

	return cmocka_run_group_tests(tests, grow, NULL);
}
