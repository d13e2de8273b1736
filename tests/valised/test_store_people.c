/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../member/community.h"
#include "../member/people.h"
#include "crypto/crypto.h"
#include "store_rig.h"

/* Founding, joining, rosters that follow; what is said at the start. */

static const char *const all[] = {"CY", "FR", "PT"};

static void
ask_note(const struct rig_reply *reply, struct rd *ret_note)
{
	struct post_note note;

	assert_int_equal(reply->status, 200);
	assert_int_equal(codec_parse_whole(&post_note_codec, reply->body, &note), 0);
	*ret_note = note.note;
}

static struct rig_reply
bring(struct rig *rig, const char *peer, const char *path, const struct buf *note)
{
	const struct post_note message = {.note = rig_bytes(note)};

	return peer == NULL ? rig_admin(rig, path, &post_note_codec, &message)
			    : rig_peer(rig, peer, path, &post_note_codec, &message);
}

/* Serial 2: what a test changed, signed by whom it says. */
static void
second(struct roster *roster, const char *const *signers, size_t count, struct buf *out)
{
	struct roster *first = rig_roster();
	struct buf text;

	buf_init(&text, ROSTER_TEXT_MAX);
	assert_int_equal(roster_write(first, &text), 0);
	roster->serial = 2;
	roster_hash(rig_bytes(&text), roster->previous);
	community_sign(roster, signers, count, out);
	buf_done(&text);
	roster_free(first);
}

