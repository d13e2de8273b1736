/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/crypto.h"
#include "crypto/shamir.h"

/* A fixed stream that is not all alike: enough to choose coefficients by. */
static void
fill_bytes(uint8_t *out, size_t len, uint32_t start)
{
	for (size_t i = 0; i < len; i++) {
		start = start * 1664525u + 1013904223u;
		out[i] = (uint8_t)(start >> 24);
	}
}

static void
split_with(uint32_t start, size_t t, size_t n, struct shamir_share *ret_shares)
{
	uint8_t secret[SHAMIR_SECRET_LEN], random[SHAMIR_SHARES_MAX * SHAMIR_SECRET_LEN];
	struct replay replay = replay_of(random, (t - 1) * SHAMIR_SECRET_LEN);

	fill_bytes(secret, sizeof secret, start);
	fill_bytes(random, sizeof random, start + 1);
	assert_int_equal(shamir_split(secret, t, n, &replay.rng, ret_shares), 0);
	assert_int_equal(replay.left, 0);
}

/* Long multiplication and reduction as a schoolbook writes it: branches, a wide product. */
static uint8_t
slow_mul(uint8_t a, uint8_t b)
{
	unsigned product = 0;

	for (unsigned bit = 0; bit < 8; bit++)
		if (b >> bit & 1)
			product ^= (unsigned)a << bit;
	for (unsigned bit = 15; bit >= 8; bit--)
		if (product >> bit & 1)
			product ^= 0x11bu << (bit - 8);
	return (uint8_t)product;
}

/*
 * With t = 2 share j is secret + a * j, which shows the multiplication.  FIPS 197, 4.2.1
 * gives 57 * 02 = ae, 57 * 04 = 47, 57 * 08 = 8e, 57 * 10 = 07.
 */
static void
multiplies_in_the_field(void **state)
{
	const uint8_t zero[SHAMIR_SECRET_LEN] = {0};
	uint8_t a[SHAMIR_SECRET_LEN];
	struct shamir_share shares[SHAMIR_SHARES_MAX];
	struct replay replay = replay_of(a, sizeof a);

	(void)state;
	memset(a, 0x57, sizeof a);
	assert_int_equal(shamir_split(zero, 2, 16, &replay.rng, shares), 0);
	assert_int_equal(shares[1].value[0], 0xae);
	assert_int_equal(shares[3].value[0], 0x47);
	assert_int_equal(shares[7].value[0], 0x8e);
	assert_int_equal(shares[15].value[31], 0x07);
	for (unsigned first = 0; first < 256; first += 32) {
		for (unsigned i = 0; i < 32; i++)
			a[i] = (uint8_t)(first + i);
		replay = replay_of(a, sizeof a);
		assert_int_equal(shamir_split(zero, 2, 16, &replay.rng, shares), 0);
		for (uint8_t j = 1; j <= 16; j++)
			for (unsigned i = 0; i < 32; i++)
				assert_int_equal(
					shares[j - 1].value[i], slow_mul(a[i], j));
	}
}

/* Every choice of t shares out of n, for all small t and n, gives the secret back. */
static void
joins_from_every_subset(void **state)
{
	struct shamir_share shares[8], chosen[8];
	uint8_t want[SHAMIR_SECRET_LEN], got[SHAMIR_SECRET_LEN];

	(void)state;
	for (size_t n = 1; n <= 8; n++) {
		for (unsigned set = 1; set < 1u << n; set++) {
			const uint32_t start = (uint32_t)(n * 1000 + set);
			size_t t = 0;

			for (unsigned rest = set; rest != 0; rest &= rest - 1)
				t++;
			split_with(start, t, n, shares);
			t = 0;
			for (size_t i = n; i-- > 0;)
				if (set >> i & 1)
					chosen[t++] = shares[i];
			fill_bytes(want, sizeof want, start);
			assert_int_equal(shamir_join(chosen, t, got), 0);
			assert_memory_equal(got, want, sizeof want);
		}
	}
}

