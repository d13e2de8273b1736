/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "valised/vault_master.h"
#include "vault_room.h"

/* The files of custody under power cuts, full disks, errors of sync, want of memory and thieves. */

static void
what_was_committed_is_there(void **state)
{
	struct room room;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 200, 7);
	room_power_cut(&room, 0);
	for (uint8_t n = 1; n <= 200; n++)
		assert_true(room_has(&room, n));
	assert_false(room_has(&room, 201));
	assert_false(state_was_cut(room.state));
	room_done(&room);
}

/* Thousands, so that the index grows; ids that are no pattern. */
static void
many_are_found(void **state)
{
	enum { MANY = 3000 };
	struct vault_document d = room_document(1), got;
	struct room room;

	(void)state;
	room_init(&room, false);
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t n = 0; n < MANY; n++) {
			hash_sha256(&n, sizeof n, d.key);
			memcpy(d.id, d.key, sizeof d.id);
			if (round == 0)
				assert_int_equal(
					documents_add(state_documents(room.state),
						&room.rng.rng, &d),
					0);
			assert_int_equal(
				documents_find(state_documents(room.state), d.id, &got),
				0);
			assert_memory_equal(got.key, d.key, sizeof d.key);
		}
		assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
		assert_int_equal(
			state_turn(room.state, SUITE_1, ROOM_NOW_S + ROOM_DAY_S), 0);
		assert_int_equal(documents_count(state_documents(room.state)), MANY);
		room_power_cut(&room, 0);
	}
	room_done(&room);
}

/* However much of an append has reached the disk: what was acknowledged is there. */
static void
a_torn_append_is_cut_off(void **state)
{
	enum { LAST = 3 * VAULT_RECORD_LEN };
	struct room room;

	(void)state;
	for (size_t torn = 0; torn <= LAST; torn += torn < 40 ? 1 : 37) {
		room_init(&room, false);
		room_fill(&room, 5, 5);
		for (uint8_t n = 6; n <= 8; n++)
			assert_int_equal(room_add(&room, n), 0);
		room.disk.is_lying = true;
		assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
		room_power_cut(&room, torn);
		for (uint8_t n = 1; n <= 5; n++)
			assert_true(room_has(&room, n));
		assert_int_equal(state_was_cut(room.state), torn % VAULT_RECORD_LEN != 0);
		/* And it goes on behind what was cut. */
		assert_int_equal(room_add(&room, 9), 0);
		assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
		room_power_cut(&room, 0);
		assert_true(room_has(&room, 9) && room_has(&room, 5));
		room_done(&room);
	}
}

/* Damage of what was acknowledged is told, not taken for a torn append. */
static void
damage_is_told(void **state)
{
	struct memory_file *file;
	struct room room;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 6, 2);
	room_close(&room);
	file = memory_disk_file(&room.disk, "documents");
	for (size_t at = VAULT_HEAD_LEN;
		at < file->now.len - (size_t)2 * VAULT_RECORD_LEN; at += 11) {
		file->now.data[at] ^= 1;
		assert_int_equal(room_open(&room, ROOM_NOW_S), FAIL_ALTERED);
		file->now.data[at] ^= 1;
	}
	/* Of the last append nobody can tell; it is said. */
	file->now.data[file->now.len - 1] ^= 1;
	assert_int_equal(room_open(&room, ROOM_NOW_S), 0);
	assert_true(state_was_cut(room.state));
	assert_false(room_has(&room, 6));
	assert_true(room_has(&room, 5));
	room_done(&room);
}

static void
every_byte_of_the_small_files_counts(void **state)
{
	static const char *const names[] = {"master", "weekly"};
	struct room room;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 3, 1);
	room_close(&room);
	for (size_t i = 0; i < 2; i++) {
		struct memory_file *file = memory_disk_file(&room.disk, names[i]);

		for (size_t at = 0; at < file->now.len; at++) {
			file->now.data[at] ^= 0x10;
			assert_int_not_equal(room_open(&room, ROOM_NOW_S), 0);
			file->now.data[at] ^= 0x10;
		}
		file->now.len--;
		assert_int_not_equal(room_open(&room, ROOM_NOW_S), 0);
		file->now.len++;
	}
	assert_int_equal(room_open(&room, ROOM_NOW_S), 0);
	room_done(&room);
}

/* Some of the files gone is no reason to begin anew and forget the rest. */
static void
a_missing_file_is_told(void **state)
{
	static const char *const names[] = {"master", "documents", "weekly"};
	struct room room;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 3, 1);
	room_close(&room);
	for (size_t i = 0; i < 3; i++) {
		struct memory_file *file = memory_disk_file(&room.disk, names[i]);

		file->is_there = false;
		assert_int_equal(room_open(&room, ROOM_NOW_S), FAIL_MISMATCH);
		file->is_there = true;
	}
	room_done(&room);
}

