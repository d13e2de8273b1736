/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "fixture.h"
#include "verifier.h"

/*
 * Authors who lie: with the right key or an attacker's, about counts, root, commitment, shares
 * and keys.  No lie opens, and nothing opens to two texts.
 */

static struct verdict
outcome(const struct fixture_spec *spec, uint32_t custodians)
{
	struct verdict verdict;
	struct verifier v;
	struct sealed sealed;

	fixture_sealed(spec, &sealed);
	verifier_init(&v);
	v.custodians = custodians;
	verdict = verifier_run(&v, bytes_of(&sealed.bytes));
	verifier_done(&v);
	sealed_done(&sealed);
	return verdict;
}

static void
assert_outcome(const struct fixture_spec *spec, enum stage stage, int r)
{
	struct verdict verdict = outcome(spec, 0);

	if (verdict.stage != stage || verdict.r != r)
		fail_msg("%s, %d instead of %s, %d", stage_text(verdict.stage), verdict.r,
			stage_text(stage), r);
}

static void
more_bytes(struct trailer_sums *sums)
{
	sums->body_len++;
}

static void
no_bytes(struct trailer_sums *sums)
{
	sums->body_len = 0;
}

static void
more_segments(struct trailer_sums *sums)
{
	sums->segments++;
}

static void
more_boxes(struct trailer_sums *sums)
{
	sums->boxes += 2;
}

static void
another_root(struct trailer_sums *sums)
{
	sums->root[31] ^= 1;
}

static void
counts_and_root_that_lie(void **state)
{
	static void (*const lies[])(struct trailer_sums *) = {
		more_bytes, no_bytes, more_segments, more_boxes, another_root};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		struct fixture_spec spec = fixture_solo();

		spec.lie = lies[i];
		assert_outcome(&spec, STAGE_COUNTS, FAIL_ALTERED);
		spec.author = "attacker";
		assert_outcome(&spec, STAGE_COUNTS, FAIL_ALTERED);
		spec = fixture_members(2, 3);
		spec.pairs = 2;
		spec.lie = lies[i];
		assert_outcome(&spec, STAGE_COUNTS, FAIL_ALTERED);
	}
}

static void
the_truth_signed_by_somebody_else(void **state)
{
	struct fixture_spec spec = fixture_solo();

	(void)state;
	spec.author = "attacker";
	assert_outcome(&spec, STAGE_SIGNER, FAIL_SIGNER);
	spec = fixture_members(2, 3);
	spec.author = "attacker";
	assert_outcome(&spec, STAGE_SIGNER, FAIL_SIGNER);
}

static void
signers_of_the_wrong_kind(void **state)
{
	struct fixture_spec spec = fixture_solo();

	(void)state;
	spec.is_kind_swapped = true;
	assert_outcome(&spec, STAGE_SIGNER, FAIL_FORMAT);
	spec = fixture_members(2, 3);
	spec.signers = 1;
	spec.is_kind_swapped = true;
	assert_outcome(&spec, STAGE_SIGNER, FAIL_FORMAT);
}

static void
commitment_lies(struct hand *hand)
{
	hand->core.commitment[0] ^= 1;
}

static void
v_lies(struct hand *hand)
{
	hand->v[0] ^= 1;
}

static void
r_lies(struct hand *hand)
{
	hand->r[31] ^= 1;
}

static void
rehash(struct hand *hand, size_t i)
{
	core_share_hash(hand->core.document_id, &hand->shares[i],
		hand->core.custodians[i].share_hash);
}

/* Another share with a hash that fits it: only the commitment can tell. */
static void
share_1_lies(struct hand *hand)
{
	hand->shares[0].value[5] ^= 0x40;
	rehash(hand, 0);
}

static void
share_1_does_not_fit_its_hash(struct hand *hand)
{
	hand->shares[0].value[5] ^= 0x40;
}

static void
share_hash_lies(struct hand *hand)
{
	hand->core.custodians[0].share_hash[0] ^= 1;
}

static void
keys_and_shares_that_lie(void **state)
{
	static const struct {
		void (*bend)(struct hand *hand);
		int want;
	} lies[] = {{commitment_lies, FAIL_COMMITMENT}, {v_lies, FAIL_COMMITMENT},
		{r_lies, FAIL_COMMITMENT}, {share_1_lies, FAIL_COMMITMENT},
		{share_1_does_not_fit_its_hash, FAIL_SHARE},
		{share_hash_lies, FAIL_SHARE}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		struct fixture_spec spec = fixture_solo();

		spec.bend = lies[i].bend;
		assert_outcome(&spec, STAGE_KEYS, lies[i].want);
		spec = fixture_members(2, 3);
		spec.bend = lies[i].bend;
		assert_outcome(&spec, STAGE_KEYS, lies[i].want);
	}
}

