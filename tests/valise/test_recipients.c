/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "community.h"
#include "crypto/crypto.h"
#include "people.h"
#include "sys/random.h"
#include "valise/nearest.h"
#include "valise/plan_members.h"
#include "valise/recipients.h"

/*
 * PT writes to CY, whose desk `duty` has petros (SECRET), nikos (RESTRICTED only), a newcomer
 * and one whose credential is over; FR has no directory here.
 */

enum { NOW_S = PEOPLE_FROM_S + 30 * 24 * 3600, WEEK_S = 7 * 24 * 3600, DEVICES_MAX = 8 };

struct device {
	const char *member, *officer, *device, *desk, *clearance;
	uint64_t from_s, until_s;
};

static const struct device cy_devices[] = {
	{"CY", "eleni.k", "laptop", "policy", "SECRET", PEOPLE_FROM_S, PEOPLE_UNTIL_S},
	{"CY", "nikos", "laptop", "duty", "RESTRICTED", PEOPLE_FROM_S, PEOPLE_UNTIL_S},
	{"CY", "old", "laptop", "duty", "SECRET", PEOPLE_FROM_S, PEOPLE_FROM_S + 60},
	{"CY", "petros", "desktop", "duty", "SECRET", PEOPLE_FROM_S, PEOPLE_UNTIL_S},
	{"CY", "petros", "laptop", "duty", "SECRET", PEOPLE_FROM_S, PEOPLE_UNTIL_S},
	{"CY", "yiannis", "laptop", "duty", "SECRET", NOW_S - 3600, PEOPLE_UNTIL_S},
};
static const struct device pt_devices[] = {
	{"PT", "ana.silva", "desktop", "policy", "SECRET", PEOPLE_FROM_S, PEOPLE_UNTIL_S},
	{"PT", "ana.silva", "laptop", "policy", "SECRET", PEOPLE_FROM_S, PEOPLE_UNTIL_S},
};

struct world {
	struct roster *roster;
	struct buf roster_text;
	struct buf enrols[2][DEVICES_MAX];
	struct directory *directories[2]; /* PT, CY */
	struct credential self;
	struct circle circle;
	struct cable *cable;
	bool is_first;
};

static void
make_enrol(const struct device *d, const char *signing_member, struct buf *out)
{
	struct credential c = {.from_s = d->from_s,
		.until_s = d->until_s,
		.subject = people_subject(d->member, d->officer, SUBJECT_OFFICER)};
	struct clearance *clearance = NULL;
	struct buf clearances, credential;
	struct enrol e = {0};
	uint8_t seed[32];

	c.subject.device = address_of(d->device);
	people_seed(d->officer, d->device, "reader", seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &c.subject.reader), 0);
	people_seed(d->member, d->officer, "sign", seed);
	assert_int_equal(subject_prove(&c.subject, seed, c.possession), 0);
	assert_int_equal(desks_add(&c.desks, address_of(d->desk)), 0);
	buf_init(&clearances, CLEARANCE_BYTES_MAX);
	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	assert_int_equal(
		clearance_from_text(d->clearance, strlen(d->clearance), &clearance), 0);
	clearance_write(clearance, &clearances);
	clearance_free(clearance);
	c.clearances = rd_of(clearances.data, clearances.len);
	assert_int_equal(credential_write(&c, &credential), 0);
	e.credential = rd_of(credential.data, credential.len);
	people_seed(signing_member, "rita", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	people_seed(signing_member, "sergio", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	buf_init(out, ENROL_BYTES_MAX);
	assert_int_equal(enrol_write(&e, out), 0);
	buf_done(&clearances);
	buf_done(&credential);
}

static void
add_custody(struct directory *d, const char *member)
{
	uint8_t seed[32];

	people_seed(member, "station", "custody", seed);
	d->custody_count = 1;
	d->custody[0].from_s = NOW_S - WEEK_S / 2;
	d->custody[0].wiped_s = NOW_S + 2 * WEEK_S;
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &d->custody[0].key), 0);
}

