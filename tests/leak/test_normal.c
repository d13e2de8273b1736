/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisation: what becomes what, offsets back to the source, and equality of all paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "leak/normal.h"

enum { TEXT_MAX = 4096, OUT_MAX = 2 * TEXT_MAX + NORMAL_SLACK };

static struct normal *normals[CPU_KINDS];

static int
set_up(void **state)
{
	(void)state;
	for (enum cpu_kind cpu = CPU_PORTABLE; cpu < CPU_KINDS; cpu++) {
		if (cpu_has(cpu) && normal_new(cpu, &normals[cpu]) != 0)
			return -1;
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < CPU_KINDS; i++)
		normal_free(normals[i]);
	return 0;
}

static size_t
run(enum cpu_kind cpu, enum normal_view view, const void *text, size_t len, uint8_t *out)
{
	struct normal_in in = {.text = text, .len = len, .to = len};
	struct normal_out o = {.chars = out};

	normal_run(normals[cpu], view, &in, &o);
	assert_int_equal(o.next, len);
	return o.len;
}

/* The same on every path that this machine has. */
static void
becomes(const char *text, const char *expected)
{
	for (enum cpu_kind cpu = CPU_PORTABLE; cpu < CPU_KINDS; cpu++) {
		uint8_t out[OUT_MAX];
		size_t len;

		if (normals[cpu] == NULL)
			continue;
		len = run(cpu, NORMAL_PLAIN, text, strlen(text), out);
		out[len] = 0;
		assert_string_equal((const char *)out, expected);
	}
}

static void
test_layout_case_and_punctuation_go(void **state)
{
	(void)state;
	becomes("", "");
	becomes("The Secretary's  view:\r\n> \"yes\" (No. 42).",
		"thesecretarysviewyesno42");
	becomes("negoti-\nation", "negotiation");
	becomes("a|b_c@d[e`f{g~h\x7f", "abcdefgh");
}

static void
test_accents_ligatures_and_widths(void **state)
{
	(void)state;
	becomes("\xc3\x89t\xc3\xa9, a\xc3\xa7\xc3\xa3o", "eteacao");
	becomes("e\xcc\x81", "e"); /* combining acute */
	becomes("\xef\xac\x81n \xef\xac\x83"
		"ce",
		"finffice"); /* fi, ffi */
	becomes("Stra\xc3\x9f"
		"e \xc3\xa6 \xc5\x93 \xc3\xb8",
		"strasseaeoeo");
	becomes("\xef\xbc\xa1\xef\xbc\x92", "a2"); /* full width */
	becomes("x\xc2\xb2 \xc5\xbf", "x2s");	   /* superscript, long s */
	becomes("\xf0\x9d\x90\x80", "a");	   /* mathematical bold */
	becomes("\xe2\x80\x9cq\xe2\x80\x9d \xe2\x80\x94 \xe2\x80\x99", "q");
}

static void
test_invisible_characters_go(void **state)
{
	(void)state;
	becomes("s\xc2\xad"
		"e\xe2\x80\x8b"
		"c\xe2\x81\xa0r\xef\xbb\xbf"
		"e\xe2\x80\xaet",
		"secret");
	becomes("a\xef\xb8\x8f"
		"b\xf3\xa0\x81\xa1"
		"c",
		"abc"); /* variation selector, tag */
}

static void
test_look_alikes_become_latin(void **state)
{
	(void)state;
	/* Cyrillic s, e, c, r(=p), e, t in both cases; Greek omicron, alpha. */
	becomes("\xd1\x95\xd0\xb5\xd1\x81ret \xd0\xa1\xd0\x9e\xd0\xa0", "secretcop");
	becomes("\xce\xbf\xce\x91", "oa");
}

