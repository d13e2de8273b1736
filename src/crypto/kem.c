/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/kem.h"

#include <string.h>

#include "crypto/dhkem.h"
#include "crypto/hash.h"
#include "crypto/xwing.h"

/*
 * One row a suite.  Lengths of suite 2 are known in every build, so that formats can be
 * parsed and shown without being able to open them; its functions then say FAIL_SUITE.
 */

struct kem {
	uint16_t suite;
	uint16_t public_len;
	uint16_t enc_len;
	int (*public_of_seed)(const uint8_t *seed, uint8_t *ret_public);
	int (*encap)(const uint8_t *public_key, struct rng *rng, uint8_t *ret_enc,
		uint8_t *ret_shared);
	int (*decap)(const uint8_t *seed, const uint8_t *enc, uint8_t *ret_shared);
};

static const struct kem kems[] = {
	{SUITE_1, DHKEM_PUBLIC_LEN, DHKEM_ENC_LEN, dhkem_public_of_seed, dhkem_encap,
		dhkem_decap},
	{SUITE_2, XWING_PUBLIC_LEN, XWING_ENC_LEN, xwing_public_of_seed, xwing_encap,
		xwing_decap},
};

_Static_assert((int)XWING_PUBLIC_LEN == (int)KEM_PUBLIC_MAX, "the longest public key");
_Static_assert((int)XWING_ENC_LEN == (int)KEM_ENC_MAX, "the longest encapsulation");

static const struct kem *
find(uint16_t suite)
{
	for (size_t i = 0; i < sizeof kems / sizeof kems[0]; i++)
		if (kems[i].suite == suite)
			return &kems[i];
	return NULL;
}

size_t
kem_public_len(uint16_t suite)
{
	const struct kem *kem = find(suite);

	return kem != NULL ? kem->public_len : 0;
}

size_t
kem_enc_len(uint16_t suite)
{
	const struct kem *kem = find(suite);

	return kem != NULL ? kem->enc_len : 0;
}

int
kem_public_of_seed(
	uint16_t suite, const uint8_t seed[KEM_SEED_LEN], struct kem_public *ret_public)
{
	const struct kem *kem = find(suite);
	struct kem_public key = {.suite = suite};
	int r;

	if (kem == NULL)
		return FAIL_SUITE;
	if ((r = kem->public_of_seed(seed, key.bytes)) != 0)
		return r;
	key.len = kem->public_len;
	*ret_public = key;
	return 0;
}

void
kem_id(const struct kem_public *key, uint8_t ret_id[KEM_ID_LEN])
{
	CHECK(key->len <= sizeof key->bytes);
	hash_sha256(key->bytes, key->len, ret_id);
}

int
kem_encap(const struct kem_public *to, struct rng *rng, uint8_t *ret_enc,
	uint8_t ret_shared[KEM_SHARED_LEN])
{
	const struct kem *kem = find(to->suite);

	if (kem == NULL)
		return FAIL_SUITE;
	if (to->len != kem->public_len)
		return FAIL_FORMAT;
	return kem->encap(to->bytes, rng, ret_enc, ret_shared);
}

int
kem_decap(uint16_t suite, const uint8_t seed[KEM_SEED_LEN], const uint8_t *enc,
	size_t enc_len, uint8_t ret_shared[KEM_SHARED_LEN])
{
	const struct kem *kem = find(suite);

	if (kem == NULL)
		return FAIL_SUITE;
	if (enc_len != kem->enc_len)
		return FAIL_FORMAT;
	return kem->decap(seed, enc, ret_shared);
}
