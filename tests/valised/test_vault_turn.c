/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/crypto.h"
#include "vault_room.h"

/* Weeks that go by, and the second holder. */

/* A week's private half is there for 14 days after its week, and then nowhere. */
static void
weekly_keys_are_wiped(void **state)
{
	uint64_t monday_s = weekly_monday(ROOM_NOW_S);
	uint8_t id[KEM_ID_LEN];
	const uint8_t *seed;
	struct room room;

	(void)state;
	assert_int_equal(monday_s % ROOM_DAY_S, 0);
	assert_int_equal((monday_s / ROOM_DAY_S + 3) % 7, 0);
	room_init(&room, false);
	memcpy(id, weekly_shown(state_weekly(room.state), SUITE_1, monday_s)->id,
		sizeof id);
	for (uint64_t day = 0; day <= 22; day++) {
		uint64_t now_s = monday_s + day * ROOM_DAY_S;

		assert_int_equal(state_turn(room.state, SUITE_1, now_s), 0);
		assert_int_equal(weekly_find(state_weekly(room.state), id, now_s, &seed),
			day < 21 ? 0 : FAIL_NO_KEY);
		/* This week's and the next's are always there, each made a week ahead. */
		assert_non_null(weekly_shown(
			state_weekly(room.state), SUITE_1, weekly_monday(now_s)));
		assert_non_null(weekly_shown(state_weekly(room.state), SUITE_1,
			weekly_monday(now_s) + VAULT_WEEK_S));
		assert_true(state_weekly(room.state)->count <= 4);
		room_close(&room);
		assert_int_equal(room_open(&room, now_s), 0);
	}
	/* A custody that slept over it does not use it either. */
	room_done(&room);
	room_init(&room, false);
	assert_int_equal(weekly_find(state_weekly(room.state), id,
				 monday_s + 21 * ROOM_DAY_S, &seed),
		FAIL_NO_KEY);
	room_done(&room);
}

/* A clock that was a year ahead for a while: this week has a key again, once it is right. */
static void
a_clock_goes_back(void **state)
{
	uint64_t monday_s = weekly_monday(ROOM_NOW_S);
	struct room room;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 3, 1);
	assert_int_equal(
		state_turn(room.state, SUITE_1, ROOM_NOW_S + 365 * ROOM_DAY_S), 0);
	assert_null(weekly_shown(state_weekly(room.state), SUITE_1, monday_s));
	assert_int_equal(state_turn(room.state, SUITE_1, ROOM_NOW_S), 0);
	assert_non_null(weekly_shown(state_weekly(room.state), SUITE_1, monday_s));
	assert_non_null(
		weekly_shown(state_weekly(room.state), SUITE_1, monday_s + VAULT_WEEK_S));
	for (uint8_t n = 1; n <= 3; n++)
		assert_true(room_has(&room, n));
	room_done(&room);
}

/* So many at once are never needed; a clock that jumps about is told, and loses nothing. */
static void
weekly_keys_have_a_bound(void **state)
{
	struct room room;
	int r = 0;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 3, 1);
	for (uint64_t back = 1; r == 0 && back < 20; back++)
		r = state_turn(room.state, SUITE_1, ROOM_NOW_S - back * 2 * VAULT_WEEK_S);
	assert_int_equal(r, FAIL_LIMIT);
	assert_int_equal(state_weekly(room.state)->count, VAULT_WEEKLY_MAX);
	assert_int_equal(state_turn(room.state, SUITE_1, ROOM_NOW_S), 0);
	assert_true(room_has(&room, 3));
	room_done(&room);
}

/* An old copy of `weekly` needs a master that is gone. */
static void
a_stolen_weekly_file_opens_nothing_later(void **state)
{
	struct memory_file *file;
	struct buf old;
	struct room room;

	(void)state;
	room_init(&room, false);
	file = memory_disk_file(&room.disk, "weekly");
	buf_init(&old, 65536);
	buf_bytes(&old, file->now.data, file->now.len);
	assert_int_equal(state_turn(room.state, SUITE_1, ROOM_NOW_S + ROOM_DAY_S), 0);
	room_close(&room);
	file = memory_disk_file(&room.disk, "weekly");
	file->now.len = 0;
	buf_bytes(&file->now, old.data, old.len);
	assert_int_equal(room_open(&room, ROOM_NOW_S + ROOM_DAY_S), FAIL_MISMATCH);
	buf_done(&old);
	room_done(&room);
}

static void
check_second(struct room *room)
{
	static const char *const names[] = {"master", "documents"};

	for (size_t i = 0; i < 2; i++) {
		struct memory_file *a = memory_disk_file(&room->disk, names[i]);
		struct memory_file *b = memory_disk_file(&room->second, names[i]);

		assert_non_null(b);
		assert_int_equal(a->now.len, b->durable.len);
		assert_memory_equal(a->now.data, b->durable.data, a->now.len);
	}
}

/* The second holder has the same files after every change; failing there stops nothing. */
static void
a_second_holder_has_a_copy(void **state)
{
	struct room room;

	(void)state;
	room_init(&room, true);
	check_second(&room);
	room_fill(&room, 5, 2);
	check_second(&room);
	assert_int_equal(room_destroy(&room, 2), 0);
	assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
	check_second(&room);
	assert_false(state_second_failed(room.state));
	/* It goes away for a while. */
	room.second.fail_at = room.second.calls;
	room.second.fail = FAIL_IO;
	room.second.fail_on = true;
	assert_int_equal(room_add(&room, 6), 0);
	assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
	assert_true(state_second_failed(room.state));
	assert_int_equal(state_turn(room.state, SUITE_1, ROOM_NOW_S + ROOM_DAY_S), 0);
	assert_true(state_second_failed(room.state));
	/* And comes back: with the next change it has all of it. */
	room.second.fail_on = false;
	room.second.fail_at = -1;
	assert_int_equal(room_add(&room, 7), 0);
	assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
	assert_false(state_second_failed(room.state));
	check_second(&room);
	room_done(&room);
}

/* The disk is lost; what the second holder has, and the word of people, are a custody again. */
static void
a_second_holder_is_put_back(void **state)
{
	struct vault_disk table;
	struct room room;

	(void)state;
	room_init(&room, true);
	room_fill(&room, 5, 1);
	room_close(&room);
	memory_disk_done(&room.disk);
	memory_disk_copy(&room.second, &room.disk);
	assert_int_equal(room_open(&room, ROOM_NOW_S), FAIL_MISMATCH);
	table = memory_disk_table(&room.disk);
	assert_int_equal(table.append(table.ctx, "put-back", 0, "", 0), 0);
	assert_int_equal(room_open(&room, ROOM_NOW_S), 0);
	assert_int_equal(state_turn(room.state, SUITE_1, ROOM_NOW_S), 0);
	for (uint8_t n = 1; n <= 5; n++)
		assert_true(room_has(&room, n));
	assert_non_null(weekly_shown(
		state_weekly(room.state), SUITE_1, weekly_monday(ROOM_NOW_S)));
	room_done(&room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weekly_keys_are_wiped),
		cmocka_unit_test(a_clock_goes_back),
		cmocka_unit_test(weekly_keys_have_a_bound),
		cmocka_unit_test(a_stolen_weekly_file_opens_nothing_later),
		cmocka_unit_test(a_second_holder_has_a_copy),
		cmocka_unit_test(a_second_holder_is_put_back),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
