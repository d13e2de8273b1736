/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_VAULT_ROOM_H
#define TESTS_VALISED_VAULT_ROOM_H
/*
 * vault_room: the files of custody alone, on disks in memory, with documents that are numbers.
 *
 * A document of number n has the id, the envelope hash and the key n, n, n ...  What fails and is
 * not what a test asks about is a CHECK.
 */
#include "memory_disk.h"
#include "valised/vault_state.h"

enum { ROOM_NOW_S = 1795000000, ROOM_DAY_S = 24 * 3600 };

extern const uint8_t room_unlock[VAULT_SEED_LEN];

/* A stream of SHA-256 of a counter, which starts anew with every room. */
struct counting {
	struct rng rng;
	uint64_t drawn;
};
int room_count_up(struct rng *rng, void *out, size_t len);

struct room {
	struct counting rng;
	struct memory_disk disk;
	struct memory_disk second;
	struct vault_disk second_table;
	bool has_second;
	struct vault_state *state;
};

/* Empty, its weekly keys made; with a second holder or without. */
void room_init(struct room *room, bool has_second);
void room_done(struct room *room);

int room_open(struct room *room, uint64_t now_s);
void room_close(struct room *room);

/* Everything that is not durable is lost, but for some bytes; and a new start. */
void room_power_cut(struct room *room, size_t torn);

struct vault_document room_document(uint8_t n);
int room_add(struct room *room, uint8_t n);
int room_destroy(struct room *room, uint8_t n);
bool room_has(struct room *room, uint8_t n);

/* Documents 1..count, `batch` of them in each commit. */
void room_fill(struct room *room, uint8_t count, uint8_t batch);

#endif
