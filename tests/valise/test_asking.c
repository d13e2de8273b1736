/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "community.h"
#include "crypto/crypto.h"
#include "custody/answer.h"
#include "custody/opening.h"
#include "envelope/grant.h"
#include "envelope/schedule.h"
#include "member/own_officer.h"
#include "sys/random.h"
#include "valise/asking.h"

/* The fixture's officers; one of its names is also a name of valise/people.h. */
#define people_enrol fixture_enrol
#include "people.h"
#undef people_enrol

/*
 * CY/eleni.k opens an envelope of PT, whose share is kept by CY, EU, FR and GR, two of which
 * are needed.  The stations are played here; each may be away, refuse, or lie.
 */

enum { CUSTODIANS = 4, THRESHOLD = 2 };

static const char *const names[] = {"PT", "CY", "EU", "FR", "GR"};
static char root[] = "/tmp/valise-asking-XXXXXX";

enum manner { HONEST, AWAY, REFUSES, FALSE_SECRET, FALSE_SIGNATURE, OTHER_REQUEST };

struct world {
	struct roster *roster;
	struct buf roster_text;
	struct own_officer *own;
	struct keys *keys;
	struct buf enrol;
	struct buf header_bytes;
	struct header header;
	struct header_secrets secrets;
	uint8_t envelope_hash[HASH_LEN];
	struct session session;
	enum manner manners[1 + CUSTODIANS]; /* by names[] */
	size_t asked[1 + CUSTODIANS];
	uint8_t evidence_kind;
};

static size_t
index_of(struct rd member)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (address_compare(member, address_of(names[i])) == 0)
			return i;
	fail_msg("asked of nobody we know");
	return 0;
}

static void
custody_key(size_t i, uint8_t ret_seed[KEM_SEED_LEN], struct kem_public *ret_key)
{
	people_seed(names[i], "station", "custody", ret_seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, ret_seed, ret_key), 0);
}

static void
answer(struct world *w, size_t i, const struct opening_request *request,
	const uint8_t hash[HASH_LEN], struct buf *out)
{
	struct answer_plan plan = {.kind = i == 0 ? ANSWER_V_KEY : ANSWER_SHARE,
		.number = (uint8_t)i,
		.binding = hash,
		.core_hash = w->header.core_hash,
		.member = address_of(names[i]),
		.ephemeral = &request->ephemeral};
	uint8_t secret[ANSWER_SECRET_LEN], seed[32], other[HASH_LEN] = {1};
	struct kem_public key;
	struct slot slot;

	if (i == 0) {
		assert_int_equal(schedule_v_body(w->secrets.v, secret), 0);
	} else {
		struct slot_place place = {.role = "S",
			.suite = SUITE_1,
			.index = (uint32_t)(i - 1),
			.core_hash = w->header.core_hash};

		custody_key(i, seed, &key);
		slots_at(&w->header.sv, i - 1, &slot);
		assert_int_equal(slot_open(&place, &slot, seed, secret), 0);
	}
	if (w->manners[i] == FALSE_SECRET)
		secret[0] ^= 1;
	if (w->manners[i] == OTHER_REQUEST)
		plan.binding = other;
	people_seed(names[w->manners[i] == FALSE_SIGNATURE ? 1 : i], "station",
		w->manners[i] == FALSE_SIGNATURE ? "tls" : "sign", seed);
	plan.seed = seed;
	assert_int_equal(answer_seal(&plan, random_system(), secret, out), 0);
}

static void
authorise(const uint8_t hash[HASH_LEN], struct buf *out)
{
	struct opening_authorisation a = {.copy = 2, .time_s = PEOPLE_FROM_S};
	uint8_t seed[32];

	memcpy(a.request_hash, hash, HASH_LEN);
	people_seed("PT", "station", "sign", seed);
	assert_int_equal(opening_authorisation_sign(&a, seed), 0);
	opening_authorisation_write(&a, out);
}

