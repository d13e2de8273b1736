/* SPDX-License-Identifier: Apache-2.0 */
/* A confirmation from end to end, what it refuses to say, and its record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "fixture.h"
#include "leak/confirm_record.h"
#include "leak/segment_build.h"

struct world {
	struct normal *normal;
	struct fixture_sink sink;
	struct segment_build *build;
	struct index index;
	struct sparse set; /* only its names and keys are used */
};

struct fixed_rng {
	struct rng rng;
	uint8_t next;
};

static int
fill(struct rng *rng, void *out, size_t len)
{
	struct fixed_rng *f = (struct fixed_rng *)rng;

	for (size_t i = 0; i < len; i++)
		((uint8_t *)out)[i] = f->next = (uint8_t)(f->next * 5 + 77);
	return 0;
}

static struct fixed_rng rng = {{fill}, 3};

static void
world_init(struct world *w)
{
	assert_int_equal(crypto_init(), 0);
	assert_int_equal(normal_new(cpu_best(), &w->normal), 0);
	fixture_sink_init(&w->sink);
	assert_int_equal(
		segment_build_new(w->normal, cpu_best(), &fixture_key, &w->build), 0);
	memset(&w->set, 0, sizeof w->set);
	memcpy(w->set.head.ally, "Lusitania", 10);
	w->set.head.epoch = 4;
	memset(w->set.head.ally_key, 9, SPARSE_KEY_LEN);
	w->set.gram_key = fixture_key;
}

static void
world_add(struct world *w, const char *id, const struct buf *text)
{
	struct segment_text t = {id, strlen(id), text->data, text->len, {0}};

	assert_int_equal(segment_build_add(w->build, &t), 0);
}

static void
world_open(struct world *w)
{
	struct segment segment;

	assert_int_equal(segment_build_write(w->build, &w->sink.sink), 0);
	assert_int_equal(segment_map(w->sink.bytes.data, w->sink.bytes.len, &fixture_key,
				 &segment),
		0);
	index_init(&w->index, &fixture_key);
	assert_int_equal(index_add(&w->index, &segment, NULL), 0);
}

static void
world_done(struct world *w)
{
	segment_build_free(w->build);
	normal_free(w->normal);
	buf_done(&w->sink.bytes);
}

/* Twenty documents of their own words. */
static void
world_of_prose(struct world *w)
{
	struct buf text;
	char id[16];

	world_init(w);
	buf_init(&text, 1 << 20);
	for (uint32_t i = 0; i < 20; i++) {
		buf_clear(&text);
		fixture_prose(300 + i, 400, &text);
		(void)snprintf(id, sizeof id, "doc-%u", (unsigned)i);
		world_add(w, id, &text);
	}
	world_open(w);
	buf_done(&text);
}

/* What home says about a text. */
static struct confirm_verdict
ask(const struct world *w, const uint8_t *text, size_t len)
{
	struct confirm_query query, home;
	struct confirm_verdict verdict = {0};
	struct buf file;

	buf_init(&file, CONFIRM_FILE_MAX);
	assert_int_equal(
		confirm_query_take(&w->set, w->normal, rd_of(text, len), &query), 0);
	assert_int_equal(confirm_query_write(&w->set, &rng.rng, &query, &file), 0);
	assert_int_equal(
		confirm_query_open(file.data, file.len, w->set.head.ally_key, &home), 0);
	assert_int_equal(home.count, query.count);
	assert_memory_equal(home.hash, query.hash, home.count * sizeof home.hash[0]);
	assert_int_equal(confirm_judge(&w->index, &home, &verdict), 0);
	buf_done(&file);
	return verdict;
}

static void
test_a_passage_is_confirmed_and_nothing_else(void **state)
{
	struct confirm_verdict v;
	struct world w;
	struct buf text;

	(void)state;
	world_of_prose(&w);
	buf_init(&text, 1 << 20);
	fixture_prose(9000, 30, &text);
	fixture_prose(307, 100, &text);
	fixture_prose(9001, 30, &text);
	v = ask(&w, text.data, text.len);
	assert_true(v.is_found && v.doc == 7 && v.fit >= 40 && v.span > 300);
	buf_clear(&text);
	fixture_prose(9002, 150, &text);
	v = ask(&w, text.data, text.len);
	assert_true(!v.is_found && v.fit < 2);
	buf_done(&text);
	world_done(&w);
}