/* One directory; `signing` is whose enrolment officers sign. */
static struct directory *
make_directory(const char *member, const char *signing, const struct device *devices,
	size_t count, struct buf *enrols)
{
	struct directory *d = NULL;

	assert_int_equal(directory_new(1, count, count, &d), 0);
	d->text = rd_of("no text", 7);
	d->member = address_of(member);
	d->number = 1;
	add_custody(d, member);
	d->credential_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct directory_credential *c = &d->credentials[i];

		make_enrol(&devices[i], signing, &enrols[i]);
		assert_int_equal(
			directory_credential_of(
				rd_of(enrols[i].data, enrols[i].len), &d->credentials[i]),
			0);
		if (strcmp(devices[i].desk, "duty") == 0 &&
			(d->officer_count == 0 ||
				address_compare(d->officers[d->officer_count - 1],
					c->officer) != 0))
			d->officers[d->officer_count++] = c->officer;
	}
	d->desk_count = d->officer_count > 0;
	d->desks[0] = (struct directory_desk){
		.name = address_of("duty"), .officer_count = d->officer_count};
	return d;
}

static const struct directory *
find_directory(const void *ctx, struct rd member)
{
	const struct world *w = ctx;

	for (size_t i = 0; i < 2; i++)
		if (w->directories[i] != NULL &&
			address_compare(w->directories[i]->member, member) == 0)
			return w->directories[i];
	return NULL;
}

/* The newest one, where the roster names it. */
static const struct directory *
find_first(const void *ctx, struct rd member)
{
	const struct world *w = ctx;

	return w->is_first ? find_directory(ctx, member) : NULL;
}

static void
write_cable(struct world *w, const char *text)
{
	struct cable_fault fault;

	cable_free(w->cable);
	w->cable = NULL;
	assert_int_equal(cable_parse(text, strlen(text), &w->cable, &fault), 0);
}

static void
world_init_with(struct world *w, const char *signing)
{
	static const char *const names[] = {"PT", "CY", "FR"};
	struct enrol e;

	memset(w, 0, sizeof *w);
	w->roster = community_roster(names, 3);
	buf_init(&w->roster_text, ROSTER_TEXT_MAX);
	assert_int_equal(roster_write(w->roster, &w->roster_text), 0);
	w->roster->text = rd_of(w->roster_text.data, w->roster_text.len);
	w->directories[0] = make_directory("PT", "PT", pt_devices,
		sizeof pt_devices / sizeof pt_devices[0], w->enrols[0]);
	w->directories[1] = make_directory("CY", signing, cy_devices,
		sizeof cy_devices / sizeof cy_devices[0], w->enrols[1]);
	w->circle = (struct circle){.roster = w->roster,
		.enrol = rd_of(w->enrols[0][0].data, w->enrols[0][0].len),
		.self = &w->self,
		.directory = find_directory,
		.first = find_first,
		.ctx = w};
	assert_int_equal(enrol_parse(w->circle.enrol.ptr, w->circle.enrol.len, &e), 0);
	assert_int_equal(
		credential_parse(e.credential.ptr, e.credential.len, &w->self), 0);
	write_cable(w, "To: CY/duty\nLabel: SECRET\n\nText.\n");
}

static void
world_init(struct world *w)
{
	world_init_with(w, "CY");
}

static void
world_done(struct world *w)
{
	cable_free(w->cable);
	for (size_t i = 0; i < 2; i++) {
		directory_free(w->directories[i]);
		for (size_t j = 0; j < DEVICES_MAX; j++)
			buf_done(&w->enrols[i][j]);
	}
	buf_done(&w->roster_text);
	roster_free(w->roster);
}

static int
ask(struct world *w, struct recipients **ret_recipients)
{
	struct recipients_question question = {.circle = &w->circle,
		.addressing = &w->cable->addressing,
		.label = w->cable->label,
		.now_s = NOW_S};

	return recipients_new(&question, ret_recipients);
}

static bool
is_reader(const struct recipients *r, const char *officer, const char *device)
{
	struct kem_public key;
	uint8_t seed[32];

	people_seed(officer, device, "reader", seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &key), 0);
	for (size_t i = 0; i < r->reader_count; i++)
		if (memcmp(r->readers[i].bytes, key.bytes, key.len) == 0)
			return true;
	return false;
}

