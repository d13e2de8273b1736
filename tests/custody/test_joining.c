/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "custody/answer.h"
#include "custody/joining.h"
#include "custody/opening.h"
#include "envelope/schedule.h"
#include "fixture.h"

/*
 * A device that has asked 2 of 4 custodians and the originator.  Every station signs with a
 * key of its own, so that an answer in another's name is seen.
 */

struct asked {
	struct sealed sealed;
	struct header header;
	uint8_t binding[HASH_LEN];
	uint8_t seed[KEM_SEED_LEN];
	struct kem_public ephemeral;
	struct fixture_rng rng;
	struct joining joining;
};

static void
station_key(struct rd member, uint8_t ret_seed[SIGN_SEED_LEN],
	uint8_t ret_public[SIGN_PUBLIC_LEN])
{
	char name[CORE_MEMBER_MAX + 1] = "";

	memcpy(name, member.ptr, member.len);
	fixture_seed(name, 1, ret_seed);
	sign_public(ret_seed, ret_public);
}

static void
asked_init_with(struct asked *a, void (*bend)(struct hand *hand))
{
	struct fixture_spec spec = fixture_members(2, 4);
	size_t len;

	memset(a, 0, sizeof *a);
	spec.is_by_hand = bend != NULL;
	spec.bend = bend;
	sealed_init(&a->sealed);
	fixture_sealed(&spec, &a->sealed);
	assert_int_equal(header_parse(rd_of(a->sealed.bytes.data, a->sealed.bytes.len),
				 &a->header, &len),
		0);
	fixture_rng_init(&a->rng, "joining");
	fixture_seed("ephemeral", 0, a->seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, a->seed, &a->ephemeral), 0);
	memset(a->binding, 0x5a, sizeof a->binding);
	joining_init(&a->joining, &a->header, a->binding, a->seed);
}

static void
asked_init(struct asked *a)
{
	asked_init_with(a, NULL);
}

static void
asked_done(struct asked *a)
{
	joining_wipe(&a->joining);
	sealed_done(&a->sealed);
}

static struct rd
custodian(const struct asked *a, size_t i)
{
	return a->header.core.custodians[i].member;
}

/* The answer of `member` with this secret, signed by `signer`, put as if asked of `member`. */
struct said {
	struct rd member, signer, asked;
	uint8_t kind, number;
	const uint8_t *secret, *binding;
};

static int
put(struct asked *a, const struct said *said)
{
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN], other[SIGN_SEED_LEN];
	struct answer_plan plan = {.kind = said->kind,
		.number = said->number,
		.binding = said->binding != NULL ? said->binding : a->binding,
		.core_hash = a->header.core_hash,
		.member = said->member,
		.ephemeral = &a->ephemeral,
		.seed = seed};
	struct buf out;
	int r;

	buf_init(&out, ANSWER_LEN_MAX);
	station_key(said->signer, seed, public);
	assert_int_equal(answer_seal(&plan, &a->rng.rng, said->secret, &out), 0);
	station_key(said->asked, other, public);
	r = joining_put(&a->joining, said->asked, public, rd_of(out.data, out.len));
	buf_done(&out);
	return r;
}

static void
take_share(const struct asked *a, size_t i, uint8_t ret_secret[SLOT_SECRET_LEN])
{
	struct slot_place place = {.role = "S",
		.suite = a->header.core.suite,
		.index = (uint32_t)i,
		.core_hash = a->header.core_hash};
	uint8_t seed[KEM_SEED_LEN];
	struct slot slot;

	fixture_seed("custodian", i, seed);
	slots_at(&a->header.sv, i, &slot);
	assert_int_equal(slot_open(&place, &slot, seed, ret_secret), 0);
}

static int
put_share(struct asked *a, size_t i)
{
	uint8_t secret[SLOT_SECRET_LEN];
	struct rd member = custodian(a, i);
	struct said said = {.member = member,
		.signer = member,
		.asked = member,
		.kind = ANSWER_SHARE,
		.number = (uint8_t)(i + 1),
		.secret = secret};

	take_share(a, i, secret);
	return put(a, &said);
}

static int
put_v_key(struct asked *a)
{
	struct rd member = a->header.core.originator;
	uint8_t secret[SCHEDULE_LEN];
	struct said said = {.member = member,
		.signer = member,
		.asked = member,
		.kind = ANSWER_V_KEY,
		.secret = secret};

	assert_int_equal(schedule_v_body(a->sealed.secrets.v, secret), 0);
	return put(a, &said);
}

