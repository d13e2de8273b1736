/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "memory_disk.h"
#include "valised/vault_master.h"
#include "valised/vault_state.h"

/*
 * The files of custody under power cuts, full disks, errors of sync, want of memory and thieves.
 * A document of number n has the id, the envelope hash and the key n, n, n ...
 */

enum { NOW_S = 1795000000, DAY_S = 24 * 3600 };

static const uint8_t unlock[VAULT_SEED_LEN] = {7, 7, 7};

/* A stream of SHA-256 of a counter, which starts anew with every test. */
struct counting {
	struct rng rng;
	uint64_t drawn;
};

static int
count_up(struct rng *rng, void *out, size_t len)
{
	struct counting *c = (struct counting *)rng;
	uint8_t hash[HASH_LEN], *at = out;

	for (; len > 0; c->drawn++) {
		size_t n = len < HASH_LEN ? len : HASH_LEN;

		hash_sha256(&c->drawn, sizeof c->drawn, hash);
		memcpy(at, hash, n);
		at += n;
		len -= n;
	}
	return 0;
}

struct room {
	struct counting rng;
	struct memory_disk disk;
	struct memory_disk second;
	struct vault_disk second_table;
	bool has_second;
	struct vault_state *state;
};

static int
open_room(struct room *room, uint64_t now_s)
{
	struct state_plan plan = {.unlock = unlock,
		.disk = memory_disk_table(&room->disk),
		.second = room->has_second ? &room->second_table : NULL,
		.rng = &room->rng.rng};

	return state_open(&plan, now_s, &room->state);
}

static void
close_room(struct room *room)
{
	state_free(room->state);
	room->state = NULL;
}

static void
room_init(struct room *room, bool has_second)
{
	*room = (struct room){.rng = {.rng = {count_up}}, .has_second = has_second};
	memory_disk_init(&room->disk);
	memory_disk_init(&room->second);
	room->second_table = memory_disk_table(&room->second);
	assert_int_equal(open_room(room, NOW_S), 0);
	assert_int_equal(state_turn(room->state, SUITE_1, NOW_S), 0);
}

static void
room_done(struct room *room)
{
	close_room(room);
	memory_disk_done(&room->disk);
	memory_disk_done(&room->second);
}

static struct vault_document
document(uint8_t n)
{
	struct vault_document d = {.kind = VAULT_OWN};

	memset(d.id, n, sizeof d.id);
	memset(d.envelope_hash, n, sizeof d.envelope_hash);
	memset(d.key, n, sizeof d.key);
	return d;
}

static int
add(struct room *room, uint8_t n)
{
	struct vault_document d = document(n);

	return documents_add(state_documents(room->state), &room->rng.rng, &d);
}

static int
destroy(struct room *room, uint8_t n)
{
	struct vault_document d = document(n);

	return documents_destroy(state_documents(room->state), d.id);
}

static bool
has(struct room *room, uint8_t n)
{
	struct vault_document expected = document(n), got;
	int r = documents_find(state_documents(room->state), expected.id, &got);

	if (r == FAIL_ABSENT)
		return false;
	assert_int_equal(r, 0);
	assert_memory_equal(got.key, expected.key, sizeof got.key);
	assert_memory_equal(got.envelope_hash, expected.envelope_hash, HASH_LEN);
	assert_int_equal(got.kind, VAULT_OWN);
	return true;
}

/* Documents 1..count, each commit with `batch` of them. */
static void
fill(struct room *room, uint8_t count, uint8_t batch)
{
	for (uint8_t n = 1; n <= count; n++) {
		assert_int_equal(add(room, n), 0);
		if (n % batch == 0)
			assert_int_equal(state_commit(room->state, NOW_S), 0);
	}
	assert_int_equal(state_commit(room->state, NOW_S), 0);
}

static void
power_cut(struct room *room, size_t torn)
{
	close_room(room);
	memory_disk_cut(&room->disk, torn);
	assert_int_equal(open_room(room, NOW_S), 0);
}

