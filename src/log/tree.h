/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_TREE_H
#define LOG_TREE_H
/*
 * tree: the Merkle tree of RFC 6962, section 2.1 (the same as RFC 9162), built from the left.
 *
 *   leaf  = SHA-256(0x00 || bytes)      node = SHA-256(0x01 || left || right)
 *   empty = SHA-256("")                 split at the largest power of two below the size
 *
 * `struct tree` keeps the right edge only: one hash per set bit of the size, so 2 KiB for any
 * tree.  Leaves may be hashed elsewhere and in parallel (tree_leaf), whole aligned subtrees
 * too (tree_push_subtree); they are pushed in order by one thread.
 *
 * Limits  TREE_HEIGHT_MAX levels, so 2^63 - 1 leaves.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "crypto/hash.h"

enum { TREE_HEIGHT_MAX = 63 };

struct tree {
	uint64_t size;
	uint8_t edge[TREE_HEIGHT_MAX]
		    [HASH_LEN]; /* edge[h]: the full subtree of 2^h leaves */
};

void tree_init(struct tree *t);

/* SHA-256(0 || ptr[0..len)), with a hash that the calling thread owns. */
void tree_leaf(struct hash *h, const void *ptr, size_t len, uint8_t ret_leaf[HASH_LEN]);

/* SHA-256(1 || left || right). */
void tree_node(const uint8_t left[HASH_LEN], const uint8_t right[HASH_LEN],
	uint8_t ret_node[HASH_LEN]);

/* Append one leaf hash. */
void tree_push(struct tree *t, const uint8_t leaf[HASH_LEN]);

/* The root of what was pushed so far; the tree may go on growing. */
void tree_root(const struct tree *t, uint8_t ret_root[HASH_LEN]);

#endif
