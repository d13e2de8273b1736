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
#include "base/mem.h"
#include "crypto/crypto.h"
#include "store/station.h"
#include "store_rig.h"

/*
 * Nothing is said before it is durable; what fails, for want of room on the disk or of memory,
 * is undone, told, and can be done again.
 */

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

/* Memory refused at every point of one request and of what custody's answer brings. */

static void
write_message(uint8_t type, uint64_t number, const struct codec *codec,
	const void *message, struct buf *out)
{
	struct buf body;

	buf_init(&body, WIRE_BODY_MAX);
	codec_write(codec, message, &body);
	wire_write(&(struct wire_message){type, number, rig_bytes(&body)}, out);
	assert_int_equal(buf_error(out), 0);
	buf_done(&body);
}

static void
enrol_sign_bytes(uint64_t number, struct buf *out)
{
	struct front_ask ask = {.source = FRONT_CLIENT,
		.peer = rd_of("", 0),
		.path = rd_of("enrol-sign", 10)};
	struct post_enrol message;
	struct buf enrol, body;

	buf_init(&enrol, ENROL_BYTES_MAX);
	buf_init(&body, FRONT_HTTP_MAX);
	people_enrol("PT", "ana", SUBJECT_OFFICER, &enrol);
	message.enrol = rig_bytes(&enrol);
	codec_write(&post_enrol_codec, &message, &body);
	ask.body = rig_bytes(&body);
	write_message(FRONT_ASK, number, &front_ask_codec, &ask, out);
	buf_done(&enrol);
	buf_done(&body);
}

static void
test_no_memory(void **ctx)
{
	struct rig_reply reply;
	struct buf bytes;
	struct rig rig;
	long n = 0;

	(void)ctx;
	buf_init(&bytes, WIRE_BODY_MAX);
	for (bool is_done = false; !is_done; n++) {
		rig_begin(&rig, "PT");
		rig_join(&rig);
		put_request(&rig, "ana");
		rig_settle(&rig);
		rig_forget(&rig);
		buf_clear(&bytes);
		enrol_sign_bytes(1000, &bytes);
		mem_fail_after(n, true);
		assert_int_equal(store_handle(rig.store, ROLE_FRONT,
					 rd_of(bytes.data, bytes.len), rig.now_ms),
			0);
		assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
		is_done = mem_failed_count() == 0;
		mem_fail_never();
		/* Told, exactly once; and a refused one can be done again. */
		reply = rig_reply_to(&rig, 1000);
		assert_true(reply.status == 200 ||
			(reply.status == 503 && reply.fail == FAIL_NOMEM));
		rig.number = 1000;
		rig_enrol(&rig, "ana", SUBJECT_OFFICER);
		rig.now_ms += 5000;
		rig_settle(&rig);
		if (store_directory(rig.store, rd_of("PT", 2))->credential_count != 1)
			fail_msg("memory refused at %ld: %s", n, reply.text);
		rig_end(&rig);
	}
	assert_true(n > 30);
	buf_done(&bytes);
}

/* The same while custody's answer is worked off: a roster is kept, or can come again. */
static void
test_no_memory_for_an_answer(void **ctx)
{
	const struct vault_done done = {.why = rd_of("", 0), .body = rd_of("", 0)};
	struct post_note message;
	const struct rig_asking found = {
		FRONT_ADMIN, NULL, "found", &post_note_codec, &message};
	struct rig_reply reply;
	struct buf bytes, note;
	struct rig rig;
	long n = 0;

	(void)ctx;
	buf_init(&bytes, WIRE_BODY_MAX);
	buf_init(&note, NOTE_BYTES_MAX);
	rig_founding("PT", &note);
	message.note = rig_bytes(&note);
	for (bool is_done = false; !is_done; n++) {
		rig_begin(&rig, "PT");
		rig_forget(&rig);
		rig.is_mute = true;
		assert_int_equal(rig_put(&rig, &found), 0);
		assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
		assert_int_equal(rig.message_count, 1);
		buf_clear(&bytes);
		write_message(VAULT_DONE, rig.messages[0].number, &vault_done_codec,
			&done, &bytes);
		rig.messages[0].is_answered = true;
		mem_fail_after(n, true);
		assert_int_equal(store_handle(rig.store, ROLE_CUSTODY,
					 rd_of(bytes.data, bytes.len), rig.now_ms),
			0);
		assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
		is_done = mem_failed_count() == 0;
		mem_fail_never();
		reply = rig_reply_to(&rig, rig.number);
		assert_true(reply.status == 200 ||
			(reply.status == 503 && reply.fail == FAIL_NOMEM));
		rig.is_mute = false;
		rig_found(&rig);
		rig_join(&rig);
		rig_end(&rig);
	}
	assert_true(n > 20);
	buf_done(&bytes);
	buf_done(&note);
}

/* And at the start: it begins or it does not. */
static void
test_no_memory_at_the_start(void **ctx)
{
	struct rig rig;
	int r = FAIL_NOMEM;
	long n;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_found(&rig);
	rig_join(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	for (n = 0; r != 0; n++) {
		store_free(rig.store);
		rig.store = NULL;
		rig_forget(&rig);
		mem_fail_after(n, true);
		r = rig_new(&rig);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
	}
	assert_true(n > 5);
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
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_no_memory_for_an_answer),
		cmocka_unit_test(test_no_memory_at_the_start),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
