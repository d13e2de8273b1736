/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "cable/receipt.h"
#include "crypto/crypto.h"
#include "custody/answer.h"
#include "custody/authorised.h"
#include "custody/kept.h"
#include "custody/recall.h"
#include "envelope/grant.h"
#include "envelope/schedule.h"
#include "member/directory.h"
#include "people.h"
#include "vault_opening.h"
#include "vault_rig.h"

/* What custody does for whoever has the signatures: each message's good case, in order of use. */

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

static void
ready_says_who_this_is(void **state)
{
	struct rig_station *pt = &rig.stations[PT];
	struct vault_ready ready;
	uint8_t row_key[VAULT_KEY_LEN];

	(void)state;
	for (int i = 0; i < 2; i++) {
		rig_stop(&rig, PT);
		rig_forget(pt);
		assert_int_equal(rig_start(&rig, PT), 0);
		assert_int_equal(pt->said_count, 0);
		assert_int_equal(rig_idle(&rig, PT), 0);
		assert_int_equal(pt->said_count, 1);
		assert_int_equal(
			codec_parse_whole(&vault_ready_codec,
				rd_of(pt->said[0].body.data, pt->said[0].body.len),
				&ready),
			0);
		assert_memory_equal(ready.member.ptr, "PT", 2);
		assert_memory_equal(ready.roster, rig.roster_hash, HASH_LEN);
		/* The key of store's rows is the same after every start. */
		if (i > 0)
			assert_memory_equal(row_key, ready.row_key, sizeof row_key);
		memcpy(row_key, ready.row_key, sizeof row_key);
	}
}

static void
a_document_is_sent_kept_and_opened(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o;
	uint8_t body_key[SCHEDULE_LEN];

	(void)state;
	opening_init(&rig, &plan, FR, 1, &o);
	opening_authorise(&rig, &o, 0);
	assert_int_equal(
		opening_shares(&rig, &o), o.envelope.header.core.custodian_count);
	opening_body_key(&o, body_key);
	assert_memory_equal(body_key, o.envelope.secrets.body_key, SCHEDULE_LEN);
	opening_done(&o);
}

/* An opening of the author's own device goes the same way. */
static void
the_author_opens_too(void **state)
{
	const struct rig_plan plan = {.originator = CY};
	struct vault_opening o;
	uint8_t body_key[SCHEDULE_LEN];

	(void)state;
	opening_init(&rig, &plan, CY, 2, &o);
	opening_authorise(&rig, &o, 0);
	(void)opening_shares(&rig, &o);
	opening_body_key(&o, body_key);
	assert_memory_equal(body_key, o.envelope.secrets.body_key, SCHEDULE_LEN);
	opening_done(&o);
}

/* All may be repeated: the same envelope again gets an equivalent answer. */
static void
what_is_repeated_is_answered_again(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct rig_envelope e;
	size_t custodian;
	size_t len;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	assert_int_equal(rig_send(&rig, &e)->fail, 0);
	custodian = opening_custodian(&e, 0);
	assert_int_equal(rig_keep(&rig, &e, custodian)->fail, 0);
	len = memory_disk_file(&rig.stations[custodian].disk, "documents")->now.len;
	assert_int_equal(rig_send(&rig, &e)->fail, 0);
	assert_int_equal(rig_keep(&rig, &e, custodian)->fail, 0);
	assert_int_equal(len,
		memory_disk_file(&rig.stations[custodian].disk, "documents")->now.len);
	rig_envelope_done(&e);
}

static void
everything_is_there_after_a_start(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct vault_opening o;
	uint8_t body_key[SCHEDULE_LEN];

	(void)state;
	opening_init(&rig, &plan, FR, 3, &o);
	for (size_t i = 0; i < RIG_MEMBERS; i++) {
		rig_stop(&rig, i);
		memory_disk_cut(&rig.stations[i].disk, 0);
		assert_int_equal(rig_start(&rig, i), 0);
	}
	opening_authorise(&rig, &o, 0);
	(void)opening_shares(&rig, &o);
	opening_body_key(&o, body_key);
	assert_memory_equal(body_key, o.envelope.secrets.body_key, SCHEDULE_LEN);
	opening_done(&o);
}

