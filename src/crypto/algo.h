/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_ALGO_H
#define CRYPTO_ALGO_H
/*
 * algo: the OpenSSL algorithms that crypto_init() fetched.  Seen inside this room only.
 *
 * A fetch looks through the providers by name, which costs more than hashing a short
 * message; so it is done once and the results live until the process ends.
 */
#include <openssl/evp.h>

struct algo {
	EVP_MD *sha256;
	EVP_CIPHER *aes_256_gcm;
};

/* CHECKs that crypto_init() has succeeded. */
const struct algo *algo_get(void);

#endif
