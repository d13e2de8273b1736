/* SPDX-License-Identifier: Apache-2.0 */
/* The ally's set: what may leave, what the file says, the budget, candidates and their chance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "fixture.h"
#include "leak/segment_build.h"
#include "leak/sparse_build.h"
#include "leak/sparse_scan.h"

enum { DOCS = 60, WORDS = 600 };

struct world {
	struct normal *normal;
	struct fixture_sink sink;
	struct index index;
	struct sparse_ledger ledger;
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

static void
add_text(struct segment_build *b, const char *id, const struct buf *text)
{
	struct segment_text t = {id, strlen(id), text->data, text->len, {0}};

	assert_int_equal(segment_build_add(b, &t), 0);
}

static void
open_world(struct world *w, struct segment_build *b)
{
	struct segment segment;

	assert_int_equal(segment_build_write(b, &w->sink.sink), 0);
	assert_int_equal(segment_map(w->sink.bytes.data, w->sink.bytes.len, &fixture_key,
				 &segment),
		0);
	index_init(&w->index, &fixture_key);
	assert_int_equal(index_add(&w->index, &segment, NULL), 0);
}

static void
world_init(struct world *w, unsigned sets)
{
	struct fixed_rng rng = {{fill}, 3};

	assert_int_equal(crypto_init(), 0);
	assert_int_equal(normal_new(cpu_best(), &w->normal), 0);
	fixture_sink_init(&w->sink);
	assert_int_equal(sparse_ledger_new("north desk", sets, &rng.rng, &w->ledger), 0);
}

static void
world_done(struct world *w)
{
	normal_free(w->normal);
	buf_done(&w->sink.bytes);
	sparse_ledger_done(&w->ledger);
}

/* DOCS documents of their own words. */
static void
world_of_prose(struct world *w, unsigned sets)
{
	struct segment_build *b = NULL;
	struct buf text;
	char id[16];

	world_init(w, sets);
	buf_init(&text, 1 << 20);
	assert_int_equal(segment_build_new(w->normal, cpu_best(), &fixture_key, &b), 0);
	for (uint32_t i = 0; i < DOCS; i++) {
		buf_clear(&text);
		fixture_prose(1000 + i, WORDS, &text);
		(void)snprintf(id, sizeof id, "doc-%u", (unsigned)i);
		add_text(b, id, &text);
	}
	open_world(w, b);
	segment_build_free(b);
	buf_done(&text);
}

static void
make_set(const struct world *w, const char *ally, struct buf *out, struct sparse *ret_set)
{
	struct sparse_request request = {ally, 7, 1790000000};
	struct sparse_built built;

	buf_init(out, 1 << 24);
	assert_int_equal(sparse_build(&w->index, &w->ledger, &request, out, &built), 0);
	assert_int_equal(sparse_parse(out->data, out->len, ret_set), 0);
}

static void
test_a_filter_holds_its_members_and_little_else(void **state)
{
	static const uint8_t key[SHORTHASH_KEY_LEN] = {1, 2, 3};
	static const size_t sizes[] = {0, 1, 2, 7, 8, 9, 100, 1500, 40000};

	(void)state;
	assert_int_equal(crypto_init(), 0);
	for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
		uint64_t *hash = NULL, false_hits = 0;
		struct fuse f = {0};
		struct buf cells;

		assert_int_equal(mem_new_array(&hash, sizes[k] + 1, sizeof hash[0]), 0);
		for (size_t i = 0; i < sizes[k]; i++)
			hash[i] = shorthash_u64(key, i);
		buf_init(&cells, 1 << 20);
		assert_int_equal(fuse_build(hash, sizes[k], key, &cells, &f), 0);
		assert_int_equal(cells.len, fuse_bytes(&f));
		assert_non_null(buf_extend(&cells, BITS_SLACK));
		f.cells = cells.data;
		for (size_t i = 0; i < sizes[k]; i++)
			assert_true(fuse_has(&f, hash[i]));
		for (uint64_t i = 0; i < 128000; i++)
			false_hits += fuse_has(&f, shorthash_u64(key, i + 1000000));
		/* 1,000 expected whatever the set holds; small sets repeat few cells. */
		assert_in_range(false_hits, sizes[k] < 100 ? 200 : 850,
			sizes[k] < 100 ? 3000 : 1150);
		buf_done(&cells);
		mem_free(hash);
	}
}

static void
test_a_repeated_hash_is_refused(void **state)
{
	static const uint8_t key[SHORTHASH_KEY_LEN] = {1};
	uint64_t hash[3] = {5, 9, 5};
	struct fuse f;
	struct buf cells;

	(void)state;
	buf_init(&cells, 1 << 16);
	assert_int_equal(fuse_build(hash, 3, key, &cells, &f), FAIL_FORMAT);
	buf_done(&cells);
}

