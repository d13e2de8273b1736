/* SPDX-License-Identifier: Apache-2.0 */
#include "log/proof.h"

#include <stdbool.h>
#include <string.h>

static bool
is_same(const uint8_t a[HASH_LEN], const uint8_t b[HASH_LEN])
{
	return memcmp(a, b, HASH_LEN) == 0; /* public values */
}

/* One level up, and past the levels where the old tree's last node has no sibling. */
static void
climb(uint64_t *fn, uint64_t *sn)
{
	while ((*fn & 1) == 0 && *fn != 0) {
		*fn >>= 1;
		*sn >>= 1;
	}
}

/*
 * fn and sn are the positions, level by level, of the leaf and of the last leaf.  On the right
 * edge, where a node has no sibling, levels without one are passed over.
 */
int
proof_check_inclusion(const struct proof *proof, uint64_t index,
	const uint8_t leaf[HASH_LEN], uint64_t size, const uint8_t root[HASH_LEN])
{
	uint64_t fn = index, sn = size - 1;
	uint8_t r[HASH_LEN];

	if (index >= size)
		return FAIL_USAGE;
	memcpy(r, leaf, HASH_LEN);
	for (size_t i = 0; i < proof->count; i++) {
		if (sn == 0)
			return FAIL_MISMATCH; /* too many */
		if ((fn & 1) != 0 || fn == sn) {
			tree_node(proof->hashes[i], r, r);
			climb(&fn, &sn);
		} else {
			tree_node(r, proof->hashes[i], r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && is_same(r, root) ? 0 : FAIL_MISMATCH;
}

/* Both roots at once, from the largest full subtree at the old tree's right edge upwards. */
static int
check_growth(const struct proof *proof, const struct proof_sizes *s)
{
	uint64_t fn = s->old_size - 1, sn = s->new_size - 1;
	uint8_t fr[HASH_LEN], sr[HASH_LEN];
	size_t i = 0;

	for (; (fn & 1) != 0; fn >>= 1)
		sn >>= 1;
	if (fn != 0 && proof->count == 0)
		return FAIL_MISMATCH;
	/* An old size that is a power of two: its root is the subtree. */
	memcpy(fr, fn == 0 ? s->old_root : proof->hashes[i++], HASH_LEN);
	memcpy(sr, fr, HASH_LEN);
	for (; i < proof->count; i++) {
		const uint8_t *c = proof->hashes[i];

		if (sn == 0)
			return FAIL_MISMATCH;
		if ((fn & 1) != 0 || fn == sn) {
			tree_node(c, fr, fr);
			tree_node(c, sr, sr);
			climb(&fn, &sn);
		} else {
			tree_node(sr, c, sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && is_same(fr, s->old_root) && is_same(sr, s->new_root)
		? 0
		: FAIL_MISMATCH;
}

int
proof_check_consistency(const struct proof *proof, const struct proof_sizes *s)
{
	uint8_t empty[HASH_LEN];

	if (s->old_size > s->new_size)
		return FAIL_USAGE;
	if (s->old_size == 0) {
		hash_sha256("", 0, empty);
		if (proof->count != 0 || !is_same(s->old_root, empty))
			return FAIL_MISMATCH;
	}
	if (s->old_size == s->new_size)
		return proof->count == 0 && is_same(s->old_root, s->new_root)
			? 0
			: FAIL_MISMATCH;
	if (s->old_size == 0)
		return 0;
	return check_growth(proof, s);
}

/* The largest power of two below n; n > 1. */
static unsigned
split_height(uint64_t n)
{
	unsigned height = 0;

	while ((UINT64_C(2) << height) < n)
		height++;
	return height;
}

/*
 * The root of leaves [begin, end), where begin is a multiple of the largest power of two that
 * fits: its full subtrees, read from the right and joined upwards.
 */
static int
range_root(const struct proof_reader *reader, uint64_t begin, uint64_t end,
	uint8_t ret_root[HASH_LEN])
{
	uint64_t left = end - begin;
	bool is_first = true;
	int r;

	for (unsigned height = 0; height < TREE_HEIGHT_MAX; height++) {
		uint8_t hash[HASH_LEN];

		if ((left >> height & 1) == 0)
			continue;
		end -= UINT64_C(1) << height;
		if ((r = reader->read(reader->ctx, height, end >> height, hash)) != 0)
			return r;
		if (is_first)
			memcpy(ret_root, hash, HASH_LEN);
		else
			tree_node(hash, ret_root, ret_root);
		is_first = false;
	}
	return 0;
}

int
proof_root(const struct proof_reader *reader, uint64_t size, uint8_t ret_root[HASH_LEN])
{
	if (size >> TREE_HEIGHT_MAX != 0)
		return FAIL_USAGE;
	if (size == 0) {
		hash_sha256("", 0, ret_root);
		return 0;
	}
	return range_root(reader, 0, size, ret_root);
}

static int
append(struct proof *proof, const struct proof_reader *reader, uint64_t begin,
	uint64_t end)
{
	if (proof->count == PROOF_HASHES_MAX)
		return FAIL_LIMIT;
	return range_root(reader, begin, end, proof->hashes[proof->count++]);
}

/* Made from the root downwards, told from the leaf upwards. */
static void
turn_over(struct proof *proof)
{
	for (size_t i = 0, k = proof->count; i + 1 < k; i++) {
		uint8_t hash[HASH_LEN];

		k--;
		memcpy(hash, proof->hashes[i], HASH_LEN);
		memcpy(proof->hashes[i], proof->hashes[k], HASH_LEN);
		memcpy(proof->hashes[k], hash, HASH_LEN);
	}
}

int
proof_make_inclusion(const struct proof_reader *reader, uint64_t index, uint64_t size,
	struct proof *ret_proof)
{
	uint64_t begin = 0, end = size;
	int r = 0;

	if (index >= size || size >> TREE_HEIGHT_MAX != 0)
		return FAIL_USAGE;
	ret_proof->count = 0;
	while (end - begin > 1 && r == 0) {
		uint64_t middle = begin + (UINT64_C(1) << split_height(end - begin));

		if (index < middle) {
			r = append(ret_proof, reader, middle, end);
			end = middle;
		} else {
			r = append(ret_proof, reader, begin, middle);
			begin = middle;
		}
	}
	turn_over(ret_proof);
	return r;
}

int
proof_make_consistency(const struct proof_reader *reader, uint64_t old_size,
	uint64_t new_size, struct proof *ret_proof)
{
	uint64_t begin = 0, end = new_size;
	int r = 0;

	if (old_size > new_size || new_size >> TREE_HEIGHT_MAX != 0)
		return FAIL_USAGE;
	ret_proof->count = 0;
	if (old_size == 0 || old_size == new_size)
		return 0;
	while (old_size != end && r == 0) {
		uint64_t middle = begin + (UINT64_C(1) << split_height(end - begin));

		if (old_size <= middle) {
			r = append(ret_proof, reader, middle, end);
			end = middle;
		} else {
			r = append(ret_proof, reader, begin, middle);
			begin = middle;
		}
	}
	/* The old root itself is known to who checks. */
	if (r == 0 && begin != 0)
		r = append(ret_proof, reader, begin, end);
	turn_over(ret_proof);
	return r;
}
