/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/shamir.h"

#include <string.h>

#include "base/mem.h"

/*
 * Each byte of the secret is the constant term of its own polynomial of degree t-1.  Share
 * numbers are public and may be branched on; coefficients and values may not.  Hence the
 * multiplication works bit by bit with masks: a table would be read at secret addresses, and
 * the cache would tell them to a neighbour.
 */

/* 0xff where the lowest bit of b is set, otherwise 0. */
static uint8_t
mask_of(uint8_t b)
{
	return (uint8_t)(0u - (b & 1u));
}

static uint8_t
gf_mul(uint8_t a, uint8_t b)
{
	uint8_t product = 0;

	for (unsigned bit = 0; bit < 8; bit++) {
		const uint8_t carry = mask_of((uint8_t)(a >> 7));

		product ^= (uint8_t)(a & mask_of((uint8_t)(b >> bit)));
		/* Times x: x^8 is x^4 + x^3 + x + 1. */
		a = (uint8_t)((uint8_t)(a << 1) ^ (carry & 0x1b));
	}
	return product;
}

/* a^254, which is 1/a, because a^255 = 1 for every a but 0.  254 = 2 + 4 + ... + 128. */
static uint8_t
gf_inverse(uint8_t a)
{
	uint8_t product = 1;

	for (unsigned bit = 1; bit < 8; bit++) {
		a = gf_mul(a, a);
		product = gf_mul(product, a);
	}
	return product;
}

/* All bytes at x by Horner's rule, from the highest coefficient down to the secret. */
static void
evaluate(uint8_t coefficients[][SHAMIR_SECRET_LEN], size_t t, uint8_t x,
	uint8_t ret_value[SHAMIR_SECRET_LEN])
{
	for (size_t at = 0; at < SHAMIR_SECRET_LEN; at++) {
		uint8_t y = 0;

		for (size_t i = t; i-- > 0;)
			y = (uint8_t)(gf_mul(y, x) ^ coefficients[i][at]);
		ret_value[at] = y;
	}
}

int
shamir_split(const uint8_t secret[SHAMIR_SECRET_LEN], size_t t, size_t n, struct rng *rng,
	struct shamir_share *ret_shares)
{
	uint8_t coefficients[SHAMIR_SHARES_MAX][SHAMIR_SECRET_LEN];
	int r = 0;

	if (t < 1 || t > n || n > SHAMIR_SHARES_MAX)
		return FAIL_LIMIT;
	memcpy(coefficients[0], secret, SHAMIR_SECRET_LEN);
	/* Zero is a coefficient like any other: leaving it out would tell something. */
	if (t > 1 &&
		(r = rng_fill(rng, coefficients[1], (t - 1) * SHAMIR_SECRET_LEN)) != 0)
		goto out;
	for (size_t j = 0; j < n; j++) {
		ret_shares[j].number = (uint8_t)(j + 1);
		evaluate(coefficients, t, ret_shares[j].number, ret_shares[j].value);
	}
out:
	mem_wipe(coefficients, sizeof coefficients);
	return r;
}

static int
check_numbers(const struct shamir_share *shares, size_t t)
{
	for (size_t i = 0; i < t; i++) {
		if (shares[i].number < 1 || shares[i].number > SHAMIR_SHARES_MAX)
			return FAIL_SHARE;
		for (size_t j = 0; j < i; j++)
			if (shares[j].number == shares[i].number)
				return FAIL_SHARE;
	}
	return 0;
}

/* Lagrange's weight of share i at x = 0: the product of x_j / (x_j - x_i); minus is xor. */
static uint8_t
weight_of(const struct shamir_share *shares, size_t t, size_t i)
{
	uint8_t above = 1, below = 1;

	for (size_t j = 0; j < t; j++) {
		if (j == i)
			continue;
		above = gf_mul(above, shares[j].number);
		below = gf_mul(below, shares[j].number ^ shares[i].number);
	}
	return gf_mul(above, gf_inverse(below));
}

int
shamir_join(const struct shamir_share *shares, size_t t,
	uint8_t ret_secret[SHAMIR_SECRET_LEN])
{
	uint8_t secret[SHAMIR_SECRET_LEN] = {0};
	int r;

	if (t < 1 || t > SHAMIR_SHARES_MAX)
		return FAIL_LIMIT;
	if ((r = check_numbers(shares, t)) != 0)
		return r;
	for (size_t i = 0; i < t; i++) {
		const uint8_t weight = weight_of(shares, t, i);

		for (size_t at = 0; at < SHAMIR_SECRET_LEN; at++)
			secret[at] ^= gf_mul(shares[i].value[at], weight);
	}
	memcpy(ret_secret, secret, sizeof secret);
	mem_wipe(secret, sizeof secret);
	return 0;
}
