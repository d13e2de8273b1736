/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SHAMIR_H
#define CRYPTO_SHAMIR_H
/*
 * shamir: a 32-byte secret in n shares of which any t give it back (Shamir 1979).
 *
 * Field   GF(256) with the polynomial x^8 + x^4 + x^3 + x + 1 (0x11b), byte by byte; share
 *         j (1..n) is the value at x = j.  Multiplication and inversion take constant time and
 *         look nothing up by secret: no tables, no branches.
 * Limits  1 <= t <= n <= SHAMIR_SHARES_MAX.
 * Errors  FAIL_LIMIT; shamir_join: FAIL_SHARE when two shares have the same number or one is
 *         0 or above SHAMIR_SHARES_MAX.  Shares carry no checksum: a false one gives a false
 *         secret, so the caller checks share hashes before and the key commitment after.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rng.h"

enum { SHAMIR_SECRET_LEN = 32, SHAMIR_SHARES_MAX = 16 };

struct shamir_share {
	uint8_t number; /* 1..SHAMIR_SHARES_MAX */
	uint8_t value[SHAMIR_SECRET_LEN];
};

/* ret_shares receives n shares, numbered 1..n. */
MUST int shamir_split(const uint8_t secret[SHAMIR_SECRET_LEN], size_t t, size_t n,
	struct rng *rng, struct shamir_share *ret_shares);

/* Join exactly t shares. */
MUST int shamir_join(const struct shamir_share *shares, size_t t,
	uint8_t ret_secret[SHAMIR_SECRET_LEN]);

#endif
