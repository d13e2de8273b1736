/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SUM_H
#define LEAK_SUM_H
/*
 * sum: a 64-bit checksum against disks that lie, fast enough to be checked at every start.
 *
 * It finds accidents, not forgers: whoever can write to an index can do as he likes with it.
 * The sum of a stream does not depend on how it was cut into pieces.
 */
#include <stddef.h>
#include <stdint.h>

enum { SUM_BLOCK = 32 };

struct sum {
	uint64_t lane[4];
	uint64_t len;
	uint8_t pending[SUM_BLOCK];
};

void sum_init(struct sum *s);
void sum_add(struct sum *s, const void *ptr, size_t len);
uint64_t sum_end(const struct sum *s);

/* All at once. */
uint64_t sum_of(const void *ptr, size_t len);

#endif