static void
test_a_set_says_what_was_put_in(void **state)
{
	struct world w;
	struct sparse set;
	struct buf file, again;
	struct sparse same;

	(void)state;
	world_of_prose(&w, 3);
	make_set(&w, "Lusitania", &file, &set);
	assert_string_equal(set.head.compartment, "north desk");
	assert_string_equal(set.head.ally, "Lusitania");
	assert_int_equal(set.head.epoch, 7);
	assert_int_equal(set.head.select.density_ppm, 7142);
	make_set(&w, "Lusitania", &again, &same);
	assert_int_equal(again.len, file.len);
	assert_memory_equal(again.data, file.data, file.len);
	buf_done(&file);
	buf_done(&again);
	world_done(&w);
}

/* Every byte is covered: by the checksum at least. */
static void
test_every_altered_or_cut_set_is_refused(void **state)
{
	struct world w;
	struct sparse set;
	struct buf file;

	(void)state;
	world_of_prose(&w, 3);
	make_set(&w, "Lusitania", &file, &set);
	for (size_t i = 0; i < file.len; i += i < 200 ? 1 : 97) {
		file.data[i] ^= 0x10;
		assert_int_not_equal(sparse_parse(file.data, file.len, &set), 0);
		file.data[i] ^= 0x10;
		assert_int_not_equal(sparse_parse(file.data, i, &set), 0);
	}
	assert_int_equal(sparse_parse(file.data, file.len, &set), 0);
	buf_done(&file);
	world_done(&w);
}

static void
test_no_document_gives_more_than_its_density(void **state)
{
	struct sparse_select select;
	struct sparse_chosen chosen = {0};
	struct world w;

	(void)state;
	for (unsigned sets = 1; sets <= SPARSE_SETS_MAX; sets++) {
		world_of_prose(&w, sets);
		assert_int_equal(sparse_ledger_select(&w.ledger, &select), 0);
		assert_int_equal(sparse_choose(&w.index, &select, &chosen), 0);
		assert_true(chosen.count > 0);
		assert_true(chosen.worst_ppm <= select.density_ppm);
		assert_true(chosen.worst_ppm *
				(sets < 6 ? sets * FUSE_BITS : SPARSE_BITS_CAP) <=
			SPARSE_BUDGET_PPM);
		/* Nearly all of what is permitted is used. */
		assert_true(chosen.count * 1000000 / chosen.chars >
			select.density_ppm * 65 / 100);
		sparse_chosen_done(&chosen);
		world_done(&w);
	}
}

/* Short texts, and what stands in two documents, stay at home. */
static void
test_short_and_common_text_stays(void **state)
{
	struct segment_build *b = NULL;
	struct sparse_select select;
	struct sparse_chosen chosen = {0};
	struct world w;
	struct buf text;

	(void)state;
	world_init(&w, 1);
	buf_init(&text, 1 << 20);
	assert_int_equal(segment_build_new(w.normal, cpu_best(), &fixture_key, &b), 0);
	fixture_prose(1, 40, &text);
	add_text(b, "short", &text);
	buf_clear(&text);
	fixture_prose(2, 2000, &text);
	add_text(b, "draft", &text);
	add_text(b, "fair copy", &text);
	open_world(&w, b);
	assert_int_equal(sparse_ledger_select(&w.ledger, &select), 0);
	assert_int_equal(sparse_choose(&w.index, &select, &chosen), 0);
	assert_int_equal(chosen.count, 0);
	assert_int_equal(chosen.docs_short, 1);
	assert_int_equal(chosen.docs_mute, 2);
	assert_true(chosen.common > 20);
	sparse_chosen_done(&chosen);
	/* With the copy removed the text is unique again. */
	w.index.part[0].dead = (const uint8_t[]){0, 0, 1};
	assert_int_equal(sparse_choose(&w.index, &select, &chosen), 0);
	assert_true(chosen.count > 20);
	sparse_chosen_done(&chosen);
	segment_build_free(b);
	buf_done(&text);
	world_done(&w);
}

/* A form with one unknown field: nothing leaves that touches the field. */
static void
test_the_field_of_a_form_stays(void **state)
{
	struct segment_build *b = NULL;
	struct sparse_select select;
	struct sparse_chosen chosen = {0};
	struct world w;
	struct buf text;
	char id[16];

	(void)state;
	world_init(&w, 1);
	buf_init(&text, 1 << 20);
	assert_int_equal(segment_build_new(w.normal, cpu_best(), &fixture_key, &b), 0);
	for (uint32_t i = 0; i < 200; i++) {
		buf_clear(&text);
		fixture_prose(4, 100, &text);
		fixture_prose(100 + i, 8, &text);
		fixture_prose(5, 100, &text);
		(void)snprintf(id, sizeof id, "form-%u", (unsigned)i);
		add_text(b, id, &text);
	}
	open_world(&w, b);
	assert_int_equal(sparse_ledger_select(&w.ledger, &select), 0);
	assert_int_equal(sparse_choose(&w.index, &select, &chosen), 0);
	/* Grams over the fields were selected, and unique; they stayed. */
	assert_true(chosen.unclear > 50);
	assert_int_equal(chosen.count, 0);
	sparse_chosen_done(&chosen);
	segment_build_free(b);
	buf_done(&text);
	world_done(&w);
}

