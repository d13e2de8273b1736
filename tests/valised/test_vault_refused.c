/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/custodians.h"
#include "people.h"
#include "vault_opening.h"
#include "vault_rig.h"

/*
 * SEND, KEEP, AUTHORISE and SHARE, each with one thing wrong: what custody answers, and that no
 * byte of what it is shown can be changed.
 */

enum { DAY_S = 24 * 3600 };

static struct rig rig;

static int
setup(void **state)
{
	(void)state;
	rig_init(&rig);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rig_done(&rig);
	return 0;
}

/* SEND: what the sealed core may not say. */

static void
one_share_fewer(struct core *core)
{
	core->custodian_count--;
}

static void
a_lower_threshold(struct core *core)
{
	core->threshold--;
}

/* The order that the rule gives when nobody is addressed, backwards: no addressees give that. */
static void
custodians_backwards(struct core *core)
{
	bool is_addressed[ROSTER_MEMBERS_MAX] = {false};
	struct custodians_question question = {.is_addressed = is_addressed};
	size_t members[ROSTER_SHARES_MAX], n = core->custodian_count;

	assert_int_equal(
		roster_find(rig.roster, core->originator, &question.originator), 0);
	memcpy(question.document_id, core->document_id, CORE_DOCUMENT_ID_LEN);
	assert_int_equal(custodians_choose(rig.roster, &question, n, members), 0);
	for (size_t i = 0; i < n; i++)
		core->custodians[i].member = rig.roster->members[members[n - 1 - i]].name;
}

static void
a_custodian_nobody_knows(struct core *core)
{
	core->custodians[1].member = address_of("XX");
}

static void
the_originator_as_custodian(struct core *core)
{
	core->custodians[1].member = core->originator;
}

static void
another_roster(struct core *core)
{
	static const uint8_t hash[HASH_LEN] = {1};

	core->roster_hash = rd_of(hash, sizeof hash);
}

static void
another_log(struct core *core)
{
	core->log_origin = address_of("fr.example/openings/1");
}

static void
another_originator(struct core *core)
{
	core->originator = address_of("FR");
}

static void
the_internal_rule(struct core *core)
{
	core->rule = CORE_RULE_INTERNAL;
}