static void
what_was_committed_is_there(void **state)
{
	struct room room;

	(void)state;
	room_init(&room, false);
	fill(&room, 200, 7);
	power_cut(&room, 0);
	for (uint8_t n = 1; n <= 200; n++)
		assert_true(has(&room, n));
	assert_false(has(&room, 201));
	assert_false(state_was_cut(room.state));
	room_done(&room);
}

/* Thousands, so that the index grows; ids that are no pattern. */
static void
many_are_found(void **state)
{
	enum { MANY = 3000 };
	struct vault_document d = document(1), got;
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
		assert_int_equal(state_commit(room.state, NOW_S), 0);
		assert_int_equal(state_turn(room.state, SUITE_1, NOW_S + DAY_S), 0);
		assert_int_equal(documents_count(state_documents(room.state)), MANY);
		power_cut(&room, 0);
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
		fill(&room, 5, 5);
		for (uint8_t n = 6; n <= 8; n++)
			assert_int_equal(add(&room, n), 0);
		room.disk.is_lying = true;
		assert_int_equal(state_commit(room.state, NOW_S), 0);
		power_cut(&room, torn);
		for (uint8_t n = 1; n <= 5; n++)
			assert_true(has(&room, n));
		assert_int_equal(state_was_cut(room.state), torn % VAULT_RECORD_LEN != 0);
		/* And it goes on behind what was cut. */
		assert_int_equal(add(&room, 9), 0);
		assert_int_equal(state_commit(room.state, NOW_S), 0);
		power_cut(&room, 0);
		assert_true(has(&room, 9) && has(&room, 5));
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
	fill(&room, 6, 2);
	close_room(&room);
	file = memory_disk_file(&room.disk, "documents");
	for (size_t at = VAULT_HEAD_LEN;
		at < file->now.len - (size_t)2 * VAULT_RECORD_LEN; at += 11) {
		file->now.data[at] ^= 1;
		assert_int_equal(open_room(&room, NOW_S), FAIL_ALTERED);
		file->now.data[at] ^= 1;
	}
	/* Of the last append nobody can tell; it is said. */
	file->now.data[file->now.len - 1] ^= 1;
	assert_int_equal(open_room(&room, NOW_S), 0);
	assert_true(state_was_cut(room.state));
	assert_false(has(&room, 6));
	assert_true(has(&room, 5));
	room_done(&room);
}

static void
every_byte_of_the_small_files_counts(void **state)
{
	static const char *const names[] = {"master", "weekly"};
	struct room room;

	(void)state;
	room_init(&room, false);
	fill(&room, 3, 1);
	close_room(&room);
	for (size_t i = 0; i < 2; i++) {
		struct memory_file *file = memory_disk_file(&room.disk, names[i]);

		for (size_t at = 0; at < file->now.len; at++) {
			file->now.data[at] ^= 0x10;
			assert_int_not_equal(open_room(&room, NOW_S), 0);
			file->now.data[at] ^= 0x10;
		}
		file->now.len--;
		assert_int_not_equal(open_room(&room, NOW_S), 0);
		file->now.len++;
	}
	assert_int_equal(open_room(&room, NOW_S), 0);
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
	fill(&room, 3, 1);
	close_room(&room);
	for (size_t i = 0; i < 3; i++) {
		struct memory_file *file = memory_disk_file(&room.disk, names[i]);

		file->is_there = false;
		assert_int_equal(open_room(&room, NOW_S), FAIL_MISMATCH);
		file->is_there = true;
	}
	room_done(&room);
}

/* DESTROY: the files as they were, and all keys of today, open nothing of it. */
static void
a_destroyed_key_is_gone(void **state)
{
	struct vault_document d = document(2), got;
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
	fill(&room, 3, 1);
	memory_disk_copy(&room.disk, &stolen);
	assert_int_equal(destroy(&room, 2), 0);
	assert_false(has(&room, 2));
	assert_int_equal(state_commit(room.state, NOW_S), 0);
	assert_false(has(&room, 2));
	power_cut(&room, 0);
	assert_false(has(&room, 2));
	assert_true(has(&room, 1) && has(&room, 3));
	/* The masters of today do not have the one that the old file names. */
	table = memory_disk_table(&stolen);
	assert_int_equal(documents_master_on(&table, &number), 0);
	assert_int_equal(masters_init(&masters), 0);
	assert_int_equal(vault_derive(unlock, "master", key), 0);
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
	masters_done(&masters);
	memory_disk_done(&stolen);
	room_done(&room);
}

