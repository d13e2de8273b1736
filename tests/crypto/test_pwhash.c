/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "crypto/pwhash.h"

static const uint8_t salt[PWHASH_SALT_LEN] = "0123456789abcdef";

/*
 * RFC 9106 has no vector with one lane and our bounds.  These were computed with another
 * implementation, OpenSSL 3.5: openssl kdf -keylen 32 -kdfopt pass:... -kdfopt salt:...
 * -kdfopt iter:3 -kdfopt memcost:65536 -kdfopt lanes:1 ARGON2ID.  The same command gives the
 * published vector of the reference implementation (t = 2, m = 2^16, "password", "somesalt").
 */
static void
agrees_with_openssl(void **state)
{
	static const char phrase[] = "correct horse battery staple";
	uint8_t key[PWHASH_KEY_LEN];

	(void)state;
	assert_int_equal(pwhash_key(phrase, strlen(phrase), salt, 65536, 3, key), 0);
	assert_hex(key, sizeof key,
		"94c86f541abdb3d9aabfea59aa03963549483e9c0b1a79336e76b54cee6c917e");
	assert_int_equal(pwhash_key("p", 1, salt, 65537, 4, key), 0);
	assert_hex(key, sizeof key,
		"9ac009153104c76334a52133e05d0f514036e20649e2c2a628f4e0307cae0a38");
}

/* A hostile key file asks for too much or too little; nothing is computed then. */
static void
keeps_its_limits(void **state)
{
	static const struct {
		uint32_t mem_kib, passes;
	} cases[] = {
		{0, 3},
		{PWHASH_MEM_KIB_MIN - 1, 3},
		{PWHASH_MEM_KIB_MAX + 1, 3},
		{UINT32_MAX, 3},
		{PWHASH_MEM_KIB, 0},
		{PWHASH_MEM_KIB, PWHASH_PASSES_MIN - 1},
		{PWHASH_MEM_KIB, PWHASH_PASSES_MAX + 1},
		{PWHASH_MEM_KIB, UINT32_MAX},
	};
	static const char phrase[PWHASH_PASSPHRASE_MAX + 1] = "x";
	uint8_t key[PWHASH_KEY_LEN], before[PWHASH_KEY_LEN];

	(void)state;
	memset(key, 0xee, sizeof key);
	memset(before, 0xee, sizeof before);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(
			pwhash_key("x", 1, salt, cases[i].mem_kib, cases[i].passes, key),
			FAIL_LIMIT);
	assert_int_equal(
		pwhash_key("", 0, salt, PWHASH_MEM_KIB, PWHASH_PASSES, key), FAIL_LIMIT);
	assert_int_equal(pwhash_key(phrase, sizeof phrase, salt, PWHASH_MEM_KIB,
				 PWHASH_PASSES, key),
		FAIL_LIMIT);
	assert_memory_equal(key, before, sizeof key);
	assert_int_equal(pwhash_key(phrase, sizeof phrase - 1, salt, PWHASH_MEM_KIB,
				 PWHASH_PASSES, key),
		0);
}

/*
 * With 64 MiB of address space there are not 64 MiB to be had.  The sanitizers map more than
 * that for themselves, so they cannot see this.
 */
static void
says_when_memory_is_wanting(void **state)
{
	const struct rlimit narrow = {64 << 20, 64 << 20};
	const uint8_t before[PWHASH_KEY_LEN] = {7};
	uint8_t key[PWHASH_KEY_LEN] = {7};
	int status = 0, r;
	pid_t pid;

	(void)state;
	if (IS_SANITIZED)
		skip();
	if ((pid = fork()) == 0) {
		if (setrlimit(RLIMIT_AS, &narrow) != 0)
			_exit(2);
		r = pwhash_key("x", 1, salt, PWHASH_MEM_KIB, PWHASH_PASSES, key);
		_exit(r == FAIL_NOMEM && memcmp(key, before, sizeof key) == 0 ? 0 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_openssl),
		cmocka_unit_test(keeps_its_limits),
		cmocka_unit_test(says_when_memory_is_wanting),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
