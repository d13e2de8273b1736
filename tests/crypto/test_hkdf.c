/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/crypto.h"
#include "crypto/hkdf.h"

/* RFC 5869, appendix A: the three SHA-256 cases. */
static const struct {
	const char *ikm, *salt, *info, *prk, *okm;
} cases[] = {
	{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
		"f0f1f2f3f4f5f6f7f8f9",
		"077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
		"34007208d5b887185865"},
	{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	 "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
	 "404142434445464748494a4b4c4d4e4f",
		"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
		"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
		"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
		"b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
		"d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
		"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
		"06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
		"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
		"59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
		"cc30c58179ec3e87c14c01d5c1f3434f1d87"},
	{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
		"19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
		"9d201395faa4b61a96c8"},
};

static void
derives_the_vectors(void **state)
{
	uint8_t ikm[80], salt[80], info[80], prk[HKDF_PRK_LEN], okm[82];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const size_t ikm_len = unhex(cases[i].ikm, ikm, sizeof ikm);
		const size_t salt_len = unhex(cases[i].salt, salt, sizeof salt);
		const size_t info_len = unhex(cases[i].info, info, sizeof info);
		const size_t okm_len = strlen(cases[i].okm) / 2;

		assert_int_equal(hkdf_extract(salt, salt_len, ikm, ikm_len, prk), 0);
		assert_hex(prk, sizeof prk, cases[i].prk);
		assert_int_equal(hkdf_expand(prk, info, info_len, okm, okm_len), 0);
		assert_hex(okm, okm_len, cases[i].okm);
	}
}

/* No salt at all is the same as an empty one, and as 32 zero bytes. */
static void
takes_no_salt(void **state)
{
	const uint8_t zeros[32] = {0};
	uint8_t a[HKDF_PRK_LEN], b[HKDF_PRK_LEN];

	(void)state;
	assert_int_equal(hkdf_extract(NULL, 0, "ikm", 3, a), 0);
	assert_int_equal(hkdf_extract(zeros, sizeof zeros, "ikm", 3, b), 0);
	assert_memory_equal(a, b, sizeof a);
}

/* A longer output begins with the shorter one, at every length around a block. */
static void
grows_by_appending(void **state)
{
	uint8_t prk[HKDF_PRK_LEN] = {7}, whole[100], part[100];

	(void)state;
	assert_int_equal(hkdf_expand(prk, "x", 1, whole, sizeof whole), 0);
	for (size_t n = 0; n <= sizeof part; n++) {
		memset(part, 0xee, sizeof part);
		assert_int_equal(hkdf_expand(prk, "x", 1, part, n), 0);
		assert_memory_equal(part, whole, n);
		assert_true(n == sizeof part || part[n] == 0xee);
	}
}

static void
keeps_its_limits(void **state)
{
	static uint8_t in[HKDF_IKM_MAX + 1], out[255 * 32 + 1];
	uint8_t prk[HKDF_PRK_LEN] = {1};

	(void)state;
	assert_int_equal(hkdf_extract("s", 1, in, HKDF_IKM_MAX, prk), 0);
	assert_int_equal(hkdf_extract("s", 1, in, HKDF_IKM_MAX + 1, prk), FAIL_LIMIT);
	assert_int_equal(hkdf_expand(prk, in, HKDF_INFO_MAX, out, 1), 0);
	assert_int_equal(hkdf_expand(prk, in, HKDF_INFO_MAX + 1, out, 1), FAIL_LIMIT);
	assert_int_equal(hkdf_expand(prk, in, 1, out, 255 * 32), 0);
	assert_int_equal(hkdf_expand(prk, in, 1, out, 255 * 32 + 1), FAIL_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derives_the_vectors),
		cmocka_unit_test(takes_no_salt),
		cmocka_unit_test(grows_by_appending),
		cmocka_unit_test(keeps_its_limits),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