static void
test_station_says_who_it_is(void **ctx)
{
	struct post_station station;
	struct rig_reply reply;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	reply = rig_open_ask(&rig, "station", NULL, NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(codec_parse_whole(&post_station_codec, reply.body, &station), 0);
	assert_memory_equal(station.member.ptr, "PT", 2);
	assert_int_equal(station.founding.len + station.roster.len, 0);
	assert_int_equal(station.time_s, RIG_NOW_S);
	rig_found(&rig);
	rig_join(&rig);
	reply = rig_open_ask(&rig, "station", NULL, NULL);
	assert_int_equal(codec_parse_whole(&post_station_codec, reply.body, &station), 0);
	assert_true(station.founding.len > 0 && station.roster.len > 0);
	rig_end(&rig);
}

static void
test_founding(void **ctx)
{
	struct rig_reply reply;
	struct rig rig;
	struct buf note;

	(void)ctx;
	rig_begin(&rig, "PT");
	buf_init(&note, NOTE_BYTES_MAX);
	rig_founding("CY", &note);
	reply = bring(&rig, NULL, "found", &note);
	assert_int_equal(reply.status, 409);
	assert_string_equal(reply.text, "the founding file is of CY");
	buf_clear(&note);
	rig_founding("PT", &note);
	note.data[note.len - 5] ^= 1;
	assert_int_equal(bring(&rig, NULL, "found", &note).status, 401);
	note.data[note.len - 5] ^= 1;
	rig.refused = VAULT_FOUND;
	rig.refusal = FAIL_MISMATCH;
	reply = bring(&rig, NULL, "found", &note);
	assert_int_equal(reply.status, 409);
	assert_string_equal(
		reply.text, "custody refuses the founding file: as the test says");
	assert_null(strstr(reply.text, "  "));
	rig.refused = 0;
	assert_int_equal(bring(&rig, NULL, "found", &note).status, 200);
	assert_int_equal(bring(&rig, NULL, "found", &note).status, 200);
	rig_join(&rig);
	assert_int_equal(bring(&rig, NULL, "found", &note).status, 409);
	buf_done(&note);
	rig_end(&rig);
}

/* An administrator of another machine that says it is PT. */
static void
test_founding_with_other_keys(void **ctx)
{
	struct entry e;
	uint8_t seed[32];
	struct rig rig;
	struct buf note;

	(void)ctx;
	rig_begin(&rig, "PT");
	community_entry("PT", &e);
	people_seed("PT", "other", "tls", seed);
	sign_public(seed, e.tls);
	people_seed("PT", "station", "sign", seed);
	buf_init(&note, NOTE_BYTES_MAX);
	assert_int_equal(entry_note_write(&e, seed, &note), 0);
	assert_int_equal(bring(&rig, NULL, "found", &note).status, 409);
	buf_done(&note);
	rig_end(&rig);
}

static void
test_joining(void **ctx)
{
	const struct vault_ready *ready;
	struct front_pins pins = {0};
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_found(&rig);
	assert_null(store_roster(rig.store));
	rig_forget(&rig);
	rig_join(&rig);
	ready = store_ready(rig.store);
	assert_memory_equal(ready->member.ptr, "PT", 2);
	assert_int_equal(store_roster(rig.store)->serial, 1);
	/* The others hear the roster from us, and who can be reached here. */
	assert_int_equal(rig_queued(&rig, "CY", "roster"), 1);
	assert_int_equal(rig_queued(&rig, "FR", "roster"), 1);
	assert_int_equal(rig_queued(&rig, "PT", "roster"), 0);
	assert_true(rig_queued(&rig, "CY", "directory") >= 1);
	assert_true(rig_queued(&rig, "FR", "directory") >= 1);
	assert_int_equal(rig_said(&rig, ROLE_CUSTODY, VAULT_ROSTER), 1);
	for (size_t i = 0; i < rig.message_count; i++)
		if (rig.messages[i].to == ROLE_FRONT &&
			rig.messages[i].type == FRONT_PINS)
			assert_int_equal(codec_parse_whole(&front_pins_codec,
						 rig_bytes(&rig.messages[i].body), &pins),
				0);
	assert_int_equal(pins.keys.len, 3 * FRONT_KEY_LEN);
	/* Again: nothing new is said. */
	rig_forget(&rig);
	rig_join(&rig);
	assert_int_equal(rig.outgoing_count, 0);
	assert_int_equal(rig_said(&rig, ROLE_CUSTODY, VAULT_ROSTER), 0);
	rig_end(&rig);
}

static void
test_joining_refused(void **ctx)
{
	struct roster *roster = rig_roster();
	struct rig_reply reply;
	struct rig rig;
	struct buf note;
	uint8_t seed[32];

	(void)ctx;
	rig_begin(&rig, "PT");
	buf_init(&note, NOTE_BYTES_MAX);
	community_sign(roster, all, 2, &note);
	reply = bring(&rig, NULL, "join", &note);
	assert_int_equal(reply.status, 403);
	assert_string_equal(
		reply.text, "the roster is refused: not every member has signed it");

	/* A member brings the first one: nobody has compared its words. */
	buf_clear(&note);
	community_sign(roster, all, 3, &note);
	reply = bring(&rig, "CY", "roster", &note);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "this station has not joined yet");

	people_seed("PT", "other", "tls", seed);
	sign_public(seed, roster->members[2].tls);
	buf_clear(&note);
	community_sign(roster, all, 3, &note);
	reply = bring(&rig, NULL, "join", &note);
	assert_int_equal(reply.status, 409);
	assert_string_equal(
		reply.text, "the roster has other keys for PT than this station");
	roster_free(roster);

	roster = community_roster(all, 2);
	buf_clear(&note);
	community_sign(roster, all, 2, &note);
	reply = bring(&rig, NULL, "join", &note);
	assert_int_equal(reply.status, 409);
	assert_string_equal(reply.text, "PT is not in this roster");

	buf_clear(&note);
	buf_text(&note, "no roster\n");
	assert_int_equal(bring(&rig, NULL, "join", &note).status, 400);
	assert_null(store_roster(rig.store));
	roster_free(roster);
	buf_done(&note);
	rig_end(&rig);
}

static void
test_custody_refuses(void **ctx)
{
	struct roster *roster = rig_roster();
	struct rig_reply reply;
	struct rig rig;
	struct buf note;

	(void)ctx;
	rig_begin(&rig, "PT");
	buf_init(&note, NOTE_BYTES_MAX);
	community_sign(roster, all, 3, &note);
	rig.refused = VAULT_ROSTER;
	rig.refusal = FAIL_REFUSED;
	reply = bring(&rig, NULL, "join", &note);
	assert_int_equal(reply.status, 403);
	assert_string_equal(reply.text, "custody refuses the roster: as the test says");
	assert_null(store_roster(rig.store));
	roster_free(roster);
	buf_done(&note);
	rig_end(&rig);
}

