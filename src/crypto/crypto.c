/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <sodium.h>

#include "crypto/algo.h"
#include "crypto/xwing.h"

/*
 * The start runs once, whoever calls first; its result is kept, so that every later caller
 * hears of a failure too.  The algorithms are never freed: threads may still hash while the
 * process ends, and the system takes the memory back.
 */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct algo algo;
static int outcome = FAIL_UNSUPPORTED;

static void
init_once(void)
{
	/*
	 * Without the configuration file: reading it costs time at every start, and a line in
	 * a file of the system must not change which implementation encrypts.
	 */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
		sodium_init() < 0)
		return;
	algo.sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	algo.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (algo.sha256 == NULL || algo.aes_256_gcm == NULL)
		return;
	outcome = xwing_init();
}

int
crypto_init(void)
{
	if (pthread_once(&once, init_once) != 0)
		return FAIL_UNSUPPORTED;
	return outcome;
}

const struct algo *
algo_get(void)
{
	CHECK(outcome == 0);
	return &algo;
}

bool
crypto_has_suite(uint16_t suite)
{
	return suite == SUITE_1 || (suite == SUITE_2 && xwing_is_built());
}

bool
ct_equal(const void *a, const void *b, size_t len)
{
	/* Empty strings are equal; a caller may then have no pointer at all. */
	return len == 0 || sodium_memcmp(a, b, len) == 0;
}