static void
a_receipt_is_signed_in_our_name(void **state)
{
	uint8_t nobody[32] = {1};
	struct receipt receipt = {.kind = RECEIPT_DELIVERED,
		.member = address_of("PT"),
		.addressee = address_of("PT/duty"),
		.time_s = RIG_NOW_S};
	const struct rig_said *said;
	struct vault_object object;
	struct entry entry;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, RECEIPT_LEN_MAX);
	assert_int_equal(receipt_sign(&receipt, nobody), 0);
	assert_int_equal(receipt_write(&receipt, &bytes), 0);
	object.object = rd_of(bytes.data, bytes.len);
	said = rig_ask(&rig, PT, VAULT_SIGN_RECEIPT, &vault_object_codec, &object);
	assert_int_equal(said->fail, 0);
	assert_int_equal(codec_parse_whole(&vault_object_codec,
				 rd_of(said->body.data, said->body.len), &object),
		0);
	assert_int_equal(receipt_parse(object.object, &receipt), 0);
	own_station_entry(rig.stations[PT].keys, &entry);
	assert_int_equal(receipt_verify(&receipt, entry.sign), 0);

	object.object = rd_of(bytes.data, bytes.len);
	said = rig_ask(&rig, FR, VAULT_SIGN_RECEIPT, &vault_object_codec, &object);
	assert_int_equal(said->fail, FAIL_REFUSED);
	buf_done(&bytes);
}

/* A recall and a destruction, of a document that we keep the key of and of no other. */
static void
a_recall_is_signed_for_our_document(void **state)
{
	const struct rig_plan plan = {.originator = PT};
	struct recall recall = {.kind = RECALL_RECALL, .time_s = RIG_NOW_S};
	const struct rig_said *said;
	struct vault_object object;
	struct rig_envelope e;
	struct entry entry;
	struct buf bytes;

	(void)state;
	rig_envelope_init(&rig, &plan, &e);
	assert_int_equal(rig_send(&rig, &e)->fail, 0);
	assert_int_equal(rig_keep(&rig, &e, opening_custodian(&e, 0))->fail, 0);
	memcpy(recall.document_id, e.header.core.document_id, CORE_DOCUMENT_ID_LEN);
	memcpy(recall.envelope_hash, e.envelope_hash, HASH_LEN);
	buf_init(&bytes, RECALL_LEN_MAX);
	for (recall.kind = 1; recall.kind <= 2; recall.kind++) {
		struct recall got;

		buf_clear(&bytes);
		assert_int_equal(recall_write(&recall, &bytes), 0);
		object.object = rd_of(bytes.data, bytes.len);
		said = rig_ask(&rig, PT, VAULT_SIGN_RECALL, &vault_object_codec, &object);
		assert_int_equal(said->fail, 0);
		assert_int_equal(codec_parse_whole(&vault_object_codec,
					 rd_of(said->body.data, said->body.len), &object),
			0);
		assert_int_equal(recall_parse(object.object, &got), 0);
		own_station_entry(rig.stations[PT].keys, &entry);
		assert_int_equal(recall_verify(&got, entry.sign), 0);
	}
	/* A custodian keeps a share of it, and is not its originator. */
	object.object = rd_of(bytes.data, bytes.len);
	assert_int_equal(rig_ask(&rig, opening_custodian(&e, 0), VAULT_SIGN_RECALL,
				 &vault_object_codec, &object)
				 ->fail,
		FAIL_MISMATCH);
	/* Nor does anybody sign for a document that is not there. */
	recall.kind = RECALL_RECALL;
	recall.document_id[0] ^= 1;
	buf_clear(&bytes);
	assert_int_equal(recall_write(&recall, &bytes), 0);
	object.object = rd_of(bytes.data, bytes.len);
	assert_int_equal(
		rig_ask(&rig, PT, VAULT_SIGN_RECALL, &vault_object_codec, &object)->fail,
		FAIL_ABSENT);
	buf_done(&bytes);
	rig_envelope_done(&e);
}

/* The roster: the same again is fine; another serial 1 is not, nor one without our keys. */
static void
a_roster_is_pinned(void **state)
{
	struct vault_roster message = {
		.note = rd_of(rig.roster_note.data, rig.roster_note.len)};

	(void)state;
	assert_int_equal(
		rig_ask(&rig, PT, VAULT_ROSTER, &vault_roster_codec, &message)->fail, 0);
	rig.roster_note.data[rig.roster_note.len - 3] ^= 1;
	assert_int_not_equal(
		rig_ask(&rig, PT, VAULT_ROSTER, &vault_roster_codec, &message)->fail, 0);
	rig.roster_note.data[rig.roster_note.len - 3] ^= 1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ready_says_who_this_is, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_document_is_sent_kept_and_opened, setup, teardown),
		cmocka_unit_test_setup_teardown(the_author_opens_too, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_repeated_is_answered_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			everything_is_there_after_a_start, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_receipt_is_signed_in_our_name, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_recall_is_signed_for_our_document, setup, teardown),
		cmocka_unit_test_setup_teardown(a_roster_is_pinned, setup, teardown),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
