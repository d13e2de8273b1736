/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "people.h"
#include "vault_opening.h"
#include "vault_rig.h"

/*
 * Nothing is said that is not durable: under errors of the disk, a full disk, want of memory,
 * power cuts; and a disk that lies is caught by the same test.
 */

enum { DOCUMENTS = 8 };

static struct rig rig;
static struct rig_envelope envelopes[DOCUMENTS];

static int
setup(void **state)
{
	const struct rig_plan plan = {.originator = PT};

	(void)state;
	rig_init(&rig);
	for (size_t i = 0; i < DOCUMENTS; i++)
		rig_envelope_init(&rig, &plan, &envelopes[i]);
	rig_forget(&rig.stations[PT]);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++)
		rig_envelope_done(&envelopes[i]);
	rig_done(&rig);
	return 0;
}

static void
say_send(size_t i)
{
	struct vault_send message;

	rig_send_message(&envelopes[i], &message);
	rig_say(&rig, PT, VAULT_SEND, &vault_send_codec, &message);
}

/* What custody has a key of: a recall of it is signed. */
static bool
has_key(size_t i)
{
	struct vault_destroy destroy = {
		.document_id = envelopes[i].header.core.document_id};
	struct memory_disk *disk = &rig.stations[PT].disk;
	size_t len = memory_disk_file(disk, "documents")->now.len;

	/* Destroying what is not there writes nothing. */
	assert_int_equal(
		rig_ask(&rig, PT, VAULT_DESTROY, &vault_destroy_codec, &destroy)->fail,
		0);
	return memory_disk_file(disk, "documents")->now.len != len;
}

static void
answers_wait_for_idle(void **state)
{
	struct rig_station *pt = &rig.stations[PT];

	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++)
		say_send(i);
	assert_int_equal(pt->said_count, 0);
	assert_int_equal(rig_idle(&rig, PT), 0);
	assert_int_equal(pt->said_count, DOCUMENTS);
	for (size_t i = 0; i < DOCUMENTS; i++) {
		assert_int_equal(pt->said[i].fail, 0);
		assert_int_equal(pt->said[i].number, pt->number - DOCUMENTS + i + 1);
		assert_false(pt->said[i].was_dirty);
	}
	/* And a batch is one sync: one append, one sync. */
	for (size_t i = 0; i < DOCUMENTS; i++)
		say_send(i);
	pt->disk.calls = 0;
	assert_int_equal(rig_idle(&rig, PT), 0);
	assert_int_equal(pt->disk.calls, 0);
}

static void
a_batch_shares_one_sync(void **state)
{
	struct rig_station *pt = &rig.stations[PT];

	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++)
		say_send(i);
	pt->disk.calls = 0;
	assert_int_equal(rig_idle(&rig, PT), 0);
	assert_int_equal(pt->disk.calls, 2);
}

/* More than may be held are let out, durable, before the next is taken. */
static void
what_is_held_has_a_bound(void **state)
{
	struct rig_station *pt = &rig.stations[PT];

	(void)state;
	say_send(0);
	for (size_t i = 0; i < 300; i++)
		rig_say(&rig, PT, VAULT_TICK, NULL, NULL);
	assert_int_equal(pt->said_count, 256);
	for (size_t i = 0; i < pt->said_count; i++)
		assert_false(pt->said[i].was_dirty);
	assert_int_equal(rig_idle(&rig, PT), 0);
	assert_int_equal(pt->said_count, 301);
}

/* The commit fails: every answer is that error, and no key is left that nobody was told of. */
static void
a_failed_commit_is_told_to_all(void **state)
{
	static const int fails[] = {FAIL_SPACE, FAIL_IO};
	struct rig_station *pt = &rig.stations[PT];

	(void)state;
	for (size_t k = 0; k < 2; k++)
		for (long at = 0; at < 2; at++) {
			rig_forget(pt);
			for (size_t i = 0; i < 3; i++)
				say_send(i);
			pt->disk.fail_at = pt->disk.calls + at;
			pt->disk.fail = fails[k];
			assert_int_equal(rig_idle(&rig, PT), 0);
			assert_int_equal(pt->said_count, 3);
			for (size_t i = 0; i < 3; i++) {
				assert_int_equal(pt->said[i].fail, fails[k]);
				assert_true(pt->said[i].why[0] != '\0');
				assert_int_equal(pt->said[i].body.len, 0);
			}
			pt->disk.fail_at = -1;
			for (size_t i = 0; i < 3; i++)
				assert_false(has_key(i));
		}
	/* Back again: everything can be done. */
	assert_int_equal(rig_send(&rig, &envelopes[0])->fail, 0);
	assert_true(has_key(0));
}

/*
 * Send, cut the power after each let-out, start again: all that was acknowledged must be there.
 * Answers whether that held.
 */