static void
test_other_scripts_are_kept_as_class_bytes(void **state)
{
	/* "zhuk": the look-alikes become Latin, the rest one byte each; CJK two a sign. */
	static const char russian[] = "\xd0\x96\xd1\x83\xd0\xba";
	uint8_t out[OUT_MAX];

	(void)state;
	assert_int_equal(run(CPU_PORTABLE, NORMAL_PLAIN, russian, 6, out), 3);
	assert_true(out[0] >= 0x80);
	assert_memory_equal(out + 1, "yk", 2);
	assert_int_equal(run(CPU_PORTABLE, NORMAL_PLAIN, "\xe5\xa4\x96", 3, out), 2);
}

static void
test_bytes_that_are_no_utf8_are_windows_1252(void **state)
{
	(void)state;
	becomes("caf\xe9 na\xefve \x93q\x94 \x9c", "cafenaiveqoe");
	becomes("\xe9", "e");
	becomes("x\xc3", "xa");		   /* cut short */
	becomes("\xed\xa0\x80z", "iz");	   /* a surrogate: i, nothing, euro */
	becomes("\xc0\xafz\xf5z", "azoz"); /* overlong; beyond Unicode */
}

static void
test_spelled_out_punctuation_goes(void **state)
{
	(void)state;
	becomes("AGREED STOP REPEAT COMMA NOT QUOTE YES UNQUOTE PERIOD",
		"agreedrepeatnotyes");
	becomes("Stop", "");
	becomes("stops nonstop stop1 1stop st-op commas",
		"stopsnonstopstop11stopstopcommas");
	becomes("comma,stop;quote", "");
	/* Far enough from both ends for the wide paths, and across their steps. */
	becomes("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa STOP "
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb "
		"UNQUOTE ccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		"ccccccccccccccccccccccccccccccccccccccccccccccccccccccccc");
}

static void
test_a_dropped_word_at_every_place_of_a_vector(void **state)
{
	char text[TEXT_MAX];
	uint8_t out[OUT_MAX];

	(void)state;
	for (size_t at = 0; at < 150; at++) {
		memset(text, ' ', 256);
		memcpy(text + at, "uNquote", 7);
		for (enum cpu_kind cpu = CPU_PORTABLE; cpu < CPU_KINDS; cpu++) {
			if (normals[cpu] != NULL)
				assert_int_equal(
					run(cpu, NORMAL_FOLDED, text, 256, out), 0);
		}
	}
}

/* The wide paths pass over U+2000 to U+203F in one go: the table must agree. */
static void
test_general_punctuation_goes(void **state)
{
	uint8_t text[3] = {0xe2, 0x80, 0}, out[OUT_MAX];

	(void)state;
	for (unsigned last = 0x80; last < 0xc0; last++) {
		text[2] = (uint8_t)last;
		assert_int_equal(run(CPU_PORTABLE, NORMAL_PLAIN, text, 3, out), 0);
	}
}

static void
test_the_folded_view(void **state)
{
	uint8_t out[OUT_MAX];
	size_t len = run(
		CPU_PORTABLE, NORMAL_FOLDED, "0o 1lI 5s 8Bh ce un q9g ft xyz", 30, out);

	(void)state;
	assert_int_equal(len, 22);
	assert_memory_equal(out, "oolllssbbbeenngggttxyz", 22);
}

/* A cheap generator, so that each run sees the same texts. */
static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static size_t
random_text(uint32_t *seed, uint8_t *text)
{
	static const char *const words[] = {"STOP", "stop", "comma ", " Quote", "unquote",
		"\xc3\xa9", "\xe2\x80\x99", "\xe2\x80", "\xd0\xb0", "\xff",
		"\xe5\xa4\x96", "period", "comm"};
	size_t len = next(seed) % 700, at = 0;

	while (at < len) {
		uint32_t what = next(seed) % 40;

		if (what < 13) {
			memcpy(text + at, words[what], strlen(words[what]));
			at += strlen(words[what]);
		} else if (what == 13) {
			text[at++] = (uint8_t)next(seed);
		} else {
			text[at++] =
				(uint8_t)(what < 21 ? (uint32_t) " .,-\n\tSq"[what - 14]
						    : 'a' + what % 26);
		}
	}
	return at;
}

static void
test_all_paths_agree(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t text[1024], expected[OUT_MAX], out[OUT_MAX];
		enum normal_view view = round & 1 ? NORMAL_FOLDED : NORMAL_PLAIN;
		size_t len = random_text(&seed, text);
		size_t chars = run(CPU_PORTABLE, view, text, len, expected);

		for (enum cpu_kind cpu = CPU_AVX2; cpu < CPU_KINDS; cpu++) {
			if (normals[cpu] == NULL)
				continue;
			assert_int_equal(run(cpu, view, text, len, out), chars);
			assert_memory_equal(out, expected, chars);
		}
	}
}