/* Three allies: other keys, other noise, the same positions. */
static void
test_several_sets_add_no_position(void **state)
{
	static const char *const ally[] = {"Lusitania", "Hesperia", "Caledonia"};
	struct sparse_chosen chosen = {0};
	struct buf file[3];
	struct sparse set[3];
	struct world w;
	uint8_t key[SHORTHASH_KEY_LEN];
	uint64_t at = 0;

	(void)state;
	world_of_prose(&w, 3);
	for (size_t i = 0; i < 3; i++)
		make_set(&w, ally[i], &file[i], &set[i]);
	assert_memory_equal(
		&set[0].head.select, &set[1].head.select, sizeof set[0].head.select);
	assert_memory_not_equal(set[0].head.ally_key, set[1].head.ally_key, 32);
	assert_int_equal(sparse_choose(&w.index, &set[0].head.select, &chosen), 0);
	for (size_t i = 0; i < chosen.count; i++) {
		for (size_t k = 0; k < 3; k++)
			assert_true(sparse_has(&set[k], chosen.hash[i]));
	}
	/* At least a fifth stands for nothing. */
	for (size_t k = 0; k < 3; k++)
		assert_true(
			(set[k].head.members - chosen.count) * 5 >= set[k].head.members);
	/* A canary is in its ally's set, and by chance in another. */
	assert_int_equal(
		sparse_ledger_false_key(&w.ledger, SPARSE_CANARY, ally[1], 7, key), 0);
	for (unsigned n = 0, others = 0; n < SPARSE_CANARIES; n++) {
		uint64_t hash = sparse_ledger_false(key, &set[1].head.select, &at);

		assert_true(sparse_has(&set[1], hash));
		others += sparse_has(&set[0], hash);
		assert_true(others < 6);
	}
	sparse_chosen_done(&chosen);
	for (size_t i = 0; i < 3; i++)
		buf_done(&file[i]);
	world_done(&w);
}

static void
test_the_budget_ends(void **state)
{
	struct sparse_export e = {.ally = "Lusitania"};
	struct sparse_ledger back;
	struct world w;
	struct buf b;

	(void)state;
	for (unsigned sets = 1; sets <= SPARSE_SETS_MAX; sets++) {
		world_init(&w, sets);
		for (unsigned i = 0; i < sets; i++) {
			e.digest[0] = (uint8_t)i;
			assert_int_equal(sparse_ledger_add(&w.ledger, &e), 0);
			/* The same set again costs nothing. */
			assert_int_equal(sparse_ledger_add(&w.ledger, &e), 0);
		}
		assert_int_equal(w.ledger.exports, sets);
		e.digest[0] = (uint8_t)sets;
		/* Six sets reach the cap: 40 bits are all that a gram can tell. */
		assert_int_equal(sparse_ledger_add(&w.ledger, &e),
			sets < SPARSE_SETS_MAX ? FAIL_REFUSED : 0);
		assert_true(sparse_ledger_leak_ppm(&w.ledger,
				    sparse_ledger_bits(&w.ledger)) <= SPARSE_BUDGET_PPM);
		buf_init(&b, SPARSE_LEDGER_BYTES_MAX);
		sparse_ledger_write(&w.ledger, &b);
		assert_int_equal(buf_error(&b), 0);
		assert_int_equal(sparse_ledger_parse(b.data, b.len, &back), 0);
		assert_memory_equal(&back, &w.ledger, sizeof back);
		b.data[20] ^= 1;
		assert_int_equal(sparse_ledger_parse(b.data, b.len, &back), FAIL_ALTERED);
		buf_done(&b);
		world_done(&w);
	}
}