static int
authorise_with(struct asked *a, struct rd signer, const uint8_t binding[HASH_LEN])
{
	struct opening_authorisation authorisation = {.copy = 2, .time_s = 1795000000};
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];
	struct buf out;
	int r;

	buf_init(&out, 256);
	memcpy(authorisation.request_hash, binding, HASH_LEN);
	station_key(signer, seed, public);
	assert_int_equal(opening_authorisation_sign(&authorisation, seed), 0);
	opening_authorisation_write(&authorisation, &out);
	station_key(a->header.core.originator, seed, public);
	r = joining_authorised(&a->joining, rd_of(out.data, out.len), public);
	buf_done(&out);
	return r;
}

static void
authorise(struct asked *a)
{
	assert_int_equal(authorise_with(a, a->header.core.originator, a->binding), 0);
	assert_int_equal(a->joining.copy, 2);
}

static void
expect_body_key(const struct asked *a, int expected)
{
	uint8_t key[SCHEDULE_LEN];

	assert_int_equal(
		joining_body_key(&a->joining, a->sealed.secrets.r, key), expected);
	if (expected == 0)
		assert_memory_equal(key, a->sealed.secrets.body_key, SCHEDULE_LEN);
}

static void
any_two_of_four_open(void **state)
{
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 4; j++) {
			struct asked a;

			if (i == j)
				continue;
			asked_init(&a);
			authorise(&a);
			assert_int_equal(put_v_key(&a), 0);
			assert_int_equal(put_share(&a, i), 0);
			assert_false(joining_has_enough(&a.joining));
			assert_int_equal(put_share(&a, j), 0);
			assert_true(joining_has_enough(&a.joining));
			expect_body_key(&a, 0);
			asked_done(&a);
		}
	(void)state;
}

static void
nothing_opens_before_all_is_there(void **state)
{
	struct asked a;

	(void)state;
	asked_init(&a);
	assert_int_equal(put_share(&a, 0), 0);
	assert_int_equal(put_share(&a, 0), FAIL_EXISTS);
	expect_body_key(&a, FAIL_SHARE);
	assert_int_equal(put_share(&a, 1), 0);
	expect_body_key(&a, FAIL_SHARE);
	assert_int_equal(put_v_key(&a), 0);
	assert_int_equal(put_v_key(&a), FAIL_EXISTS);
	/* Keys that came without an authorisation are not used. */
	expect_body_key(&a, FAIL_SHARE);
	authorise(&a);
	expect_body_key(&a, 0);
	asked_done(&a);
}

static void
an_authorisation_is_the_originators_and_for_this_request(void **state)
{
	uint8_t other[HASH_LEN] = {1};
	struct asked a;

	(void)state;
	asked_init(&a);
	assert_int_equal(authorise_with(&a, custodian(&a, 0), a.binding), FAIL_SIGNATURE);
	assert_int_equal(
		authorise_with(&a, a.header.core.originator, other), FAIL_MISMATCH);
	assert_int_equal(a.joining.copy, 0);
	asked_done(&a);
}

static void
a_false_share_is_not_taken_and_another_helps(void **state)
{
	uint8_t secret[SLOT_SECRET_LEN];
	struct said said = {.kind = ANSWER_SHARE, .number = 1, .secret = secret};
	struct asked a;

	(void)state;
	asked_init(&a);
	authorise(&a);
	assert_int_equal(put_v_key(&a), 0);
	take_share(&a, 0, secret);
	secret[5] ^= 1;
	said.member = said.signer = said.asked = custodian(&a, 0);
	assert_int_equal(put(&a, &said), FAIL_SHARE);
	assert_int_equal(put_share(&a, 1), 0);
	assert_int_equal(put_share(&a, 3), 0);
	expect_body_key(&a, 0);
	asked_done(&a);
}

