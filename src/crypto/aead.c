/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/algo.h"

/*
 * One context per key: expanding the key and building the GCM tables is done once, a message
 * only sets a nonce.  A failure of the library after that can only be want of memory, except
 * for the tag's; the message is then not used.
 */

struct aead {
	EVP_CIPHER_CTX *ctx;
};

int
aead_new(const uint8_t key[AEAD_KEY_LEN], struct aead **ret_aead)
{
	struct aead *a = NULL;
	int r;

	if ((r = mem_new(&a, sizeof *a)) != 0)
		goto out;
	if ((a->ctx = EVP_CIPHER_CTX_new()) == NULL ||
		EVP_EncryptInit_ex2(a->ctx, algo_get()->aes_256_gcm, key, NULL, NULL) !=
			1) {
		r = FAIL_NOMEM;
		goto out;
	}
	*ret_aead = a;
	a = NULL;
out:
	aead_free(a);
	return r;
}

void
aead_free(struct aead *a)
{
	if (a == NULL)
		return;
	/* OpenSSL wipes the key schedule as it frees it. */
	EVP_CIPHER_CTX_free(a->ctx);
	mem_free(a);
}

int
aead_seal(struct aead *a, const uint8_t nonce[AEAD_NONCE_LEN], const void *aad,
	size_t aad_len, const uint8_t *in, size_t len, uint8_t *out)
{
	int n = 0, last = 0;

	/* The library counts in int. */
	if (len > AEAD_PLAIN_MAX || aad_len > AEAD_PLAIN_MAX)
		return FAIL_LIMIT;
	if (EVP_EncryptInit_ex2(a->ctx, NULL, NULL, nonce, NULL) != 1)
		return FAIL_NOMEM;
	if (aad_len > 0 && EVP_EncryptUpdate(a->ctx, NULL, &n, aad, (int)aad_len) != 1)
		return FAIL_NOMEM;
	if (len > 0 && EVP_EncryptUpdate(a->ctx, out, &n, in, (int)len) != 1)
		return FAIL_NOMEM;
	if (EVP_EncryptFinal_ex(a->ctx, out + len, &last) != 1 ||
		EVP_CIPHER_CTX_ctrl(
			a->ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_LEN, out + len) != 1)
		return FAIL_NOMEM;
	CHECK((len == 0 || (size_t)n == len) && last == 0);
	return 0;
}

/* The tag is compared by the library, in constant time, before this returns 0. */
static int
open_body(struct aead *a, const void *aad, size_t aad_len, const uint8_t *in, size_t len,
	uint8_t *out)
{
	uint8_t tag[AEAD_TAG_LEN];
	int n = 0;

	/* A copy: the library takes the tag by a pointer that is not const. */
	memcpy(tag, in + len, sizeof tag);
	if (aad_len > 0 && EVP_DecryptUpdate(a->ctx, NULL, &n, aad, (int)aad_len) != 1)
		return FAIL_ALTERED;
	if (len > 0 && EVP_DecryptUpdate(a->ctx, out, &n, in, (int)len) != 1)
		return FAIL_ALTERED;
	if (EVP_CIPHER_CTX_ctrl(a->ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_LEN, tag) != 1 ||
		EVP_DecryptFinal_ex(a->ctx, tag, &n) != 1)
		return FAIL_ALTERED;
	return 0;
}

int
aead_open(struct aead *a, const uint8_t nonce[AEAD_NONCE_LEN], const void *aad,
	size_t aad_len, const uint8_t *in, size_t len, uint8_t *out)
{
	int r;

	if (len < AEAD_TAG_LEN)
		return FAIL_TRUNCATED;
	len -= AEAD_TAG_LEN;
	if (len > AEAD_PLAIN_MAX || aad_len > AEAD_PLAIN_MAX)
		return FAIL_LIMIT;
	if (EVP_DecryptInit_ex2(a->ctx, NULL, NULL, nonce, NULL) != 1)
		return FAIL_NOMEM;
	if ((r = open_body(a, aad, aad_len, in, len, out)) != 0)
		mem_wipe(out, len);
	return r;
}