/* What holds whatever happened: 1..3 are there, or (2, when it was destroyed) not. */
static void
check_after(struct room *room, bool may_be_gone)
{
	assert_true(has(room, 1) && has(room, 3));
	assert_true(has(room, 2) || may_be_gone);
}

/* One change under each failure, of each kind, at each call; then again, without. */
enum change { ADDED, DESTROYED, NEXT_DAY, NEXT_WEEK, CHANGES };

static int
make(struct room *room, enum change change)
{
	if (change == ADDED) {
		int r = add(room, 4);

		return r != 0 ? r : state_commit(room->state, NOW_S);
	}
	if (change == DESTROYED) {
		int r = destroy(room, 2);

		return r != 0 && r != FAIL_ABSENT ? r : state_commit(room->state, NOW_S);
	}
	return state_turn(room->state, SUITE_1,
		NOW_S + (change == NEXT_DAY ? DAY_S : VAULT_WEEK_S));
}

static void
try_failure(enum change change, long at, int fail, bool is_late, bool *ret_is_over)
{
	struct room room;
	int r;

	room_init(&room, false);
	fill(&room, 3, 1);
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
		assert_false(has(&room, 4));
	power_cut(&room, 0);
	check_after(&room, change == DESTROYED);
	/* And it can be done. */
	assert_int_equal(make(&room, change), 0);
	check_after(&room, change == DESTROYED);
	power_cut(&room, 0);
	assert_int_equal(has(&room, 4), change == ADDED);
	assert_int_equal(has(&room, 2), change != DESTROYED);
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
				fill(&room, 3, 1);
				room.disk.fail_at = room.disk.calls + at;
				room.disk.fail = FAIL_IO;
				room.disk.fail_on = true;
				room.disk.fail_late = is_late != 0 && at % 2 == 0;
				(void)!make(&room, change);
				room.disk.fail_on = false;
				power_cut(&room, 0);
				check_after(&room, change == DESTROYED);
				assert_int_equal(make(&room, change), 0);
				power_cut(&room, 0);
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
			fill(&room, 3, 1);
			mem_fail_after(n, true);
			r = make(&room, change);
			mem_fail_never();
			assert_true(r == 0 || r == FAIL_NOMEM);
			check_after(&room, change == DESTROYED);
			assert_int_equal(
				make(&room, change), r == 0 && change == ADDED ? 0 : 0);
			power_cut(&room, 0);
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
		room = (struct room){.rng = {.rng = {count_up}}};
		memory_disk_init(&room.disk);
		memory_disk_init(&room.second);
		room.disk.fail_at = at;
		room.disk.fail = FAIL_IO;
		assert_int_equal(open_room(&room, NOW_S), FAIL_IO);
		memory_disk_cut(&room.disk, 0);
		assert_int_equal(open_room(&room, NOW_S), 0);
		assert_int_equal(add(&room, 1), 0);
		assert_int_equal(state_commit(room.state, NOW_S), 0);
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
	fill(&room, 2, 1);
	close_room(&room);
	plan.disk = memory_disk_table(&room.disk);
	plan.rng = &room.rng.rng;
	assert_int_equal(state_open(&plan, NOW_S, &room.state), FAIL_ALTERED);
	room_done(&room);
}

