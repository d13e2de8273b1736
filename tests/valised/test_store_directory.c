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

/* Directories of members: who may bring them, and what must be in them. */

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

static void
test_directory_of_a_member(void **ctx)
{
	static const char *const officers[] = {"eleni", "nikos"};
	struct post_ask_note ask = {.member = rd_of("CY", 2)};
	const struct store_credential *c;
	struct rig_reply reply;
	struct buf note;
	struct rig rig;
	struct rd got;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	reply = rig_officer(&rig, "ana", "directory", &post_ask_note_codec, &ask);
	assert_int_equal(reply.status, 404);
	assert_string_equal(reply.text, "no directory of CY is here yet");

	buf_init(&note, NOTE_BYTES_MAX);
	rig_directory("CY", 5, officers, 2, &note);
	assert_int_equal(bring(&rig, "CY", "directory", &note).status, 200);
	assert_int_equal(store_directory(rig.store, address_of("CY"))->number, 5);
	assert_int_equal(
		store_credential_find(rig.store,
			store_directory(rig.store, address_of("CY"))->credentials[1].hash,
			&c),
		0);
	assert_int_equal(c->since_s, RIG_NOW_S);
	assert_false(c->is_first || c->is_revoked);

	reply = rig_officer(&rig, "ana", "directory", &post_ask_note_codec, &ask);
	ask_note(&reply, &got);
	assert_int_equal(got.len, note.len);
	assert_memory_equal(got.ptr, note.data, note.len);
	ask.known = 5;
	reply = rig_officer(&rig, "ana", "directory", &post_ask_note_codec, &ask);
	ask_note(&reply, &got);
	assert_int_equal(got.len, 0);

	/* Again, and an older one: nothing to be done. */
	assert_int_equal(bring(&rig, "CY", "directory", &note).status, 200);
	buf_clear(&note);
	rig_directory("CY", 4, officers, 1, &note);
	assert_int_equal(bring(&rig, "CY", "directory", &note).status, 200);
	assert_int_equal(store_directory(rig.store, address_of("CY"))->number, 5);
	buf_done(&note);
	rig_end(&rig);
}

static void
test_directory_refused(void **ctx)
{
	static const char *const officers[] = {"eleni", "nikos"};
	struct rig_reply reply;
	struct buf note;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	buf_init(&note, NOTE_BYTES_MAX);
	rig_directory("CY", 5, officers, 2, &note);
	reply = bring(&rig, "FR", "directory", &note);
	assert_int_equal(reply.status, 409);
	assert_string_equal(reply.text, "this is the directory of another member");
	note.data[note.len - 5] ^= 1;
	assert_int_equal(bring(&rig, "CY", "directory", &note).status, 401);
	note.data[note.len - 5] ^= 1;
	assert_int_equal(bring(&rig, "CY", "directory", &note).status, 200);
	buf_clear(&note);
	rig_directory("CY", 5, officers, 1, &note);
	reply = bring(&rig, "CY", "directory", &note);
	assert_int_equal(reply.status, 409);
	assert_string_equal(reply.text, "another directory of number 5 is held here");
	/* EE is in no roster here. */
	buf_clear(&note);
	rig_directory("EE", 1, officers, 1, &note);
	reply = bring(&rig, "EE", "directory", &note);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "this key is in no roster that is held here");
	buf_done(&note);
	rig_end(&rig);
}