static void
persons_are_judged_and_devices_are_readers(void **state)
{
	struct recipients *r = NULL;
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(ask(&w, &r), 0);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->list[0].known, RECIPIENT_KNOWN);
	assert_true(r->list[0].is_action);
	assert_int_equal(r->list[0].persons, 2);
	assert_int_equal(r->list[0].cleared, 1);
	assert_int_equal(r->list[0].refusal.rule, DECIDE_CLASS);
	assert_int_equal(r->list[0].newcomers, 1);
	assert_int_equal(r->list[0].not_valid, 1);
	/* Both of petros, nikos although he lacks the class, and both of the sender. */
	assert_int_equal(r->reader_count, 5);
	assert_true(is_reader(r, "petros", "laptop"));
	assert_true(is_reader(r, "petros", "desktop"));
	assert_true(is_reader(r, "nikos", "laptop"));
	assert_true(is_reader(r, "ana.silva", "laptop"));
	assert_true(is_reader(r, "ana.silva", "desktop"));
	assert_false(is_reader(r, "yiannis", "laptop"));
	assert_false(is_reader(r, "old", "laptop"));
	recipients_free(r);
	world_done(&w);
}

/* All members have signed that these people are there. */
static void
those_of_the_first_directory_count_at_once(void **state)
{
	struct recipients *r = NULL;
	struct world w;

	(void)state;
	world_init(&w);
	w.is_first = true;
	assert_int_equal(ask(&w, &r), 0);
	assert_int_equal(r->list[0].newcomers, 0);
	assert_int_equal(r->list[0].persons, 3);
	assert_true(is_reader(r, "yiannis", "laptop"));
	recipients_free(r);
	world_done(&w);
}

static void
nobody_is_above_the_ceiling_of_the_member(void **state)
{
	struct recipients *r = NULL;
	struct world w;

	(void)state;
	world_init(&w);
	w.roster->members[0].ceilings[0] =
		address_of("CONCORD: RESTRICTED, UNCLASSIFIED");
	assert_int_equal(ask(&w, &r), 0);
	assert_int_equal(r->list[0].persons, 2);
	assert_int_equal(r->list[0].cleared, 0);
	recipients_free(r);
	world_done(&w);
}

static void
the_exempted_get_nothing(void **state)
{
	struct recipients *r = NULL;
	struct world w;

	(void)state;
	world_init(&w);
	write_cable(&w, "To: CY/duty\nExempt: CY/petros\nLabel: SECRET\n\nText.\n");
	assert_int_equal(ask(&w, &r), 0);
	assert_int_equal(r->list[0].persons, 1);
	assert_int_equal(r->list[0].cleared, 0);
	assert_false(is_reader(r, "petros", "laptop"));
	assert_false(is_reader(r, "petros", "desktop"));
	recipients_free(r);
	/* A desk that is exempted: all who are on it. */
	r = NULL;
	write_cable(&w, "To: CY/nikos\nExempt: CY/duty\nLabel: SECRET\n\nText.\n");
	assert_int_equal(ask(&w, &r), 0);
	assert_int_equal(r->list[0].persons, 0);
	recipients_free(r);
	world_done(&w);
}

static void
what_is_unknown_is_told_with_the_nearest(void **state)
{
	struct recipients *r = NULL;
	struct world w;

	(void)state;
	world_init(&w);
	write_cable(&w,
		"To: CY/dutty, CX/duty, FR/duty, CY/eleni.x\nLabel: SECRET\n\nText.\n");
	assert_int_equal(ask(&w, &r), 0);
	assert_int_equal(r->list[0].known, RECIPIENT_NO_ADDRESS);
	assert_string_equal(r->list[0].near, "CY/duty");
	assert_int_equal(r->list[1].known, RECIPIENT_NO_MEMBER);
	assert_string_equal(r->list[1].near, "CY/duty");
	assert_int_equal(r->list[2].known, RECIPIENT_NO_DIRECTORY);
	assert_int_equal(r->list[3].known, RECIPIENT_NO_ADDRESS);
	assert_string_equal(r->list[3].near, "CY/eleni.k");
	recipients_free(r);
	world_done(&w);
}

