/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/hpke.h"
#include "crypto/kem.h"
#include "xwing_vector.h"

/*
 * Suite 2.  A build without ML-KEM runs the first test only: everything is known and refused.
 */

static void
is_refused_where_not_built(void **state)
{
	const uint8_t seed[KEM_SEED_LEN] = {1};
	uint8_t enc[KEM_ENC_MAX] = {0}, shared[KEM_SHARED_LEN], random[64] = {0},
		sealed[17];
	struct kem_public key = {.suite = SUITE_2, .len = KEM_PUBLIC_MAX};
	struct replay replay = replay_of(random, sizeof random);
	const struct hpke_bytes none = {"", 0};

	(void)state;
	assert_int_equal(kem_public_len(SUITE_2), KEM_PUBLIC_MAX);
	assert_int_equal(kem_enc_len(SUITE_2), KEM_ENC_MAX);
	if (crypto_has_suite(SUITE_2))
		skip();
	assert_int_equal(kem_public_of_seed(SUITE_2, seed, &key), FAIL_SUITE);
	assert_int_equal(kem_encap(&key, &replay.rng, enc, shared), FAIL_SUITE);
	assert_int_equal(kem_decap(SUITE_2, seed, enc, sizeof enc, shared), FAIL_SUITE);
	assert_int_equal(
		hpke_seal(&key, &replay.rng, none, none, none, enc, sealed), FAIL_SUITE);
}

static void
gives_the_whole_vector(void **state)
{
	uint8_t seed[KEM_SEED_LEN], eseed[64], enc[KEM_ENC_MAX], shared[KEM_SHARED_LEN];
	struct replay replay = replay_of(eseed, sizeof eseed);
	struct kem_public key;

	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	(void)unhex(vector_seed, seed, sizeof seed);
	(void)unhex(vector_eseed, eseed, sizeof eseed);
	assert_int_equal(kem_public_of_seed(SUITE_2, seed, &key), 0);
	assert_int_equal(key.suite, SUITE_2);
	assert_hex(key.bytes, key.len, vector_public);
	assert_int_equal(kem_encap(&key, &replay.rng, enc, shared), 0);
	assert_int_equal(replay.left, 0);
	assert_hex(enc, sizeof enc, vector_enc);
	assert_hex(shared, sizeof shared, vector_shared);
	memset(shared, 0, sizeof shared);
	assert_int_equal(kem_decap(SUITE_2, seed, enc, sizeof enc, shared), 0);
	assert_hex(shared, sizeof shared, vector_shared);
}

/* The second of the same appendix; its secret binds both public keys and ct_X. */
static void
gives_the_secret_of_another(void **state)
{
	uint8_t seed[KEM_SEED_LEN], eseed[64], enc[KEM_ENC_MAX], shared[KEM_SHARED_LEN];
	struct replay replay = replay_of(eseed, sizeof eseed);
	struct kem_public key;

	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	(void)unhex("badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea",
		seed, sizeof seed);
	(void)unhex("17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdef"
		    "aee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d",
		eseed, sizeof eseed);
	assert_int_equal(kem_public_of_seed(SUITE_2, seed, &key), 0);
	assert_int_equal(kem_encap(&key, &replay.rng, enc, shared), 0);
	assert_hex(shared, sizeof shared,
		"f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150");
}

/* Implicit rejection: an altered ML-KEM part gives another secret, and always the same. */
static void
rejects_without_saying_so(void **state)
{
	uint8_t seed[KEM_SEED_LEN], enc[KEM_ENC_MAX], good[KEM_SHARED_LEN];
	uint8_t first[KEM_SHARED_LEN], again[KEM_SHARED_LEN];

	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	(void)unhex(vector_seed, seed, sizeof seed);
	(void)unhex(vector_enc, enc, sizeof enc);
	(void)unhex(vector_shared, good, sizeof good);
	for (size_t at = 0; at < sizeof enc; at += 31) {
		enc[at] ^= 1;
		assert_int_equal(kem_decap(SUITE_2, seed, enc, sizeof enc, first), 0);
		assert_int_equal(kem_decap(SUITE_2, seed, enc, sizeof enc, again), 0);
		assert_memory_not_equal(first, good, sizeof first);
		assert_memory_equal(first, again, sizeof first);
		enc[at] ^= 1;
	}
}

