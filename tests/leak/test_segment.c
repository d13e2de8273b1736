/* SPDX-License-Identifier: Apache-2.0 */
/* Segments: what goes in comes out, merging equals building anew, damage is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fixture.h"
#include "leak/block.h"
#include "leak/segment_build.h"
#include "leak/segment_merge.h"
#include "leak/sum.h"

static struct normal *normal;

static int
set_up(void **state)
{
	(void)state;
	return normal_new(CPU_PORTABLE, &normal);
}

static int
tear_down(void **state)
{
	(void)state;
	normal_free(normal);
	return 0;
}

static void
test_every_gram_is_found_at_its_place(void **state)
{
	static struct block block;
	static uint32_t at[BLOCK_GRAMS_MAX];
	struct fixture_sink sink;
	struct segment s;
	struct segment_doc doc;
	struct buf text;
	uint64_t from, to, number;
	uint32_t pos;
	size_t seen = 0, grams;

	(void)state;
	assert_int_equal(fixture_open(normal, 100, 50, &sink, &s), 0);
	assert_int_equal(s.shape.docs, 50);
	buf_init(&text, 1 << 20);
	fixture_prose(107, 200, &text);
	block_begin(&block, normal, text.data, text.len, true);
	assert_true(block_next(&block));
	grams = block_grams(&block, CPU_PORTABLE, at);
	for (size_t i = 0; i < grams; i++) {
		uint64_t hash = gram_hash(&fixture_key, block.chars + at[i]);
		bool is_here = false;

		segment_find(&s, hash, &from, &to);
		for (; from < to; from++)
			is_here |= segment_posting(&s, from, &number, &pos) &&
				number == 7 && pos == at[i];
		assert_true(is_here);
		assert_true(filter_has(&s.dense, FILTER_DENSE_PROBES, hash));
		if (filter_is_scout(hash))
			assert_true(filter_has(&s.scout, FILTER_SCOUT_PROBES, hash));
		seen++;
	}
	assert_int_equal(segment_doc_get(&s, 7, &doc), 0);
	assert_int_equal(doc.grams, seen);
	assert_int_equal(doc.bytes, text.len);
	assert_int_equal(doc.chars, block.count);
	assert_int_equal(doc.id_len, 7);
	assert_memory_equal(segment_doc_id(&s, &doc), "doc-107", 7);
	/* Places in the source: exact at each stride, near between. */
	for (uint32_t c = 0; c < doc.chars; c++) {
		int64_t off = (int64_t)segment_doc_byte(&s, &doc, c) - block.start[c];

		assert_in_range(off + 16, 0, 32);
		if (c % SEGMENT_STRIDE == 0)
			assert_true(off == 0);
	}
	buf_done(&text);
	buf_done(&sink.bytes);
}

static void
test_what_is_not_there_is_rarely_found(void **state)
{
	struct fixture_sink sink;
	struct segment s;
	uint64_t from, to;
	unsigned dense = 0, scout = 0, found = 0;
	uint32_t seed = 1;

	(void)state;
	assert_int_equal(fixture_open(normal, 1, 300, &sink, &s), 0);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t hash =
			((uint64_t)fixture_random(&seed) << 24 ^ fixture_random(&seed)) &
			GRAM_HASH_MAX;

		dense += filter_has(&s.dense, FILTER_DENSE_PROBES, hash);
		scout += filter_has(&s.scout, FILTER_SCOUT_PROBES, hash);
		segment_find(&s, hash, &from, &to);
		found += from < to;
	}
	assert_in_range(dense, 3000, 13000);
	assert_in_range(scout, 100, 1500);
	assert_true(found < 50);
	buf_done(&sink.bytes);
}

static void
test_verify_accepts_what_was_built(void **state)
{
	(void)state;
	for (size_t docs = 0; docs < 40; docs += 13) {
		struct fixture_sink sink;
		struct segment s;

		assert_int_equal(fixture_open(normal, 1, docs, &sink, &s), 0);
		assert_int_equal(segment_verify(&s), 0);
		buf_done(&sink.bytes);
	}
}

