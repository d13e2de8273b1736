/* SPDX-License-Identifier: Apache-2.0 */
/* Matching: the guarantee, places on both sides, template text, pieces, all paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fixture.h"
#include "leak/match.h"
#include "leak/rarity.h"
#include "leak/segment_build.h"

enum { DOCS = 40, FIRST = 1 };

static struct normal *normals[CPU_KINDS];
static struct fixture_sink sink;
static struct index index_all;

static int
set_up(void **state)
{
	struct segment s;

	(void)state;
	for (enum cpu_kind cpu = CPU_PORTABLE; cpu < CPU_KINDS; cpu++) {
		if (cpu_has(cpu) && normal_new(cpu, &normals[cpu]) != 0)
			return -1;
	}
	index_init(&index_all, &fixture_key);
	if (fixture_open(normals[CPU_PORTABLE], FIRST, DOCS, &sink, &s) != 0)
		return -1;
	return index_add(&index_all, &s, NULL);
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < CPU_KINDS; i++)
		normal_free(normals[i]);
	buf_done(&sink.bytes);
	return 0;
}

static const struct chain_result *
match_all(struct match *m, enum match_pass pass, const void *text, size_t len)
{
	const struct chain_result *result;

	match_begin(m, pass);
	assert_int_equal(match_feed(m, text, len), 0);
	assert_int_equal(match_end(m, &result), 0);
	return result;
}

static const struct chain_doc *
find_doc(const struct chain_result *result, uint32_t doc)
{
	for (size_t i = 0; i < result->count; i++) {
		if (result->doc[i].doc == doc)
			return &result->doc[i];
	}
	return NULL;
}

static struct match *
new_match(enum cpu_kind cpu)
{
	struct match *m = NULL;

	assert_int_equal(match_new(&index_all, normals[cpu], cpu, &m), 0);
	return m;
}

/* A hit, whatever its strength: 31 characters anywhere, in anything. */
static void
test_any_31_characters_in_common_are_found(void **state)
{
	struct match *m = new_match(cpu_best());
	struct buf doc, text;
	uint8_t chars[8192];
	uint32_t seed = 4;

	(void)state;
	buf_init(&doc, 1 << 20);
	buf_init(&text, 1 << 20);
	for (unsigned round = 0; round < 3000; round++) {
		uint32_t number = fixture_random(&seed) % DOCS;
		struct normal_in in;
		struct normal_out out = {.chars = chars};
		const struct chain_doc *found;
		size_t at, before = fixture_random(&seed) % 60;

		buf_clear(&doc);
		buf_clear(&text);
		fixture_prose(FIRST + number, 200, &doc);
		in = (struct normal_in){doc.data, doc.len, 0, doc.len};
		normal_run(normals[CPU_PORTABLE], NORMAL_PLAIN, &in, &out);
		at = fixture_random(&seed) % (out.len - GRAM_GUARANTEE);
		for (size_t i = 0; i < before; i++)
			buf_u8(&text, (uint8_t)("xkz wq,"[fixture_random(&seed) % 7]));
		buf_bytes(&text, chars + at, GRAM_GUARANTEE);
		buf_text(&text, "zzxkqjz xkqz jqxkz");
		found = find_doc(match_all(m, MATCH_DENSE, text.data, text.len), number);
		assert_non_null(found);
		assert_true(found->covered >= GRAM_K);
	}
	buf_done(&doc);
	buf_done(&text);
	match_free(m);
}

static void
test_a_passage_has_its_place_on_both_sides(void **state)
{
	struct match *m = new_match(cpu_best());
	const struct segment *s;
	const struct chain_doc *found;
	const struct passage *p;
	struct segment_doc doc;
	struct buf source, text;
	uint8_t from_text[4096], from_doc[4096];
	struct normal_out a = {.chars = from_text}, b = {.chars = from_doc};
	struct normal_in in;

	(void)state;
	buf_init(&source, 1 << 20);
	buf_init(&text, 1 << 20);
	fixture_prose(FIRST + 5, 200, &source);
	fixture_prose(7777, 3000, &text); /* unrelated, before and behind */
	buf_text(&text, "\n> ");
	for (size_t i = 300; i < 700; i++) {
		buf_u8(&text, source.data[i]);
		if (i % 50 == 49)
			buf_text(&text, "-\r\n> ");
	}
	fixture_prose(8888, 3000, &text);
	found = find_doc(match_all(m, MATCH_DENSE, text.data, text.len), 5);
	assert_non_null(found);
	assert_true(chain_is_reported(found, CHAIN_ALERT));
	assert_int_equal(found->passages, 1);
	p = &found->passage[0];
	/* The excerpt of the text normalises to the passage of the document. */
	in = (struct normal_in){text.data, (size_t)p->to, (size_t)p->from, (size_t)p->to};
	normal_run(normals[CPU_PORTABLE], NORMAL_FOLDED, &in, &a);
	in = (struct normal_in){source.data, source.len, 0, source.len};
	normal_run(normals[CPU_PORTABLE], NORMAL_FOLDED, &in, &b);
	assert_int_equal(a.len, p->pos_end - p->pos);
	assert_memory_equal(from_text, from_doc + p->pos, a.len);
	assert_int_equal(p->at_end - p->at, a.len);
	assert_int_equal(p->covered, a.len);
	assert_int_equal(index_doc(&index_all, 5, &s, &doc), 0);
	assert_in_range(segment_doc_byte(s, &doc, p->pos), 290, 320);
	buf_done(&source);
	buf_done(&text);
	match_free(m);
}