static void
refuses_malformed_keys(void **state)
{
	uint8_t seed[KEM_SEED_LEN] = {1}, random[64] = {3}, enc[KEM_ENC_MAX] = {0};
	uint8_t shared[KEM_SHARED_LEN];
	struct replay replay = replay_of(random, sizeof random);
	struct kem_public key;

	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	assert_int_equal(kem_public_of_seed(SUITE_2, seed, &key), 0);
	/* Coefficients of 12 one bits are not below q = 3329. */
	memset(key.bytes, 0xff, 3);
	assert_int_equal(kem_encap(&key, &replay.rng, enc, shared), FAIL_FORMAT);
	/* An X25519 half of small order. */
	assert_int_equal(kem_public_of_seed(SUITE_2, seed, &key), 0);
	memset(key.bytes + 1184, 0, 32);
	replay = replay_of(random, sizeof random);
	assert_int_equal(kem_encap(&key, &replay.rng, enc, shared), FAIL_FORMAT);
	assert_int_equal(kem_decap(SUITE_2, seed, enc, sizeof enc, shared), FAIL_FORMAT);
	assert_int_equal(
		kem_decap(SUITE_2, seed, enc, sizeof enc - 1, shared), FAIL_FORMAT);
	/* Not enough randomness: nothing is sealed with what there is. */
	assert_int_equal(kem_public_of_seed(SUITE_2, seed, &key), 0);
	replay = replay_of(random, sizeof random - 1);
	assert_int_equal(kem_encap(&key, &replay.rng, enc, shared), FAIL_RANDOM);
}

static void
seals_to_a_reader(void **state)
{
	const uint8_t seed[KEM_SEED_LEN] = {5}, random[64] = {6};
	const struct hpke_bytes info = {"info", 4}, aad = {"aad", 3}, text = {"text", 4};
	uint8_t enc[KEM_ENC_MAX], sealed[4 + HPKE_OVERHEAD], plain[4];
	struct replay replay = replay_of(random, sizeof random);
	struct kem_public key;

	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	assert_int_equal(kem_public_of_seed(SUITE_2, seed, &key), 0);
	assert_int_equal(hpke_seal(&key, &replay.rng, info, aad, text, enc, sealed), 0);
	assert_int_equal(
		hpke_open(SUITE_2, seed, (struct hpke_bytes){enc, sizeof enc}, info, aad,
			(struct hpke_bytes){sealed, sizeof sealed}, plain),
		0);
	assert_memory_equal(plain, "text", 4);
	enc[0] ^= 1;
	assert_int_equal(
		hpke_open(SUITE_2, seed, (struct hpke_bytes){enc, sizeof enc}, info, aad,
			(struct hpke_bytes){sealed, sizeof sealed}, plain),
		FAIL_ALTERED);
}

static int
encap_once(void)
{
	const uint8_t seed[KEM_SEED_LEN] = {5}, random[64] = {6};
	uint8_t enc[KEM_ENC_MAX], shared[KEM_SHARED_LEN], back[KEM_SHARED_LEN];
	struct replay replay = replay_of(random, sizeof random);
	struct kem_public key;
	int r;

	if ((r = kem_public_of_seed(SUITE_2, seed, &key)) != 0 ||
		(r = kem_encap(&key, &replay.rng, enc, shared)) != 0 ||
		(r = kem_decap(SUITE_2, seed, enc, sizeof enc, back)) != 0)
		return r;
	assert_memory_equal(back, shared, sizeof back);
	return 0;
}

static void
survives_want_of_memory(void **state)
{
	(void)state;
	if (!crypto_has_suite(SUITE_2))
		skip();
	assert_survives_oom(encap_once);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_refused_where_not_built),
		cmocka_unit_test(gives_the_whole_vector),
		cmocka_unit_test(gives_the_secret_of_another),
		cmocka_unit_test(rejects_without_saying_so),
		cmocka_unit_test(refuses_malformed_keys),
		cmocka_unit_test(seals_to_a_reader),
		cmocka_unit_test(survives_want_of_memory),
	};

	oom_install();
	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
