/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_PROOF_H
#define LOG_PROOF_H
/*
 * proof: that a leaf is in a tree, and that a tree has grown from an older one.
 *
 *   inclusion     the siblings of a leaf, leaf upwards              RFC 6962, section 2.1.1
 *   consistency   what both roots can be computed from              RFC 6962, section 2.1.2
 *
 * Verified as RFC 9162, sections 2.1.3.2 and 2.1.4.2, say: iteratively, and refusing proofs
 * with hashes too many or too few.  From the empty tree every tree has grown, by the empty
 * proof; between equal sizes the proof is empty and the roots are equal.
 *
 * Making one needs the hashes of full subtrees only; where they lie, the reader knows (rows,
 * tiles, memory).
 *
 * Limits  PROOF_HASHES_MAX hashes; sizes below 2^63.
 * Errors  FAIL_MISMATCH it proves something else, or nothing; FAIL_USAGE index or sizes that
 *         cannot be; FAIL_LIMIT; making: what the reader answers.
 */
#include "log/tree.h"

enum { PROOF_HASHES_MAX = 2 * TREE_HEIGHT_MAX };

struct proof {
	size_t count;
	uint8_t hashes[PROOF_HASHES_MAX][HASH_LEN];
};

MUST int proof_check_inclusion(const struct proof *proof, uint64_t index,
	const uint8_t leaf[HASH_LEN], uint64_t size, const uint8_t root[HASH_LEN]);

struct proof_sizes {
	uint64_t old_size, new_size;
	const uint8_t *old_root, *new_root; /* HASH_LEN each */
};

MUST int proof_check_consistency(
	const struct proof *proof, const struct proof_sizes *sizes);

/* The hash of the full subtree of leaves [index << height, (index + 1) << height). */
struct proof_reader {
	int (*read)(
		void *ctx, unsigned height, uint64_t index, uint8_t ret_hash[HASH_LEN]);
	void *ctx;
};

MUST int proof_make_inclusion(const struct proof_reader *reader, uint64_t index,
	uint64_t size, struct proof *ret_proof);
MUST int proof_make_consistency(const struct proof_reader *reader, uint64_t old_size,
	uint64_t new_size, struct proof *ret_proof);

/* The root of the first `size` leaves, from its full subtrees. */
MUST int proof_root(
	const struct proof_reader *reader, uint64_t size, uint8_t ret_root[HASH_LEN]);

#endif
