/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/crypto.h"
#include "envelope/grant.h"
#include "people.h"
#include "vault_opening.h"
#include "vault_rig.h"

/* COUNT_GRANT, and openings by whom it makes a reader. */

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
ask_authorise(const struct vault_opening *o)
{
	struct vault_open message;

	opening_authorise_message(o, &message);
	return rig_ask(&rig, o->envelope.originator, VAULT_AUTHORISE, &vault_open_codec,
		&message)
		->fail;
}

struct granting {
	struct vault_opening o; /* ana of CY, who is no reader, wants to open */
	struct buf grant;
	struct buf enrols;
};

/* ana of `granter` gives R to ana of CY. */
static void
granting_init(struct granting *g, uint32_t flags, size_t granter)
{
	const struct rig_plan plan = {.originator = PT, .flags = flags};
	struct subject reader = people_subject("CY", "ana", SUBJECT_OFFICER);
	struct signer signer = {.role = SIGNER_GRANTER, .kind = SIGNER_CREDENTIAL};
	struct grant_plan grant = {.suite = SUITE_1, .device = &reader.reader};
	struct buf credential, identity, message;
	uint8_t seed[32];

	opening_init(&rig, &plan, CY, 1, &g->o);
	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	buf_init(&identity, CREDENTIAL_BYTES_MAX);
	buf_init(&message, GRANT_LEN_MAX);
	buf_init(&g->grant, GRANT_LEN_MAX);
	buf_init(&g->enrols, 65535);
	people_credential("CY", "ana", SUBJECT_OFFICER, &credential);
	people_credential(rig_names[granter], "ana", SUBJECT_OFFICER, &identity);
	grant.envelope_hash = g->o.envelope.envelope_hash;
	grant.core_hash = g->o.envelope.header.core_hash;
	grant.credential = rd_of(credential.data, credential.len);
	assert_int_equal(
		grant_begin(&grant, &rig.rng, g->o.envelope.secrets.r, &g->grant), 0);
	assert_int_equal(grant_signed(rd_of(g->grant.data, g->grant.len), &message), 0);
	people_seed(rig_names[granter], "ana", "sign", seed);
	signer.identity = rd_of(identity.data, identity.len);
	sign_message(seed, message.data, message.len, signer.signature);
	assert_int_equal(grant_sign(&signer, &g->grant), 0);
	rig_enrol(rig_names[granter], "ana", RIG_NOW_S, true, &g->enrols);
	rig_enrol("CY", "ana", RIG_NOW_S, true, &g->enrols);
	buf_done(&credential);
	buf_done(&identity);
	buf_done(&message);
}

static void
granting_done(struct granting *g)
{
	opening_done(&g->o);
	buf_done(&g->grant);
	buf_done(&g->enrols);
}

/* The originator's word under it; what comes back takes the place of the grant. */
static int
count_grant(struct granting *g, size_t station)
{
	struct vault_grant message = {.grant = rd_of(g->grant.data, g->grant.len),
		.keep = rd_of(g->o.envelope.keep.data, g->o.envelope.keep.len),
		.enrols = rd_of(g->enrols.data, g->enrols.len)};
	const struct rig_said *said =
		rig_ask(&rig, station, VAULT_COUNT_GRANT, &vault_grant_codec, &message);
	struct vault_object object;

	if (said->fail != 0)
		return said->fail;
	assert_int_equal(codec_parse_whole(&vault_object_codec,
				 rd_of(said->body.data, said->body.len), &object),
		0);
	buf_clear(&g->grant);
	buf_bytes(&g->grant, object.object.ptr, object.object.len);
	return 0;
}

static void
show_grant(struct granting *g)
{
	struct opening_evidence evidence = {
		.kind = OPENING_GRANT, .bytes = rd_of(g->grant.data, g->grant.len)};

	buf_clear(&g->o.evidence);
	opening_evidence_write(&evidence, &g->o.evidence);
}

static void
a_later_reader_opens(void **state)
{
	uint8_t body_key[SCHEDULE_LEN];
	struct granting g;

	(void)state;
	granting_init(&g, 0, FR);
	/* Without the originator's word it is no evidence. */
	show_grant(&g);
	assert_int_equal(ask_authorise(&g.o), FAIL_ABSENT);
	assert_int_equal(count_grant(&g, PT), 0);
	show_grant(&g);
	opening_authorise(&rig, &g.o, 0);
	(void)opening_shares(&rig, &g.o);
	opening_body_key(&g.o, body_key);
	assert_memory_equal(body_key, g.o.envelope.secrets.body_key, SCHEDULE_LEN);
	granting_done(&g);
}

static void
the_originator_controls(void **state)
{
	struct granting g;

	(void)state;
	granting_init(&g, CORE_CONTROLLED, FR);
	assert_int_equal(count_grant(&g, PT), FAIL_REFUSED);
	granting_done(&g);
	granting_init(&g, CORE_CONTROLLED, PT);
	assert_int_equal(count_grant(&g, PT), 0);
	granting_done(&g);
}

static void
what_does_not_count_as_a_grant(void **state)
{
	struct granting g;

	(void)state;
	granting_init(&g, 0, FR);
	/* A custodian has no word in it. */
	assert_int_equal(
		count_grant(&g, opening_custodian(&g.o.envelope, 0)), FAIL_MISMATCH);
	/* One enrolment is missing. */
	buf_clear(&g.enrols);
	rig_enrol("FR", "ana", RIG_NOW_S, true, &g.enrols);
	assert_int_equal(count_grant(&g, PT), FAIL_SIGNER);
	rig_enrol("CY", "ana", RIG_NOW_S, true, &g.enrols);
	/* No byte of it may be changed. */
	for (size_t at = 0; at < g.grant.len; at += 3) {
		g.grant.data[at] ^= (uint8_t)(1u << at % 8);
		assert_int_not_equal(count_grant(&g, PT), 0);
		g.grant.data[at] ^= (uint8_t)(1u << at % 8);
	}
	assert_int_equal(count_grant(&g, PT), 0);
	/* And none of the counted one, when it is shown. */
	for (size_t at = 0; at < g.grant.len; at += 3) {
		g.grant.data[at] ^= (uint8_t)(1u << at % 8);
		show_grant(&g);
		assert_int_not_equal(ask_authorise(&g.o), 0);
		g.grant.data[at] ^= (uint8_t)(1u << at % 8);
	}
	/* It is for ana of CY and nobody else: shown by ana of EU it is nothing. */
	show_grant(&g);
	g.o.member = EU;
	buf_clear(&g.o.request);
	rig_request(&rig, &g.o.envelope, EU, 5, &g.o.request);
	rig_enrol("EU", "ana", RIG_NOW_S, true, &g.o.enrols);
	assert_int_equal(ask_authorise(&g.o), FAIL_REFUSED);
	granting_done(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_later_reader_opens, setup, teardown),
		cmocka_unit_test_setup_teardown(the_originator_controls, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_does_not_count_as_a_grant, setup, teardown),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
