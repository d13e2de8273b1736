/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ENVELOPE_SWEEP_H
#define TESTS_ENVELOPE_SWEEP_H
/*
 * sweep: alter one envelope in every way of a kind and count what was not refused as it
 * should be: accepted, or refused at a stage or for a reason that the table in sweep.c does not
 * give for the part that was altered.
 *
 * The sweeps count and do not assert, so that test_planted.c can ask whether they find bugs.
 */
#include <stddef.h>

#include "fixture.h"
#include "verifier.h"

/* How each byte of a range is altered. */
enum sweep_how { SWEEP_THREE_WAYS, SWEEP_ONE_BIT, SWEEP_ALL_VALUES };

struct sweep {
	const struct sealed *sealed;
	enum stage leave_out; /* a check the verifier skips */
	bool is_quiet;	      /* do not print what was found */
	size_t tried;
	size_t faults;
	size_t refused[STAGE_COUNT]; /* at which stage */
};

/* Bytes from..to, one at a time. */
void sweep_bytes(struct sweep *sweep, enum sweep_how how, size_t from, size_t to);

/* Every length below the whole. */
void sweep_cuts(struct sweep *sweep);

/* One byte more, of every value. */
void sweep_appended(struct sweep *sweep);

#endif
