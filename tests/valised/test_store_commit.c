/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../member/people.h"
#include "../store/fault_vfs.h"
#include "crypto/crypto.h"
#include "store/station.h"
#include "store_rig.h"

/* Nothing is said before it is durable; a commit that fails is told, and nothing else. */

static void
begin_on_disk(struct rig *rig)
{
	struct db *db = NULL;

	fault_vfs_install();
	fault_vfs_format(1);
	assert_int_equal(station_open(db_sqlite(), "db", 1, &db), 0);
	rig_begin_with(rig, "PT", db);
}

static void
put_request(struct rig *rig, const char *officer)
{
	struct post_request message;
	const struct rig_asking asking = {
		FRONT_CLIENT, NULL, "enrol", &post_request_codec, &message};
	struct buf bytes;

	buf_init(&bytes, REQUEST_BYTES_MAX);
	people_request("PT", officer, SUBJECT_OFFICER, &bytes);
	message.request = rig_bytes(&bytes);
	assert_int_equal(rig_put(rig, &asking), 0);
	buf_done(&bytes);
}

/* Nothing is said while it is not durable; then everything, in order. */
static void
test_held_until_commit(void **ctx)
{
	struct rig rig;

	(void)ctx;
	begin_on_disk(&rig);
	rig_forget(&rig);
	put_request(&rig, "ana");
	put_request(&rig, "ben");
	assert_int_equal(rig.message_count, 0);
	assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
	assert_int_equal(rig.message_count, 2);
	assert_int_equal(rig.messages[0].number + 1, rig.messages[1].number);
	assert_int_equal(rig_reply_to(&rig, rig.number).status, 200);
	/* The power goes: whoever was answered is still there. */
	store_free(rig.store);
	rig.store = NULL;
	db_close(rig.db);
	fault_vfs_power();
	assert_int_equal(station_open(db_sqlite(), "db", 1, &rig.db), 0);
	assert_int_equal(rig_open(&rig), 0);
	rig_settle(&rig);
	rig_found(&rig);
	{
		struct rig_reply reply =
			rig_enroller(&rig, "rita", "pending", NULL, NULL);
		struct post_list list;
		struct post_pending item;

		assert_int_equal(
			codec_parse_whole(&post_list_codec, reply.body, &list), 0);
		for (int i = 0; i < 2; i++)
			assert_int_equal(
				codec_parse(&post_pending_codec, &list.items, &item), 0);
		assert_int_equal(list.items.len, 0);
	}
	rig_end(&rig);
}

/* The disk is full, and has room again. */
static void
test_disk_full(void **ctx)
{
	struct rig_reply first, second;
	struct rig rig;

	(void)ctx;
	begin_on_disk(&rig);
	rig_forget(&rig);
	fault_vfs_fail(FAULT_SPACE, 0, false);
	put_request(&rig, "ana");
	put_request(&rig, "ben");
	assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
	assert_true(fault_vfs_failed() > 0);
	first = rig_reply_to(&rig, rig.number - 1);
	second = rig_reply_to(&rig, rig.number);
	assert_int_equal(first.status, 507);
	assert_int_equal(second.status, 507);
	assert_int_equal(rig.message_count, 2);
	fault_vfs_heal();
	put_request(&rig, "ana");
	rig_settle(&rig);
	assert_int_equal(rig_reply_to(&rig, rig.number).status, 200);
	rig_end(&rig);
}

/* A sync that fails: errors are told, nothing else, and the process must end. */
static void
test_sync_fails(void **ctx)
{
	const struct rig_asking station = {.source = FRONT_CLIENT, .path = "station"};
	struct rig rig;

	(void)ctx;
	begin_on_disk(&rig);
	rig_forget(&rig);
	put_request(&rig, "ana");
	fault_vfs_fail(FAULT_SYNC, 0, true);
	assert_int_equal(store_idle(rig.store, rig.now_ms), FAIL_IO);
	assert_int_equal(rig_reply_to(&rig, rig.number).status, 503);
	assert_int_equal(rig.message_count, 1);
	/* Whoever comes meanwhile is told, too. */
	assert_int_equal(rig_put(&rig, &station), FAIL_IO);
	assert_int_equal(rig_reply_to(&rig, rig.number).status, 503);
	assert_int_equal(store_idle(rig.store, rig.now_ms), FAIL_IO);
	fault_vfs_heal();
	rig_end(&rig);
}

/* A question whose rows were not kept is not asked; who waits for it hears why. */
static void
test_question_not_let_out(void **ctx)
{
	struct post_note message;
	const struct rig_asking found = {
		FRONT_ADMIN, NULL, "found", &post_note_codec, &message};
	struct rig_reply reply;
	struct buf note;
	struct rig rig;

	(void)ctx;
	begin_on_disk(&rig);
	rig_forget(&rig);
	buf_init(&note, NOTE_BYTES_MAX);
	rig_founding("PT", &note);
	message.note = rig_bytes(&note);
	put_request(&rig, "ana");
	assert_int_equal(rig_put(&rig, &found), 0);
	fault_vfs_fail(FAULT_SPACE, 0, false);
	assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
	assert_int_equal(rig_said(&rig, ROLE_CUSTODY, VAULT_FOUND), 0);
	assert_int_equal(rig_reply_to(&rig, rig.number - 1).status, 507);
	reply = rig_reply_to(&rig, rig.number);
	assert_int_equal(reply.status, 507);
	assert_string_equal(reply.text, "custody refuses the founding file: ");
	fault_vfs_heal();
	rig_found(&rig);
	buf_done(&note);
	rig_end(&rig);
}

/* The continuation's rows are lost: what is in memory goes with them. */
static void
test_people_go_back(void **ctx)
{
	struct rig rig;

	(void)ctx;
	begin_on_disk(&rig);
	rig_found(&rig);
	rig_join(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	rig.is_mute = true;
	rig_forget(&rig);
	{
		struct post_note message;
		static const char *const officers[] = {"eleni"};
		const struct rig_asking directory = {
			FRONT_PEER, "CY", "directory", &post_note_codec, &message};
		struct buf note;

		buf_init(&note, NOTE_BYTES_MAX);
		rig_directory("CY", 1, officers, 1, &note);
		message.note = rig_bytes(&note);
		assert_int_equal(rig_put(&rig, &directory), 0);
		assert_non_null(store_directory(rig.store, address_of("CY")));
		fault_vfs_fail(FAULT_SPACE, 0, false);
		assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
		assert_int_equal(rig_reply_to(&rig, rig.number).status, 507);
		fault_vfs_heal();
		/* Read anew before the next piece of work. */
		assert_int_equal(rig_admin(&rig, "status", NULL, NULL).status, 200);
		assert_null(store_directory(rig.store, address_of("CY")));
		assert_int_equal(rig_ask(&rig, &directory).status, 200);
		assert_non_null(store_directory(rig.store, address_of("CY")));
		buf_done(&note);
	}
	rig_end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_held_until_commit),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_sync_fails),
		cmocka_unit_test(test_question_not_let_out),
		cmocka_unit_test(test_people_go_back),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