static int
serve(struct world *w, size_t i, const struct post_open *open, struct buf *out)
{
	struct opening_evidence evidence;
	struct opening_request request;
	struct post_opened opened = {0};
	struct buf authorisation, bytes;
	uint8_t hash[HASH_LEN];

	assert_int_equal(opening_request_parse(open->request, &request), 0);
	assert_int_equal(opening_request_verify(&request, w->own->subject.sign), 0);
	assert_int_equal(opening_evidence_parse(open->evidence, &evidence), 0);
	assert_int_equal(evidence.kind, w->evidence_kind);
	assert_memory_equal(request.envelope_hash, w->envelope_hash, HASH_LEN);
	/* A custodian is asked with the originator's authorisation, and never before it. */
	assert_int_equal(open->authorisation.len > 0, i > 0);
	opening_request_hash(open->request, hash);
	buf_init(&authorisation, 512);
	buf_init(&bytes, ANSWER_LEN_MAX);
	if (i == 0)
		authorise(hash, &authorisation);
	answer(w, i, &request, hash, &bytes);
	opened.authorisation = rd_of(authorisation.data, authorisation.len);
	opened.answer = rd_of(bytes.data, bytes.len);
	codec_write(&post_opened_codec, &opened, out);
	buf_done(&authorisation);
	buf_done(&bytes);
	return 0;
}

static int
ask(void *ctx, const char *path, const struct codec *codec, const void *message,
	struct buf *out)
{
	const struct post_relay *relay = message;
	struct world *w = ctx;
	struct post_open open;
	size_t i = index_of(relay->member);

	(void)codec;
	assert_string_equal(path, "open");
	w->asked[i]++;
	if (w->manners[i] == AWAY)
		return FAIL_AGAIN;
	if (w->manners[i] == REFUSES)
		return FAIL_REFUSED;
	assert_int_equal(codec_parse_whole(&post_open_codec, relay->body, &open), 0);
	return serve(w, i, &open, out);
}