static void
expect_same(const struct chain_result *x, const struct chain_result *y)
{
	assert_int_equal(x->count, y->count);
	for (size_t i = 0; i < x->count; i++) {
		assert_int_equal(x->doc[i].doc, y->doc[i].doc);
		assert_int_equal(x->doc[i].strength, y->doc[i].strength);
		assert_int_equal(x->doc[i].kept, y->doc[i].kept);
		assert_memory_equal(x->doc[i].passage, y->doc[i].passage,
			x->doc[i].kept * sizeof x->doc[i].passage[0]);
	}
}

/* 200 KB of strange words with whole documents strewn in. */
static void
make_big(struct buf *text)
{
	for (uint32_t i = 0; i < 12; i++) {
		fixture_prose(5000 + i, 2500, text);
		fixture_prose(FIRST + 3 * i, 200, text);
	}
}

static void
test_all_paths_find_the_same(void **state)
{
	struct match *expected = new_match(CPU_PORTABLE);
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 24);
	make_big(&text);
	for (enum match_pass pass = MATCH_DENSE; pass <= MATCH_SCOUT; pass++) {
		const struct chain_result *result =
			match_all(expected, pass, text.data, text.len);

		for (uint32_t i = 0; i < 12; i++)
			assert_non_null(find_doc(result, 3 * i));
		for (enum cpu_kind cpu = CPU_AVX2; cpu < CPU_KINDS; cpu++) {
			struct match *m;

			if (normals[cpu] == NULL)
				continue;
			m = new_match(cpu);
			expect_same(match_all(m, pass, text.data, text.len), result);
			match_free(m);
		}
	}
	buf_done(&text);
	match_free(expected);
}

static void
test_pieces_find_what_the_whole_finds(void **state)
{
	struct match *whole = new_match(cpu_best()), *pieces = new_match(cpu_best());
	const struct chain_result *expected, *result;
	struct buf text;
	size_t fed = 0, n = 30000;

	(void)state;
	buf_init(&text, 1 << 24);
	make_big(&text);
	expected = match_all(whole, MATCH_DENSE, text.data, text.len);
	match_begin(pieces, MATCH_DENSE);
	while (fed < text.len) {
		size_t from = fed < MATCH_OVERLAP ? 0 : fed - MATCH_OVERLAP;
		size_t to = fed + n < text.len ? fed + n : text.len;

		assert_int_equal(match_feed(pieces, text.data + from, to - from), 0);
		fed = to;
	}
	assert_int_equal(match_end(pieces, &result), 0);
	assert_int_equal(match_chars(pieces), match_chars(whole));
	assert_int_equal(result->count, expected->count);
	for (size_t i = 0; i < result->count; i++) {
		assert_int_equal(result->doc[i].doc, expected->doc[i].doc);
		/* A passage at a cut is told as two, which lose at most a gram each. */
		assert_in_range(result->doc[i].covered, expected->doc[i].covered - 60,
			expected->doc[i].covered + 60);
	}
	buf_done(&text);
	match_free(whole);
	match_free(pieces);
}

static void
test_unrelated_text_is_silent(void **state)
{
	struct match *m = new_match(cpu_best());
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 24);
	for (uint32_t i = 0; i < 30; i++) {
		const struct chain_result *result;

		buf_clear(&text);
		fixture_prose(90000 + i, 2000, &text);
		result = match_all(m, MATCH_DENSE, text.data, text.len);
		for (size_t k = 0; k < result->count; k++)
			assert_false(chain_is_reported(&result->doc[k], CHAIN_ALERT));
	}
	buf_done(&text);
	match_free(m);
}

