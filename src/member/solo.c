/* SPDX-License-Identifier: Apache-2.0 */
#include "member/solo.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/hkdf.h"

/*
 * The seeds lie in one guarded block, so that there is one thing to wipe.  Everything that
 * is computed on the way (prk, derived seeds) is written there directly or wiped at `out:`.
 */

enum { INFO_MAX = 64 };

static const char *const derived_from[SOLO_KEYS] = {
	[SOLO_SIGN] = "valise/v1 solo sign",
	[SOLO_CUSTODY] = "valise/v1 solo custody",
	[SOLO_RECOVERY] = "valise/v1 solo recovery",
};

uint8_t *
solo_seed(const struct solo *s, enum solo_key key)
{
	CHECK(key < SOLO_KEYS);
	return s->seeds->bytes + (size_t)key * SOLO_SEED_LEN;
}

int
solo_new_empty(struct solo **ret_solo)
{
	struct solo *s = NULL;
	int r;

	if ((r = mem_new(&s, sizeof *s)) != 0 ||
		(r = secret_new((size_t)SOLO_KEYS * SOLO_SEED_LEN, &s->seeds)) != 0)
		goto out;
	*ret_solo = s;
	s = NULL;
out:
	solo_free(s);
	return r;
}

void
solo_free(struct solo *s)
{
	if (s == NULL)
		return;
	secret_free(s->seeds);
	mem_free(s);
}

static int
derive(const uint8_t prk[HKDF_PRK_LEN], uint16_t suite, const char *what,
	uint8_t *ret_seed)
{
	uint8_t info[INFO_MAX];
	size_t len = strlen(what);

	CHECK(len + 2 <= sizeof info);
	memcpy(info, what, len);
	info[len] = (uint8_t)(suite >> 8);
	info[len + 1] = (uint8_t)suite;
	return hkdf_expand(prk, info, len + 2, ret_seed, SOLO_SEED_LEN);
}

static int
derive_all(struct solo *s, const uint8_t secret[SOLO_SECRET_LEN])
{
	static const char salt[] = "valise/v1";
	uint8_t prk[HKDF_PRK_LEN];
	int r;

	r = hkdf_extract(salt, sizeof salt - 1, secret, SOLO_SECRET_LEN, prk);
	for (enum solo_key key = 0; r == 0 && key < SOLO_KEYS; key++)
		if (derived_from[key] != NULL)
			r = derive(prk, s->public.suite, derived_from[key],
				solo_seed(s, key));
	mem_wipe(prk, sizeof prk);
	return r;
}

/* The public keys of all seeds, the recovery key's only where its seed is. */
static int
publish(const struct solo *s, bool with_recovery, struct solo_public *ret_public)
{
	uint16_t suite = s->public.suite;
	int r;

	sign_public(solo_seed(s, SOLO_SIGN), ret_public->sign);
	if ((r = kem_public_of_seed(
		     suite, solo_seed(s, SOLO_READER), &ret_public->reader)) != 0 ||
		(r = kem_public_of_seed(
			 suite, solo_seed(s, SOLO_CUSTODY), &ret_public->solo)) != 0)
		return r;
	if (!with_recovery)
		return 0;
	return kem_public_of_seed(
		suite, solo_seed(s, SOLO_RECOVERY), &ret_public->recovery);
}

int
solo_new(uint16_t suite, const uint8_t secret[SOLO_SECRET_LEN], bool is_recovered,
	uint64_t created_s, struct rng *rng, struct solo **ret_solo)
{
	struct solo *s = NULL;
	int r;

	if (!crypto_has_suite(suite))
		return FAIL_SUITE;
	if ((r = solo_new_empty(&s)) != 0)
		return r;
	s->public.suite = suite;
	s->public.created_s = created_s;
	s->has_recovery = is_recovered;
	if ((r = rng_fill(rng, solo_seed(s, SOLO_READER), SOLO_SEED_LEN)) != 0 ||
		(r = derive_all(s, secret)) != 0 ||
		(r = publish(s, true, &s->public)) != 0)
		goto out;
	/* This machine shall not be able to open what only the words may open. */
	if (!is_recovered)
		mem_wipe(solo_seed(s, SOLO_RECOVERY), SOLO_SEED_LEN);
	*ret_solo = s;
	s = NULL;
out:
	solo_free(s);
	return r;
}

static bool
is_same_key(const struct kem_public *a, const struct kem_public *b)
{
	return a->suite == b->suite && a->len == b->len &&
		memcmp(a->bytes, b->bytes, a->len) == 0;
}

int
solo_check(const struct solo *s)
{
	const struct solo_public *have = &s->public;
	struct solo_public *want = NULL;
	int r;

	if ((r = mem_new(&want, sizeof *want)) != 0 ||
		(r = publish(s, s->has_recovery, want)) != 0)
		goto out;
	if (memcmp(want->sign, have->sign, sizeof want->sign) != 0 ||
		!is_same_key(&want->reader, &have->reader) ||
		!is_same_key(&want->solo, &have->solo) ||
		(s->has_recovery && !is_same_key(&want->recovery, &have->recovery)))
		r = FAIL_MISMATCH;
out:
	mem_free(want);
	return r;
}
