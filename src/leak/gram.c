/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/gram.h"

#include "leak/gram_impl.h"

/*
 * The portable selection is written as a few plain loops over arrays, which a compiler turns
 * into whatever vectors the machine has.  Order values are compared as signed numbers with the
 * top bit turned over, because the oldest vectors know no other; that is the same order.
 */

void
gram_key_parse(const uint8_t bytes[GRAM_KEY_LEN], struct gram_key *ret_key)
{
	for (size_t i = 0; i < 4; i++)
		ret_key->word[i] = gram_load(bytes + 8 * i, 8);
}

/* The products of the four characters at each position. */
static void
fill_products(const uint8_t *chars, size_t values, uint32_t *product)
{
	for (size_t i = 0; i < values; i++)
		product[i] = (uint32_t)gram_load(chars + i, 4) * GRAM_C;
}

static inline int32_t
lesser(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static void
fill_orders(const uint32_t *product, size_t values, int32_t *v)
{
	for (size_t i = 0; i < values; i++) {
		uint32_t last = product[i + 4];

		v[i] = (int32_t)((product[i] ^ (last << 15 | last >> 17)) ^
			UINT32_C(0x80000000));
	}
}

/* four[i] = least of v[i .. i + 4). */
static void
fill_runs(const int32_t *v, size_t values, int32_t *four)
{
	for (size_t i = 0; i < values; i++)
		four[i] = lesser(lesser(v[i], v[i + 1]), lesser(v[i + 2], v[i + 3]));
}

static void
fill_selected(const int32_t *v, const int32_t *four, size_t count, int32_t *is_selected)
{
	for (size_t i = 0; i < count; i++) {
		int32_t last = v[i + GRAM_WINDOW - 1];
		int32_t low =
			lesser(lesser(four[i], four[i + 4]), lesser(four[i + 8], last));

		is_selected[i] = (v[i] == low) | (last == low);
	}
}

size_t
gram_select_portable(const uint8_t *chars, size_t count, uint32_t *ret_at)
{
	enum { VALUES = GRAM_BATCH + GRAM_WINDOW + 8 };
	uint32_t product[VALUES] GRAM_SCRATCH;
	int32_t v[VALUES] GRAM_SCRATCH, four[VALUES] GRAM_SCRATCH;
	int32_t is_selected[GRAM_BATCH] GRAM_SCRATCH;
	size_t found = 0;

	if (count == 0)
		return 0;
	fill_products(chars, count + GRAM_WINDOW + 6, product);
	fill_orders(product, count + GRAM_WINDOW + 2, v);
	fill_runs(v, count + GRAM_WINDOW - 1, four);
	fill_selected(v, four, count, is_selected);
	for (size_t i = 0; i < count; i++) {
		ret_at[found] = (uint32_t)i;
		found += (size_t)is_selected[i];
	}
	return found;
}

size_t
gram_select(enum cpu_kind cpu, const uint8_t *chars, size_t count, uint32_t *ret_at)
{
	CHECK(count <= GRAM_BATCH);
#if defined(__x86_64__)
	if (cpu == CPU_AVX512)
		return gram_select_avx512(chars, count, ret_at);
	if (cpu == CPU_AVX2)
		return gram_select_avx2(chars, count, ret_at);
#endif
	return gram_select_portable(chars, count, ret_at);
}

/* The exact rule, for the few grams that the quick look cannot decide. */
static bool
is_telling_exactly(const uint8_t *plain)
{
	uint8_t times[256] = {0};
	unsigned different = 0, most = 0, digits = 0;

	for (size_t i = 0; i < GRAM_K; i++) {
		unsigned now = ++times[plain[i]];

		different += now == 1;
		most = now > most ? now : most;
		digits += plain[i] >= '0' && plain[i] <= '9';
	}
	return different >= 6 && most <= GRAM_K / 2 && digits <= GRAM_K * 6 / 10;
}

bool
gram_is_telling(const uint8_t *plain)
{
	uint64_t seen = 0;
	unsigned digits = 0;

	/* With 11 different characters none of the 20 can stand there more than ten times. */
	for (size_t i = 0; i < GRAM_K; i++) {
		unsigned is_digit = plain[i] < 'a';

		seen |= UINT64_C(1) << ((plain[i] & 31) + (is_digit << 5));
		digits += is_digit;
	}
	if (__builtin_popcountll(seen) > GRAM_K / 2 && digits <= GRAM_K * 6 / 10)
		return true;
	return is_telling_exactly(plain);
}