static bool
holds_through_a_cut(bool is_lying, size_t torn)
{
	struct rig_station *pt = &rig.stations[PT];
	bool was_said[DOCUMENTS] = {false}, holds = true;

	pt->disk.is_lying = is_lying;
	for (size_t i = 0; i < DOCUMENTS; i += 2) {
		rig_forget(pt);
		say_send(i);
		say_send(i + 1);
		assert_int_equal(rig_idle(&rig, PT), 0);
		was_said[i] = pt->said[0].fail == 0;
		was_said[i + 1] = pt->said[1].fail == 0;
		holds &= !pt->said[0].was_dirty;
	}
	rig_stop(&rig, PT);
	memory_disk_cut(&pt->disk, torn);
	assert_int_equal(rig_start(&rig, PT), 0);
	for (size_t i = 0; i < DOCUMENTS; i++)
		holds &= !was_said[i] || has_key(i);
	return holds;
}

static void
what_was_said_is_there_after_a_cut(void **state)
{
	(void)state;
	assert_true(holds_through_a_cut(false, 0));
}

/* The planted fault: an answer let out before the sync. */
static void
an_answer_before_the_sync_is_caught(void **state)
{
	(void)state;
	assert_false(holds_through_a_cut(true, 100));
}

/* Memory may be short at any point: an answer comes, and a good one is true. */
static void
want_of_memory_is_an_answer(void **state)
{
	struct rig_station *pt = &rig.stations[PT];
	struct vault_send message;
	struct wire_message m = {.type = VAULT_SEND, .number = 7};
	struct buf body, frame;
	int fail = FAIL_NOMEM;

	(void)state;
	rig_send_message(&envelopes[0], &message);
	buf_init(&body, 1 << 20);
	buf_init(&frame, 1 << 20);
	codec_write(&vault_send_codec, &message, &body);
	m.body = rd_of(body.data, body.len);
	wire_write(&m, &frame);
	for (long n = 0; fail != 0; n++) {
		assert_true(n < 1000);
		rig_forget(pt);
		mem_fail_after(n, false);
		assert_int_equal(vault_handle(pt->vault, rd_of(frame.data, frame.len),
					 rig.now_s * 1000),
			0);
		/* What is said of it allocates in the rig: only custody is short. */
		mem_fail_never();
		assert_int_equal(rig_idle(&rig, PT), 0);
		assert_int_equal(pt->said_count, 1);
		fail = pt->said[0].fail;
		assert_true(fail == 0 || fail == FAIL_NOMEM);
	}
	assert_true(has_key(0));
	buf_done(&body);
	buf_done(&frame);
}

/* And the same for all messages at the door. */
static void
what_the_table_does_not_permit(void **state)
{
	struct rig_station *pt = &rig.stations[PT];
	uint8_t frame[64] = {0};

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		frame[0] = (uint8_t)type;
		/* No message of store has a body of 55 bytes of zeros that parses. */
		if (!vault_may(ROLE_STORE, (uint8_t)type, sizeof frame - 9))
			assert_int_equal(
				vault_handle(pt->vault, rd_of(frame, sizeof frame),
					rig.now_s * 1000),
				FAIL_REFUSED);
		else
			assert_int_equal(
				vault_handle(pt->vault, rd_of(frame, sizeof frame),
					rig.now_s * 1000),
				0);
	}
	for (size_t len = 0; len < 9; len++)
		assert_int_equal(
			vault_handle(pt->vault, rd_of(frame, len), rig.now_s * 1000),
			FAIL_REFUSED);
	assert_int_equal(rig_idle(&rig, PT), 0);
	for (size_t i = 0; i < pt->said_count; i++)
		assert_int_not_equal(pt->said[i].fail, 0);
}

/* A disk that is not what memory says, and cannot be read again, ends the process. */
static void
an_unknown_state_ends_it(void **state)
{
	struct rig_station *pt = &rig.stations[PT];
	struct vault_destroy destroy = {
		.document_id = envelopes[0].header.core.document_id};

	(void)state;
	assert_int_equal(rig_send(&rig, &envelopes[0])->fail, 0);
	rig_forget(pt);
	rig_say(&rig, PT, VAULT_DESTROY, &vault_destroy_codec, &destroy);
	pt->disk.fail_at = pt->disk.calls + 1;
	pt->disk.fail = FAIL_IO;
	memory_disk_file(&pt->disk, "weekly")->is_there = false;
	assert_int_equal(rig_idle(&rig, PT), FAIL_CLOSED);
	assert_int_equal(pt->said_count, 1);
	assert_int_equal(pt->said[0].fail, FAIL_CLOSED);
	assert_int_equal(rig_idle(&rig, PT), FAIL_CLOSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_wait_for_idle, setup, teardown),
		cmocka_unit_test_setup_teardown(a_batch_shares_one_sync, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_held_has_a_bound, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_failed_commit_is_told_to_all, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_was_said_is_there_after_a_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_answer_before_the_sync_is_caught, setup, teardown),
		cmocka_unit_test_setup_teardown(
			want_of_memory_is_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_the_table_does_not_permit, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_unknown_state_ends_it, setup, teardown),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
