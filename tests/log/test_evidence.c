/* SPDX-License-Identifier: Apache-2.0 */
#include "log/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"

/* A log of five leaves, its head signed by it and cosigned by one witness, at 1000. */
static const uint8_t log_seed[SIGN_SEED_LEN] = {1}, witness_seed[SIGN_SEED_LEN] = {2};
static const char origin[] = "pt.example/openings/1";
static uint8_t leaves[5][HASH_LEN];

struct fixture {
	struct note_key log;
	struct buf head, policy_text, text;
	struct policy *policy;
	struct evidence evidence;
};

static struct note_key
key_of(const char *name, uint8_t type, const uint8_t seed[SIGN_SEED_LEN])
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key key;

	sign_public(seed, public_key);
	assert_int_equal(
		note_key_make(name, type, public_key, sizeof public_key, &key), 0);
	return key;
}

static int
read_leaf(void *ctx, unsigned height, uint64_t index, uint8_t ret_hash[HASH_LEN])
{
	struct tree tree;

	(void)ctx;
	tree_init(&tree);
	for (uint64_t i = index << height; i < (index + 1) << height; i++)
		tree_push(&tree, leaves[i]);
	tree_root(&tree, ret_hash);
	return 0;
}

static void
setup_head(struct fixture *f)
{
	struct checkpoint c = {.origin = rd_of(origin, sizeof origin - 1), .size = 5};
	struct checkpoint_cosigner who = {"cy.example/witness", witness_seed, 1000};
	struct tree tree;
	struct buf text;

	tree_init(&tree);
	for (int i = 0; i < 5; i++) {
		memset(leaves[i], i + 1, HASH_LEN);
		tree_push(&tree, leaves[i]);
	}
	tree_root(&tree, c.root);
	buf_init(&text, 4096);
	buf_init(&f->head, 4096);
	assert_int_equal(checkpoint_write(&c, &text), 0);
	assert_int_equal(note_text_write(text.data, text.len, &f->head), 0);
	assert_int_equal(note_sign(text.data, text.len, origin, log_seed, &f->head), 0);
	assert_int_equal(
		checkpoint_cosign(rd_of(text.data, text.len), &who, &f->head), 0);
	buf_done(&text);
}

static void
setup_fixture(struct fixture *f)
{
	struct proof_reader reader = {read_leaf, NULL};
	struct note_key witness =
		key_of("cy.example/witness", NOTE_COSIGNATURE, witness_seed);
	size_t line;

	memset(f, 0, sizeof *f);
	f->log = key_of(origin, NOTE_ED25519, log_seed);
	setup_head(f);
	buf_init(&f->policy_text, 4096);
	buf_text(&f->policy_text, "witness CY ");
	note_key_write(&witness, &f->policy_text);
	buf_text(&f->policy_text, "\nquorum CY\n");
	assert_int_equal(policy_parse(rd_of(f->policy_text.data, f->policy_text.len),
				 &f->policy, &line),
		0);
	f->evidence =
		(struct evidence){.index = 3, .head = rd_of(f->head.data, f->head.len)};
	assert_int_equal(proof_make_inclusion(&reader, 3, 5, &f->evidence.proof), 0);
	buf_init(&f->text, EVIDENCE_LEN_MAX);
	assert_int_equal(evidence_write(&f->evidence, &f->text), 0);
}

static void
teardown_fixture(struct fixture *f)
{
	policy_free(f->policy);
	buf_done(&f->policy_text);
	buf_done(&f->head);
	buf_done(&f->text);
}

static int
check(const struct fixture *f, struct rd text, int leaf, uint64_t oldest_s)
{
	struct policy_times times = {oldest_s, 2000};
	struct evidence_question question = {&f->log, f->policy, &times, leaves[leaf]};
	bool has[POLICY_NODES_MAX];
	struct checkpoint head;
	struct evidence e;
	int r;

	if ((r = evidence_parse(text, &e)) != 0)
		return r;
	r = evidence_check(&e, &question, &head, has);
	if (r == 0) {
		assert_int_equal(head.size, 5);
		assert_memory_equal(head.origin.ptr, origin, head.origin.len);
	}
	return r;
}

static void
an_entry_is_proven(void **state)
{
	struct fixture f;
	struct rd text;

	(void)state;
	setup_fixture(&f);
	text = rd_of(f.text.data, f.text.len);
	assert_int_equal(check(&f, text, 3, 0), 0);
	assert_int_equal(check(&f, text, 2, 0), FAIL_MISMATCH);
	assert_int_equal(check(&f, text, 3, 1001), FAIL_REFUSED);
	teardown_fixture(&f);
}

/* Each bit of it counts. */
static void
no_bit_may_change(void **state)
{
	struct fixture f;

	(void)state;
	setup_fixture(&f);
	for (size_t i = 0; i < f.text.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			f.text.data[i] ^= (uint8_t)(1u << bit);
			if (check(&f, rd_of(f.text.data, f.text.len), 3, 0) == 0)
				fail_msg("byte %zu, bit %u", i, bit);
			f.text.data[i] ^= (uint8_t)(1u << bit);
		}
	for (size_t len = 0; len < f.text.len; len++)
		assert_true(check(&f, rd_of(f.text.data, len), 3, 0) != 0);
	teardown_fixture(&f);
}

static void
it_is_read_as_it_was_written(void **state)
{
	struct fixture f;
	struct evidence e;
	struct buf again;

	(void)state;
	setup_fixture(&f);
	f.evidence.extra = rd_of("SGVsbG8=", 8);
	buf_clear(&f.text);
	assert_int_equal(evidence_write(&f.evidence, &f.text), 0);
	assert_int_equal(check(&f, rd_of(f.text.data, f.text.len), 3, 0), 0);
	assert_int_equal(evidence_parse(rd_of(f.text.data, f.text.len), &e), 0);
	assert_int_equal(e.extra.len, 8);
	buf_init(&again, EVIDENCE_LEN_MAX);
	assert_int_equal(evidence_write(&e, &again), 0);
	assert_int_equal(again.len, f.text.len);
	assert_memory_equal(again.data, f.text.data, again.len);
	buf_done(&again);
	teardown_fixture(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_proven),
		cmocka_unit_test(no_bit_may_change),
		cmocka_unit_test(it_is_read_as_it_was_written),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