static void
test_any_flipped_bit_is_seen(void **state)
{
	struct fixture_sink sink;
	struct segment s;
	uint32_t seed = 3;

	(void)state;
	assert_int_equal(fixture_open(normal, 1, 3, &sink, &s), 0);
	for (unsigned i = 0; i < 3000; i++) {
		size_t at = fixture_random(&seed) % sink.bytes.len;
		uint8_t bit = (uint8_t)(1u << (fixture_random(&seed) & 7));
		struct segment damaged;

		sink.bytes.data[at] ^= bit;
		if (segment_map(
			    sink.bytes.data, sink.bytes.len, &fixture_key, &damaged) == 0)
			assert_int_not_equal(segment_verify(&damaged), 0);
		sink.bytes.data[at] ^= bit;
	}
	buf_done(&sink.bytes);
}

/* A forged checksum: order and filters are looked at too. */
static void
test_wrong_order_is_seen_behind_a_good_checksum(void **state)
{
	struct fixture_sink sink;
	struct segment s;
	uint64_t sum;
	uint8_t *tail;

	(void)state;
	assert_int_equal(fixture_open(normal, 1, 3, &sink, &s), 0);
	memset(sink.bytes.data + s.shape.entries_at + 40, 0xff, 16);
	sum = sum_of(sink.bytes.data, (size_t)s.shape.sum_at);
	tail = sink.bytes.data + s.shape.sum_at;
	for (size_t i = 0; i < 8; i++)
		tail[i] = (uint8_t)(sum >> 8 * i);
	assert_int_equal(segment_verify(&s), FAIL_FORMAT);
	buf_done(&sink.bytes);
}

static void
test_another_key_length_or_version_is_refused(void **state)
{
	struct gram_key other = fixture_key;
	struct fixture_sink sink;
	struct segment s;

	(void)state;
	assert_int_equal(fixture_open(normal, 1, 2, &sink, &s), 0);
	other.word[2]++;
	assert_int_equal(
		segment_map(sink.bytes.data, sink.bytes.len, &other, &s), FAIL_MISMATCH);
	for (size_t len = 0; len < sink.bytes.len; len += 97)
		assert_int_equal(segment_map(sink.bytes.data, len, &fixture_key, &s),
			FAIL_TRUNCATED);
	sink.bytes.data[8]++;
	assert_int_equal(segment_map(sink.bytes.data, sink.bytes.len, &fixture_key, &s),
		FAIL_VERSION);
	sink.bytes.data[0]++;
	assert_int_equal(segment_map(sink.bytes.data, sink.bytes.len, &fixture_key, &s),
		FAIL_FORMAT);
	buf_done(&sink.bytes);
}

static void
test_merging_equals_building_anew(void **state)
{
	struct fixture_sink part[3], merged, whole;
	struct segment s[3];
	struct segment_merge_in in[3];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(
			fixture_open(normal, 1 + 10 * i, 10, &part[i], &s[i]), 0);
		in[i] = (struct segment_merge_in){&s[i], NULL};
	}
	fixture_sink_init(&merged);
	fixture_sink_init(&whole);
	assert_int_equal(
		segment_merge(in, 3, segment_key_check(&fixture_key), &merged.sink), 0);
	assert_int_equal(fixture_segment(normal, 1, 30, &whole.sink), 0);
	assert_int_equal(merged.bytes.len, whole.bytes.len);
	assert_memory_equal(merged.bytes.data, whole.bytes.data, whole.bytes.len);
	for (size_t i = 0; i < 3; i++)
		buf_done(&part[i].bytes);
	buf_done(&merged.bytes);
	buf_done(&whole.bytes);
}