/* Queries and answers have one length, whatever they say. */
static void
test_lengths_tell_nothing(void **state)
{
	struct confirm_answer no = {CONFIRM_NO, "", "", ""}, got;
	struct confirm_answer yes = {CONFIRM_YES, "C-19", "PT/nso", "EU RESTRICTED"};
	struct confirm_query query;
	struct buf text, one, other;
	struct world w;

	(void)state;
	world_of_prose(&w);
	buf_init(&text, 1 << 20);
	buf_init(&one, CONFIRM_FILE_MAX);
	buf_init(&other, CONFIRM_FILE_MAX);
	fixture_prose(307, 40, &text);
	assert_int_equal(
		confirm_query_take(&w.set, w.normal, rd_of(text.data, text.len), &query),
		0);
	assert_int_equal(confirm_query_write(&w.set, &rng.rng, &query, &one), 0);
	fixture_prose(308, 1000, &text);
	assert_int_equal(
		confirm_query_take(&w.set, w.normal, rd_of(text.data, text.len), &query),
		0);
	assert_int_equal(query.count, CONFIRM_GRAMS_MAX);
	assert_int_equal(confirm_query_write(&w.set, &rng.rng, &query, &other), 0);
	assert_int_equal(one.len, other.len);
	buf_clear(&one);
	buf_clear(&other);
	assert_int_equal(
		confirm_answer_write(&query, w.set.head.ally_key, &rng.rng, &no, &one),
		0);
	assert_int_equal(
		confirm_answer_write(&query, w.set.head.ally_key, &rng.rng, &yes, &other),
		0);
	assert_int_equal(one.len, other.len);
	assert_int_equal(confirm_answer_open(other.data, other.len, query.id,
				 w.set.head.ally_key, &got),
		0);
	assert_int_equal(got.kind, CONFIRM_YES);
	assert_string_equal(got.originator, "PT/nso");
	query.id[0] ^= 1;
	assert_int_equal(confirm_answer_open(other.data, other.len, query.id,
				 w.set.head.ally_key, &got),
		FAIL_MISMATCH);
	buf_done(&text);
	buf_done(&one);
	buf_done(&other);
	world_done(&w);
}

static void
test_every_altered_or_cut_message_is_refused(void **state)
{
	struct confirm_answer no = {CONFIRM_NO, "", "", ""}, got;
	struct confirm_query query, back;
	struct buf text, q, a;
	struct world w;

	(void)state;
	world_of_prose(&w);
	buf_init(&text, 1 << 20);
	buf_init(&q, CONFIRM_FILE_MAX);
	buf_init(&a, CONFIRM_FILE_MAX);
	fixture_prose(307, 40, &text);
	assert_int_equal(
		confirm_query_take(&w.set, w.normal, rd_of(text.data, text.len), &query),
		0);
	assert_int_equal(confirm_query_write(&w.set, &rng.rng, &query, &q), 0);
	assert_int_equal(
		confirm_answer_write(&query, w.set.head.ally_key, &rng.rng, &no, &a), 0);
	for (size_t i = 0; i < q.len; i++) {
		q.data[i] ^= 1;
		assert_int_not_equal(
			confirm_query_open(q.data, q.len, w.set.head.ally_key, &back), 0);
		q.data[i] ^= 1;
		assert_int_not_equal(
			confirm_query_open(q.data, i, w.set.head.ally_key, &back), 0);
	}
	for (size_t i = 0; i < a.len; i++) {
		a.data[i] ^= 1;
		assert_int_not_equal(confirm_answer_open(a.data, a.len, query.id,
					     w.set.head.ally_key, &got),
			0);
		a.data[i] ^= 1;
		assert_int_not_equal(confirm_answer_open(a.data, i, query.id,
					     w.set.head.ally_key, &got),
			0);
	}
	/* Another ally's key opens nothing. */
	w.set.head.ally_key[5] ^= 1;
	assert_int_equal(confirm_query_open(q.data, q.len, w.set.head.ally_key, &back),
		FAIL_ALTERED);
	buf_done(&text);
	buf_done(&q);
	buf_done(&a);
	world_done(&w);
}

/*
 * The ally knows a form, registered many times, and guesses the one field that differs: the
 * right guess must get the same answer as a wrong one.
 */
static void
test_a_field_of_a_form_cannot_be_guessed(void **state)
{
	struct confirm_verdict right, wrong;
	struct world w;
	struct buf text;
	char id[16];

	(void)state;
	world_init(&w);
	buf_init(&text, 1 << 20);
	for (uint32_t i = 0; i < 12; i++) {
		buf_clear(&text);
		fixture_prose(4, 100, &text);
		fixture_prose(100 + i, 4, &text);
		fixture_prose(5, 100, &text);
		(void)snprintf(id, sizeof id, "form-%u", (unsigned)i);
		world_add(&w, id, &text);
	}
	world_open(&w);
	right = ask(&w, text.data, text.len);
	buf_clear(&text);
	fixture_prose(4, 100, &text);
	fixture_prose(7777, 4, &text);
	fixture_prose(5, 100, &text);
	wrong = ask(&w, text.data, text.len);
	assert_false(right.is_found);
	assert_false(wrong.is_found);
	/* Grams over the right field are there; they are too few. */
	assert_true(right.fit > 0 && wrong.fit == 0);
	buf_done(&text);
	world_done(&w);
}

