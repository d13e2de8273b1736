/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/filter.h"

/* Writing is the mirror of filter_has(): the same block, the same bits. */

uint64_t
filter_blocks(uint64_t grams, unsigned bits_per_gram)
{
	return grams * bits_per_gram / (8 * FILTER_BLOCK) + 1;
}

void
filter_put(uint8_t *bytes, uint64_t blocks, unsigned probes, uint64_t hash)
{
	uint8_t *block = bytes + filter_block_of(hash, blocks) * FILTER_BLOCK;
	uint64_t mix = filter_mix(hash);

	for (unsigned i = 0; i < probes; i++) {
		unsigned bit = (unsigned)(mix >> (55 - 9 * i)) & 511;

		block[bit >> 3] = (uint8_t)(block[bit >> 3] | 1u << (bit & 7));
	}
}
