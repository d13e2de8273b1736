/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/crypto.h"
#include "people.h"
#include "vault_opening.h"
#include "vault_rig.h"

/* AUTHORISE and SHARE: what opens, and with one thing wrong what does not. */

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

static int
ask(size_t station, enum vault_type type, const struct vault_open *message)
{
	return rig_ask(&rig, station, type, &vault_open_codec, message)->fail;
}

static int
ask_authorise(const struct vault_opening *o)
{
	struct vault_open message;

	opening_authorise_message(o, &message);
	return ask(o->envelope.originator, VAULT_AUTHORISE, &message);
}

static int
ask_share(const struct vault_opening *o, size_t i)
{
	struct vault_open message;

	opening_share_message(o, i, &message);
	return ask(opening_custodian(&o->envelope, i), VAULT_SHARE, &message);
}

/* REQUESTs that are signed well and say something else. */

static void
too_old(struct opening_request *q)
{
	q->not_after_s = rig.now_s - 1;
}

static void
too_long(struct opening_request *q)
{
	q->not_after_s = rig.now_s + OPENING_LIFE_MAX_S + 121;
}

static void
a_clock_a_little_ahead(struct opening_request *q)
{
	q->not_after_s = rig.now_s + OPENING_LIFE_MAX_S + 120;
}

static void
another_document(struct opening_request *q)
{
	q->document_id[0] ^= 1;
}

static void
another_envelope(struct opening_request *q)
{
	q->envelope_hash[31] ^= 1;
}

static void
another_log(struct opening_request *q)
{
	q->log_origin = address_of("fr.example/openings/1");
}

static void
another_suite(struct opening_request *q)
{
	q->ephemeral.suite = SUITE_2;
	q->ephemeral.len = (uint16_t)kem_public_len(SUITE_2);
}

static void
an_old_roster(struct opening_request *q)
{
	q->roster_hash[0] ^= 1;
}

/* Sign the request of o anew, after a change, by the device of somebody. */
static void
change_request(struct vault_opening *o, void (*bend)(struct opening_request *q),
	const char *signer)
{
	struct opening_request q;
	struct buf bytes, message;
	uint8_t seed[32];

	assert_int_equal(
		opening_request_parse(rd_of(o->request.data, o->request.len), &q), 0);
	if (bend != NULL)
		bend(&q);
	people_seed(rig_names[o->member], signer, "sign", seed);
	assert_int_equal(opening_request_signed(&q, &message), 0);
	sign_message(seed, message.data, message.len, q.signature);
	buf_init(&bytes, OPENING_LEN_MAX);
	assert_int_equal(opening_request_write(&q, &bytes), 0);
	buf_done(&message);
	buf_done(&o->request);
	o->request = bytes;
}

static void
what_a_request_may_not_say(void **state)
{
	static const struct {
		void (*bend)(struct opening_request *q);
		const char *signer;
		int expected;
	} cases[] = {
		{a_clock_a_little_ahead, "ana", 0},
		{NULL, "bea", FAIL_SIGNATURE},
		{too_old, "ana", FAIL_TIMEOUT},
		{too_long, "ana", FAIL_REFUSED},
		{another_document, "ana", FAIL_MISMATCH},
		{another_envelope, "ana", FAIL_MISMATCH},
		{another_log, "ana", FAIL_MISMATCH},
		{another_suite, "ana", FAIL_SUITE},
		{an_old_roster, "ana", FAIL_MISMATCH},
	};
	const struct rig_plan plan = {.originator = PT};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct vault_opening o;

		opening_init(&rig, &plan, FR, 100 + i, &o);
		change_request(&o, cases[i].bend, cases[i].signer);
		assert_int_equal(ask_authorise(&o), cases[i].expected);
		opening_done(&o);
	}
}