/* DESTROY: the files as they were, and all keys of today, open nothing of it. */
static void
a_destroyed_key_is_gone(void **state)
{
	struct vault_document d = room_document(2), got;
	struct vault_documents *old = NULL;
	struct memory_disk stolen;
	struct vault_disk table;
	struct masters masters;
	struct room room;
	uint64_t number = 0;
	uint8_t key[AEAD_KEY_LEN];
	bool is_cut;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 3, 1);
	memory_disk_copy(&room.disk, &stolen);
	assert_int_equal(room_destroy(&room, 2), 0);
	assert_false(room_has(&room, 2));
	assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
	assert_false(room_has(&room, 2));
	/*
	 * The masters of today do not have the one that the old file names: at once, not only after
	 * the next start, which clears up what was interrupted.
	 */
	table = memory_disk_table(&stolen);
	assert_int_equal(documents_master_on(&table, &number), 0);
	assert_int_equal(masters_init(&masters), 0);
	assert_int_equal(vault_derive(room_unlock, "master", key), 0);
	{
		struct vault_disk now = memory_disk_table(&room.disk);

		assert_int_equal(masters_read(&masters, &now, key), 0);
	}
	assert_null(masters_find(&masters, number));
	/* Nor does any of their keys open it, if it is taken for the one that is asked. */
	for (size_t i = 0; i < masters.count; i++) {
		assert_int_equal(documents_new(&table, number, masters.list[i].key,
					 &room.rng.rng, &old),
			0);
		assert_int_equal(documents_load(old, &is_cut), 0);
		assert_int_equal(documents_count(old), 0);
		assert_int_equal(documents_find(old, d.id, &got), FAIL_ABSENT);
		documents_free(old);
	}
	room_power_cut(&room, 0);
	assert_false(room_has(&room, 2));
	assert_true(room_has(&room, 1) && room_has(&room, 3));
	masters_done(&masters);
	memory_disk_done(&stolen);
	room_done(&room);
}

/* The limit that docs/format/custody.md states: all of an old disk, and the unlock key. */
static void
an_old_copy_of_everything_is_an_old_custody(void **state)
{
	struct memory_disk stolen;
	struct room room;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 3, 1);
	memory_disk_copy(&room.disk, &stolen);
	assert_int_equal(room_destroy(&room, 2), 0);
	assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
	room_close(&room);
	memory_disk_restore(&stolen, &room.disk);
	assert_int_equal(room_open(&room, ROOM_NOW_S), 0);
	assert_true(room_has(&room, 2));
	memory_disk_done(&stolen);
	room_done(&room);
}

/* What holds whatever happened: 1..3 are there, or (2, when it was destroyed) not. */
static void
check_after(struct room *room, bool may_be_gone)
{
	assert_true(room_has(room, 1) && room_has(room, 3));
	assert_true(room_has(room, 2) || may_be_gone);
}

/* One change under each failure, of each kind, at each call; then again, without. */
enum change { ADDED, DESTROYED, NEXT_DAY, NEXT_WEEK, CHANGES };

static int
make(struct room *room, enum change change)
{
	if (change == ADDED) {
		int r = room_add(room, 4);

		return r != 0 ? r : state_commit(room->state, ROOM_NOW_S);
	}
	if (change == DESTROYED) {
		int r = room_destroy(room, 2);

		return r != 0 && r != FAIL_ABSENT ? r
						  : state_commit(room->state, ROOM_NOW_S);
	}
	return state_turn(room->state, SUITE_1,
		ROOM_NOW_S + (change == NEXT_DAY ? ROOM_DAY_S : VAULT_WEEK_S));
}

static void
try_failure(enum change change, long at, int fail, bool is_late, bool *ret_is_over)
{
	struct room room;
	int r;

	room_init(&room, false);
	room_fill(&room, 3, 1);
	room.disk.fail_at = room.disk.calls + at;
	room.disk.fail = fail;
	room.disk.fail_late = is_late;
	r = make(&room, change);
	*ret_is_over = room.disk.calls <= room.disk.fail_at;
	assert_int_equal(r, *ret_is_over ? 0 : fail);
	room.disk.fail_at = -1;
	/* Nothing lost in memory, nothing lost on the disk. */
	check_after(&room, change == DESTROYED);
	if (r != 0 && change == ADDED)
		assert_false(room_has(&room, 4));
	room_power_cut(&room, 0);
	check_after(&room, change == DESTROYED);
	/* And it can be done. */
	assert_int_equal(make(&room, change), 0);
	check_after(&room, change == DESTROYED);
	room_power_cut(&room, 0);
	assert_int_equal(room_has(&room, 4), change == ADDED);
	assert_int_equal(room_has(&room, 2), change != DESTROYED);
	room_done(&room);
}

