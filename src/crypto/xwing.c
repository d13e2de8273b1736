/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/xwing.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>
#include <string.h>

#include "base/mem.h"

/*
 * ML-KEM, SHAKE and SHA-3 are OpenSSL's, X25519 is libsodium's; only putting them together is
 * done here.  Both halves are computed in every call, in the same order, whether or not the
 * ML-KEM part of an enc is genuine: its rejection is implicit and looks like any other secret.
 */

enum {
	M_SEED_LEN = 64,
	M_PUBLIC_LEN = 1184,
	M_ENC_LEN = 1088,
	M_SHARED_LEN = 32,
	M_RANDOM_LEN = 32,
	X_LEN = 32, /* scalar, point and shared secret alike */
	EXPANDED_LEN = M_SEED_LEN + X_LEN,
	ESEED_LEN = M_RANDOM_LEN + X_LEN,
	LABEL_LEN = 6,
};

_Static_assert((int)M_PUBLIC_LEN + (int)X_LEN == (int)XWING_PUBLIC_LEN, "public key");
_Static_assert((int)M_ENC_LEN + (int)X_LEN == (int)XWING_ENC_LEN, "encapsulation");

static EVP_MD *sha3_256, *shake256;

bool
xwing_is_built(void)
{
	return true;
}

int
xwing_init(void)
{
	/* Asked for so that a library without it is noticed now, not at the first letter. */
	EVP_KEM *ml_kem = EVP_KEM_fetch(NULL, "ML-KEM-768", NULL);
	bool has_ml_kem = ml_kem != NULL;

	EVP_KEM_free(ml_kem);
	sha3_256 = EVP_MD_fetch(NULL, "SHA3-256", NULL);
	shake256 = EVP_MD_fetch(NULL, "SHAKE256", NULL);
	return has_ml_kem && sha3_256 != NULL && shake256 != NULL ? 0 : FAIL_UNSUPPORTED;
}

/*
 * The library's own list of errors is emptied, because TLS reads it and would take ours for
 * one of its connections.
 */
static int
failed(int r)
{
	ERR_clear_error();
	return r;
}

static int
expand(const uint8_t *seed, uint8_t ret_expanded[EXPANDED_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = 0;

	if (ctx == NULL || EVP_DigestInit_ex2(ctx, shake256, NULL) != 1 ||
		EVP_DigestUpdate(ctx, seed, XWING_SEED_LEN) != 1 ||
		EVP_DigestFinalXOF(ctx, ret_expanded, EXPANDED_LEN) != 1)
		r = failed(FAIL_NOMEM);
	EVP_MD_CTX_free(ctx);
	return r;
}

/* The order is the draft's: SHA3-256(ss_M || ss_X || ct_X || pk_X || label). */
static int
combine(const uint8_t *ss_m, const uint8_t *ss_x, const uint8_t *ct_x,
	const uint8_t *pk_x, uint8_t *ret_shared)
{
	static const uint8_t label[LABEL_LEN] = {0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c};
	uint8_t in[M_SHARED_LEN + 3 * X_LEN + LABEL_LEN];
	uint8_t *at = in;
	int r = 0;

	memcpy(at, ss_m, M_SHARED_LEN);
	memcpy(at += M_SHARED_LEN, ss_x, X_LEN);
	memcpy(at += X_LEN, ct_x, X_LEN);
	memcpy(at += X_LEN, pk_x, X_LEN);
	memcpy(at += X_LEN, label, LABEL_LEN);
	if (EVP_Digest(in, sizeof in, ret_shared, NULL, sha3_256, NULL) != 1)
		r = failed(FAIL_NOMEM);
	mem_wipe(in, sizeof in);
	return r;
}

/* The ML-KEM key of d || z.  The library derives the rest, and wipes it as it frees it. */
static int
m_key_of_seed(const uint8_t *expanded, EVP_PKEY **ret_key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "ML-KEM-768", NULL);
	uint8_t seed[M_SEED_LEN];
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(
			OSSL_PKEY_PARAM_ML_KEM_SEED, seed, sizeof seed),
		OSSL_PARAM_construct_end(),
	};
	int r = 0;

	memcpy(seed, expanded, sizeof seed);
	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
		EVP_PKEY_CTX_set_params(ctx, params) != 1 ||
		EVP_PKEY_generate(ctx, ret_key) != 1)
		r = failed(FAIL_NOMEM);
	EVP_PKEY_CTX_free(ctx);
	mem_wipe(seed, sizeof seed);
	return r;
}

static int
m_public_of(const EVP_PKEY *key, uint8_t *ret_public)
{
	size_t len = 0;

	if (EVP_PKEY_get_octet_string_param(
		    key, OSSL_PKEY_PARAM_PUB_KEY, ret_public, M_PUBLIC_LEN, &len) != 1)
		return failed(FAIL_NOMEM);
	CHECK(len == M_PUBLIC_LEN);
	return 0;
}