static void
test_a_document_is_noticed_and_where(void **state)
{
	struct sparse_scan *scan = NULL;
	struct sparse_found found;
	struct sparse set;
	struct world w;
	struct buf file, text;
	size_t from, to;

	(void)state;
	world_of_prose(&w, 3);
	make_set(&w, "Lusitania", &file, &set);
	assert_int_equal(sparse_scan_new(&set, w.normal, cpu_best(), &scan), 0);
	buf_init(&text, 1 << 22);
	fixture_prose(50000, 9000, &text);
	from = text.len;
	fixture_prose(1003, WORDS, &text);
	to = text.len;
	fixture_prose(50001, 9000, &text);
	assert_int_equal(sparse_scan_text(scan, text.data, text.len, &found), 0);
	assert_int_equal(found.count, 1);
	assert_true(found.window[0].from + 60 >= from && found.window[0].to <= to + 600);
	assert_true(found.window[0].hits >= 6);
	assert_true(found.window[0].score > 30);
	/* Without it: silence. */
	memset(text.data + from, ' ', to - from);
	assert_int_equal(sparse_scan_text(scan, text.data, text.len, &found), 0);
	assert_int_equal(found.count, 0);
	assert_true(found.chars > 0 && found.selected > 0);
	sparse_scan_free(scan);
	buf_done(&text);
	buf_done(&file);
	world_done(&w);
}

/* The arithmetic of chance against 100 million characters of noise. */
static void
test_false_candidates_come_as_computed(void **state)
{
	struct sparse_scan *scan = NULL;
	struct sparse_found found;
	struct sparse set;
	struct world w;
	struct buf file, text;
	double expected = 0, seen = 0;
	uint32_t seed = 77;

	(void)state;
	world_of_prose(&w, 1);
	make_set(&w, "Lusitania", &file, &set);
	assert_int_equal(sparse_scan_new(&set, w.normal, cpu_best(), &scan), 0);
	assert_int_equal(
		sparse_scan_set_rule(scan, (struct sparse_rule){1, 2}), FAIL_USAGE);
	assert_int_equal(
		sparse_scan_set_rule(scan, (struct sparse_rule){4, 3}), FAIL_USAGE);
	assert_int_equal(sparse_scan_set_rule(scan, (struct sparse_rule){2, 4}), 0);
	buf_init(&text, 1 << 24);
	assert_non_null(buf_extend(&text, 8000000));
	for (unsigned round = 0; round < 3; round++) {
		for (size_t i = 0; i < text.len; i++)
			text.data[i] = (uint8_t)('a' + fixture_random(&seed) % 26);
		assert_int_equal(sparse_scan_text(scan, text.data, text.len, &found), 0);
		seen += (double)found.all;
		expected += sparse_false_per_gb(
				    &set.head.select, (struct sparse_rule){2, 4}) *
			(double)found.chars / 1e9;
	}
	/* About 80 are expected; the formula is an upper bound that is nearly reached. */
	assert_true(expected > 50);
	assert_true(seen < expected * 1.3 && seen > expected * 0.6);
	assert_true(sparse_false_per_gb(&set.head.select, set.head.rule) < 1.0);
	sparse_scan_free(scan);
	buf_done(&text);
	buf_done(&file);
	world_done(&w);
}

static void
test_the_logarithm_of_ways(void **state)
{
	(void)state;
	assert_int_equal(sparse_log2_choose(8, 5), 5); /* 56 */
	assert_int_equal(sparse_log2_choose(4, 4), 0);
	assert_int_equal(sparse_log2_choose(0, 0), 0);
}

/* Every allocation fails once: FAIL_NOMEM, nothing leaks (the sanitizer looks). */
static void
test_want_of_memory(void **state)
{
	struct sparse_request request = {"Lusitania", 1, 0};
	struct sparse_scan *scan = NULL;
	struct sparse_built built;
	struct world w;
	struct buf out;
	int r = FAIL_NOMEM;

	(void)state;
	world_of_prose(&w, 3);
	for (long n = 0; r != 0; n++) {
		buf_init(&out, 1 << 24);
		mem_fail_after(n, true);
		r = sparse_build(&w.index, &w.ledger, &request, &out, &built);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_true(r != 0 || n > 8);
		if (r != 0)
			buf_done(&out);
	}
	r = FAIL_NOMEM;
	for (long n = 0; r != 0; n++) {
		struct sparse set;

		assert_int_equal(sparse_parse(out.data, out.len, &set), 0);
		mem_fail_after(n, true);
		r = sparse_scan_new(&set, w.normal, cpu_best(), &scan);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
	}
	sparse_scan_free(scan);
	buf_done(&out);
	world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_filter_holds_its_members_and_little_else),
		cmocka_unit_test(test_a_repeated_hash_is_refused),
		cmocka_unit_test(test_a_set_says_what_was_put_in),
		cmocka_unit_test(test_every_altered_or_cut_set_is_refused),
		cmocka_unit_test(test_no_document_gives_more_than_its_density),
		cmocka_unit_test(test_short_and_common_text_stays),
		cmocka_unit_test(test_the_field_of_a_form_stays),
		cmocka_unit_test(test_several_sets_add_no_position),
		cmocka_unit_test(test_the_budget_ends),
		cmocka_unit_test(test_a_document_is_noticed_and_where),
		cmocka_unit_test(test_false_candidates_come_as_computed),
		cmocka_unit_test(test_the_logarithm_of_ways),
		cmocka_unit_test(test_want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
