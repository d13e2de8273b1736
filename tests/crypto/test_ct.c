/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constant time, by the method of ctgrind (Langley): secrets are declared undefined to
 * valgrind, which then reports every branch and every address that depends on them.  Run by
 * ct.sh; without valgrind the same calls are made and nothing is watched.
 *
 * What leaves a function as its public answer is declared defined again before it is looked
 * at.  With --plant a comparison that stops at the first difference runs as well, which
 * valgrind must report: so it is seen that the harness can fail.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "base/mem.h"
#include "base/rng.h"
#include "crypto/aead.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/shamir.h"
#include "crypto/sign.h"

static void
hide(void *ptr, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(ptr, len);
}

static void
show(void *ptr, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(ptr, len);
}

/* Coefficients are as secret as the secret. */
static int
fill_hidden(struct rng *rng, void *out, size_t len)
{
	(void)rng;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)out)[i] = (uint8_t)(i * 37 + 11);
	hide(out, len);
	return 0;
}

static bool
compares(void)
{
	uint8_t a[32] = {1}, b[32] = {1}, c[32] = {2};
	bool is_same, is_other;

	hide(a, sizeof a);
	hide(b, sizeof b);
	hide(c, sizeof c);
	is_same = ct_equal(a, b, sizeof a);
	is_other = ct_equal(a, c, sizeof a);
	show(&is_same, sizeof is_same);
	show(&is_other, sizeof is_other);
	return is_same && !is_other;
}

static bool
shares(void)
{
	uint8_t secret[SHAMIR_SECRET_LEN] = {3, 1, 4, 1, 5}, back[SHAMIR_SECRET_LEN];
	struct shamir_share list[SHAMIR_SHARES_MAX];
	struct rng rng = {fill_hidden};

	hide(secret, sizeof secret);
	if (shamir_split(secret, 5, SHAMIR_SHARES_MAX, &rng, list) != 0)
		return false;
	if (shamir_join(list + 7, 5, back) != 0)
		return false;
	show(secret, sizeof secret);
	show(back, sizeof back);
	return memcmp(back, secret, sizeof back) == 0;
}

static bool
derives(void)
{
	uint8_t ikm[96] = {1}, prk[HKDF_PRK_LEN], key[64], digest[HASH_LEN];

	hide(ikm, sizeof ikm);
	hash_sha256(ikm, sizeof ikm, digest);
	return hkdf_extract("salt", 4, ikm, sizeof ikm, prk) == 0 &&
		hkdf_expand(prk, "info", 4, key, sizeof key) == 0;
}

static bool
seals(void)
{
	const uint8_t nonce[AEAD_NONCE_LEN] = {0};
	uint8_t key[AEAD_KEY_LEN] = {1}, plain[100] = {2}, sealed[100 + AEAD_TAG_LEN];
	struct aead *a;
	int r;

	hide(key, sizeof key);
	hide(plain, sizeof plain);
	if (aead_new(key, &a) != 0)
		return false;
	r = aead_seal(a, nonce, "aad", 3, plain, sizeof plain, sealed);
	aead_free(a);
	return r == 0;
}

static bool
signs(void)
{
	uint8_t seed[SIGN_SEED_LEN] = {1}, public_key[SIGN_PUBLIC_LEN], sig[SIGN_LEN];

	hide(seed, sizeof seed);
	sign_public(seed, public_key);
	sign_message(seed, "message", 7, sig);
	show(public_key, sizeof public_key);
	show(sig, sizeof sig);
	return sign_verify(public_key, "message", 7, sig) == 0;
}

/* The planted bug: the time tells how many bytes were right. */
static __attribute__((noinline)) bool
branching_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static bool
is_planted_bug_run(void)
{
	uint8_t a[32] = {1}, b[32] = {1};

	hide(a, sizeof a);
	return branching_equal(a, b, sizeof a);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} cases[] = {
		{"ct_equal", compares},
		{"shamir", shares},
		{"hash and hkdf", derives},
		{"aead_seal", seals},
		{"sign", signs},
	};
	bool is_good = crypto_init() == 0;

	/* Only to see whether valgrind can run this program at all. */
	if (argc > 1 && strcmp(argv[1], "--idle") == 0)
		return is_good ? 0 : 1;
	for (size_t i = 0; is_good && i < sizeof cases / sizeof cases[0]; i++) {
		is_good = cases[i].run();
		printf("%s: %s\n", cases[i].name, is_good ? "ran" : "FAILED");
	}
	if (argc > 1 && strcmp(argv[1], "--plant") == 0)
		is_good = is_planted_bug_run() && is_good;
	return is_good ? 0 : 1;
}