/* Keys of an officer in a key file, and their ENROL. */
static void
make_keys(struct world *w)
{
	struct own_officer_name who = {.member = "CY",
		.officer = "eleni.k",
		.device = "laptop",
		.kind = SUBJECT_OFFICER,
		.suite = SUITE_1};
	struct credential c = {.from_s = PEOPLE_FROM_S, .until_s = PEOPLE_UNTIL_S};
	struct secret *passphrase = NULL;
	struct buf file, credential;
	char path[DISK_PATH_MAX];
	struct enrol e = {0};
	uint8_t seed[32];

	buf_init(&file, KEYFILE_MAX);
	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	assert_int_equal(own_officer_new(&who, random_system(), &w->own), 0);
	assert_int_equal(secret_new(4, &passphrase), 0);
	memcpy(passphrase->bytes, "word", 4);
	assert_int_equal(own_officer_seal(w->own, passphrase, random_system(), &file), 0);
	assert_int_equal(keys_file_path(root, path), 0);
	assert_int_equal(disk_write_small(path, file.data, file.len, true), 0);
	assert_int_equal(keys_from_passphrase(root, passphrase, &w->keys), 0);
	assert_int_equal(unlink(path), 0);
	c.subject = w->own->subject;
	c.clearances = rd_of("", 0);
	assert_int_equal(subject_prove(&c.subject, own_officer_seed(w->own, OWN_SIGN),
				 c.possession),
		0);
	assert_int_equal(credential_write(&c, &credential), 0);
	e.credential = rd_of(credential.data, credential.len);
	people_seed("CY", "rita", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	people_seed("CY", "sergio", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	buf_init(&w->enrol, ENROL_BYTES_MAX);
	assert_int_equal(enrol_write(&e, &w->enrol), 0);
	secret_free(passphrase);
	buf_done(&file);
	buf_done(&credential);
}

static void
seal(struct world *w, const struct kem_public *reader)
{
	struct addressing *a = NULL;
	struct kem_public custodians[CUSTODIANS], originator;
	struct buf addressing, label_bytes;
	struct label *label = NULL;
	uint8_t seed[32], roster_id[HASH_LEN];
	struct header_plan plan = {.readers = reader,
		.reader_count = 1,
		.custodians = custodians,
		.originator = &originator};
	size_t len;

	buf_init(&addressing, ADDRESSING_LEN_MAX);
	buf_init(&label_bytes, CORE_LABEL_MAX);
	assert_int_equal(mem_new(&a, sizeof *a), 0);
	assert_int_equal(addressing_write(a, &addressing), 0);
	assert_int_equal(label_from_text("SECRET", 6, &label), 0);
	label_write(label, &label_bytes);
	roster_hash(w->roster->text, roster_id);
	plan.core.suite = SUITE_1;
	plan.core.log_origin = address_of("pt.example/openings/1");
	plan.core.roster_hash = rd_of(roster_id, HASH_LEN);
	plan.core.originator = address_of("PT");
	plan.core.label = rd_of(label_bytes.data, label_bytes.len);
	plan.core.rule = CORE_RULE_MEMBERS;
	plan.core.threshold = THRESHOLD;
	plan.core.custodian_count = CUSTODIANS;
	plan.addressing = rd_of(addressing.data, addressing.len);
	custody_key(0, seed, &originator);
	for (size_t i = 0; i < CUSTODIANS; i++) {
		plan.core.custodians[i].member = address_of(names[i + 1]);
		custody_key(i + 1, seed, &custodians[i]);
	}
	buf_init(&w->header_bytes, HEADER_LEN_MAX);
	assert_int_equal(
		header_seal(&plan, random_system(), &w->header_bytes, &w->secrets), 0);
	assert_int_equal(header_parse(rd_of(w->header_bytes.data, w->header_bytes.len),
				 &w->header, &len),
		0);
	mem_free(a);
	label_free(label);
	buf_done(&addressing);
	buf_done(&label_bytes);
}

static void
world_init(struct world *w, bool is_reader)
{
	struct kem_public other;
	uint8_t seed[32];

	memset(w, 0, sizeof *w);
	w->roster = community_roster(names, sizeof names / sizeof names[0]);
	buf_init(&w->roster_text, ROSTER_TEXT_MAX);
	assert_int_equal(roster_write(w->roster, &w->roster_text), 0);
	w->roster->text = rd_of(w->roster_text.data, w->roster_text.len);
	make_keys(w);
	custody_key(4, seed, &other);
	seal(w, is_reader ? &w->own->subject.reader : &other);
	memset(w->envelope_hash, 0x77, HASH_LEN);
	w->session.keys = w->keys;
	w->session.courier = (struct courier){.ask = ask, .ctx = w};
	w->session.circle.roster = w->roster;
	w->session.circle.enrol = rd_of(w->enrol.data, w->enrol.len);
}

static void
world_done(struct world *w)
{
	keys_free(w->keys);
	own_officer_free(w->own);
	header_secrets_wipe(&w->secrets);
	buf_done(&w->enrol);
	buf_done(&w->header_bytes);
	buf_done(&w->roster_text);
	roster_free(w->roster);
}

static int
run(struct world *w, struct rd grant, struct asked *ret_asked)
{
	struct asking asking = {.session = &w->session,
		.header = &w->header,
		.envelope_hash = w->envelope_hash,
		.grant = grant,
		.purpose = "test"};
	uint8_t key[SCHEDULE_LEN];
	int r = asking_run(&asking, ret_asked, key);

	if (r == 0)
		assert_memory_equal(key, w->secrets.body_key, SCHEDULE_LEN);
	return r;
}

static const struct rd no_grant;

static void
two_custodians_and_the_originator_open(void **state)
{
	struct asked asked;
	struct world w;

	(void)state;
	world_init(&w, true);
	assert_int_equal(run(&w, no_grant, &asked), 0);
	assert_int_equal(asked.copy, 2);
	assert_string_equal(asked.shares, "CY, EU");
	assert_string_equal(asked.passed, "");
	assert_int_equal(w.asked[3] + w.asked[4], 0);
	world_done(&w);
}

static void
who_does_not_answer_well_is_passed_over_and_named(void **state)
{
	static const enum manner manners[] = {
		AWAY, REFUSES, FALSE_SECRET, FALSE_SIGNATURE, OTHER_REQUEST};
	struct asked asked;
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
		world_init(&w, true);
		w.manners[1] = manners[i];
		w.manners[3] = manners[i];
		assert_int_equal(run(&w, no_grant, &asked), 0);
		assert_string_equal(asked.shares, "EU, GR");
		assert_string_equal(asked.passed, "CY, FR");
		world_done(&w);
	}
}

static void
too_few_custodians_open_nothing(void **state)
{
	struct asked asked;
	struct world w;

	(void)state;
	world_init(&w, true);
	w.manners[1] = w.manners[2] = FALSE_SECRET;
	w.manners[4] = AWAY;
	assert_int_equal(run(&w, no_grant, &asked), FAIL_AGAIN);
	assert_string_equal(asked.where, "GR");
	assert_string_equal(asked.shares, "FR");
	assert_false(asked.is_answered);
	world_done(&w);
}

static void
without_the_originator_nobody_else_is_asked(void **state)
{
	static const struct {
		enum manner manner;
		int r;
	} cases[] = {{AWAY, FAIL_AGAIN}, {REFUSES, FAIL_REFUSED},
		{FALSE_SIGNATURE, FAIL_SIGNATURE}, {OTHER_REQUEST, FAIL_MISMATCH}};
	struct asked asked;
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		world_init(&w, true);
		w.manners[0] = cases[i].manner;
		assert_int_equal(run(&w, no_grant, &asked), cases[i].r);
		assert_string_equal(asked.where, "PT");
		for (size_t j = 1; j <= CUSTODIANS; j++)
			assert_int_equal(w.asked[j], 0);
		world_done(&w);
	}
}

