/* SPDX-License-Identifier: Apache-2.0 */
#include "log/tree.h"

#include <stdbool.h>
#include <string.h>

/*
 * Pushing a leaf is adding one to a binary counter: each carry joins two full subtrees of one
 * height.  The root joins what is left from the smallest subtree up, which is the split of
 * RFC 6962 read from the right, so neither needs recursion.
 */

void
tree_node(const uint8_t left[HASH_LEN], const uint8_t right[HASH_LEN],
	uint8_t ret_node[HASH_LEN])
{
	uint8_t in[1 + 2 * HASH_LEN] = {0x01};

	memcpy(in + 1, left, HASH_LEN);
	memcpy(in + 1 + HASH_LEN, right, HASH_LEN);
	hash_sha256(in, sizeof in, ret_node);
}

void
tree_init(struct tree *t)
{
	*t = (struct tree){0};
}

void
tree_leaf(struct hash *h, const void *ptr, size_t len, uint8_t ret_leaf[HASH_LEN])
{
	static const uint8_t prefix = 0x00;

	hash_begin(h);
	hash_add(h, &prefix, 1);
	hash_add(h, ptr, len);
	hash_end(h, ret_leaf);
}

void
tree_push(struct tree *t, const uint8_t leaf[HASH_LEN])
{
	uint8_t top[HASH_LEN];
	unsigned height = 0;

	CHECK(t->size < (UINT64_C(1) << TREE_HEIGHT_MAX) - 1);
	memcpy(top, leaf, HASH_LEN);
	for (uint64_t size = t->size; (size & 1) != 0; size >>= 1)
		tree_node(t->edge[height++], top, top);
	CHECK(height < TREE_HEIGHT_MAX);
	memcpy(t->edge[height], top, HASH_LEN);
	t->size++;
}

void
tree_root(const struct tree *t, uint8_t ret_root[HASH_LEN])
{
	bool is_first = true;

	if (t->size == 0) {
		hash_sha256("", 0, ret_root);
		return;
	}
	for (unsigned height = 0; height < TREE_HEIGHT_MAX; height++) {
		if ((t->size >> height & 1) == 0)
			continue;
		if (is_first)
			memcpy(ret_root, t->edge[height], HASH_LEN);
		else
			tree_node(t->edge[height], ret_root, ret_root);
		is_first = false;
	}
}
