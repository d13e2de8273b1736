/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/xwing.h"

/*
 * Suite 2 in a build whose OpenSSL has no ML-KEM: it is known and refused, so that callers
 * need no conditional compilation.
 */

bool
xwing_is_built(void)
{
	return false;
}

int
xwing_init(void)
{
	return 0;
}

int
xwing_public_of_seed(const uint8_t *seed, uint8_t *ret_public)
{
	(void)seed;
	(void)ret_public;
	return FAIL_SUITE;
}

int
xwing_encap(
	const uint8_t *public_key, struct rng *rng, uint8_t *ret_enc, uint8_t *ret_shared)
{
	(void)public_key;
	(void)rng;
	(void)ret_enc;
	(void)ret_shared;
	return FAIL_SUITE;
}

int
xwing_decap(const uint8_t *seed, const uint8_t *enc, uint8_t *ret_shared)
{
	(void)seed;
	(void)enc;
	(void)ret_shared;
	return FAIL_SUITE;
}