static void
test_roster_follows(void **ctx)
{
	struct roster *roster = rig_roster();
	const struct roster *newest;
	uint8_t first[HASH_LEN], other[HASH_LEN] = {9};
	struct rig rig;
	struct buf note, text;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	buf_init(&text, ROSTER_TEXT_MAX);
	assert_int_equal(roster_write(roster, &text), 0);
	roster_hash(rig_bytes(&text), first);
	buf_init(&note, NOTE_BYTES_MAX);
	roster->enrol_delay_s = 2 * ROSTER_ENROL_DELAY_S;
	second(roster, &all[1], 1, &note);
	rig_forget(&rig);
	assert_int_equal(bring(&rig, "CY", "roster", &note).status, 200);
	newest = store_roster(rig.store);
	assert_int_equal(newest->serial, 2);
	assert_int_equal(rig_queued(&rig, "FR", "roster"), 1);
	assert_int_equal(rig_queued(&rig, "CY", "roster"), 0);
	/* The one before counts for an hour. */
	assert_ptr_equal(store_roster_of(rig.store, roster->previous, rig.now_ms)->serial,
		(void *)1);
	assert_null(store_roster_of(rig.store, other, rig.now_ms));
	assert_null(store_roster_of(rig.store, first, rig.now_ms + 3600 * 1000));
	/* The first one again is known; the second one too. */
	rig_forget(&rig);
	assert_int_equal(bring(&rig, "FR", "roster", &note).status, 200);
	assert_int_equal(rig.outgoing_count, 0);
	buf_clear(&note);
	roster_free(roster);
	roster = rig_roster();
	community_sign(roster, all, 3, &note);
	assert_int_equal(bring(&rig, "FR", "roster", &note).status, 409);
	roster_free(roster);
	buf_done(&note);
	buf_done(&text);
	rig_end(&rig);
}

static void
test_roster_does_not_follow(void **ctx)
{
	struct roster *roster = rig_roster();
	struct rig_reply reply;
	struct rig rig;
	struct buf note;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	buf_init(&note, NOTE_BYTES_MAX);
	roster->enrol_delay_s = 0;
	second(roster, all, 1, &note);
	reply = bring(&rig, "CY", "roster", &note);
	assert_int_equal(reply.status, 403);
	assert_string_equal(reply.text,
		"the roster is refused: it loosens a rule, and "
		"too few members have signed it");
	buf_clear(&note);
	roster->previous[0] ^= 1;
	community_sign(roster, all, 3, &note);
	reply = bring(&rig, "CY", "roster", &note);
	assert_int_equal(reply.status, 403);
	assert_string_equal(
		reply.text, "the roster is refused: it follows another roster than ours");
	buf_clear(&note);
	roster->serial = 3;
	community_sign(roster, all, 3, &note);
	reply = bring(&rig, "CY", "roster", &note);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "serial 2 must come first");
	buf_clear(&note);
	roster->serial = 1;
	memset(roster->previous, 0, sizeof roster->previous);
	community_sign(roster, all, 3, &note);
	assert_int_equal(bring(&rig, "CY", "roster", &note).status, 409);
	assert_int_equal(bring(&rig, NULL, "join", &note).status, 409);
	assert_int_equal(store_roster(rig.store)->serial, 1);
	roster_free(roster);
	buf_done(&note);
	rig_end(&rig);
}

/* Clients follow the chain: the one after what they hold. */
static void
test_rosters_for_clients(void **ctx)
{
	struct post_ask_note ask = {.member = rd_of("", 0)};
	struct roster *roster = rig_roster(), *answered = NULL;
	struct note *parsed = NULL;
	struct rig_reply reply;
	struct rig rig;
	struct buf note;
	struct rd got;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_found(&rig);
	reply = rig_enroller(&rig, "rita", "roster", &post_ask_note_codec, &ask);
	assert_int_equal(reply.status, 404);
	rig_join(&rig);
	buf_init(&note, NOTE_BYTES_MAX);
	second(roster, all, 3, &note);
	assert_int_equal(bring(&rig, "CY", "roster", &note).status, 200);
	for (uint32_t known = 0; known <= 2; known++) {
		ask.known = known;
		reply = rig_enroller(&rig, "rita", "roster", &post_ask_note_codec, &ask);
		ask_note(&reply, &got);
		if (known == 2) {
			assert_int_equal(got.len, 0);
			continue;
		}
		assert_int_equal(note_parse(got.ptr, got.len, &parsed), 0);
		assert_int_equal(roster_parse(parsed->text, &answered), 0);
		assert_int_equal(answered->serial, 2);
		roster_free(answered);
		note_free(parsed);
	}
	roster_free(roster);
	buf_done(&note);
	rig_end(&rig);
}