/* A bought station signs a directory with an officer whom nobody enrolled. */
static void
test_directory_with_a_false_officer(void **ctx)
{
	struct directory *d = NULL;
	struct enrol e = {0};
	struct buf text, note, enrol, credential;
	struct rig_reply reply;
	uint8_t seed[32];
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	people_credential("CY", "mole", SUBJECT_OFFICER, &credential);
	e.credential = rig_bytes(&credential);
	people_seed("CY", "mole", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	people_seed("CY", "another mole", "enrol", seed);
	assert_int_equal(enrol_sign(&e, seed), 0);
	buf_init(&enrol, ENROL_BYTES_MAX);
	assert_int_equal(enrol_write(&e, &enrol), 0);

	assert_int_equal(directory_new(0, 0, 1, &d), 0);
	d->member = address_of("CY");
	d->number = 1;
	d->custody_count = 1;
	d->custody[0].wiped_s = RIG_NOW_S;
	people_seed("CY", "station", "custody", seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &d->custody[0].key), 0);
	d->credential_count = 1;
	assert_int_equal(
		directory_credential_of(rig_bytes(&enrol), &d->credentials[0]), 0);
	buf_init(&text, DIRECTORY_TEXT_MAX);
	buf_init(&note, NOTE_BYTES_MAX);
	assert_int_equal(directory_write(d, &text), 0);
	people_seed("CY", "station", "sign", seed);
	assert_int_equal(note_text_write(text.data, text.len, &note), 0);
	assert_int_equal(note_sign(text.data, text.len, "CY/sign", seed, &note), 0);

	reply = bring(&rig, "CY", "directory", &note);
	assert_int_equal(reply.status, 503);
	assert_string_equal(
		reply.text, "a signature under the enrolment is by no officer who may");
	assert_null(store_directory(rig.store, address_of("CY")));
	directory_free(d);
	buf_done(&text);
	buf_done(&note);
	buf_done(&enrol);
	buf_done(&credential);
	rig_end(&rig);
}

/* The roster names the first directory of CY: its officers count at once. */
static void
test_first_directory(void **ctx)
{
	static const char *const officers[] = {"eleni"};
	struct roster *roster = rig_roster();
	const struct store_credential *c;
	struct note *note = NULL;
	struct buf bytes, directory;
	uint8_t hash[HASH_LEN];
	struct rig rig;

	(void)ctx;
	buf_init(&bytes, NOTE_BYTES_MAX);
	buf_init(&directory, NOTE_BYTES_MAX);
	rig_directory("CY", 1, officers, 1, &directory);
	assert_int_equal(note_parse(directory.data, directory.len, &note), 0);
	roster->members[0].has_first_directory = true;
	hash_sha256(note->text.ptr, note->text.len, roster->members[0].first_directory);
	community_sign(roster, all, 3, &bytes);

	rig_begin(&rig, "PT");
	assert_int_equal(bring(&rig, NULL, "join", &bytes).status, 200);
	assert_int_equal(bring(&rig, "CY", "directory", &directory).status, 200);
	memcpy(hash, store_directory(rig.store, address_of("CY"))->credentials[0].hash,
		sizeof hash);
	assert_int_equal(store_credential_find(rig.store, hash, &c), 0);
	assert_true(c->is_first);
	rig_restart(&rig);
	assert_int_equal(store_credential_find(rig.store, hash, &c), 0);
	assert_true(c->is_first);
	note_free(note);
	roster_free(roster);
	buf_done(&bytes);
	buf_done(&directory);
	rig_end(&rig);
}

static const struct store_credential *
credential(struct rig *rig, const char *member, const char *officer)
{
	const struct directory *d = store_directory(rig->store, address_of(member));
	const struct store_credential *c = NULL;

	for (size_t i = 0; i < d->credential_count; i++)
		if (address_compare(d->credentials[i].officer, address_of(officer)) == 0)
			assert_int_equal(store_credential_find(
						 rig->store, d->credentials[i].hash, &c),
				0);
	assert_non_null(c);
	return c;
}

