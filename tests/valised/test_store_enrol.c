/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../member/community.h"
#include "../member/people.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "crypto/sign.h"
#include "store_rig.h"

/* From a request to a credential in our directory; desks. */

static struct rig_reply
ask_enrol(struct rig *rig, const char *path, const char *member, const char *officer)
{
	struct post_request message;
	struct rig_reply reply;
	struct buf bytes;

	buf_init(&bytes, REQUEST_BYTES_MAX);
	people_request(member, officer, SUBJECT_OFFICER, &bytes);
	message.request = rig_bytes(&bytes);
	reply = rig_open_ask(rig, path, &post_request_codec, &message);
	buf_done(&bytes);
	return reply;
}

static struct rig_reply
bring(struct rig *rig, const struct buf *enrol)
{
	const struct post_enrol message = {.enrol = rig_bytes(enrol)};

	return rig_open_ask(rig, "enrol-sign", &post_enrol_codec, &message);
}

/* A credential on these desks, valid until then, signed by these officers' enrol keys. */
struct wanted {
	const char *member, *officer;
	const char *desk;
	uint64_t until_s;
	const char *signers[3];
};

static void
make_enrol(const struct wanted *w, struct buf *out)
{
	struct credential c = {
		.from_s = PEOPLE_FROM_S,
		.until_s = w->until_s != 0 ? w->until_s : PEOPLE_UNTIL_S,
		.subject = people_subject(w->member, w->officer, SUBJECT_OFFICER),
		.clearances = rd_of("", 0),
	};
	struct enrol e = {0};
	uint8_t seed[32];
	struct buf bytes;

	buf_clear(out);
	people_seed(w->member, w->officer, "sign", seed);
	assert_int_equal(subject_prove(&c.subject, seed, c.possession), 0);
	assert_int_equal(
		desks_add(&c.desks, address_of(w->desk != NULL ? w->desk : "duty")), 0);
	buf_init(&bytes, CREDENTIAL_BYTES_MAX);
	assert_int_equal(credential_write(&c, &bytes), 0);
	e.credential = rig_bytes(&bytes);
	for (size_t i = 0; w->signers[i] != NULL; i++) {
		people_seed(w->member, w->signers[i], "enrol", seed);
		assert_int_equal(enrol_sign(&e, seed), 0);
	}
	assert_int_equal(enrol_write(&e, out), 0);
	buf_done(&bytes);
}

static size_t
pending(struct rig *rig, struct post_pending *ret_last)
{
	struct rig_reply reply = rig_enroller(rig, "rita", "pending", NULL, NULL);
	struct post_list list;
	size_t count = 0;

	assert_int_equal(reply.status, 200);
	assert_int_equal(codec_parse_whole(&post_list_codec, reply.body, &list), 0);
	for (; list.items.len > 0; count++)
		assert_int_equal(
			codec_parse(&post_pending_codec, &list.items, ret_last), 0);
	return count;
}

static const struct directory *
own(const struct rig *rig)
{
	return store_directory(rig->store, address_of("PT"));
}