static void
distance_is_what_levenshtein_says(void **state)
{
	(void)state;
	assert_int_equal(
		nearest_distance(address_of("kitten"), address_of("sitting")), 3);
	assert_int_equal(nearest_distance(address_of(""), address_of("abc")), 3);
	assert_int_equal(nearest_distance(address_of("duty"), address_of("duty")), 0);
}

/* A station that puts somebody into its directory whom its own officers signed for, not CY's. */
static void
a_directory_enrols_nobody(void **state)
{
	struct recipients *r = NULL;
	struct rd enrols[DEVICES_MAX];
	struct world w;
	size_t count;

	(void)state;
	world_init_with(&w, "FR");
	assert_int_equal(ask(&w, &r), FAIL_SIGNER);
	assert_null(r);
	assert_int_equal(recipients_devices(&w.circle, address_of("CY/duty"), NOW_S,
				 enrols, DEVICES_MAX, &count),
		FAIL_SIGNER);
	world_done(&w);
}

static void
a_grant_goes_to_devices_that_count(void **state)
{
	struct rd enrols[DEVICES_MAX];
	struct world w;
	size_t count = 0;

	(void)state;
	world_init(&w);
	assert_int_equal(recipients_devices(&w.circle, address_of("CY/petros"), NOW_S,
				 enrols, DEVICES_MAX, &count),
		0);
	assert_int_equal(count, 2);
	assert_int_equal(recipients_devices(&w.circle, address_of("CY/duty"), NOW_S,
				 enrols, DEVICES_MAX, &count),
		0);
	assert_int_equal(count, 3);
	assert_int_equal(recipients_devices(&w.circle, address_of("CY/duty"), NOW_S,
				 enrols, 2, &count),
		FAIL_LIMIT);
	assert_int_equal(recipients_devices(&w.circle, address_of("CY/yiannis"), NOW_S,
				 enrols, DEVICES_MAX, &count),
		FAIL_AGAIN);
	assert_int_equal(recipients_devices(&w.circle, address_of("CY/nobody"), NOW_S,
				 enrols, DEVICES_MAX, &count),
		FAIL_ABSENT);
	world_done(&w);
}

static int
plan(struct world *w, const struct recipients *r, struct plan_members *out)
{
	struct plan_members_question question = {.circle = &w->circle,
		.cable = w->cable,
		.recipients = r,
		.reference = address_of("PT/2026/0001"),
		.now_s = NOW_S,
		.rng = random_system()};

	return plan_members_init(out, &question);
}

static void
expect_slot(const struct header *header, size_t i, const char *member)
{
	struct kem_public key;
	uint8_t seed[32], id[KEM_ID_LEN];
	struct slot slot;

	people_seed(member, "station", "custody", seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &key), 0);
	kem_id(&key, id);
	slots_at(&header->sv, i, &slot);
	assert_memory_equal(slot.key_id, id, KEM_ID_LEN);
}

