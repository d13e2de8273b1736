/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/gram.h"

#include "leak/gram_impl.h"

/*
 * The portable selection keeps the place of the window's least value and looks again only when
 * it has left the window, about once in seven steps.
 */

void
gram_key_parse(const uint8_t bytes[GRAM_KEY_LEN], struct gram_key *ret_key)
{
	for (size_t i = 0; i < 4; i++)
		ret_key->word[i] = gram_load(bytes + 8 * i, 8);
}

static inline uint32_t
order_of(const uint8_t *p)
{
	uint32_t a = (uint32_t)gram_load(p, 4) * GRAM_C1;
	uint32_t b = (uint32_t)gram_load(p + 4, 4) * GRAM_C2;
	uint32_t h = a ^ (b << 15 | b >> 17);

	h ^= h >> 15;
	return h * GRAM_C3;
}

/* Place of the least value in v[from .. from + GRAM_WINDOW). */
static inline size_t
least(const uint32_t *v, size_t from)
{
	size_t at = from;

	for (size_t i = from + 1; i < from + GRAM_WINDOW; i++) {
		if (v[i] < v[at])
			at = i;
	}
	return at;
}

size_t
gram_select_portable(const uint8_t *chars, size_t count, uint32_t *ret_at)
{
	uint32_t v[GRAM_BATCH + GRAM_WINDOW] GRAM_SCRATCH;
	size_t found = 0, at;

	if (count == 0)
		return 0;
	for (size_t i = 0; i < count + GRAM_WINDOW - 1; i++)
		v[i] = order_of(chars + i);
	at = least(v, 0);
	for (size_t i = 0; i < count; i++) {
		size_t last = i + GRAM_WINDOW - 1;

		if (at < i)
			at = least(v, i);
		else if (v[last] < v[at])
			at = last;
		ret_at[found] = (uint32_t)i;
		/* Values, not places: equal ones at both ends count, on every path. */
		found += v[i] == v[at] || v[last] == v[at];
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