static void
test_the_way_of_an_officer(void **ctx)
{
	const struct wanted half = {"PT", "ana", .signers = {"rita"}},
			    whole = {"PT", "ana", .signers = {"rita", "sergio"}};
	struct post_pending item;
	struct rig_reply reply;
	struct post_enrol enrol;
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	buf_init(&bytes, ENROL_BYTES_MAX);
	assert_int_equal(ask_enrol(&rig, "enrolled", "PT", "ana").status, 404);
	assert_int_equal(ask_enrol(&rig, "enrol", "PT", "ana").status, 200);
	assert_int_equal(ask_enrol(&rig, "enrol", "PT", "ana").status, 200);
	reply = ask_enrol(&rig, "enrolled", "PT", "ana");
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "0 of 2 enrolment officers have signed");
	assert_int_equal(pending(&rig, &item), 1);
	assert_int_equal(item.enrol.len, 0);

	make_enrol(&half, &bytes);
	assert_int_equal(bring(&rig, &bytes).status, 200);
	reply = ask_enrol(&rig, "enrolled", "PT", "ana");
	assert_string_equal(reply.text, "1 of 2 enrolment officers have signed");
	assert_int_equal(pending(&rig, &item), 1);
	assert_int_equal(item.enrol.len, bytes.len);
	/* Asking once more does not lose the signature. */
	assert_int_equal(ask_enrol(&rig, "enrol", "PT", "ana").status, 200);
	assert_int_equal(pending(&rig, &item), 1);
	assert_int_equal(item.enrol.len, bytes.len);

	rig_forget(&rig);
	make_enrol(&whole, &bytes);
	assert_int_equal(bring(&rig, &bytes).status, 200);
	assert_int_equal(pending(&rig, &item), 0);
	reply = ask_enrol(&rig, "enrolled", "PT", "ana");
	assert_int_equal(reply.status, 200);
	assert_int_equal(codec_parse_whole(&post_enrol_codec, reply.body, &enrol), 0);
	assert_int_equal(enrol.enrol.len, bytes.len);
	assert_memory_equal(enrol.enrol.ptr, bytes.data, bytes.len);
	/* In our directory, which the others get, once. */
	assert_int_equal(own(&rig)->credential_count, 1);
	assert_int_equal(own(&rig)->desk_count, 1);
	assert_int_equal(rig_queued(&rig, "CY", "directory"), 1);
	assert_int_equal(rig_queued(&rig, "FR", "directory"), 1);
	/* The same again is no harm. */
	assert_int_equal(bring(&rig, &bytes).status, 200);
	buf_done(&bytes);
	rig_end(&rig);
}

/* Two officers sign the same credential without knowing of each other. */
static void
test_two_halves(void **ctx)
{
	static const struct wanted halves[2] = {
		{"PT", "ana", .signers = {"rita"}}, {"PT", "ana", .signers = {"sergio"}}};
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	for (size_t first = 0; first < 2; first++) {
		rig_begin(&rig, "PT");
		rig_join(&rig);
		buf_init(&bytes, ENROL_BYTES_MAX);
		assert_int_equal(ask_enrol(&rig, "enrol", "PT", "ana").status, 200);
		make_enrol(&halves[first], &bytes);
		assert_int_equal(bring(&rig, &bytes).status, 200);
		assert_int_equal(bring(&rig, &bytes).status, 200); /* not two by one */
		assert_int_equal(ask_enrol(&rig, "enrolled", "PT", "ana").status, 503);
		make_enrol(&halves[1 - first], &bytes);
		assert_int_equal(bring(&rig, &bytes).status, 200);
		assert_int_equal(ask_enrol(&rig, "enrolled", "PT", "ana").status, 200);
		buf_done(&bytes);
		rig_end(&rig);
	}
}

static void
test_requests_refused(void **ctx)
{
	struct post_request message;
	struct rig_reply reply;
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	reply = ask_enrol(&rig, "enrol", "CY", "eleni");
	assert_int_equal(reply.status, 409);
	assert_string_equal(reply.text, "this station is PT; the request is for CY");
	buf_init(&bytes, REQUEST_BYTES_MAX);
	people_request("PT", "ana", SUBJECT_OFFICER, &bytes);
	bytes.data[bytes.len - 1] ^= 1;
	message.request = rig_bytes(&bytes);
	reply = rig_open_ask(&rig, "enrol", &post_request_codec, &message);
	assert_int_equal(reply.status, 401);
	assert_string_equal(reply.text, "a signature in the request is false");
	message.request.len--;
	assert_int_equal(
		rig_open_ask(&rig, "enrol", &post_request_codec, &message).status, 400);
	assert_int_equal(rig_open_ask(&rig, "enrol", NULL, NULL).status, 400);
	buf_done(&bytes);
	rig_end(&rig);
}