static void
what_the_core_may_not_say(void **state)
{
	static const struct {
		void (*bend)(struct core *core);
		int expected;
	} cases[] = {
		{NULL, 0},
		{one_share_fewer, FAIL_REFUSED},
		{a_lower_threshold, FAIL_REFUSED},
		{custodians_backwards, FAIL_REFUSED},
		{a_custodian_nobody_knows, FAIL_REFUSED},
		{the_originator_as_custodian, FAIL_REFUSED},
		{another_roster, FAIL_MISMATCH},
		{another_log, FAIL_MISMATCH},
		{another_originator, FAIL_REFUSED},
		{the_internal_rule, FAIL_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig_plan plan = {.originator = PT, .bend = cases[i].bend};
		const struct rig_said *said;
		struct rig_envelope e;

		rig_envelope_init(&rig, &plan, &e);
		said = rig_send(&rig, &e);
		if (said->fail != cases[i].expected)
			print_message("case %zu: %d %s\n", i, said->fail, said->why);
		assert_int_equal(said->fail, cases[i].expected);
		/* A refusal is a sentence. */
		assert_true((said->fail == 0) == (said->why[0] == '\0'));
		rig_envelope_done(&e);
	}
}

/* Who signed, and whether that counts. */
static int
send_with_enrol(struct rig_envelope *e, const char *member, const char *officer,
	uint64_t since_s, bool is_first)
{
	buf_clear(&e->enrols);
	if (member != NULL)
		rig_enrol(member, officer, since_s, is_first, &e->enrols);
	else
		buf_u8(&e->enrols, 0);
	return rig_send(&rig, e)->fail;
}

static void
who_may_sign(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct rig_envelope e;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	/* Nobody's enrolment, another's, one that is too young. */
	assert_int_not_equal(send_with_enrol(&e, NULL, NULL, 0, false), 0);
	assert_int_equal(send_with_enrol(&e, "PT", "bea", RIG_NOW_S, true), FAIL_SIGNER);
	assert_int_equal(send_with_enrol(&e, "FR", "ana", RIG_NOW_S, true), FAIL_SIGNER);
	assert_int_equal(send_with_enrol(&e, "PT", "ana", RIG_NOW_S, false), FAIL_AGAIN);
	assert_int_equal(send_with_enrol(&e, "PT", "ana", RIG_NOW_S - DAY_S + 1, false),
		FAIL_AGAIN);
	assert_int_equal(send_with_enrol(&e, "PT", "ana", RIG_NOW_S - DAY_S, false), 0);
	rig_envelope_done(&e);
}

static void
a_credential_has_its_time(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct rig_envelope e;

	(void)state;
	rig.now_s = PEOPLE_UNTIL_S - 1;
	rig_envelope_init(&rig, &plan, &e);
	assert_int_equal(rig_send(&rig, &e)->fail, 0);
	rig.now_s = PEOPLE_UNTIL_S;
	assert_int_equal(rig_send(&rig, &e)->fail, FAIL_REFUSED);
	/* A custodian asks whether it was valid when the document was sent. */
	assert_int_equal(rig_keep(&rig, &e, opening_custodian(&e, 0))->fail, 0);
	rig_envelope_done(&e);
}

static void
sealed_too_long_ago(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct rig_envelope e, sent;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	rig_envelope_init(&rig, &plan, &sent);
	assert_int_equal(rig_send(&rig, &sent)->fail, 0);
	rig.now_s += 21 * DAY_S;
	assert_int_equal(rig_send(&rig, &e)->fail, FAIL_NO_KEY);
	assert_int_equal(
		rig_keep(&rig, &sent, opening_custodian(&sent, 0))->fail, FAIL_NO_KEY);
	rig_envelope_done(&e);
	rig_envelope_done(&sent);
}

static void
nothing_without_a_roster(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct rig_envelope e;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	rig_stop(&rig, PT);
	memory_disk_file(&rig.stations[PT].disk, "roster")->is_there = false;
	assert_int_equal(rig_start(&rig, PT), 0);
	assert_int_equal(rig_send(&rig, &e)->fail, FAIL_AGAIN);
	rig_envelope_done(&e);
}

/* No byte may be changed: every third one, each with another bit. */

static void
alter_bytes(struct rig_envelope *e, uint8_t *bytes, size_t len)
{
	struct vault_send message;

	for (size_t i = 0; i < len; i += 3) {
		bytes[i] ^= (uint8_t)(1u << i % 8);
		rig_send_message(e, &message);
		assert_int_not_equal(
			rig_ask(&rig, PT, VAULT_SEND, &vault_send_codec, &message)->fail,
			0);
		bytes[i] ^= (uint8_t)(1u << i % 8);
	}
}

static void
every_byte_of_send_counts(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct rig_envelope e;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	/* Of the header custody is shown the core and the S and V slots. */
	alter_bytes(&e, e.header_bytes.data, e.header.core_bytes.len);
	alter_bytes(&e,
		e.header_bytes.data + (e.header_bytes.len - e.header.sv.bytes.len),
		e.header.sv.bytes.len);
	alter_bytes(&e, e.r_hash, sizeof e.r_hash);
	alter_bytes(&e, e.trailer.data, e.trailer.len);
	/* Behind the ENROL object stands only what store says of it. */
	alter_bytes(&e, e.enrols.data, e.enrols.len - 9);
	assert_int_equal(rig_send(&rig, &e)->fail, 0);
	rig_envelope_done(&e);
}

static void
every_byte_of_keep_counts(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct rig_envelope e;
	size_t custodian;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	assert_int_equal(rig_send(&rig, &e)->fail, 0);
	custodian = opening_custodian(&e, 1);
	for (size_t i = 0; i < e.keep.len; i += 3) {
		e.keep.data[i] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(rig_keep(&rig, &e, custodian)->fail, 0);
		e.keep.data[i] ^= (uint8_t)(1u << i % 8);
	}
	assert_int_equal(rig_keep(&rig, &e, custodian)->fail, 0);
	/* Whoever keeps no share, the originator itself for one, keeps nothing. */
	assert_int_equal(rig_keep(&rig, &e, PT)->fail, FAIL_ABSENT);
	rig_envelope_done(&e);
}

/* A second envelope under one id: the same core and another body. */
static void
one_id_one_envelope(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct trailer_sums other = {.body_len = 23, .segments = 1};
	uint8_t message[TRAILER_SIGNED_LEN], seed[32];
	struct trailer trailer;
	struct rig_envelope e;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	assert_int_equal(rig_send(&rig, &e)->fail, 0);
	assert_int_equal(
		trailer_parse(rd_of(e.trailer.data, e.trailer.len), &trailer), 0);
	trailer.sums = other;
	trailer_signed(e.header.hash, &other, message);
	people_seed("PT", "ana", "sign", seed);
	sign_message(seed, message, sizeof message, trailer.signers[0].signature);
	{
		struct buf again;

		buf_init(&again, TRAILER_LEN_MAX);
		assert_int_equal(trailer_write(&trailer, &again), 0);
		buf_done(&e.trailer);
		e.trailer = again;
	}
	assert_int_equal(rig_send(&rig, &e)->fail, FAIL_EXISTS);
	rig_envelope_done(&e);
}

/* A SEND that another member's station signed, or that is of the future. */
static void
send_is_the_originators(void **state)
{
	static const struct {
		size_t station;
		uint64_t later_s;
		int expected;
	} cases[] = {
		{PT, 0, 0}, {PT, 119, 0}, {PT, 130, FAIL_AGAIN}, {FR, 0, FAIL_SIGNATURE}};
	const struct rig_plan plan = {.originator = PT};
	struct rig_envelope e;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	assert_int_equal(rig_send(&rig, &e)->fail, 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf bytes;
		struct keep keep;

		assert_int_equal(keep_parse(rd_of(e.keep.data, e.keep.len), &keep), 0);
		keep.send.time_s = rig.now_s + cases[i].later_s;
		assert_int_equal(
			send_sign(&keep.send,
				own_station_seed(rig.stations[cases[i].station].keys,
					STATION_SIGN)),
			0);
		buf_init(&bytes, KEEP_LEN_MAX);
		buf_clear(&e.send);
		send_write(&keep.send, &e.send);
		keep.send_bytes = rd_of(e.send.data, e.send.len);
		keep_write(&keep, &bytes);
		buf_done(&e.keep);
		e.keep = bytes;
		assert_int_equal(rig_keep(&rig, &e, opening_custodian(&e, 0))->fail,
			cases[i].expected);
	}
	rig_envelope_done(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_the_core_may_not_say, setup, teardown),
		cmocka_unit_test_setup_teardown(who_may_sign, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_credential_has_its_time, setup, teardown),
		cmocka_unit_test_setup_teardown(sealed_too_long_ago, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nothing_without_a_roster, setup, teardown),
		cmocka_unit_test_setup_teardown(
			every_byte_of_send_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(
			every_byte_of_keep_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(one_id_one_envelope, setup, teardown),
		cmocka_unit_test_setup_teardown(send_is_the_originators, setup, teardown),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