static void
a_plan_seals_to_the_custodians_of_the_rule(void **state)
{
	struct plan_members *p = NULL;
	struct recipients *r = NULL;
	struct header_secrets secrets;
	struct addressing *a = NULL;
	struct header header;
	struct buf out;
	struct world w;
	size_t len;

	(void)state;
	world_init(&w);
	/* CY, FR, PT; with FR out CY alone keeps the share. */
	w.roster->members[1] = w.roster->members[2];
	w.roster->member_count = 2;
	write_cable(
		&w, "To: CY/duty\nPrec: FLASH\nControl: ORCON\nLabel: SECRET\n\nText.\n");
	assert_int_equal(ask(&w, &r), 0);
	assert_int_equal(mem_new(&p, sizeof *p), 0);
	assert_int_equal(mem_new(&a, sizeof *a), 0);
	assert_int_equal(plan(&w, r, p), 0);
	buf_init(&out, HEADER_LEN_MAX);
	assert_int_equal(header_seal(&p->header, random_system(), &out, &secrets), 0);
	assert_int_equal(header_parse(rd_of(out.data, out.len), &header, &len), 0);
	assert_memory_equal(header.core.document_id, p->header.core.document_id, 16);
	assert_int_equal(header.core.flags, CORE_FLASH | CORE_CONTROLLED);
	assert_int_equal(header.core.rule, CORE_RULE_MEMBERS);
	assert_int_equal(header.core.threshold, 1);
	assert_int_equal(header.core.custodian_count, 1);
	assert_int_equal(address_compare(header.core.log_origin,
				 address_of("pt.example/openings/1")),
		0);
	assert_int_equal(address_compare(header.core.originator, address_of("PT")), 0);
	assert_memory_equal(header.core.roster_hash.ptr, p->roster_hash, HASH_LEN);
	expect_slot(&header, 0, "CY");
	expect_slot(&header, 1, "PT");
	assert_int_equal(header.r.count, 5);
	assert_int_equal(addressing_parse(header.addressing, a), 0);
	assert_int_equal(a->dtg_s, NOW_S);
	assert_int_equal(address_compare(a->reference, address_of("PT/2026/0001")), 0);
	header_secrets_wipe(&secrets);
	buf_done(&out);
	plan_members_done(p);
	mem_free(p);
	mem_free(a);
	recipients_free(r);
	world_done(&w);
}

static void
a_plan_that_cannot_be_says_why(void **state)
{
	struct plan_members *p = NULL;
	struct recipients *r = NULL;
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(ask(&w, &r), 0);
	assert_int_equal(mem_new(&p, sizeof *p), 0);
	/* Three members: FR is a custodian, and nothing is known of its keys. */
	assert_int_equal(plan(&w, r, p), FAIL_ABSENT);
	assert_int_equal(address_compare(p->who, address_of("FR")), 0);
	plan_members_done(p);
	/* A key that is wiped by now would lose the share. */
	w.roster->member_count = 2;
	w.roster->members[1] = w.roster->members[2];
	w.directories[1]->custody[0].wiped_s = NOW_S;
	assert_int_equal(plan(&w, r, p), FAIL_ABSENT);
	assert_int_equal(address_compare(p->who, address_of("CY")), 0);
	plan_members_done(p);
	/* One member alone. */
	w.roster->members[0] = w.roster->members[1];
	w.roster->member_count = 1;
	assert_int_equal(plan(&w, r, p), FAIL_ABSENT);
	assert_int_equal(p->who.len, 0);
	plan_members_done(p);
	mem_free(p);
	recipients_free(r);
	world_done(&w);
}

static void
memory_fails_at_every_point(void **state)
{
	struct plan_members *p = NULL;
	struct recipients *r = NULL;
	struct world w;
	int result = FAIL_NOMEM;

	(void)state;
	world_init(&w);
	for (long n = 0; result == FAIL_NOMEM; n++) {
		mem_fail_after(n, true);
		result = ask(&w, &r);
		mem_fail_never();
	}
	assert_int_equal(result, 0);
	assert_int_equal(mem_new(&p, sizeof *p), 0);
	w.roster->member_count = 2;
	w.roster->members[1] = w.roster->members[2];
	result = FAIL_NOMEM;
	for (long n = 0; result == FAIL_NOMEM; n++) {
		mem_fail_after(n, true);
		result = plan(&w, r, p);
		mem_fail_never();
		plan_members_done(p);
	}
	assert_int_equal(result, 0);
	mem_free(p);
	recipients_free(r);
	world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(persons_are_judged_and_devices_are_readers),
		cmocka_unit_test(those_of_the_first_directory_count_at_once),
		cmocka_unit_test(nobody_is_above_the_ceiling_of_the_member),
		cmocka_unit_test(the_exempted_get_nothing),
		cmocka_unit_test(what_is_unknown_is_told_with_the_nearest),
		cmocka_unit_test(distance_is_what_levenshtein_says),
		cmocka_unit_test(a_directory_enrols_nobody),
		cmocka_unit_test(a_grant_goes_to_devices_that_count),
		cmocka_unit_test(a_plan_seals_to_the_custodians_of_the_rule),
		cmocka_unit_test(a_plan_that_cannot_be_says_why),
		cmocka_unit_test(memory_fails_at_every_point),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