/* The same heading in more documents than a gram may have: template text. */
static void
test_template_text_is_silent(void **state)
{
	static const char heading[] =
		"this message is for the eyes of addressees only and must be destroyed "
		"after reading by the registrar of the receiving mission without delay ";
	struct segment_build *b = NULL;
	struct fixture_sink s;
	struct segment segment;
	struct index index;
	struct match *m = NULL;
	const struct chain_result *result;
	struct buf text;
	char id[16];

	(void)state;
	buf_init(&text, 1 << 20);
	fixture_sink_init(&s);
	assert_int_equal(
		segment_build_new(normals[CPU_PORTABLE], CPU_PORTABLE, &fixture_key, &b),
		0);
	for (uint32_t i = 0; i < RARITY_DF_MAX + 1; i++) {
		struct segment_text doc;

		buf_clear(&text);
		buf_text(&text, heading);
		fixture_prose(i, 100, &text);
		(void)snprintf(id, sizeof id, "%u", i);
		doc = (struct segment_text){id, strlen(id), text.data, text.len, {0}};
		assert_int_equal(segment_build_add(b, &doc), 0);
	}
	assert_int_equal(segment_build_write(b, &s.sink), 0);
	assert_int_equal(
		segment_map(s.bytes.data, s.bytes.len, &fixture_key, &segment), 0);
	index_init(&index, &fixture_key);
	assert_int_equal(index_add(&index, &segment, NULL), 0);
	assert_int_equal(match_new(&index, normals[CPU_PORTABLE], CPU_PORTABLE, &m), 0);
	result = match_all(m, MATCH_DENSE, heading, sizeof heading - 1);
	assert_int_equal(result->count, 0);
	match_free(m);
	segment_build_free(b);
	buf_done(&s.bytes);
	buf_done(&text);
}

static void
test_removed_documents_are_silent(void **state)
{
	uint8_t dead[DOCS] = {0};
	struct index index;
	struct match *m = NULL;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	fixture_prose(FIRST + 9, 200, &text);
	dead[9] = 1;
	index_init(&index, &fixture_key);
	assert_int_equal(index_add(&index, &index_all.part[0].segment, dead), 0);
	assert_int_equal(match_new(&index, normals[CPU_PORTABLE], CPU_PORTABLE, &m), 0);
	assert_null(find_doc(match_all(m, MATCH_DENSE, text.data, text.len), 9));
	dead[9] = 0;
	assert_non_null(find_doc(match_all(m, MATCH_DENSE, text.data, text.len), 9));
	match_free(m);
	buf_done(&text);
}

/* A long desert between two parts: offsets are looked for behind it. */
static void
test_text_behind_empty_space(void **state)
{
	struct match *m = new_match(cpu_best());
	const struct chain_doc *found;
	struct buf source, text;

	(void)state;
	buf_init(&source, 1 << 20);
	buf_init(&text, 1 << 24);
	fixture_prose(FIRST + 2, 200, &source);
	buf_bytes(&text, source.data, 400);
	for (size_t i = 0; i < 200000; i++)
		buf_u8(&text, ' ');
	buf_bytes(&text, source.data + 400, 400);
	found = find_doc(match_all(m, MATCH_DENSE, text.data, text.len), 2);
	assert_non_null(found);
	/* Spaces are nothing: it is one passage. */
	assert_int_equal(found->passages, 1);
	assert_true(found->passage[0].from < 100);
	assert_true(found->passage[0].to > 200700);
	buf_done(&source);
	buf_done(&text);
	match_free(m);
}

static void
test_out_of_memory_at_every_point(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	fixture_prose(FIRST + 9, 200, &text);
	for (long n = 0;; n++) {
		const struct chain_result *result = NULL;
		struct match *m = NULL;
		int r;

		mem_fail_after(n, false);
		if ((r = match_new(
			     &index_all, normals[CPU_PORTABLE], CPU_PORTABLE, &m)) == 0) {
			match_begin(m, MATCH_DENSE);
			if ((r = match_feed(m, text.data, text.len)) == 0)
				r = match_end(m, &result);
		}
		mem_fail_never();
		match_free(m);
		if (r == 0)
			break;
		assert_int_equal(r, FAIL_NOMEM);
		assert_null(result);
	}
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_31_characters_in_common_are_found),
		cmocka_unit_test(test_a_passage_has_its_place_on_both_sides),
		cmocka_unit_test(test_all_paths_find_the_same),
		cmocka_unit_test(test_pieces_find_what_the_whole_finds),
		cmocka_unit_test(test_unrelated_text_is_silent),
		cmocka_unit_test(test_template_text_is_silent),
		cmocka_unit_test(test_removed_documents_are_silent),
		cmocka_unit_test(test_text_behind_empty_space),
		cmocka_unit_test(test_out_of_memory_at_every_point),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
