/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include <openssl/err.h>

#include "crypto/aead.h"
#include "crypto/crypto.h"

/*
 * Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", the ones
 * with keys of 256 bits; NIST took them over.
 */
static const char long_key[] =
	"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char zero_key[] =
	"0000000000000000000000000000000000000000000000000000000000000000";
static const struct {
	const char *key, *nonce, *aad, *plain, *sealed;
} cases[] = {
	{zero_key, "000000000000000000000000", "", "",
		"530f8afbc74536b9a963b4f1c4cb738b"},
	{zero_key, "000000000000000000000000", "", "00000000000000000000000000000000",
		"cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
	{long_key, "cafebabefacedbaddecaf888", "",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
		"b094dac5d93471bdec1a502270e3cc6c"},
	{long_key, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
		"76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void
seals_and_opens_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t key[AEAD_KEY_LEN], nonce[AEAD_NONCE_LEN], aad[32], in[64],
			out[80];
		uint8_t back[64];
		struct aead *a;

		(void)unhex(cases[i].key, key, sizeof key);
		(void)unhex(cases[i].nonce, nonce, sizeof nonce);
		const size_t aad_len = unhex(cases[i].aad, aad, sizeof aad);
		const size_t len = unhex(cases[i].plain, in, sizeof in);

		assert_int_equal(aead_new(key, &a), 0);
		assert_int_equal(aead_seal(a, nonce, aad, aad_len, in, len, out), 0);
		assert_hex(out, len + AEAD_TAG_LEN, cases[i].sealed);
		assert_int_equal(
			aead_open(a, nonce, aad, aad_len, out, len + AEAD_TAG_LEN, back),
			0);
		assert_memory_equal(back, in, len);
		aead_free(a);
	}
}

/* Case 16 with any single bit changed, wherever it stands, opens to nothing. */
static void
refuses_every_changed_bit(void **state)
{
	const uint8_t zeros[60] = {0};
	uint8_t parts[4][AEAD_KEY_LEN + 80] = {{0}}, out[60];
	size_t lens[4];
	struct aead *a;

	(void)state;
	lens[0] = unhex(cases[3].key, parts[0], sizeof parts[0]);
	lens[1] = unhex(cases[3].nonce, parts[1], sizeof parts[1]);
	lens[2] = unhex(cases[3].aad, parts[2], sizeof parts[2]);
	lens[3] = unhex(cases[3].sealed, parts[3], sizeof parts[3]);
	for (size_t part = 0; part < 4; part++) {
		for (size_t bit = 0; bit < 8 * lens[part]; bit++) {
			parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
			memset(out, 0xee, sizeof out);
			assert_int_equal(aead_new(parts[0], &a), 0);
			assert_int_equal(aead_open(a, parts[1], parts[2], lens[2],
						 parts[3], lens[3], out),
				FAIL_ALTERED);
			assert_memory_equal(out, zeros, sizeof out);
			aead_free(a);
			parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	/* TLS reads the library's list of errors: a refusal here must not stand in it. */
	assert_int_equal(ERR_peek_error(), 0);
	/* Unchanged it opens: the loop above did not fail for another reason. */
	assert_int_equal(aead_new(parts[0], &a), 0);
	assert_int_equal(
		aead_open(a, parts[1], parts[2], lens[2], parts[3], lens[3], out), 0);
	assert_hex(out, sizeof out, cases[3].plain);
	aead_free(a);
}

/* The way segments use it: one key, many nonces, both directions, in place. */
static void
works_in_place_segment_by_segment(void **state)
{
	enum { SEGMENT = 65536 };
	static uint8_t bytes[SEGMENT + AEAD_TAG_LEN];
	const uint8_t key[AEAD_KEY_LEN] = {1};
	struct aead *a;

	(void)state;
	assert_int_equal(aead_new(key, &a), 0);
	for (uint8_t i = 0; i < 8; i++) {
		const uint8_t nonce[AEAD_NONCE_LEN] = {0, i};

		memset(bytes, i, SEGMENT);
		assert_int_equal(aead_seal(a, nonce, &i, 1, bytes, SEGMENT, bytes), 0);
		assert_true(bytes[0] != i || bytes[1] != i || bytes[2] != i);
		assert_int_equal(
			aead_open(a, nonce, &i, 1, bytes, sizeof bytes, bytes), 0);
		for (size_t at = 0; at < SEGMENT; at++)
			assert_int_equal(bytes[at], i);
		/* A failure in between leaves the key fit for use. */
		assert_int_equal(aead_open(a, nonce, NULL, 0, bytes, sizeof bytes, bytes),
			FAIL_ALTERED);
	}
	aead_free(a);
	aead_free(NULL);
}

static void
keeps_its_limits(void **state)
{
	const uint8_t key[AEAD_KEY_LEN] = {1}, nonce[AEAD_NONCE_LEN] = {0};
	const size_t over = (size_t)AEAD_PLAIN_MAX + 1;
	uint8_t bytes[32] = {0};
	struct aead *a;

	(void)state;
	assert_int_equal(aead_new(key, &a), 0);
	for (size_t len = 0; len < AEAD_TAG_LEN; len++)
		assert_int_equal(
			aead_open(a, nonce, NULL, 0, bytes, len, bytes), FAIL_TRUNCATED);
	/* Refused by the number alone: no such bytes exist here. */
	assert_int_equal(aead_seal(a, nonce, NULL, 0, bytes, over, bytes), FAIL_LIMIT);
	assert_int_equal(aead_seal(a, nonce, bytes, over, bytes, 1, bytes), FAIL_LIMIT);
	assert_int_equal(aead_open(a, nonce, NULL, 0, bytes, over + AEAD_TAG_LEN, bytes),
		FAIL_LIMIT);
	assert_int_equal(aead_open(a, nonce, bytes, over, bytes, 16, bytes), FAIL_LIMIT);
	aead_free(a);
}

static int
seal_once(void)
{
	const uint8_t key[AEAD_KEY_LEN] = {9}, nonce[AEAD_NONCE_LEN] = {0};
	uint8_t out[3 + AEAD_TAG_LEN];
	struct aead *a = NULL;
	int r = aead_new(key, &a);

	assert_true((r == 0) == (a != NULL));
	if (r == 0)
		r = aead_seal(a, nonce, NULL, 0, (const uint8_t *)"abc", 3, out);
	aead_free(a);
	return r;
}

static void
survives_want_of_memory(void **state)
{
	(void)state;
	assert_survives_oom(seal_once);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_and_opens_the_vectors),
		cmocka_unit_test(refuses_every_changed_bit),
		cmocka_unit_test(works_in_place_segment_by_segment),
		cmocka_unit_test(keeps_its_limits),
		cmocka_unit_test(survives_want_of_memory),
	};

	oom_install();
	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
