/* SPDX-License-Identifier: Apache-2.0 */
/* Chaining and judging: gaps, drift, repetition, rivals, names, scraps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "leak/chain.h"
#include "leak/rarity.h"

/* Sixteen characters a word with its space: hits stand one a byte, so at and from are one. */
static const char prose[] =
	"the quick delegate of the northern harbour asked for another vessel and the "
	"minister agreed that the convoy would wait until the customs officers had seen "
	"every single ledger of the company which had been founded in the year before by "
	"two brothers from the southern province and their rather unlucky partner who "
	"had "
	"lost his ship to a storm off the western cape in the spring of that same year "
	"and "
	"never quite recovered from the blow to his fortune or to his reputation at home";

static const struct chain_text text = {(const uint8_t *)prose, sizeof prose - 1, 0};

static struct hit
hit_at(uint32_t doc, uint64_t at, uint32_t pos)
{
	return (struct hit){doc, pos, at, at, at + 20, RARITY_ONE};
}

static void
test_hits_in_order_form_a_passage(void **state)
{
	struct hit hits[] = {hit_at(3, 40, 1040), hit_at(3, 10, 1010),
		hit_at(3, 20, 1020), hit_at(3, 52, 1052)};
	struct chain_result r;

	(void)state;
	chain_result_init(&r);
	assert_int_equal(chain_add(&r, hits, 4, &text), 0);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.doc[0].doc, 3);
	assert_int_equal(r.doc[0].passages, 1);
	assert_int_equal(r.doc[0].passage[0].from, 10);
	assert_int_equal(r.doc[0].passage[0].to, 72);
	assert_int_equal(r.doc[0].passage[0].pos, 1010);
	assert_int_equal(r.doc[0].passage[0].pos_end, 1072);
	assert_int_equal(r.doc[0].covered, 62);
	assert_true(chain_is_reported(&r.doc[0], 60));
	assert_false(chain_is_reported(&r.doc[0], 63));
	chain_result_done(&r);
}

static size_t
passages_of(struct hit a, struct hit b)
{
	struct hit hits[] = {a, b};
	struct chain_result r;
	size_t passages;

	chain_result_init(&r);
	assert_int_equal(chain_add(&r, hits, 2, &text), 0);
	passages = (size_t)r.doc[0].passages;
	chain_result_done(&r);
	return passages;
}

static void
test_gaps_and_drift_have_limits(void **state)
{
	(void)state;
	assert_int_equal(passages_of(hit_at(1, 0, 0), hit_at(1, 400, 400)), 1);
	assert_int_equal(passages_of(hit_at(1, 0, 0), hit_at(1, 401, 401)), 2);
	assert_int_equal(passages_of(hit_at(1, 0, 0), hit_at(1, 100, 140)), 1);
	assert_int_equal(passages_of(hit_at(1, 0, 0), hit_at(1, 100, 141)), 2);
	assert_int_equal(passages_of(hit_at(1, 0, 50), hit_at(1, 30, 10)), 2);
}

static void
test_a_document_that_repeats_itself_counts_once(void **state)
{
	/* The text has a phrase once, the document has it at 500 and at 900, in passing. */
	struct hit hits[] = {hit_at(1, 0, 480), hit_at(1, 20, 500), hit_at(1, 20, 900),
		hit_at(1, 40, 520)};
	struct chain_result r;

	(void)state;
	chain_result_init(&r);
	assert_int_equal(chain_add(&r, hits, 4, &text), 0);
	assert_int_equal(r.doc[0].passages, 2);
	assert_int_equal(chain_settle(&r), 0);
	assert_int_equal(r.doc[0].passages, 1);
	assert_int_equal(r.doc[0].kept, 1);
	assert_int_equal(r.doc[0].covered, 60);
	assert_int_equal(r.doc[0].passage[0].pos, 480);
	chain_result_done(&r);
}