/* A V-key that belongs to nothing: one more share is asked for, then the sender is named. */
static void
parts_that_do_not_fit_are_the_senders_doing(void **state)
{
	struct asked asked;
	struct world w;

	(void)state;
	world_init(&w, true);
	w.manners[0] = FALSE_SECRET;
	assert_int_equal(run(&w, no_grant, &asked), FAIL_COMMITMENT);
	assert_string_equal(asked.where, "sealed by PT");
	assert_true(asked.is_answered);
	assert_string_equal(asked.shares, "CY, EU, FR");
	assert_int_equal(w.asked[4], 0);
	world_done(&w);
}

static void
write_grant(struct world *w, const char *counter, struct buf *out)
{
	struct enrol e;
	struct grant grant;
	struct signer granter = {.role = SIGNER_GRANTER, .kind = SIGNER_CREDENTIAL};
	struct grant_plan plan = {.suite = SUITE_1,
		.envelope_hash = w->envelope_hash,
		.core_hash = w->header.core_hash,
		.device = &w->own->subject.reader};
	uint8_t seed[32], signature[SIGN_LEN];
	struct buf begun, message;

	assert_int_equal(enrol_parse(w->enrol.data, w->enrol.len, &e), 0);
	plan.credential = granter.identity = e.credential;
	buf_init(&begun, GRANT_LEN_MAX);
	buf_init(&message, GRANT_LEN_MAX);
	buf_init(out, GRANT_LEN_MAX);
	assert_int_equal(grant_begin(&plan, random_system(), w->secrets.r, &begun), 0);
	assert_int_equal(grant_sign(&granter, &begun), 0);
	assert_int_equal(grant_parse(rd_of(begun.data, begun.len), &grant), 0);
	assert_int_equal(grant_counted(&grant, &message), 0);
	people_seed(counter, "station", "sign", seed);
	sign_message(seed, message.data, message.len, signature);
	assert_int_equal(grant_countersign(&grant, signature, out), 0);
	buf_done(&begun);
	buf_done(&message);
}

static void
a_later_reader_brings_a_grant_that_the_originator_counted(void **state)
{
	struct asked asked;
	struct buf grant;
	struct world w;

	(void)state;
	world_init(&w, false);
	assert_int_equal(run(&w, no_grant, &asked), FAIL_NO_KEY);
	assert_int_equal(w.asked[0], 0);
	w.evidence_kind = OPENING_GRANT;
	write_grant(&w, "PT", &grant);
	assert_int_equal(run(&w, rd_of(grant.data, grant.len), &asked), 0);
	buf_done(&grant);
	/* Counted by another member: not asked for at all. */
	w.asked[0] = 0;
	write_grant(&w, "CY", &grant);
	assert_int_equal(run(&w, rd_of(grant.data, grant.len), &asked), FAIL_SIGNATURE);
	/* Of another envelope. */
	w.envelope_hash[0] ^= 1;
	assert_int_equal(run(&w, rd_of(grant.data, grant.len), &asked), FAIL_MISMATCH);
	assert_int_equal(w.asked[0], 0);
	buf_done(&grant);
	world_done(&w);
}

static void
r_alone_asks_nobody(void **state)
{
	uint8_t r_secret[SCHEDULE_LEN];
	struct world w;

	(void)state;
	world_init(&w, true);
	struct asking asking = {.session = &w.session,
		.header = &w.header,
		.envelope_hash = w.envelope_hash,
		.purpose = ""};

	assert_int_equal(asking_r(&asking, r_secret), 0);
	assert_memory_equal(r_secret, w.secrets.r, SCHEDULE_LEN);
	for (size_t j = 0; j <= CUSTODIANS; j++)
		assert_int_equal(w.asked[j], 0);
	world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_custodians_and_the_originator_open),
		cmocka_unit_test(who_does_not_answer_well_is_passed_over_and_named),
		cmocka_unit_test(too_few_custodians_open_nothing),
		cmocka_unit_test(without_the_originator_nobody_else_is_asked),
		cmocka_unit_test(parts_that_do_not_fit_are_the_senders_doing),
		cmocka_unit_test(
			a_later_reader_brings_a_grant_that_the_originator_counted),
		cmocka_unit_test(r_alone_asks_nobody),
	};
	int failed;

	if (crypto_init() != 0 || mkdtemp(root) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return rmdir(root) != 0 || failed != 0;
}