/* Shares 4 and 5 belong to another S: with them it must not open at all, not to another text. */
static void
shares_4_and_5_of_another_s(struct hand *hand)
{
	struct shamir_share other[CORE_CUSTODIANS_MAX];
	struct fixture_rng rng;
	uint8_t s[SCHEDULE_LEN];

	fixture_rng_init(&rng, "another S");
	assert_int_equal(rng_fill(&rng.rng, s, sizeof s), 0);
	assert_int_equal(shamir_split(s, 3, 5, &rng.rng, other), 0);
	for (size_t i = 3; i < 5; i++) {
		hand->shares[i] = other[i];
		rehash(hand, i);
	}
}

static void
two_s_in_one_envelope(void **state)
{
	struct fixture_spec spec = fixture_members(3, 5);

	(void)state;
	spec.bend = shares_4_and_5_of_another_s;
	for (uint32_t mask = 0; mask < 1u << 5; mask++) {
		struct verdict verdict;

		if (__builtin_popcount(mask) != 3)
			continue;
		verdict = outcome(&spec, mask);
		assert_int_equal(verdict.r, mask == 0x07 ? 0 : FAIL_COMMITMENT);
	}
}

/* Every t of n open to the same text, and t - 1 do not open. */
static void
subsets(uint8_t t, uint8_t n)
{
	struct fixture_spec spec = fixture_members(t, n);
	struct verifier v;
	struct sealed sealed;
	struct buf first;

	fixture_sealed(&spec, &sealed);
	buf_init(&first, FIXTURE_BYTES_MAX);
	verifier_init(&v);
	for (v.custodians = 1; v.custodians < 1u << n; v.custodians++) {
		int at_hand = __builtin_popcount(v.custodians);
		struct verdict verdict;

		if (at_hand != t && at_hand != t - 1)
			continue;
		verdict = verifier_run(&v, bytes_of(&sealed.bytes));
		assert_int_equal(verdict.r, at_hand == t ? 0 : FAIL_SHARE);
		if (at_hand != t)
			continue;
		if (first.len == 0)
			buf_bytes(&first, v.plain.data, v.plain.len);
		assert_same_bytes(bytes_of(&v.plain), bytes_of(&first));
	}
	verifier_done(&v);
	buf_done(&first);
	sealed_done(&sealed);
}

static void
all_subsets_of_shares(void **state)
{
	(void)state;
	subsets(1, 1);
	subsets(1, 3);
	subsets(2, 2);
	subsets(2, 3);
	subsets(3, 5);
	subsets(5, 5);
	subsets(4, 6);
}

/* Joining too few, or one twice. */
static void
too_few_shares_or_one_twice(void **state)
{
	struct shamir_share shares[CORE_CUSTODIANS_MAX], twice[3];
	uint8_t s[SCHEDULE_LEN], joined[SCHEDULE_LEN];
	struct fixture_rng rng;

	(void)state;
	fixture_rng_init(&rng, "shares");
	assert_int_equal(rng_fill(&rng.rng, s, sizeof s), 0);
	assert_int_equal(shamir_split(s, 3, 5, &rng.rng, shares), 0);
	assert_int_equal(shamir_join(shares, 2, joined), 0);
	assert_memory_not_equal(joined, s, sizeof s);
	assert_int_equal(shamir_join(shares + 1, 3, joined), 0);
	assert_memory_equal(joined, s, sizeof s);
	twice[0] = shares[0];
	twice[1] = shares[1];
	twice[2] = shares[0];
	assert_int_equal(shamir_join(twice, 3, joined), FAIL_SHARE);
	twice[2].number = 0;
	assert_int_equal(shamir_join(twice, 3, joined), FAIL_SHARE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_and_root_that_lie),
		cmocka_unit_test(the_truth_signed_by_somebody_else),
		cmocka_unit_test(signers_of_the_wrong_kind),
		cmocka_unit_test(keys_and_shares_that_lie),
		cmocka_unit_test(two_s_in_one_envelope),
		cmocka_unit_test(all_subsets_of_shares),
		cmocka_unit_test(too_few_shares_or_one_twice),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