/* The order counts: the same sentences shuffled finely confirm nothing. */
static void
test_order_and_gaps_count(void **state)
{
	struct confirm_query query;
	struct confirm_verdict v;
	struct buf text;
	struct world w;

	(void)state;
	world_of_prose(&w);
	buf_init(&text, 1 << 20);
	fixture_prose(307, 60, &text);
	assert_int_equal(
		confirm_query_take(&w.set, w.normal, rd_of(text.data, text.len), &query),
		0);
	assert_int_equal(confirm_judge(&w.index, &query, &v), 0);
	assert_true(v.is_found);
	for (size_t i = 0; i < query.count / 2; i++) {
		uint64_t keep = query.hash[i];

		query.hash[i] = query.hash[query.count - 1 - i];
		query.hash[query.count - 1 - i] = keep;
	}
	assert_int_equal(confirm_judge(&w.index, &query, &v), 0);
	assert_true(!v.is_found && v.fit == 1);
	/* One gram many times is one gram. */
	for (size_t i = 0; i < query.count; i++)
		query.hash[i] = query.hash[0];
	assert_int_equal(confirm_judge(&w.index, &query, &v), 0);
	assert_true(!v.is_found && v.fit <= 1);
	buf_done(&text);
	world_done(&w);
}

static void
test_too_little_cannot_be_asked(void **state)
{
	struct confirm_query query;
	struct world w;

	(void)state;
	world_of_prose(&w);
	assert_int_equal(confirm_query_take(&w.set, w.normal,
				 rd_of("a few words of text", 19), &query),
		FAIL_LIMIT);
	world_done(&w);
}

static void
test_records_are_counted_by_ally_and_day(void **state)
{
	struct confirm_record rec = {
		.time_s = 10 * CONFIRM_DAY_S + 5, .ally = "Lusitania", .grams = 40};
	struct confirm_record back;
	struct confirm_day day;
	struct buf row;
	struct rd in;
	size_t one;

	(void)state;
	buf_init(&row, 1 << 16);
	confirm_record_write(&rec, &row);
	one = row.len;
	rec.time_s += CONFIRM_DAY_S;
	confirm_record_write(&rec, &row);
	memcpy(rec.ally, "Hesperia\0", 10);
	confirm_record_write(&rec, &row);
	assert_int_equal(buf_error(&row), 0);
	assert_int_equal(confirm_record_count(rd_of(row.data, row.len), "Lusitania",
				 11 * CONFIRM_DAY_S, &day),
		0);
	assert_int_equal(day.asked, 1);
	assert_int_equal(day.whole, row.len);
	/* The last one was cut by a crash: what stands before it counts. */
	assert_int_equal(confirm_record_count(rd_of(row.data, row.len - 1), "Hesperia",
				 11 * CONFIRM_DAY_S, &day),
		0);
	assert_int_equal(day.asked, 0);
	assert_true(day.whole < row.len);
	in = rd_of(row.data, row.len);
	assert_int_equal(confirm_record_parse(&in, &back), 0);
	assert_int_equal(back.grams, 40);
	assert_int_equal(in.len, row.len - one);
	row.data[one / 2] ^= 1;
	assert_int_equal(
		confirm_record_count(rd_of(row.data, row.len), "Lusitania", 0, &day),
		FAIL_ALTERED);
	buf_done(&row);
}

static void
test_want_of_memory(void **state)
{
	struct confirm_query query;
	struct world w;
	struct buf text, out;
	int r = FAIL_NOMEM;

	(void)state;
	world_of_prose(&w);
	buf_init(&text, 1 << 20);
	fixture_prose(307, 60, &text);
	for (long n = 0; r != 0; n++) {
		buf_init(&out, CONFIRM_FILE_MAX);
		mem_fail_after(n, true);
		r = confirm_query_take(
			&w.set, w.normal, rd_of(text.data, text.len), &query);
		if (r == 0)
			r = confirm_query_write(&w.set, &rng.rng, &query, &out);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_true(r != 0 || n > 3);
		buf_done(&out);
	}
	buf_done(&text);
	world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_passage_is_confirmed_and_nothing_else),
		cmocka_unit_test(test_lengths_tell_nothing),
		cmocka_unit_test(test_every_altered_or_cut_message_is_refused),
		cmocka_unit_test(test_a_field_of_a_form_cannot_be_guessed),
		cmocka_unit_test(test_order_and_gaps_count),
		cmocka_unit_test(test_too_little_cannot_be_asked),
		cmocka_unit_test(test_records_are_counted_by_ally_and_day),
		cmocka_unit_test(test_want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