/* What is in memory is what the rows say, also for the next process. */
static void
test_restart(void **ctx)
{
	static const char *const officers[] = {"eleni", "nikos"};
	struct buf note;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_found(&rig);
	rig_restart(&rig);
	assert_int_equal(rig_said(&rig, ROLE_CUSTODY, VAULT_FOUND), 1);
	rig_join(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	buf_init(&note, NOTE_BYTES_MAX);
	rig_directory("CY", 5, officers, 2, &note);
	assert_int_equal(bring(&rig, "CY", "directory", &note).status, 200);
	rig_restart(&rig);
	/* Custody says that it has no roster: it gets ours. */
	assert_int_equal(rig_said(&rig, ROLE_CUSTODY, VAULT_ROSTER), 1);
	assert_int_equal(rig_said(&rig, ROLE_FRONT, FRONT_PINS), 1);
	assert_int_equal(store_roster(rig.store)->member_count, 3);
	assert_int_equal(store_directory(rig.store, address_of("CY"))->number, 5);
	assert_true(store_directory(rig.store, address_of("PT"))->credential_count == 1);
	/* Nothing changed: our directory is not made anew. */
	assert_int_equal(rig_said(&rig, ROLE_CUSTODY, VAULT_SIGN_DIRECTORY), 0);
	buf_done(&note);
	rig_end(&rig);
}

static void
test_status(void **ctx)
{
	static const char *const parts[] = {"\"member\":\"PT\"", "\"joined\":true",
		"\"witnessed\":false", "\"second_holder\":false",
		"\"unlocked_by\":\"file\"", "\"community\":\"allies\"",
		"\"custodians\":{\"threshold\":1,\"count\":2}", "\"officers\":1",
		"\"desks\":1", "\"pending\":0", "\"name\":\"FR\"", "\"contact_s\":null",
		"\"name\":\"CY\"", "\"contact_s\":1750000000", "\"absent_max\":0"};
	static const char *const officers[] = {"eleni"};
	struct post_status status;
	struct rig_reply reply;
	struct rig rig;
	struct buf note;
	char json[8192];

	(void)ctx;
	rig_begin(&rig, "PT");
	assert_int_equal(rig_admin(&rig, "status", NULL, NULL).status, 200);
	rig_join(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	buf_init(&note, NOTE_BYTES_MAX);
	rig_directory("CY", 1, officers, 1, &note);
	assert_int_equal(bring(&rig, "CY", "directory", &note).status, 200);
	reply = rig_admin(&rig, "status", NULL, NULL);
	assert_int_equal(reply.status, 200);
	assert_int_equal(codec_parse_whole(&post_status_codec, reply.body, &status), 0);
	assert_true(status.json.len < sizeof json);
	memcpy(json, status.json.ptr, status.json.len);
	json[status.json.len] = '\0';
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strstr(json, parts[i]) == NULL)
			fail_msg("%s is not in %s", parts[i], json);
	assert_int_equal(rig_open_ask(&rig, "status", NULL, NULL).status, 404);
	buf_done(&note);
	rig_end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_station_says_who_it_is),
		cmocka_unit_test(test_founding),
		cmocka_unit_test(test_founding_with_other_keys),
		cmocka_unit_test(test_joining),
		cmocka_unit_test(test_joining_refused),
		cmocka_unit_test(test_custody_refuses),
		cmocka_unit_test(test_roster_follows),
		cmocka_unit_test(test_roster_does_not_follow),
		cmocka_unit_test(test_rosters_for_clients),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_status),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