static void
who_may_ask(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o;

	(void)state;
	/* ana of CY is enrolled well, and no reader. */
	opening_init(&rig, &plan, CY, 1, &o);
	assert_int_equal(ask_authorise(&o), FAIL_REFUSED);
	opening_done(&o);
	opening_init(&rig, &plan, FR, 2, &o);
	/* Another's enrolment; one too young; none. */
	buf_clear(&o.enrols);
	rig_enrol("PT", "ana", RIG_NOW_S, true, &o.enrols);
	assert_int_equal(ask_authorise(&o), FAIL_SIGNER);
	buf_clear(&o.enrols);
	rig_enrol("FR", "ana", RIG_NOW_S, false, &o.enrols);
	assert_int_equal(ask_authorise(&o), FAIL_AGAIN);
	buf_clear(&o.enrols);
	rig_enrol("FR", "ana", RIG_NOW_S, true, &o.enrols);
	assert_int_equal(ask_authorise(&o), 0);
	opening_done(&o);
}

/* The R slots must be those of this envelope. */
static void
evidence_of_another_envelope(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o, other;

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	opening_init(&rig, &plan, FR, 2, &other);
	buf_clear(&o.evidence);
	buf_bytes(&o.evidence, other.evidence.data, other.evidence.len);
	assert_int_equal(ask_authorise(&o), FAIL_MISMATCH);
	opening_done(&o);
	opening_done(&other);
}

/* Each role does its own part only. */
static void
originator_and_custodian_are_two(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_open message;
	struct vault_opening o;

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	opening_authorise(&rig, &o, 0);
	opening_authorise_message(&o, &message);
	assert_int_equal(
		ask(opening_custodian(&o.envelope, 0), VAULT_AUTHORISE, &message),
		FAIL_MISMATCH);
	opening_share_message(&o, 0, &message);
	assert_int_equal(ask(PT, VAULT_SHARE, &message), FAIL_MISMATCH);
	opening_done(&o);
}

/* No share without the originator's word, over this very request. */
static void
a_share_needs_the_originators_word(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o, other;
	struct buf word;

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	opening_init(&rig, &plan, FR, 2, &other);
	assert_int_not_equal(ask_share(&o, 0), 0);
	opening_authorise(&rig, &o, 0);
	opening_authorise(&rig, &other, 0);
	word = o.authorisation;
	o.authorisation = other.authorisation;
	assert_int_equal(ask_share(&o, 0), FAIL_MISMATCH);
	o.authorisation = word;
	/* Signed by another station, this custodian's own for instance. */
	{
		struct opening_authorisation a;
		struct buf forged;
		size_t custodian = opening_custodian(&o.envelope, 0);

		assert_int_equal(
			opening_authorisation_parse(rd_of(word.data, word.len), &a), 0);
		assert_int_equal(opening_authorisation_sign(&a,
					 own_station_seed(rig.stations[custodian].keys,
						 STATION_SIGN)),
			0);
		buf_init(&forged, 1024);
		opening_authorisation_write(&a, &forged);
		o.authorisation = forged;
		assert_int_equal(ask_share(&o, 0), FAIL_SIGNATURE);
		buf_done(&forged);
		o.authorisation = word;
	}
	assert_int_equal(ask_share(&o, 0), 0);
	opening_done(&o);
	opening_done(&other);
}

/* Byte by byte, but for what nobody needs to believe in an opening. */
static void
every_byte_counts(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o;
	struct buf *all[5];
	size_t lens[5];

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	opening_authorise(&rig, &o, 0);
	all[0] = &o.request;
	all[1] = &o.evidence;
	all[2] = &o.authorisation;
	all[3] = &o.kept[0];
	all[4] = &o.enrols;
	for (size_t i = 0; i < 5; i++)
		lens[i] = all[i]->len;
	/* since and is_first are what store says; is_first 2 is none. */
	lens[4] -= 9;
	for (size_t i = 0; i < 5; i++)
		for (size_t at = 0; at < lens[i]; at += i == 1 ? 7 : 3) {
			all[i]->data[at] ^= (uint8_t)(1u << at % 8);
			assert_int_not_equal(ask_share(&o, 0), 0);
			all[i]->data[at] ^= (uint8_t)(1u << at % 8);
		}
	assert_int_equal(ask_share(&o, 0), 0);
	opening_done(&o);
}

/*
 * Of KEEP all that the envelope hash covers; signatures of officers and the time of SEND were
 * looked at when it was kept, and the hash says that it is the same envelope.
 */
