/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include <pthread.h>

#include "crypto/crypto.h"
#include "crypto/hash.h"

/* FIPS 180-4's examples, as NIST publishes them. */
static void
hashes_known_messages(void **state)
{
	static const struct {
		const char *message, *digest;
	} cases[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc",
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a"
			"d"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c"
			"1"},
	};
	uint8_t out[HASH_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		hash_sha256(cases[i].message, strlen(cases[i].message), out);
		assert_hex(out, sizeof out, cases[i].digest);
	}
	hash_sha256(NULL, 0, out);
	assert_hex(out, sizeof out, cases[0].digest);
}

/* A million times "a", in pieces of every length up to a few blocks. */
static void
hashes_in_pieces(void **state)
{
	static uint8_t as[1000];
	struct hash *h;
	uint8_t out[HASH_LEN];

	(void)state;
	memset(as, 'a', sizeof as);
	assert_int_equal(hash_new(&h), 0);
	for (size_t piece = 1; piece <= sizeof as; piece += 37) {
		hash_begin(h);
		for (size_t left = 1000000, n; left > 0; left -= n) {
			n = left < piece ? left : piece;
			hash_add(h, as, n);
		}
		hash_end(h, out);
		assert_hex(out, sizeof out,
			"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd"
			"0");
	}
	hash_free(h);
	hash_free(NULL);
}

/* RFC 4231: cases 1, 2, 3, 6 (a key longer than a block) and 7. */
static void
authenticates_known_messages(void **state)
{
	static const char long_key[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				       "aaaaaaaaaaaaaaaaaaaaaa";
	static const struct {
		const char *key, *message, *mac;
	} cases[] = {
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff"
			"7"},
		{"4a656665", "what do ya want for nothing?",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384"
			"3"},
		{long_key, "Test Using Larger Than Block-Size Key - Hash Key First",
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f5"
			"4"},
		{long_key,
			"This is a test using a larger than block-size key and a larger "
			"than "
			"block-size data. The key needs to be hashed before being used "
			"by the "
			"HMAC algorithm.",
			"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e"
			"2"},
	};
	uint8_t key[200], out[HASH_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const size_t key_len = unhex(cases[i].key, key, sizeof key);

		assert_int_equal(hmac_sha256(key, key_len, cases[i].message,
					 strlen(cases[i].message), out),
			0);
		assert_hex(out, sizeof out, cases[i].mac);
	}
	/* Neither key nor message: still defined. */
	assert_int_equal(hmac_sha256(NULL, 0, NULL, 0, out), 0);
	assert_hex(out, sizeof out,
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

enum { THREADS = 4, ROUNDS = 2000 };

static void *
hash_chain(void *arg)
{
	uint8_t *link = arg;

	for (int i = 0; i < ROUNDS; i++)
		hash_sha256(link, HASH_LEN, link);
	return NULL;
}

static void
hashes_in_threads(void **state)
{
	uint8_t links[THREADS][HASH_LEN] = {{0}}, alone[HASH_LEN] = {0};
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, hash_chain, links[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	(void)hash_chain(alone);
	for (size_t i = 0; i < THREADS; i++)
		assert_memory_equal(links[i], alone, HASH_LEN);
}

static int
hash_once(void)
{
	struct hash *h = NULL;
	const int r = hash_new(&h);

	assert_true((r == 0) == (h != NULL));
	hash_free(h);
	return r;
}

static void
survives_want_of_memory(void **state)
{
	(void)state;
	assert_survives_oom(hash_once);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_known_messages),
		cmocka_unit_test(hashes_in_pieces),
		cmocka_unit_test(authenticates_known_messages),
		cmocka_unit_test(hashes_in_threads),
		cmocka_unit_test(survives_want_of_memory),
	};

	oom_install();
	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
