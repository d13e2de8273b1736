/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/kem.h"

/* RFC 7748, section 6.1. */
static const char alice_seed[] =
	"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
static const char alice_public[] =
	"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
static const char bob_seed[] =
	"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
static const char bob_public[] =
	"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
static const char dh_shared[] =
	"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

static struct kem_public
public_of(const char *hex)
{
	struct kem_public key = {.suite = SUITE_1};

	key.len = (uint16_t)unhex(hex, key.bytes, sizeof key.bytes);
	return key;
}

static void
derives_public_keys(void **state)
{
	uint8_t seed[KEM_SEED_LEN], id[KEM_ID_LEN], want[HASH_LEN];
	struct kem_public key;

	(void)state;
	assert_int_equal(kem_public_len(SUITE_1), 32);
	assert_int_equal(kem_enc_len(SUITE_1), 32);
	(void)unhex(alice_seed, seed, sizeof seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &key), 0);
	assert_int_equal(key.suite, SUITE_1);
	assert_hex(key.bytes, key.len, alice_public);
	(void)unhex(bob_seed, seed, sizeof seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &key), 0);
	assert_hex(key.bytes, key.len, bob_public);
	kem_id(&key, id);
	hash_sha256(key.bytes, 32, want);
	assert_memory_equal(id, want, sizeof id);
}

/* RFC 9180, appendix A.1.1: skEm, enc, pkRm, skRm and shared_secret. */
static void
gives_the_vector_of_rfc_9180(void **state)
{
	struct kem_public to = public_of(
		"3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
	uint8_t ephemeral[32], seed[KEM_SEED_LEN], enc[32], shared[KEM_SHARED_LEN];
	struct replay replay = replay_of(ephemeral, sizeof ephemeral);
	static const char want[] =
		"fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc";

	(void)state;
	(void)unhex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
		ephemeral, sizeof ephemeral);
	(void)unhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
		seed, sizeof seed);
	assert_int_equal(kem_encap(&to, &replay.rng, enc, shared), 0);
	assert_hex(enc, sizeof enc,
		"37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
	assert_hex(shared, sizeof shared, want);
	memset(shared, 0, sizeof shared);
	assert_int_equal(kem_decap(SUITE_1, seed, enc, sizeof enc, shared), 0);
	assert_hex(shared, sizeof shared, want);
}

/*
 * ExtractAndExpand written out once more, with the parts copied together and RFC 7748's
 * Diffie-Hellman result in the middle: Alice encapsulates to Bob.
 */
static void
agrees_with_the_formula(void **state)
{
	static const char extract[] = "HPKE-v1KEM\0\x20"
				      "eae_prk";
	static const char expand[] = "\0\x20HPKE-v1KEM\0\x20"
				     "shared_secret";
	struct kem_public bob = public_of(bob_public);
	uint8_t in[200], prk[HKDF_PRK_LEN], want[32], seed[32], enc[32], shared[32];
	struct replay replay = replay_of(seed, sizeof seed);
	size_t len = sizeof extract - 1;

	(void)state;
	memcpy(in, extract, len);
	len += unhex(dh_shared, in + len, 32);
	assert_int_equal(hkdf_extract(NULL, 0, in, len, prk), 0);
	len = sizeof expand - 1;
	memcpy(in, expand, len);
	len += unhex(alice_public, in + len, 32);
	len += unhex(bob_public, in + len, 32);
	assert_int_equal(hkdf_expand(prk, in, len, want, sizeof want), 0);

	(void)unhex(alice_seed, seed, sizeof seed);
	assert_int_equal(kem_encap(&bob, &replay.rng, enc, shared), 0);
	assert_hex(enc, sizeof enc, alice_public);
	assert_memory_equal(shared, want, sizeof want);
}

/* Every X25519 input that makes the secret zero whatever the other key is. */
static void
refuses_points_of_small_order(void **state)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		/* the same with the ignored top bit */
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0000000000000000000000000000000000000000000000000000000000000080",
	};
	uint8_t random[32] = {9}, enc[32], shared[32], before[32];

	(void)state;
	memset(shared, 0xee, sizeof shared);
	memset(enc, 0xee, sizeof enc);
	memset(before, 0xee, sizeof before);
	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		struct replay replay = replay_of(random, sizeof random);
		struct kem_public to = public_of(points[i]);

		assert_int_equal(kem_encap(&to, &replay.rng, enc, shared), FAIL_FORMAT);
		assert_int_equal(
			kem_decap(SUITE_1, random, to.bytes, 32, shared), FAIL_FORMAT);
		assert_memory_equal(enc, before, sizeof enc);
		assert_memory_equal(shared, before, sizeof shared);
	}
}

static void
refuses_what_does_not_fit(void **state)
{
	struct kem_public to = public_of(bob_public);
	uint8_t random[32] = {9}, enc[KEM_ENC_MAX] = {9}, shared[32], seed[32] = {1};
	struct replay replay = replay_of(random, sizeof random);

	(void)state;
	assert_int_equal(kem_decap(SUITE_1, seed, enc, 31, shared), FAIL_FORMAT);
	assert_int_equal(kem_decap(SUITE_1, seed, enc, 33, shared), FAIL_FORMAT);
	assert_int_equal(kem_decap(SUITE_1, seed, enc, 0, shared), FAIL_FORMAT);
	for (uint16_t suite = 3; suite < 6; suite++) {
		assert_int_equal(kem_public_len(suite), 0);
		assert_int_equal(kem_enc_len(suite), 0);
		assert_int_equal(kem_decap(suite, seed, enc, 32, shared), FAIL_SUITE);
		assert_int_equal(kem_public_of_seed(suite, seed, &to), FAIL_SUITE);
	}
	to.len = 31;
	assert_int_equal(kem_encap(&to, &replay.rng, enc, shared), FAIL_FORMAT);
	to.len = 32;
	to.suite = 3;
	assert_int_equal(kem_encap(&to, &replay.rng, enc, shared), FAIL_SUITE);
	/* One byte of randomness short. */
	to.suite = SUITE_1;
	replay = replay_of(random, sizeof random - 1);
	assert_int_equal(kem_encap(&to, &replay.rng, enc, shared), FAIL_RANDOM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derives_public_keys),
		cmocka_unit_test(gives_the_vector_of_rfc_9180),
		cmocka_unit_test(agrees_with_the_formula),
		cmocka_unit_test(refuses_points_of_small_order),
		cmocka_unit_test(refuses_what_does_not_fit),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