static void
every_byte_of_keep_counts(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o;
	size_t before;

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	/* Version, core, slots, R hash, and of the trailer length, sums. */
	before = 2 + 2 + o.envelope.header.core_bytes.len + 3 +
		o.envelope.header.sv.bytes.len + HASH_LEN + 2 + 48;
	for (size_t at = 0; at < before; at += 3) {
		o.envelope.keep.data[at] ^= (uint8_t)(1u << at % 8);
		assert_int_not_equal(ask_authorise(&o), 0);
		o.envelope.keep.data[at] ^= (uint8_t)(1u << at % 8);
	}
	assert_int_equal(ask_authorise(&o), 0);
	opening_done(&o);
}

static void
an_ephemeral_key_answers_one_request(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o;
	struct buf first;

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	opening_authorise(&rig, &o, 0);
	/* The same request again: the same answer. */
	opening_authorise(&rig, &o, 0);
	/* Another request with the same ephemeral key. */
	first = o.request;
	buf_init(&o.request, OPENING_LEN_MAX);
	rig_request(&rig, &o.envelope, FR, 1, &o.request);
	assert_memory_not_equal(first.data, o.request.data, first.len);
	assert_int_equal(ask_authorise(&o), FAIL_REFUSED);
	/* Its own key: it is answered, and the time of the first goes by. */
	buf_clear(&o.request);
	rig_request(&rig, &o.envelope, FR, 2, &o.request);
	assert_int_equal(ask_authorise(&o), 0);
	buf_done(&first);
	opening_done(&o);
}

/* What is remembered of ephemeral keys has a bound, and is forgotten with time. */
static void
many_openings(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o;

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	for (uint64_t n = 0; n < 200; n++) {
		buf_clear(&o.request);
		rig_request(&rig, &o.envelope, FR, 1000 + n, &o.request);
		assert_int_equal(ask_authorise(&o), 0);
		rig.now_s += 20;
	}
	opening_done(&o);
}

static void
what_has_expired(void **state)
{
	const struct rig_plan plan = {.originator = PT, .expiry_s = RIG_NOW_S + 300};
	struct vault_opening o;

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	opening_authorise(&rig, &o, 0);
	(void)opening_shares(&rig, &o);
	rig.now_s = RIG_NOW_S + 300;
	assert_int_equal(ask_authorise(&o), FAIL_REFUSED);
	assert_int_equal(ask_share(&o, 0), FAIL_REFUSED);
	opening_done(&o);
}

/* DESTROY, at the originator and at a custodian; twice is once. */
static void
what_is_destroyed(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o, other;
	struct vault_destroy destroy;
	size_t custodian;

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	opening_init(&rig, &plan, FR, 2, &other);
	opening_authorise(&rig, &o, 0);
	custodian = opening_custodian(&o.envelope, 0);
	destroy.document_id = o.envelope.header.core.document_id;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			rig_ask(&rig, PT, VAULT_DESTROY, &vault_destroy_codec, &destroy)
				->fail,
			0);
		assert_int_equal(rig_ask(&rig, custodian, VAULT_DESTROY,
					 &vault_destroy_codec, &destroy)
					 ->fail,
			0);
	}
	assert_int_equal(ask_authorise(&o), FAIL_ABSENT);
	assert_int_equal(ask_share(&o, 0), FAIL_ABSENT);
	assert_int_equal(ask_share(&o, 1), 0);
	assert_int_equal(ask_authorise(&other), 0);
	opening_done(&o);
	opening_done(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_a_request_may_not_say, setup, teardown),
		cmocka_unit_test_setup_teardown(who_may_ask, setup, teardown),
		cmocka_unit_test_setup_teardown(
			evidence_of_another_envelope, setup, teardown),
		cmocka_unit_test_setup_teardown(
			originator_and_custodian_are_two, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_share_needs_the_originators_word, setup, teardown),
		cmocka_unit_test_setup_teardown(every_byte_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(
			every_byte_of_keep_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_ephemeral_key_answers_one_request, setup, teardown),
		cmocka_unit_test_setup_teardown(many_openings, setup, teardown),
		cmocka_unit_test_setup_teardown(what_has_expired, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_destroyed, setup, teardown),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