static void
an_answer_in_anothers_name_is_not_taken(void **state)
{
	uint8_t secret[SLOT_SECRET_LEN], other[HASH_LEN] = {1};
	struct said said = {.kind = ANSWER_SHARE, .number = 1, .secret = secret};
	struct asked a;

	(void)state;
	asked_init(&a);
	take_share(&a, 0, secret);
	said.member = said.asked = custodian(&a, 0);
	said.signer = custodian(&a, 1);
	assert_int_equal(put(&a, &said), FAIL_SIGNATURE);
	/* Signed well, but it was another who was asked, or another's share. */
	said.asked = custodian(&a, 1);
	assert_int_equal(put(&a, &said), FAIL_MISMATCH);
	said.member = custodian(&a, 1);
	assert_int_equal(put(&a, &said), FAIL_MISMATCH);
	/* An answer to another request. */
	said.member = said.signer = said.asked = custodian(&a, 0);
	said.binding = other;
	assert_int_equal(put(&a, &said), FAIL_MISMATCH);
	/* A custodian that plays the originator. */
	said.binding = NULL;
	said.kind = ANSWER_V_KEY;
	said.number = 0;
	assert_int_equal(put(&a, &said), FAIL_MISMATCH);
	assert_int_equal(a.joining.share_count, 0);
	assert_false(a.joining.has_v_key);
	asked_done(&a);
}

static void
a_false_v_key_is_the_senders_doing(void **state)
{
	uint8_t secret[SCHEDULE_LEN] = {9};
	struct said said = {.kind = ANSWER_V_KEY, .secret = secret};
	struct asked a;

	(void)state;
	asked_init(&a);
	authorise(&a);
	said.member = said.signer = said.asked = a.header.core.originator;
	assert_int_equal(put(&a, &said), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(put_share(&a, i), 0);
	expect_body_key(&a, FAIL_COMMITMENT);
	asked_done(&a);
}

/* A sender that gave custodian 0 a share which hashes as it says, and belongs to nothing. */
static void
bend_share(struct hand *hand)
{
	hand->shares[0].value[0] ^= 1;
	core_share_hash(hand->core.document_id, &hand->shares[0],
		hand->core.custodians[0].share_hash);
}

static void
one_other_set_is_tried(void **state)
{
	struct asked a;

	(void)state;
	asked_init_with(&a, bend_share);
	authorise(&a);
	assert_int_equal(put_v_key(&a), 0);
	assert_int_equal(put_share(&a, 0), 0);
	assert_int_equal(put_share(&a, 1), 0);
	expect_body_key(&a, FAIL_COMMITMENT);
	assert_int_equal(put_share(&a, 2), 0);
	expect_body_key(&a, 0);
	asked_done(&a);
}

static void
bytes_that_are_no_answer(void **state)
{
	static const uint8_t noise[64] = {0, 1, 0, 1, 7};
	uint8_t seed[SIGN_SEED_LEN], public[SIGN_PUBLIC_LEN];
	struct asked a;

	(void)state;
	asked_init(&a);
	station_key(custodian(&a, 0), seed, public);
	assert_int_equal(
		joining_put(&a.joining, custodian(&a, 0), public, rd_of(noise, 3)),
		FAIL_TRUNCATED);
	assert_int_not_equal(joining_put(&a.joining, custodian(&a, 0), public,
				     rd_of(noise, sizeof noise)),
		0);
	assert_int_not_equal(
		joining_authorised(&a.joining, rd_of(noise, sizeof noise), public), 0);
	asked_done(&a);
}

/* Short of memory it fails, and the same answers do when there is some again. */
static void
memory_fails_at_every_point(void **state)
{
	struct asked a;
	long n = 0;
	int r = FAIL_NOMEM;

	(void)state;
	asked_init(&a);
	authorise(&a);
	assert_int_equal(put_v_key(&a), 0);
	assert_int_equal(put_share(&a, 0), 0);
	assert_int_equal(put_share(&a, 1), 0);
	while (r == FAIL_NOMEM) {
		uint8_t key[SCHEDULE_LEN];

		mem_fail_after(n++, true);
		r = joining_body_key(&a.joining, a.sealed.secrets.r, key);
		mem_fail_never();
	}
	assert_int_equal(r, 0);
	asked_done(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_two_of_four_open),
		cmocka_unit_test(nothing_opens_before_all_is_there),
		cmocka_unit_test(
			an_authorisation_is_the_originators_and_for_this_request),
		cmocka_unit_test(a_false_share_is_not_taken_and_another_helps),
		cmocka_unit_test(an_answer_in_anothers_name_is_not_taken),
		cmocka_unit_test(a_false_v_key_is_the_senders_doing),
		cmocka_unit_test(one_other_set_is_tried),
		cmocka_unit_test(bytes_that_are_no_answer),
		cmocka_unit_test(memory_fails_at_every_point),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
