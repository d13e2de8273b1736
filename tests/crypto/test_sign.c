/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/crypto.h"
#include "crypto/sign.h"

/* RFC 8032, section 7.1: tests 1, 2 and 3. */
static const struct {
	const char *seed, *public_key, *message, *signature;
} cases[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
		"af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void
signs_the_vectors(void **state)
{
	uint8_t seed[SIGN_SEED_LEN], public_key[SIGN_PUBLIC_LEN], message[2],
		sig[SIGN_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const size_t len = unhex(cases[i].message, message, sizeof message);

		(void)unhex(cases[i].seed, seed, sizeof seed);
		sign_public(seed, public_key);
		assert_hex(public_key, sizeof public_key, cases[i].public_key);
		sign_message(seed, message, len, sig);
		assert_hex(sig, sizeof sig, cases[i].signature);
		assert_int_equal(sign_verify(public_key, message, len, sig), 0);
	}
}

static void
refuses_every_changed_bit(void **state)
{
	uint8_t public_key[SIGN_PUBLIC_LEN], message[2], sig[SIGN_LEN];
	uint8_t *const parts[] = {public_key, message, sig};
	const size_t lens[] = {sizeof public_key, sizeof message, sizeof sig};

	(void)state;
	(void)unhex(cases[2].public_key, public_key, sizeof public_key);
	(void)unhex(cases[2].message, message, sizeof message);
	(void)unhex(cases[2].signature, sig, sizeof sig);
	for (size_t part = 0; part < 3; part++) {
		for (size_t bit = 0; bit < 8 * lens[part]; bit++) {
			parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(
				sign_verify(public_key, message, sizeof message, sig),
				FAIL_SIGNATURE);
			parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	assert_int_equal(sign_verify(public_key, message, 1, sig), FAIL_SIGNATURE);
	assert_int_equal(sign_verify(public_key, message, sizeof message, sig), 0);
}

/* S + L is the same number modulo the group's order: a second signature of one message. */
static void
refuses_a_second_spelling_of_s(void **state)
{
	uint8_t order[32], public_key[SIGN_PUBLIC_LEN], sig[SIGN_LEN];
	unsigned carry = 0;

	(void)state;
	(void)unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
		order, sizeof order);
	(void)unhex(cases[0].public_key, public_key, sizeof public_key);
	(void)unhex(cases[0].signature, sig, sizeof sig);
	assert_int_equal(sign_verify(public_key, "", 0, sig), 0);
	for (size_t i = 0; i < sizeof order; i++) {
		carry += (unsigned)sig[32 + i] + order[i];
		sig[32 + i] = (uint8_t)(carry & 0xff);
		carry >>= 8;
	}
	assert_int_equal(carry, 0);
	assert_int_equal(sign_verify(public_key, "", 0, sig), FAIL_SIGNATURE);
}

/*
 * Keys of small order would verify one signature for every message: with the neutral point as
 * key, R = neutral and S = 0 satisfy the equation whatever is signed.
 */
static void
refuses_keys_of_small_order(void **state)
{
	static const char *const points[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		/* 0 and 1 written as p and p + 1 */
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	const size_t count = sizeof points / sizeof points[0];
	uint8_t key[SIGN_PUBLIC_LEN], sig[SIGN_LEN] = {0};

	(void)state;
	for (size_t i = 0; i < count; i++) {
		(void)unhex(points[i], key, sizeof key);
		for (size_t j = 0; j < count; j++) {
			(void)unhex(points[j], sig, 32);
			assert_int_equal(sign_verify(key, "any", 3, sig), FAIL_SIGNATURE);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_the_vectors),
		cmocka_unit_test(refuses_every_changed_bit),
		cmocka_unit_test(refuses_a_second_spelling_of_s),
		cmocka_unit_test(refuses_keys_of_small_order),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
