/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/crypto.h"
#include "custody/answer.h"
#include "custody/keep.h"
#include "custody/kept.h"
#include "custody/opening.h"
#include "envelope/header.h"
#include "fixture.h"

/*
 * The whole way of one opening with t of n custodians: KEEP to each, shares taken out and
 * sealed to the ephemeral key of a request, joined, and the body key that the sender had.
 */

struct community {
	struct sealed sealed;
	struct header header;
	struct keep keep;
	struct buf keep_bytes;
	uint8_t binding[HASH_LEN];
	uint8_t ephemeral_seed[KEM_SEED_LEN];
	struct kem_public ephemeral;
	struct fixture_rng rng;
};

static const uint8_t station_seed[SIGN_SEED_LEN] = {7};

static void
write_keep(struct community *c)
{
	struct send send = {.time_s = 1795000000};
	struct keep keep = {0};
	struct buf send_bytes;
	size_t len;

	assert_int_equal(header_parse(rd_of(c->sealed.bytes.data, c->sealed.bytes.len),
				 &c->header, &len),
		0);
	keep.core_bytes = c->header.core_bytes;
	keep.sv_bytes = c->header.sv.bytes;
	hash_sha256(c->header.r.bytes.ptr, c->header.r.bytes.len, keep.r_hash);
	keep.trailer_bytes = rd_of(c->sealed.bytes.data + c->sealed.at[PART_TRAILER],
		c->sealed.bytes.len - c->sealed.at[PART_TRAILER]);
	assert_int_equal(trailer_parse(keep.trailer_bytes, &keep.trailer), 0);
	memcpy(send.document_id, c->header.core.document_id, CORE_DOCUMENT_ID_LEN);
	trailer_envelope_hash(c->header.hash, &keep.trailer.sums, send.envelope_hash);
	assert_int_equal(send_sign(&send, station_seed), 0);
	buf_init(&send_bytes, SEND_LEN);
	send_write(&send, &send_bytes);
	keep.send_bytes = rd_of(send_bytes.data, send_bytes.len);
	keep_write(&keep, &c->keep_bytes);
	buf_done(&send_bytes);
	assert_int_equal(buf_error(&c->keep_bytes), 0);
}

static void
community_init(struct community *c, uint8_t threshold, uint8_t custodians)
{
	struct fixture_spec spec = fixture_members(threshold, custodians);

	memset(c, 0, sizeof *c);
	sealed_init(&c->sealed);
	fixture_sealed(&spec, &c->sealed);
	buf_init(&c->keep_bytes, KEEP_LEN_MAX);
	write_keep(c);
	assert_int_equal(
		keep_parse(rd_of(c->keep_bytes.data, c->keep_bytes.len), &c->keep), 0);
	fixture_rng_init(&c->rng, "opening");
	fixture_seed("ephemeral", 0, c->ephemeral_seed);
	assert_int_equal(
		kem_public_of_seed(SUITE_1, c->ephemeral_seed, &c->ephemeral), 0);
	memset(c->binding, 0x5a, sizeof c->binding);
}

static void
community_done(struct community *c)
{
	buf_done(&c->keep_bytes);
	sealed_done(&c->sealed);
}

/* What custodian i does with its KEEP: take its share out of its slot. */
static void
take_share(const struct community *c, uint8_t i, struct shamir_share *ret_share)
{
	struct slot_place place = {.role = "S",
		.suite = c->keep.core.suite,
		.index = i,
		.core_hash = c->keep.core_hash};
	uint8_t seed[KEM_SEED_LEN];
	struct slot slot;

	fixture_seed("custodian", i, seed);
	slots_at(&c->keep.sv, i, &slot);
	ret_share->number = (uint8_t)(i + 1);
	assert_int_equal(slot_open(&place, &slot, seed, ret_share->value), 0);
	assert_int_equal(core_check_share(&c->keep.core, ret_share), 0);
}

static void
seal_answer(struct community *c, uint8_t kind, uint8_t number, struct rd member,
	const uint8_t secret[ANSWER_SECRET_LEN], struct buf *out)
{
	struct answer_plan plan = {.kind = kind,
		.number = number,
		.binding = c->binding,
		.core_hash = c->keep.core_hash,
		.member = member,
		.ephemeral = &c->ephemeral,
		.seed = station_seed};

	buf_init(out, ANSWER_LEN_MAX);
	assert_int_equal(answer_seal(&plan, &c->rng.rng, secret, out), 0);
}

/* What the device does with an answer. */
static int
open_answer(const struct community *c, const struct buf *bytes,
	uint8_t ret_secret[ANSWER_SECRET_LEN])
{
	uint8_t station[SIGN_PUBLIC_LEN];
	struct answer answer;
	int r;

	sign_public(station_seed, station);
	if ((r = answer_parse(rd_of(bytes->data, bytes->len), &answer)) != 0 ||
		(r = answer_verify(&answer, station)) != 0)
		return r;
	if (memcmp(answer.binding, c->binding, HASH_LEN) != 0)
		return FAIL_MISMATCH;
	return answer_open(&answer, c->keep.core_hash, c->ephemeral_seed, ret_secret);
}

