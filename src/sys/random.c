/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/random.h"

#include <stdint.h>
#include <unistd.h>

/*
 * getentropy(3) is getrandom(2) without a flag, in pieces of at most 256 bytes: early at boot
 * it waits rather than give unseeded bytes.  (The C library's own <sys/random.h> cannot be
 * included here: this room's header of that name stands before it.)
 */

enum { PIECE = 256 };

static int
fill(struct rng *rng, void *out, size_t len)
{
	uint8_t *at = out;

	(void)rng;
	while (len > 0) {
		size_t n = len < PIECE ? len : PIECE;

		if (getentropy(at, n) != 0)
			return FAIL_RANDOM;
		at += n;
		len -= n;
	}
	return 0;
}

struct rng *
random_system(void)
{
	static struct rng system_rng = {.fill = fill};

	return &system_rng;
}
