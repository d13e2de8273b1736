/* SPDX-License-Identifier: Apache-2.0 */
/* Grams: the guarantee, independence of context, equality of all paths, the guard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "leak/gram.h"

enum { ROOM = GRAM_BATCH + GRAM_K + GRAM_SLACK };

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
random_chars(uint32_t *seed, unsigned letters, uint8_t *chars, size_t len)
{
	for (size_t i = 0; i < len; i++)
		chars[i] = (uint8_t)('a' + next(seed) % letters);
}

/* Few letters make many equal order values, where the paths could differ. */
static void
test_all_paths_select_the_same(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		uint8_t chars[ROOM];
		uint32_t expected[GRAM_BATCH + 16], at[GRAM_BATCH + 16];
		size_t count =
			round < 300 ? (size_t)round : next(&seed) % (GRAM_BATCH + 1);
		size_t found;

		random_chars(&seed, round % 3 == 0 ? 1 : 26, chars, sizeof chars);
		found = gram_select(CPU_PORTABLE, chars, count, expected);
		for (enum cpu_kind cpu = CPU_AVX2; cpu < CPU_KINDS; cpu++) {
			if (!cpu_has(cpu))
				continue;
			assert_int_equal(gram_select(cpu, chars, count, at), found);
			assert_memory_equal(at, expected, found * sizeof at[0]);
		}
	}
}

static void
test_two_of_thirteen_are_selected(void **state)
{
	uint8_t chars[ROOM];
	uint32_t at[GRAM_BATCH + 16], seed = 5;
	size_t found = 0;

	(void)state;
	for (int round = 0; round < 100; round++) {
		random_chars(&seed, 26, chars, sizeof chars);
		found += gram_select(CPU_PORTABLE, chars, GRAM_BATCH, at);
	}
	assert_in_range(
		found, 100 * GRAM_BATCH * 15 / 100, 100 * GRAM_BATCH * 158 / 1000);
}

/* Any 31 characters hold a selected gram, whatever stands around them. */
static void
test_the_guarantee(void **state)
{
	uint32_t seed = 9;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		uint8_t chars[GRAM_GUARANTEE + GRAM_SLACK] = {0};
		uint32_t at[64];

		random_chars(&seed, 2 + next(&seed) % 25, chars, GRAM_GUARANTEE);
		assert_true(gram_select(CPU_PORTABLE, chars, GRAM_GUARANTEE - GRAM_K + 1,
				    at) >= 1);
	}
}

static void
test_selection_does_not_depend_on_context(void **state)
{
	uint8_t one[ROOM], other[ROOM];
	uint32_t at_one[GRAM_BATCH + 16], at_other[GRAM_BATCH + 16], seed = 11;
	size_t found;

	(void)state;
	random_chars(&seed, 26, one, sizeof one);
	random_chars(&seed, 26, other, sizeof other);
	memcpy(other + 7, one, 200);
	found = gram_select(CPU_PORTABLE, one, 200 - GRAM_K + 1, at_one);
	assert_true(gram_select(CPU_PORTABLE, other + 7, 200 - GRAM_K + 1, at_other) ==
		found);
	assert_memory_equal(at_one, at_other, found * sizeof at_one[0]);
}

static void
test_hashes_differ_by_key_and_character(void **state)
{
	uint8_t bytes[GRAM_KEY_LEN], chars[GRAM_K];
	struct gram_key key, other;
	uint64_t h;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 37 + 1);
	gram_key_parse(bytes, &key);
	bytes[31] ^= 1;
	gram_key_parse(bytes, &other);
	memcpy(chars, "thequickbrownfoxjump", GRAM_K);
	h = gram_hash(&key, chars);
	assert_true(h <= GRAM_HASH_MAX);
	assert_true(h == gram_hash(&key, chars));
	assert_true(h != gram_hash(&other, chars));
	for (size_t i = 0; i < GRAM_K; i++) {
		chars[i] ^= 1;
		assert_true(h != gram_hash(&key, chars));
		chars[i] ^= 1;
	}
}

/* The upper bits choose the bucket: they must be spread evenly. */
static void
test_hashes_are_even(void **state)
{
	uint8_t bytes[GRAM_KEY_LEN] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
	uint8_t chars[GRAM_K] = "aaaaaaaaaaaaaaaaaaa";
	unsigned bucket[256] = {0}, low[8] = {0};
	struct gram_key key;

	(void)state;
	bytes[24] = 99;
	gram_key_parse(bytes, &key);
	for (uint32_t i = 0; i < 256000; i++) {
		uint64_t h;

		memcpy(chars + 16, &i, 4);
		h = gram_hash(&key, chars);
		bucket[h >> (GRAM_HASH_BITS - 8)]++;
		low[h & 7]++;
	}
	for (size_t i = 0; i < 256; i++)
		assert_in_range(bucket[i], 800, 1200);
	for (size_t i = 0; i < 8; i++)
		assert_in_range(low[i], 31000, 33000);
}

static void
test_grams_that_say_little(void **state)
{
	(void)state;
	assert_true(gram_is_telling((const uint8_t *)"theminister1962agreed"));
	assert_false(gram_is_telling((const uint8_t *)"00010010010001000100"));
	assert_false(gram_is_telling((const uint8_t *)"aaaaaaaaaaabcdefghij"));
	assert_true(gram_is_telling((const uint8_t *)"aaaaaaaaaabcdefghijk"));
	assert_false(gram_is_telling((const uint8_t *)"abcde1234567890123fg"));
	assert_false(gram_is_telling((const uint8_t *)"ababababcdcdcdcdeeee"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_paths_select_the_same),
		cmocka_unit_test(test_two_of_thirteen_are_selected),
		cmocka_unit_test(test_the_guarantee),
		cmocka_unit_test(test_selection_does_not_depend_on_context),
		cmocka_unit_test(test_hashes_differ_by_key_and_character),
		cmocka_unit_test(test_hashes_are_even),
		cmocka_unit_test(test_grams_that_say_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
