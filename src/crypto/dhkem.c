/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/dhkem.h"

#include <sodium.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/labeled.h"

/*
 * The secret binds both public keys (kem_context = enc || pkR), so a decapsulation computes
 * its own public key anew: 30 us, against keeping a public half beside the seed that could
 * be altered apart from it.
 */

static const uint8_t suite_id[] = {'K', 'E', 'M', 0x00, 0x20};

/* ExtractAndExpand of RFC 9180, section 4.1. */
static void
extract_and_expand(const uint8_t dh[crypto_scalarmult_BYTES], const uint8_t *enc,
	const uint8_t *public_key, uint8_t *ret_shared)
{
	const struct rd id = rd_of(suite_id, sizeof suite_id);
	uint8_t context[DHKEM_ENC_LEN + DHKEM_PUBLIC_LEN];
	uint8_t prk[LABELED_LEN];

	memcpy(context, enc, DHKEM_ENC_LEN);
	memcpy(context + DHKEM_ENC_LEN, public_key, DHKEM_PUBLIC_LEN);
	labeled_extract(&(struct labeled){id, "eae_prk"}, rd_of("", 0),
		rd_of(dh, crypto_scalarmult_BYTES), prk);
	labeled_expand(&(struct labeled){id, "shared_secret"}, prk,
		rd_of(context, sizeof context), ret_shared, DHKEM_SHARED_LEN);
	mem_wipe(prk, sizeof prk);
}

int
dhkem_public_of_seed(const uint8_t *seed, uint8_t *ret_public)
{
	CHECK(crypto_scalarmult_base(ret_public, seed) == 0);
	return 0;
}

int
dhkem_encap(
	const uint8_t *public_key, struct rng *rng, uint8_t *ret_enc, uint8_t *ret_shared)
{
	uint8_t ephemeral[DHKEM_SEED_LEN];
	uint8_t dh[crypto_scalarmult_BYTES];
	int r;

	if ((r = rng_fill(rng, ephemeral, sizeof ephemeral)) != 0)
		goto out;
	/* libsodium refuses points of small order, that is, the all-zero secret. */
	if (crypto_scalarmult(dh, ephemeral, public_key) != 0) {
		r = FAIL_FORMAT;
		goto out;
	}
	CHECK(crypto_scalarmult_base(ret_enc, ephemeral) == 0);
	extract_and_expand(dh, ret_enc, public_key, ret_shared);
out:
	mem_wipe(ephemeral, sizeof ephemeral);
	mem_wipe(dh, sizeof dh);
	return r;
}

int
dhkem_decap(const uint8_t *seed, const uint8_t *enc, uint8_t *ret_shared)
{
	uint8_t public_key[DHKEM_PUBLIC_LEN];
	uint8_t dh[crypto_scalarmult_BYTES];
	int r = 0;

	if (crypto_scalarmult(dh, seed, enc) != 0) {
		r = FAIL_FORMAT;
		goto out;
	}
	CHECK(crypto_scalarmult_base(public_key, seed) == 0);
	extract_and_expand(dh, enc, public_key, ret_shared);
out:
	mem_wipe(dh, sizeof dh);
	return r;
}