static void
test_merging_leaves_the_removed_out(void **state)
{
	struct fixture_sink part, merged, whole;
	uint8_t dead[20] = {0};
	struct segment s;
	struct segment_merge_in in = {&s, dead};

	(void)state;
	assert_int_equal(fixture_open(normal, 1, 20, &part, &s), 0);
	memset(dead + 8, 1, 12);
	fixture_sink_init(&merged);
	fixture_sink_init(&whole);
	assert_int_equal(
		segment_merge(&in, 1, segment_key_check(&fixture_key), &merged.sink), 0);
	assert_int_equal(fixture_segment(normal, 1, 8, &whole.sink), 0);
	assert_int_equal(merged.bytes.len, whole.bytes.len);
	assert_memory_equal(merged.bytes.data, whole.bytes.data, whole.bytes.len);
	buf_done(&part.bytes);
	buf_done(&merged.bytes);
	buf_done(&whole.bytes);
}

static void
test_limits_of_a_document(void **state)
{
	struct segment_build *b;
	struct segment_text text = {"", 0, (const uint8_t *)"x", 1, {0}};

	(void)state;
	assert_int_equal(segment_build_new(normal, CPU_PORTABLE, &fixture_key, &b), 0);
	assert_int_equal(segment_build_add(b, &text), FAIL_LIMIT);
	text.id_len = SEGMENT_ID_MAX + 1;
	assert_int_equal(segment_build_add(b, &text), FAIL_LIMIT);
	text = (struct segment_text){"empty", 5, NULL, 0, {0}};
	assert_int_equal(segment_build_add(b, &text), 0);
	assert_int_equal(segment_build_docs(b), 1);
	assert_int_equal(segment_build_grams(b), 0);
	segment_build_free(b);
}

static void
test_a_full_disk_and_no_memory(void **state)
{
	struct fixture_sink sink;
	uint64_t rooms[] = {0, 100, 1000};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		fixture_sink_init(&sink);
		sink.room = rooms[i];
		assert_int_equal(fixture_segment(normal, 1, 2, &sink.sink), FAIL_SPACE);
		buf_done(&sink.bytes);
	}
	for (long n = 0;; n++) {
		int r;

		fixture_sink_init(&sink);
		mem_fail_after(n, false);
		r = fixture_segment(normal, 1, 2, &sink.sink);
		mem_fail_never();
		buf_done(&sink.bytes);
		if (r == 0)
			break;
		assert_int_equal(r, FAIL_NOMEM);
	}
}

static void
test_the_sum_does_not_depend_on_pieces(void **state)
{
	uint8_t bytes[300];
	uint32_t seed = 8;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)fixture_random(&seed);
	for (size_t len = 0; len <= sizeof bytes; len++) {
		struct sum s;

		sum_init(&s);
		for (size_t at = 0, n; at < len; at += n) {
			n = 1 + fixture_random(&seed) % 70;
			n = n < len - at ? n : len - at;
			sum_add(&s, bytes + at, n);
		}
		assert_true(sum_end(&s) == sum_of(bytes, len));
		if (len > 0)
			assert_true(sum_of(bytes, len) != sum_of(bytes, len - 1));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_gram_is_found_at_its_place),
		cmocka_unit_test(test_what_is_not_there_is_rarely_found),
		cmocka_unit_test(test_verify_accepts_what_was_built),
		cmocka_unit_test(test_any_flipped_bit_is_seen),
		cmocka_unit_test(test_wrong_order_is_seen_behind_a_good_checksum),
		cmocka_unit_test(test_another_key_length_or_version_is_refused),
		cmocka_unit_test(test_merging_equals_building_anew),
		cmocka_unit_test(test_merging_leaves_the_removed_out),
		cmocka_unit_test(test_limits_of_a_document),
		cmocka_unit_test(test_a_full_disk_and_no_memory),
		cmocka_unit_test(test_the_sum_does_not_depend_on_pieces),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