static void
test_too_many_requests(void **ctx)
{
	struct post_pending item;
	struct rig_reply reply;
	struct rig rig;
	char name[32];

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_found(&rig);
	for (int i = 0; i < 256; i++) {
		(void)snprintf(name, sizeof name, "officer-%d", i);
		assert_int_equal(ask_enrol(&rig, "enrol", "PT", name).status, 200);
		rig_forget(&rig);
	}
	reply = ask_enrol(&rig, "enrol", "PT", "ana");
	assert_int_equal(reply.status, 503);
	assert_string_equal(
		reply.text, "too many requests wait for the enrolment officers");
	/* One of those that wait may ask again. */
	assert_int_equal(ask_enrol(&rig, "enrol", "PT", "officer-7").status, 200);
	/* After two weeks there is room. */
	rig.now_ms += (uint64_t)(14 * 86400 + 1) * 1000;
	rig_settle(&rig);
	assert_int_equal(ask_enrol(&rig, "enrol", "PT", "ana").status, 200);
	assert_int_equal(pending(&rig, &item), 1);
	rig_end(&rig);
}

static void
test_signatures_refused(void **ctx)
{
	static const struct {
		struct wanted wanted;
		unsigned status;
		const char *text;
	} cases[] = {
		{{"PT", "ana", .signers = {"rita", "mole"}}, 401,
			"a signature under the enrolment is by no officer who may"},
		{{"PT", "ana", .signers = {"mole"}}, 401,
			"a signature under the enrolment is by no officer who may"},
		{{"PT", "ben", .signers = {"rita", "sergio"}}, 404,
			"no request of this device waits here"},
		{{"CY", "ana", .signers = {"rita", "sergio"}}, 409,
			"the credential is of another member than this station's"},
		{{"PT", "ana", .until_s = RIG_NOW_S, .signers = {"rita", "sergio"}}, 403,
			"the credential has ended already"},
		{{"PT", "ana", .desk = "ana", .signers = {"rita", "sergio"}}, 409,
			"an officer would have the name of a desk"},
	};
	struct post_pending item;
	struct rig_reply reply;
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	assert_int_equal(ask_enrol(&rig, "enrol", "PT", "ana").status, 200);
	buf_init(&bytes, ENROL_BYTES_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		make_enrol(&cases[i].wanted, &bytes);
		reply = bring(&rig, &bytes);
		assert_string_equal(reply.text, cases[i].text);
		assert_int_equal(reply.status, cases[i].status);
		/* Nothing of it is left. */
		assert_int_equal(pending(&rig, &item), 1);
		assert_int_equal(item.enrol.len, 0);
		assert_int_equal(own(&rig)->credential_count, 0);
	}
	make_enrol(&(struct wanted){"PT", "ana", .signers = {"rita", "sergio"}}, &bytes);
	bytes.data[bytes.len - 1] ^= 1;
	reply = bring(&rig, &bytes);
	assert_int_equal(reply.status, 401);
	assert_string_equal(reply.text, "a signature under the enrolment is false");
	bytes.data[bytes.len - 1] ^= 1;
	assert_int_equal(bring(&rig, &bytes).status, 200);
	buf_done(&bytes);
	rig_end(&rig);
}

/* Officers are enrolled before the community exists: by the founding file. */
static void
test_before_joining(void **ctx)
{
	struct post_ask_note ask = {.member = rd_of("", 0)};
	const struct wanted whole = {"PT", "ana", .signers = {"rita", "sergio"}};
	struct rig_reply reply;
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	buf_init(&bytes, ENROL_BYTES_MAX);
	assert_int_equal(ask_enrol(&rig, "enrol", "PT", "ana").status, 200);
	make_enrol(&whole, &bytes);
	reply = bring(&rig, &bytes);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "this member has no enrolment officers yet");
	rig_found(&rig);
	assert_int_equal(bring(&rig, &bytes).status, 200);
	assert_int_equal(own(&rig)->credential_count, 1);
	reply = rig_enroller(&rig, "rita", "directory", &post_ask_note_codec, &ask);
	assert_int_equal(reply.status, 200);
	assert_int_equal(rig.outgoing_count, 0);
	rig_join(&rig);
	assert_int_equal(own(&rig)->credential_count, 1);
	assert_int_equal(rig_queued(&rig, "CY", "directory"), 1);
	buf_done(&bytes);
	rig_end(&rig);
}