static void
works_at_the_limits(void **state)
{
	struct shamir_share shares[SHAMIR_SHARES_MAX];
	uint8_t want[SHAMIR_SECRET_LEN], got[SHAMIR_SECRET_LEN];

	(void)state;
	fill_bytes(want, sizeof want, 77);
	/* All of 16 are needed. */
	split_with(77, 16, 16, shares);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(shares[i].number, i + 1);
	assert_int_equal(shamir_join(shares, 16, got), 0);
	assert_memory_equal(got, want, sizeof want);
	/* Any one of 16 does: each is the secret itself. */
	split_with(77, 1, 16, shares);
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(shamir_join(&shares[i], 1, got), 0);
		assert_memory_equal(got, want, sizeof want);
	}
	/* The last two of 16, 3 of 16 from both ends. */
	split_with(77, 2, 16, shares);
	assert_int_equal(shamir_join(shares + 14, 2, got), 0);
	assert_memory_equal(got, want, sizeof want);
}

static void
gives_another_secret_for_false_shares(void **state)
{
	struct shamir_share shares[5];
	uint8_t want[SHAMIR_SECRET_LEN], got[SHAMIR_SECRET_LEN];

	(void)state;
	fill_bytes(want, sizeof want, 5);
	split_with(5, 3, 5, shares);
	for (size_t i = 0; i < 3; i++) {
		shares[i].value[9] ^= 1;
		assert_int_equal(shamir_join(shares, 3, got), 0);
		assert_memory_not_equal(got, want, sizeof want);
		shares[i].value[9] ^= 1;
	}
	/* A true value under another number is false too. */
	shares[0].number = 4;
	assert_int_equal(shamir_join(shares, 3, got), 0);
	assert_memory_not_equal(got, want, sizeof want);
	/* And one share fewer than needed is not the secret. */
	split_with(5, 3, 5, shares);
	assert_int_equal(shamir_join(shares, 2, got), 0);
	assert_memory_not_equal(got, want, sizeof want);
}

/*
 * With t-1 shares every secret is as possible as any other: for one missing share each of
 * the 256 values of a byte leads to a different secret byte.
 */
static void
tells_nothing_below_the_threshold(void **state)
{
	struct shamir_share shares[3];
	uint8_t got[SHAMIR_SECRET_LEN];
	bool is_seen[256] = {false};

	(void)state;
	split_with(123, 3, 3, shares);
	for (unsigned guess = 0; guess < 256; guess++) {
		shares[2].value[0] = (uint8_t)guess;
		assert_int_equal(shamir_join(shares, 3, got), 0);
		assert_false(is_seen[got[0]]);
		is_seen[got[0]] = true;
	}
}

static void
refuses_what_cannot_be(void **state)
{
	const uint8_t secret[SHAMIR_SECRET_LEN] = {1}, random[31] = {0};
	struct shamir_share shares[SHAMIR_SHARES_MAX + 1] = {{0}};
	struct replay replay = replay_of(random, sizeof random);
	uint8_t got[SHAMIR_SECRET_LEN];

	(void)state;
	assert_int_equal(shamir_split(secret, 0, 3, &replay.rng, shares), FAIL_LIMIT);
	assert_int_equal(shamir_split(secret, 0, 0, &replay.rng, shares), FAIL_LIMIT);
	assert_int_equal(shamir_split(secret, 4, 3, &replay.rng, shares), FAIL_LIMIT);
	assert_int_equal(shamir_split(secret, 2, 17, &replay.rng, shares), FAIL_LIMIT);
	/* One byte of randomness short: nothing is shared out. */
	assert_int_equal(shamir_split(secret, 2, 3, &replay.rng, shares), FAIL_RANDOM);
	assert_int_equal(shares[0].number, 0);

	split_with(5, 3, 5, shares);
	assert_int_equal(shamir_join(shares, 0, got), FAIL_LIMIT);
	assert_int_equal(shamir_join(shares, SHAMIR_SHARES_MAX + 1, got), FAIL_LIMIT);
	shares[1] = shares[0];
	assert_int_equal(shamir_join(shares, 3, got), FAIL_SHARE);
	/* The same number with another value is no better. */
	shares[1].value[0] ^= 1;
	assert_int_equal(shamir_join(shares, 3, got), FAIL_SHARE);
	shares[1].number = 0;
	assert_int_equal(shamir_join(shares, 3, got), FAIL_SHARE);
	shares[1].number = SHAMIR_SHARES_MAX + 1;
	assert_int_equal(shamir_join(shares, 3, got), FAIL_SHARE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(multiplies_in_the_field),
		cmocka_unit_test(joins_from_every_subset),
		cmocka_unit_test(works_at_the_limits),
		cmocka_unit_test(gives_another_secret_for_false_shares),
		cmocka_unit_test(tells_nothing_below_the_threshold),
		cmocka_unit_test(refuses_what_cannot_be),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