static void
errors_of_the_disk_lose_nothing(void **state)
{
	static const int fails[] = {FAIL_SPACE, FAIL_IO};
	bool is_over;

	(void)state;
	for (enum change change = ADDED; change < CHANGES; change++)
		for (size_t i = 0; i < 2; i++)
			for (int is_late = 0; is_late < 2; is_late++) {
				long at = 0;

				do
					try_failure(change, at++, fails[i], is_late != 0,
						&is_over);
				while (!is_over);
				assert_true(at > 2);
			}
}

/* The disk fails and stays so, the power goes: every state in between can be read. */
static void
a_crash_at_any_point_loses_nothing(void **state)
{
	struct room room;

	(void)state;
	for (enum change change = ADDED; change < CHANGES; change++)
		for (int is_late = 0; is_late < 2; is_late++)
			for (long at = 0; at < 6; at++) {
				room_init(&room, false);
				room_fill(&room, 3, 1);
				room.disk.fail_at = room.disk.calls + at;
				room.disk.fail = FAIL_IO;
				room.disk.fail_on = true;
				room.disk.fail_late = is_late != 0 && at % 2 == 0;
				(void)!make(&room, change);
				room.disk.fail_on = false;
				room_power_cut(&room, 0);
				check_after(&room, change == DESTROYED);
				assert_int_equal(make(&room, change), 0);
				room_power_cut(&room, 0);
				check_after(&room, change == DESTROYED);
				room_done(&room);
			}
}

static void
want_of_memory_loses_nothing(void **state)
{
	struct room room;
	int r;

	(void)state;
	for (enum change change = ADDED; change < CHANGES; change++) {
		r = FAIL_NOMEM;
		for (long n = 0; r != 0; n++) {
			assert_true(n < 1000);
			room_init(&room, false);
			room_fill(&room, 3, 1);
			mem_fail_after(n, true);
			r = make(&room, change);
			mem_fail_never();
			assert_true(r == 0 || r == FAIL_NOMEM);
			check_after(&room, change == DESTROYED);
			assert_int_equal(
				make(&room, change), r == 0 && change == ADDED ? 0 : 0);
			room_power_cut(&room, 0);
			check_after(&room, change == DESTROYED);
			room_done(&room);
		}
	}
}

/* A first start that was cut off is begun anew. */
static void
a_first_start_may_be_cut_off(void **state)
{
	struct room room;

	(void)state;
	for (long at = 0; at < 3; at++) {
		room = (struct room){.rng = {.rng = {room_count_up}}};
		memory_disk_init(&room.disk);
		memory_disk_init(&room.second);
		room.disk.fail_at = at;
		room.disk.fail = FAIL_IO;
		assert_int_equal(room_open(&room, ROOM_NOW_S), FAIL_IO);
		memory_disk_cut(&room.disk, 0);
		assert_int_equal(room_open(&room, ROOM_NOW_S), 0);
		assert_int_equal(room_add(&room, 1), 0);
		assert_int_equal(state_commit(room.state, ROOM_NOW_S), 0);
		room_done(&room);
	}
}

static void
keys_of_another_station_do_not_open(void **state)
{
	static const uint8_t other[VAULT_SEED_LEN] = {8};
	struct state_plan plan = {.unlock = other};
	struct room room;

	(void)state;
	room_init(&room, false);
	room_fill(&room, 2, 1);
	room_close(&room);
	plan.disk = memory_disk_table(&room.disk);
	plan.rng = &room.rng.rng;
	assert_int_equal(state_open(&plan, ROOM_NOW_S, &room.state), FAIL_ALTERED);
	room_done(&room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_committed_is_there),
		cmocka_unit_test(many_are_found),
		cmocka_unit_test(a_torn_append_is_cut_off),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(every_byte_of_the_small_files_counts),
		cmocka_unit_test(a_missing_file_is_told),
		cmocka_unit_test(a_destroyed_key_is_gone),
		cmocka_unit_test(an_old_copy_of_everything_is_an_old_custody),
		cmocka_unit_test(errors_of_the_disk_lose_nothing),
		cmocka_unit_test(a_crash_at_any_point_loses_nothing),
		cmocka_unit_test(want_of_memory_loses_nothing),
		cmocka_unit_test(a_first_start_may_be_cut_off),
		cmocka_unit_test(keys_of_another_station_do_not_open),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