/* What changes while custody signs goes out together, afterwards. */
static void
test_changes_together(void **ctx)
{
	static const char *const names[] = {"ana", "ben", "carla"};
	struct wanted whole = {"PT", NULL, .signers = {"rita", "sergio"}};
	struct post_enrol message;
	struct buf bytes;
	uint32_t number;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	number = own(&rig)->number;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(ask_enrol(&rig, "enrol", "PT", names[i]).status, 200);
	rig_forget(&rig);
	buf_init(&bytes, ENROL_BYTES_MAX);
	for (size_t i = 0; i < 3; i++) {
		whole.officer = names[i];
		make_enrol(&whole, &bytes);
		message.enrol = rig_bytes(&bytes);
		assert_int_equal(
			rig_put(&rig,
				&(struct rig_asking){FRONT_CLIENT, NULL, "enrol-sign",
					&post_enrol_codec, &message}),
			0);
		if (i == 0)
			assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
	}
	rig_settle(&rig);
	assert_int_equal(own(&rig)->credential_count, 3);
	assert_int_equal(own(&rig)->number, number + 2);
	assert_int_equal(rig_queued(&rig, "CY", "directory"), 2);
	buf_done(&bytes);
	rig_end(&rig);
}

static void
test_custody_cannot_sign(void **ctx)
{
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	rig.refused = VAULT_SIGN_DIRECTORY;
	rig.refusal = FAIL_AGAIN;
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	assert_int_equal(own(&rig)->credential_count, 0);
	rig.refused = 0;
	rig_settle(&rig);
	assert_int_equal(own(&rig)->credential_count, 0);
	rig.now_ms += 5000;
	rig_settle(&rig);
	assert_int_equal(own(&rig)->credential_count, 1);
	rig_end(&rig);
}

/* Our rows were lost after custody had signed: it signs no number twice. */
static void
test_custody_is_ahead(void **ctx)
{
	uint32_t number;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	number = own(&rig)->number;
	rig.refused = VAULT_SIGN_DIRECTORY;
	rig.refusal = FAIL_REFUSED;
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	for (int i = 0; i < 2; i++) {
		rig.now_ms += 1000;
		rig_settle(&rig);
	}
	rig.refused = 0;
	rig.now_ms += 1000;
	rig_settle(&rig);
	assert_int_equal(own(&rig)->credential_count, 1);
	assert_int_equal(own(&rig)->number, number + 4);
	rig_enrol(&rig, "ben", SUBJECT_OFFICER);
	assert_int_equal(own(&rig)->number, number + 5);

	/* Its keys have turned: it is asked for them again. */
	rig.refused = VAULT_SIGN_DIRECTORY;
	rig.refusal = FAIL_MISMATCH;
	rig_forget(&rig);
	rig_enrol(&rig, "carla", SUBJECT_OFFICER);
	rig.now_ms += 1000;
	rig_settle(&rig);
	assert_true(rig_said(&rig, ROLE_CUSTODY, VAULT_TICK) >= 1);
	rig.refused = 0;
	rig.now_ms += 5000;
	rig_settle(&rig);
	assert_int_equal(own(&rig)->credential_count, 3);
	rig_end(&rig);
}

/* Many officers; then a roster with other enrolment officers, by whom none of them is. */
static void
test_many_officers(void **ctx)
{
	static const char *const all[] = {"CY", "FR", "PT"};
	struct roster *roster = rig_roster();
	struct post_note message;
	struct buf text, note;
	struct rig rig;
	uint8_t seed[32];
	char name[32];

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	for (int i = 0; i < 70; i++) {
		(void)snprintf(name, sizeof name, "officer-%02d", i);
		rig_enrol(&rig, name, SUBJECT_OFFICER);
		rig_forget(&rig);
	}
	assert_int_equal(own(&rig)->credential_count, 70);
	assert_int_equal(own(&rig)->desks[0].officer_count, 70);

	buf_init(&text, ROSTER_TEXT_MAX);
	buf_init(&note, NOTE_BYTES_MAX);
	assert_int_equal(roster_write(roster, &text), 0);
	roster->serial = 2;
	roster_hash(rig_bytes(&text), roster->previous);
	people_seed("PT", "successor", "enrol", seed);
	sign_public(seed, roster->members[2].enrols[0].key);
	roster->members[2].enrols[0].number = 3;
	roster->members[2].enrols[1].number = 4;
	community_sign(roster, all, 3, &note);
	message.note = rig_bytes(&note);
	assert_int_equal(
		rig_peer(&rig, "CY", "roster", &post_note_codec, &message).status, 200);
	assert_int_equal(own(&rig)->credential_count, 0);
	roster_free(roster);
	buf_done(&text);
	buf_done(&note);
	rig_end(&rig);
}