/* The directory of CY that the roster names comes after a newer one. */
static void
test_first_directory_comes_late(void **ctx)
{
	static const char *const officers[] = {"eleni", "nikos"};
	struct roster *roster = rig_roster();
	struct post_ask_note ask = {.member = rd_of("CY", 2)};
	struct buf bytes, first, newer;
	struct note *note = NULL;
	struct rig_reply reply;
	struct rd got;
	struct rig rig;

	(void)ctx;
	buf_init(&bytes, NOTE_BYTES_MAX);
	buf_init(&first, NOTE_BYTES_MAX);
	buf_init(&newer, NOTE_BYTES_MAX);
	rig_directory("CY", 3, officers, 1, &first);
	rig_directory("CY", 5, officers, 2, &newer);
	assert_int_equal(note_parse(first.data, first.len, &note), 0);
	roster->members[0].has_first_directory = true;
	hash_sha256(note->text.ptr, note->text.len, roster->members[0].first_directory);
	community_sign(roster, all, 3, &bytes);

	rig_begin(&rig, "PT");
	assert_int_equal(bring(&rig, NULL, "join", &bytes).status, 200);
	assert_int_equal(bring(&rig, "CY", "directory", &newer).status, 200);
	assert_false(credential(&rig, "CY", "eleni")->is_first);
	assert_int_equal(bring(&rig, "CY", "directory", &first).status, 200);
	ask.known = POST_FIRST_DIRECTORY;
	reply = rig_enroller(&rig, "rita", "directory", &post_ask_note_codec, &ask);
	ask_note(&reply, &got);
	assert_int_equal(got.len, first.len);
	assert_memory_equal(got.ptr, first.data, first.len);
	/* FR has none. */
	ask.member = rd_of("FR", 2);
	reply = rig_enroller(&rig, "rita", "directory", &post_ask_note_codec, &ask);
	assert_int_equal(reply.status, 404);
	for (int i = 0; i < 2; i++) {
		assert_true(credential(&rig, "CY", "eleni")->is_first);
		assert_false(credential(&rig, "CY", "nikos")->is_first);
		assert_int_equal(store_directory(rig.store, address_of("CY"))->number, 5);
		rig_restart(&rig);
	}
	assert_int_equal(bring(&rig, "CY", "directory", &first).status, 200);
	note_free(note);
	roster_free(roster);
	buf_done(&bytes);
	buf_done(&first);
	buf_done(&newer);
	rig_end(&rig);
}

/* Our own: named in the roster, followed by another; the others get both, in this order. */
static void
test_our_first_directory(void **ctx)
{
	struct roster *roster = rig_roster();
	struct note *note = NULL;
	struct rig_reply reply;
	struct buf bytes;
	struct rd got;
	struct rig rig;
	size_t seen = 0;

	(void)ctx;
	rig_begin(&rig, "PT");
	assert_int_equal(rig_admin(&rig, "directory", NULL, NULL).status, 404);
	rig_found(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	reply = rig_admin(&rig, "directory", NULL, NULL);
	ask_note(&reply, &got);
	assert_int_equal(note_parse(got.ptr, got.len, &note), 0);
	roster->members[2].has_first_directory = true;
	hash_sha256(note->text.ptr, note->text.len, roster->members[2].first_directory);
	buf_init(&bytes, NOTE_BYTES_MAX);
	community_sign(roster, all, 3, &bytes);

	rig_enrol(&rig, "ben", SUBJECT_OFFICER);
	rig_forget(&rig);
	assert_int_equal(bring(&rig, NULL, "join", &bytes).status, 200);
	for (int i = 0; i < 2; i++) {
		assert_true(credential(&rig, "PT", "ana")->is_first);
		assert_false(credential(&rig, "PT", "ben")->is_first);
		if (i == 0) {
			assert_int_equal(rig_queued(&rig, "CY", "directory"), 2);
			for (size_t k = 0; k < rig.outgoing_count; k++)
				if (strcmp(rig.outgoing[k].path, "directory") == 0 &&
					strcmp(rig.outgoing[k].member, "CY") == 0 &&
					seen++ == 0)
					assert_int_equal(rig.outgoing[k].bytes.len,
						note->bytes_len + 4);
			rig_restart(&rig);
		}
	}
	note_free(note);
	roster_free(roster);
	buf_done(&bytes);
	rig_end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory_of_a_member),
		cmocka_unit_test(test_directory_refused),
		cmocka_unit_test(test_directory_with_a_false_officer),
		cmocka_unit_test(test_first_directory),
		cmocka_unit_test(test_first_directory_comes_late),
		cmocka_unit_test(test_our_first_directory),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
