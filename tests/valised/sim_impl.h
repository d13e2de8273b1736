/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_SIM_IMPL_H
#define TESTS_VALISED_SIM_IMPL_H
/* What the files of the simulation share. */
#include "sim.h"

/* A message of front to the store of a station. */
void sim_put_front(struct sim_station *station, uint8_t type, uint64_t number,
	const struct codec *codec, const void *message);

/* The number of a new ask at a station, and who waits for its answer. */
uint64_t sim_wait_for(struct sim *sim, size_t at, size_t caller, uint64_t caller_number);

/* Everything that can be said now, without the clock. */
void sim_settle(struct sim *sim);

/* The roster as a station has it; the bytes of an officer's credential. */
const struct roster *sim_roster_of(struct sim *sim, size_t station);
struct rd sim_credential_bytes(const struct sim_officer *officer);

/* The disk of its custody: files in memory, durable at once. */
struct vault_disk sim_disk(struct sim_station *station);

#endif
