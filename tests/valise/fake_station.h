/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_STATION_H
#define TESTS_FAKE_STATION_H
/*
 * fake_station: a station in a process of its own that answers as a test says, over TLS or on a
 * Unix socket; and an officer's home that is enrolled at it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/rd.h"
#include "member/own_officer.h"
#include "valise/link.h"

struct fake_answer {
	unsigned status; /* 0: never answer */
	struct buf body;
};

/* Called in the station's process; path is whole: "/c/1/inbox". */
typedef void fake_answer_fn(struct rd path, struct rd body, struct fake_answer *answer);

struct fake_station {
	pid_t pid;
	struct link_station place; /* where, which key; member PT */
};

void fake_station_start(
	struct fake_station *f, uint8_t seed_byte, fake_answer_fn *answer);

void fake_station_start_seed(struct fake_station *f, const uint8_t seed[SIGN_SEED_LEN],
	fake_answer_fn *answer);

/* The administrator's door, at DIR/run/admin. */
void fake_station_start_local(
	struct fake_station *f, const char *dir, fake_answer_fn *answer);

/* Listens, and says this to everybody who connects, without TLS. */
void fake_station_start_raw(struct fake_station *f, const char *text);
void fake_station_stop(struct fake_station *f);

/* A new officer of PT with keys in dir; their passphrase is "word". */
struct own_officer *fake_officer(const char *dir, uint8_t kind, const char *name);
void fake_home(const char *dir, const struct own_officer_name *name, struct rng *rng);
struct keys *fake_keys(const char *dir);

#endif