static int
m_encap(const uint8_t *public_key, uint8_t *random, uint8_t *ret_enc, uint8_t *ret_shared)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(
			OSSL_KEM_PARAM_IKME, random, M_RANDOM_LEN),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key;
	size_t enc_len = M_ENC_LEN, shared_len = M_SHARED_LEN;
	int r = 0;

	/* This checks the modulus too (FIPS 203, 7.2): numbers not below q are malformed. */
	key = EVP_PKEY_new_raw_public_key_ex(
		NULL, "ML-KEM-768", NULL, public_key, M_PUBLIC_LEN);
	if (key == NULL) {
		/* One answer for two causes; the library's list tells them apart. */
		r = failed(ERR_GET_REASON(ERR_peek_error()) == ERR_R_MALLOC_FAILURE
				? FAIL_NOMEM
				: FAIL_FORMAT);
		goto out;
	}
	if ((ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL)) == NULL ||
		EVP_PKEY_encapsulate_init(ctx, params) != 1 ||
		EVP_PKEY_encapsulate(ctx, ret_enc, &enc_len, ret_shared, &shared_len) !=
			1) {
		r = failed(FAIL_NOMEM);
		goto out;
	}
	CHECK(enc_len == M_ENC_LEN && shared_len == M_SHARED_LEN);
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return r;
}

/*
 * Want of memory inside is not a failure of EVP_PKEY_decapsulate(): it hands out a secret of
 * chance then, as for a false enc, and only the list of errors knows (seen with 3.5.7, by the
 * test that lets every allocation fail).  A genuine rejection leaves the list empty, so
 * asking it tells nothing of the key.
 */
static int
m_decap(EVP_PKEY *key, const uint8_t *enc, uint8_t *ret_shared)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t shared_len = M_SHARED_LEN;
	int r = 0;

	ERR_clear_error();
	if (ctx == NULL || EVP_PKEY_decapsulate_init(ctx, NULL) != 1 ||
		EVP_PKEY_decapsulate(ctx, ret_shared, &shared_len, enc, M_ENC_LEN) != 1 ||
		ERR_peek_error() != 0)
		r = failed(FAIL_NOMEM);
	else
		CHECK(shared_len == M_SHARED_LEN);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

int
xwing_public_of_seed(const uint8_t *seed, uint8_t *ret_public)
{
	uint8_t expanded[EXPANDED_LEN];
	EVP_PKEY *key = NULL;
	int r;

	if ((r = expand(seed, expanded)) != 0 ||
		(r = m_key_of_seed(expanded, &key)) != 0 ||
		(r = m_public_of(key, ret_public)) != 0)
		goto out;
	CHECK(crypto_scalarmult_base(ret_public + M_PUBLIC_LEN, expanded + M_SEED_LEN) ==
		0);
out:
	EVP_PKEY_free(key);
	mem_wipe(expanded, sizeof expanded);
	return r;
}

int
xwing_encap(
	const uint8_t *public_key, struct rng *rng, uint8_t *ret_enc, uint8_t *ret_shared)
{
	const uint8_t *pk_x = public_key + M_PUBLIC_LEN;
	uint8_t eseed[ESEED_LEN], ss_m[M_SHARED_LEN], ss_x[X_LEN], enc[XWING_ENC_LEN];
	uint8_t *scalar = eseed + M_RANDOM_LEN, *ct_x = enc + M_ENC_LEN;
	int r;

	if ((r = rng_fill(rng, eseed, sizeof eseed)) != 0)
		goto out;
	if (crypto_scalarmult(ss_x, scalar, pk_x) != 0) {
		r = FAIL_FORMAT;
		goto out;
	}
	if ((r = m_encap(public_key, eseed, enc, ss_m)) != 0)
		goto out;
	CHECK(crypto_scalarmult_base(ct_x, scalar) == 0);
	if ((r = combine(ss_m, ss_x, ct_x, pk_x, ret_shared)) != 0)
		goto out;
	memcpy(ret_enc, enc, sizeof enc);
out:
	mem_wipe(eseed, sizeof eseed);
	mem_wipe(ss_m, sizeof ss_m);
	mem_wipe(ss_x, sizeof ss_x);
	return r;
}

int
xwing_decap(const uint8_t *seed, const uint8_t *enc, uint8_t *ret_shared)
{
	const uint8_t *ct_x = enc + M_ENC_LEN;
	uint8_t expanded[EXPANDED_LEN], pk_x[X_LEN], ss_m[M_SHARED_LEN], ss_x[X_LEN];
	EVP_PKEY *key = NULL;
	int r;

	if ((r = expand(seed, expanded)) != 0 ||
		(r = m_key_of_seed(expanded, &key)) != 0 ||
		(r = m_decap(key, enc, ss_m)) != 0)
		goto out;
	if (crypto_scalarmult(ss_x, expanded + M_SEED_LEN, ct_x) != 0) {
		r = FAIL_FORMAT;
		goto out;
	}
	CHECK(crypto_scalarmult_base(pk_x, expanded + M_SEED_LEN) == 0);
	r = combine(ss_m, ss_x, ct_x, pk_x, ret_shared);
out:
	EVP_PKEY_free(key);
	mem_wipe(expanded, sizeof expanded);
	mem_wipe(ss_m, sizeof ss_m);
	mem_wipe(ss_x, sizeof ss_x);
	return r;
}
