/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_room.h"

#include <string.h>

#include "base/mem.h"

const uint8_t room_unlock[VAULT_SEED_LEN] = {7, 7, 7};

int
room_count_up(struct rng *rng, void *out, size_t len)
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

int
room_open(struct room *room, uint64_t now_s)
{
	struct state_plan plan = {.unlock = room_unlock,
		.disk = memory_disk_table(&room->disk),
		.second = room->has_second ? &room->second_table : NULL,
		.rng = &room->rng.rng};

	return state_open(&plan, now_s, &room->state);
}

void
room_close(struct room *room)
{
	state_free(room->state);
	room->state = NULL;
}

void
room_init(struct room *room, bool has_second)
{
	*room = (struct room){.rng = {.rng = {room_count_up}}, .has_second = has_second};
	memory_disk_init(&room->disk);
	memory_disk_init(&room->second);
	room->second_table = memory_disk_table(&room->second);
	CHECK(room_open(room, ROOM_NOW_S) == 0);
	CHECK(state_turn(room->state, SUITE_1, ROOM_NOW_S) == 0);
}

void
room_done(struct room *room)
{
	room_close(room);
	memory_disk_done(&room->disk);
	memory_disk_done(&room->second);
}

struct vault_document
room_document(uint8_t n)
{
	struct vault_document d = {.kind = VAULT_OWN};

	memset(d.id, n, sizeof d.id);
	memset(d.envelope_hash, n, sizeof d.envelope_hash);
	memset(d.key, n, sizeof d.key);
	return d;
}

int
room_add(struct room *room, uint8_t n)
{
	struct vault_document d = room_document(n);

	return documents_add(state_documents(room->state), &room->rng.rng, &d);
}

int
room_destroy(struct room *room, uint8_t n)
{
	struct vault_document d = room_document(n);

	return documents_destroy(state_documents(room->state), d.id);
}

bool
room_has(struct room *room, uint8_t n)
{
	struct vault_document expected = room_document(n), got;
	int r = documents_find(state_documents(room->state), expected.id, &got);

	if (r == FAIL_ABSENT)
		return false;
	CHECK(r == 0 && got.kind == VAULT_OWN);
	CHECK(memcmp(got.key, expected.key, sizeof got.key) == 0);
	CHECK(memcmp(got.envelope_hash, expected.envelope_hash, HASH_LEN) == 0);
	return true;
}

void
room_fill(struct room *room, uint8_t count, uint8_t batch)
{
	for (uint8_t n = 1; n <= count; n++) {
		CHECK(room_add(room, n) == 0);
		if (n % batch == 0)
			CHECK(state_commit(room->state, ROOM_NOW_S) == 0);
	}
	CHECK(state_commit(room->state, ROOM_NOW_S) == 0);
}

void
room_power_cut(struct room *room, size_t torn)
{
	room_close(room);
	memory_disk_cut(&room->disk, torn);
	CHECK(room_open(room, ROOM_NOW_S) == 0);
}