/* Desks. */

static struct rig_reply
desk(struct rig *rig, const struct post_desk *message)
{
	return rig_admin(rig, "desk", &post_desk_codec, message);
}

static void
test_desks(void **ctx)
{
	struct post_desk d = {.desk = rd_of("duty", 4),
		.officer = rd_of("ana", 3),
		.hours = rd_of("", 0)};
	struct rig_reply reply;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	assert_int_equal(desk(&rig, &d).status, 503);
	rig_join(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	rig_enrol(&rig, "ben", SUBJECT_OFFICER);
	assert_int_equal(own(&rig)->desks[0].officer_count, 2);
	d.is_removed = 1;
	assert_int_equal(desk(&rig, &d).status, 200);
	assert_int_equal(own(&rig)->desks[0].officer_count, 1);
	d.is_removed = 0;
	assert_int_equal(desk(&rig, &d).status, 200);
	assert_int_equal(own(&rig)->desks[0].officer_count, 2);

	/* Nobody whom no credential puts there. */
	d.officer = rd_of("mole", 4);
	reply = desk(&rig, &d);
	assert_int_equal(reply.status, 403);
	assert_string_equal(reply.text,
		"no credential of mole names the desk duty: two "
		"enrolment officers must sign one");

	/* Hours stay until other hours are told; a desk may be empty, or left out. */
	d.officer = rd_of("", 0);
	d.hours = rd_of("24 h", 4);
	assert_int_equal(desk(&rig, &d).status, 200);
	d.hours = rd_of("", 0);
	assert_int_equal(desk(&rig, &d).status, 200);
	assert_int_equal(own(&rig)->desks[0].hours.len, 4);
	d.desk = rd_of("press", 5);
	assert_int_equal(desk(&rig, &d).status, 200);
	assert_int_equal(own(&rig)->desk_count, 2);
	assert_int_equal(own(&rig)->desks[1].officer_count, 0);
	d.is_removed = 1;
	assert_int_equal(desk(&rig, &d).status, 200);
	d.desk = rd_of("duty", 4);
	assert_int_equal(desk(&rig, &d).status, 200);
	assert_int_equal(own(&rig)->desk_count, 0);
	rig_restart(&rig);
	assert_int_equal(own(&rig)->desk_count, 0);
	assert_int_equal(own(&rig)->credential_count, 2);

	/* Names that are none, or an officer's. */
	d.is_removed = 0;
	d.desk = rd_of("ana", 3);
	assert_int_equal(desk(&rig, &d).status, 409);
	d.desk = rd_of("A desk", 6);
	assert_int_equal(desk(&rig, &d).status, 400);
	d.desk = rd_of("press", 5);
	d.hours = rd_of("a\tb", 3);
	assert_int_not_equal(desk(&rig, &d).status, 200);
	assert_int_equal(own(&rig)->desk_count, 0);
	rig_end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_way_of_an_officer),
		cmocka_unit_test(test_two_halves),
		cmocka_unit_test(test_requests_refused),
		cmocka_unit_test(test_too_many_requests),
		cmocka_unit_test(test_signatures_refused),
		cmocka_unit_test(test_before_joining),
		cmocka_unit_test(test_changes_together),
		cmocka_unit_test(test_custody_cannot_sign),
		cmocka_unit_test(test_custody_is_ahead),
		cmocka_unit_test(test_many_officers),
		cmocka_unit_test(test_desks),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