static void
test_the_better_explanation_wins(void **state)
{
	struct hit hits[16];
	struct chain_result r;
	size_t count = 0;

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		hits[count++] = hit_at(1, 20 * i, 20 * i);
	for (uint32_t i = 0; i < 3; i++) /* shares a phrase of 60 characters with it */
		hits[count++] = hit_at(2, 40 + 20 * i, 700 + 20 * i);
	chain_result_init(&r);
	assert_int_equal(chain_add(&r, hits, count, &text), 0);
	assert_true(chain_is_reported(&r.doc[1], CHAIN_ALERT));
	assert_int_equal(chain_settle(&r), 0);
	assert_true(chain_is_reported(&r.doc[0], CHAIN_ALERT));
	assert_false(chain_is_reported(&r.doc[1], CHAIN_ALERT));
	chain_result_done(&r);
}

static void
test_equal_claims_are_both_told(void **state)
{
	struct hit hits[8];
	struct chain_result r;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		hits[i] = hit_at(1, 20 * i, 20 * i);
		hits[4 + i] = hit_at(2, 20 * i, 90 + 20 * i);
	}
	chain_result_init(&r);
	assert_int_equal(chain_add(&r, hits, 8, &text), 0);
	assert_int_equal(chain_settle(&r), 0);
	assert_true(chain_is_reported(&r.doc[0], CHAIN_ALERT));
	assert_true(chain_is_reported(&r.doc[1], CHAIN_ALERT));
	chain_result_done(&r);
}

/* A text that is nothing but one gram: bounded, and over soon. */
static void
test_endless_repetition_is_bounded(void **state)
{
	enum { MANY = 400 };
	static struct hit hits[MANY * 20];
	struct chain_result r;
	size_t count = 0;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		for (uint32_t k = 0; k < 20; k++)
			hits[count++] = hit_at(1, i, 1000 * k);
	}
	chain_result_init(&r);
	assert_int_equal(chain_add(&r, hits, count, &text), 0);
	assert_int_equal(chain_settle(&r), 0);
	assert_true(r.doc[0].kept <= CHAIN_PASSAGES_MAX);
	chain_result_done(&r);
}

static uint32_t
strength_of(const char *s, uint32_t covered, uint64_t span)
{
	struct rarity_stretch stretch = {.text = (const uint8_t *)s,
		.len = strlen(s),
		.covered = covered,
		.weighted = covered * RARITY_ONE,
		.span = span};
	struct rarity_verdict v;

	rarity_judge(&stretch, &v);
	return v.strength;
}

static void
test_how_passages_are_judged(void **state)
{
	static const char eight[] = "he said that they would agree to it";
	static const char seven[] = "he said that they would agree soon";

	(void)state;
	assert_int_equal(strength_of(eight, 28, 28), 28 * RARITY_ONE);
	assert_int_equal(strength_of(seven, 28, 28), 0);
	assert_int_equal(strength_of(seven, 70, 70), 70 * RARITY_ONE);
	/* A sixteenth covered: the fourth root is a half. */
	assert_int_equal(strength_of(eight, 100, 1600), 50 * RARITY_ONE);
	/* Names weigh less, up to 30 %; capitals only are no names. */
	assert_int_equal(strength_of("Mr Ito Mr Ono Mr Abe Mr Mori Mr Sato", 40, 40),
		40 * RARITY_ONE * 70 / 100);
	assert_int_equal(strength_of("HE SAID THAT THEY WOULD AGREE TO IT", 40, 40),
		40 * RARITY_ONE);
	/* Rarity: one document weighs fully, seventeen nothing. */
	assert_int_equal(rarity_by_docs(1), RARITY_ONE);
	for (unsigned df = 2; df <= RARITY_DF_MAX; df++)
		assert_true(rarity_by_docs(df) > 0 &&
			rarity_by_docs(df) <= rarity_by_docs(df - 1));
	assert_int_equal(rarity_by_docs(RARITY_DF_MAX + 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hits_in_order_form_a_passage),
		cmocka_unit_test(test_gaps_and_drift_have_limits),
		cmocka_unit_test(test_a_document_that_repeats_itself_counts_once),
		cmocka_unit_test(test_the_better_explanation_wins),
		cmocka_unit_test(test_equal_claims_are_both_told),
		cmocka_unit_test(test_endless_repetition_is_bounded),
		cmocka_unit_test(test_how_passages_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
