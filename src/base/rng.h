/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_RNG_H
#define BASE_RNG_H
/*
 * rng: randomness as an argument.
 *
 * Domain rooms are pure: whoever calls them brings the randomness.  Programs bring the
 * system's (sys/random.h); tests and the simulator bring a seeded one, so that a run can be
 * replayed byte by byte.
 */
#include <stddef.h>

#include "base/fail.h"

struct rng {
	/* Fill len bytes or fail with FAIL_RANDOM, having filled nothing that is used. */
	int (*fill)(struct rng *rng, void *out, size_t len);
};

static inline MUST int
rng_fill(struct rng *rng, void *out, size_t len)
{
	return rng->fill(rng, out, len);
}

#endif