static void
test_parts_join_to_the_whole(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		uint8_t text[1024], expected[OUT_MAX], out[OUT_MAX];
		size_t len = random_text(&seed, text), at = 0, joined = 0;
		size_t chars = run(CPU_PORTABLE, NORMAL_FOLDED, text, len, expected);
		enum cpu_kind cpu = (enum cpu_kind)(round % CPU_KINDS);

		if (normals[cpu] == NULL)
			continue;
		while (at < len) {
			size_t to = at + 1 + next(&seed) % 90;
			struct normal_in in = {.text = text,
				.len = len,
				.from = at,
				.to = to < len ? to : len};
			struct normal_out o = {.chars = out + joined};

			normal_run(normals[cpu], NORMAL_FOLDED, &in, &o);
			assert_true(o.next >= in.to);
			joined += o.len;
			at = o.next;
		}
		assert_int_equal(joined, chars);
		assert_memory_equal(out, expected, chars);
	}
}

static void
test_offsets_lead_back_to_the_source(void **state)
{
	uint32_t seed = 3;

	(void)state;
	for (int round = 0; round < 1000; round++) {
		uint8_t text[1024], all[OUT_MAX], part[OUT_MAX];
		uint32_t start[OUT_MAX];
		size_t len = random_text(&seed, text);
		struct normal_in in = {.text = text, .len = len, .to = len};
		struct normal_out o = {.chars = all, .start = start};

		normal_run(normals[CPU_PORTABLE], NORMAL_PLAIN, &in, &o);
		for (size_t i = 0; i < o.len; i++) {
			size_t used = normal_char_len(text, len, start[i]);

			assert_true(i == 0 || start[i - 1] <= start[i]);
			/* The source character alone gives the normalised one. */
			assert_true(run(CPU_PORTABLE, NORMAL_PLAIN, text + start[i], used,
					    part) >= 1);
			assert_non_null(memchr(part, all[i], NORMAL_PER_CHAR_MAX));
		}
	}
}

static void
test_out_of_memory(void **state)
{
	struct normal *n = NULL;

	(void)state;
	mem_fail_after(0, false);
	assert_int_equal(normal_new(CPU_PORTABLE, &n), FAIL_NOMEM);
	mem_fail_never();
	assert_null(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_case_and_punctuation_go),
		cmocka_unit_test(test_accents_ligatures_and_widths),
		cmocka_unit_test(test_invisible_characters_go),
		cmocka_unit_test(test_look_alikes_become_latin),
		cmocka_unit_test(test_other_scripts_are_kept_as_class_bytes),
		cmocka_unit_test(test_bytes_that_are_no_utf8_are_windows_1252),
		cmocka_unit_test(test_spelled_out_punctuation_goes),
		cmocka_unit_test(test_a_dropped_word_at_every_place_of_a_vector),
		cmocka_unit_test(test_general_punctuation_goes),
		cmocka_unit_test(test_the_folded_view),
		cmocka_unit_test(test_all_paths_agree),
		cmocka_unit_test(test_parts_join_to_the_whole),
		cmocka_unit_test(test_offsets_lead_back_to_the_source),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