/* A week's private half is there for 14 days after its week, and then nowhere. */
static void
weekly_keys_are_wiped(void **state)
{
	uint64_t monday_s = weekly_monday(NOW_S);
	uint8_t id[KEM_ID_LEN];
	const uint8_t *seed;
	struct room room;

	(void)state;
	assert_int_equal(monday_s % DAY_S, 0);
	assert_int_equal((monday_s / DAY_S + 3) % 7, 0);
	room_init(&room, false);
	memcpy(id, weekly_shown(state_weekly(room.state), SUITE_1, monday_s)->id,
		sizeof id);
	for (uint64_t day = 0; day <= 22; day++) {
		uint64_t now_s = monday_s + day * DAY_S;

		assert_int_equal(state_turn(room.state, SUITE_1, now_s), 0);
		assert_int_equal(weekly_find(state_weekly(room.state), id, now_s, &seed),
			day < 21 ? 0 : FAIL_NO_KEY);
		/* This week's and the next's are always there, each made a week ahead. */
		assert_non_null(weekly_shown(
			state_weekly(room.state), SUITE_1, weekly_monday(now_s)));
		assert_non_null(weekly_shown(state_weekly(room.state), SUITE_1,
			weekly_monday(now_s) + VAULT_WEEK_S));
		assert_true(state_weekly(room.state)->count <= 4);
		close_room(&room);
		assert_int_equal(open_room(&room, now_s), 0);
	}
	/* A custody that slept over it does not use it either. */
	room_done(&room);
	room_init(&room, false);
	assert_int_equal(
		weekly_find(state_weekly(room.state), id, monday_s + 21 * DAY_S, &seed),
		FAIL_NO_KEY);
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
	assert_int_equal(state_turn(room.state, SUITE_1, NOW_S + DAY_S), 0);
	close_room(&room);
	file = memory_disk_file(&room.disk, "weekly");
	file->now.len = 0;
	buf_bytes(&file->now, old.data, old.len);
	assert_int_equal(open_room(&room, NOW_S + DAY_S), FAIL_MISMATCH);
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
	fill(&room, 5, 2);
	check_second(&room);
	assert_int_equal(destroy(&room, 2), 0);
	assert_int_equal(state_commit(room.state, NOW_S), 0);
	check_second(&room);
	assert_false(state_second_failed(room.state));
	/* It goes away for a while. */
	room.second.fail_at = room.second.calls;
	room.second.fail = FAIL_IO;
	room.second.fail_on = true;
	assert_int_equal(add(&room, 6), 0);
	assert_int_equal(state_commit(room.state, NOW_S), 0);
	assert_true(state_second_failed(room.state));
	assert_int_equal(state_turn(room.state, SUITE_1, NOW_S + DAY_S), 0);
	assert_true(state_second_failed(room.state));
	/* And comes back: with the next change it has all of it. */
	room.second.fail_on = false;
	room.second.fail_at = -1;
	assert_int_equal(add(&room, 7), 0);
	assert_int_equal(state_commit(room.state, NOW_S), 0);
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
	fill(&room, 5, 1);
	close_room(&room);
	memory_disk_done(&room.disk);
	memory_disk_copy(&room.second, &room.disk);
	assert_int_equal(open_room(&room, NOW_S), FAIL_MISMATCH);
	table = memory_disk_table(&room.disk);
	assert_int_equal(table.append(table.ctx, "put-back", 0, "", 0), 0);
	assert_int_equal(open_room(&room, NOW_S), 0);
	assert_int_equal(state_turn(room.state, SUITE_1, NOW_S), 0);
	for (uint8_t n = 1; n <= 5; n++)
		assert_true(has(&room, n));
	assert_non_null(
		weekly_shown(state_weekly(room.state), SUITE_1, weekly_monday(NOW_S)));
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
		cmocka_unit_test(errors_of_the_disk_lose_nothing),
		cmocka_unit_test(a_crash_at_any_point_loses_nothing),
		cmocka_unit_test(want_of_memory_loses_nothing),
		cmocka_unit_test(a_first_start_may_be_cut_off),
		cmocka_unit_test(keys_of_another_station_do_not_open),
		cmocka_unit_test(weekly_keys_are_wiped),
		cmocka_unit_test(a_stolen_weekly_file_opens_nothing_later),
		cmocka_unit_test(a_second_holder_has_a_copy),
		cmocka_unit_test(a_second_holder_is_put_back),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