static void
open_with(struct community *c, const uint8_t *members, uint8_t count, int expected)
{
	struct shamir_share shares[CORE_CUSTODIANS_MAX];
	struct schedule_secrets three;
	uint8_t v_key[SCHEDULE_LEN], body_key[SCHEDULE_LEN];
	struct buf answer;

	for (uint8_t i = 0; i < count; i++) {
		struct shamir_share mine;

		take_share(c, members[i], &mine);
		seal_answer(c, ANSWER_SHARE, mine.number,
			c->keep.core.custodians[members[i]].member, mine.value, &answer);
		shares[i].number = mine.number;
		assert_int_equal(open_answer(c, &answer, shares[i].value), 0);
		buf_done(&answer);
		assert_int_equal(core_check_share(&c->keep.core, &shares[i]), 0);
	}
	assert_int_equal(schedule_v_body(c->sealed.secrets.v, v_key), 0);
	seal_answer(c, ANSWER_V_KEY, 0, c->keep.core.originator, v_key, &answer);
	assert_int_equal(open_answer(c, &answer, three.v_x), 0);
	buf_done(&answer);
	memcpy(three.r, c->sealed.secrets.r, SCHEDULE_LEN);
	assert_int_equal(shamir_join(shares, count, three.s), 0);
	assert_int_equal(schedule_body_key(&c->keep.core, &three, body_key), expected);
	if (expected == 0)
		assert_memory_equal(body_key, c->sealed.secrets.body_key, SCHEDULE_LEN);
}

static void
any_t_custodians_and_the_originator_open(void **state)
{
	static const uint8_t subsets[][2] = {{0, 1}, {0, 2}, {1, 3}, {3, 2}};
	struct community c;

	(void)state;
	community_init(&c, 2, 4);
	for (size_t i = 0; i < sizeof subsets / sizeof subsets[0]; i++)
		open_with(&c, subsets[i], 2, 0);
	community_done(&c);
}

static void
fewer_than_t_do_not(void **state)
{
	static const uint8_t one[] = {1};
	struct community c;

	(void)state;
	community_init(&c, 2, 4);
	open_with(&c, one, 1, FAIL_COMMITMENT);
	community_done(&c);
}

static void
a_custodian_knows_its_envelope(void **state)
{
	struct community c;
	uint8_t hash[HASH_LEN], number;

	(void)state;
	community_init(&c, 1, 3);
	assert_memory_equal(c.keep.header_hash, c.header.hash, HASH_LEN);
	trailer_envelope_hash(c.header.hash, &c.keep.trailer.sums, hash);
	assert_memory_equal(c.keep.envelope_hash, hash, HASH_LEN);
	for (uint8_t i = 0; i < 3; i++) {
		assert_int_equal(keep_share_number(&c.keep.core,
					 c.keep.core.custodians[i].member, &number),
			0);
		assert_int_equal(number, i + 1);
	}
	assert_int_equal(keep_share_number(&c.keep.core, rd_of("NOBODY", 6), &number),
		FAIL_ABSENT);
	community_done(&c);
}

/* No byte of a KEEP may change without being refused here or by a signature. */
static void
every_byte_of_keep_counts(void **state)
{
	struct community c;
	uint8_t station[SIGN_PUBLIC_LEN];
	struct keep keep;

	(void)state;
	community_init(&c, 1, 2);
	sign_public(station_seed, station);
	for (size_t i = 0; i < c.keep_bytes.len; i++) {
		struct rd bytes = rd_of(c.keep_bytes.data, c.keep_bytes.len);
		struct trailer_sums sums;
		int r;

		c.keep_bytes.data[i] ^= 1;
		r = keep_parse(bytes, &keep);
		if (r == 0)
			r = send_verify(&keep.send, station);
		if (r == 0 &&
			memcmp(keep.trailer_bytes.ptr, c.keep.trailer_bytes.ptr, 1) ==
				0) {
			/* Only the signers may differ: their signatures are the member room's. */
			sums = keep.trailer.sums;
			r = trailer_compare(&sums, &c.keep.trailer.sums);
			assert_int_equal(r, 0);
			assert_true(i >=
				(size_t)(c.keep.trailer_bytes.ptr - c.keep_bytes.data) +
					48);
			r = FAIL_SIGNATURE;
		}
		assert_true(r != 0);
		c.keep_bytes.data[i] ^= 1;
	}
	for (size_t len = 0; len < c.keep_bytes.len; len++)
		assert_true(keep_parse(rd_of(c.keep_bytes.data, len), &keep) != 0);
	community_done(&c);
}

/* Replayed, redirected, relabelled: an answer opens under its own binding and place only. */
static void
an_answer_is_bound(void **state)
{
	uint8_t secret[ANSWER_SECRET_LEN] = {3}, got[ANSWER_SECRET_LEN];
	struct community c, other;
	struct buf answer;

	(void)state;
	community_init(&c, 1, 2);
	community_init(&other, 2, 2);
	seal_answer(&c, ANSWER_SHARE, 1, rd_of("FR", 2), secret, &answer);
	assert_int_equal(open_answer(&c, &answer, got), 0);
	assert_memory_equal(got, secret, sizeof got);
	/* another document */
	assert_int_equal(open_answer(&other, &answer, got), FAIL_ALTERED);
	/* another request */
	c.binding[0] ^= 1;
	assert_int_equal(open_answer(&c, &answer, got), FAIL_MISMATCH);
	c.binding[0] ^= 1;
	/* another device */
	c.ephemeral_seed[0] ^= 8;
	assert_int_equal(open_answer(&c, &answer, got), FAIL_ALTERED);
	c.ephemeral_seed[0] ^= 8;
	for (size_t i = 0; i < answer.len; i++) {
		answer.data[i] ^= 1;
		assert_true(open_answer(&c, &answer, got) != 0);
		answer.data[i] ^= 1;
	}
	buf_done(&answer);
	community_done(&other);
	community_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_t_custodians_and_the_originator_open),
		cmocka_unit_test(fewer_than_t_do_not),
		cmocka_unit_test(a_custodian_knows_its_envelope),
		cmocka_unit_test(every_byte_of_keep_counts),
		cmocka_unit_test(an_answer_is_bound),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
