/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_PINS_H
#define VALISED_VAULT_PINS_H
/*
 * vault_pins: the roster that custody holds on to, the one before it, and our founding file.
 *
 *   nothing -> founded -> pinned (serial n) -> pinned (n + 1) ...
 *
 * The first roster is taken when none is held: people have compared its words, and it must have
 * our own station's keys.  Afterwards only one that follows (roster_follows).  The one before
 * counts for an hour more, for what was sealed or asked just before the change.
 *
 *   plain of the file "roster" = founding<u32> changed:u64 roster<u32> previous<u32>    notes
 *
 * Errors  FAIL_REFUSED (does not follow, or other keys in our name), FAIL_EXISTS (another founding
 *         file once there is a roster), those of member/roster.h and vault_state.h.
 */
#include <stdint.h>

#include "member/own_station.h"
#include "member/roster.h"
#include "valised/vault_state.h"

enum { PINS_PREVIOUS_S = 3600 };

/* One roster, parsed, with its note; all zero: none. */
struct pin {
	struct note *note;
	struct roster *roster;
	uint8_t hash[HASH_LEN];
};

struct vault_pins {
	struct note *founding;
	struct entry founded; /* points into founding */
	struct pin now;
	struct pin before;
	uint64_t changed_s;
};

MUST int pins_load(struct vault_pins *pins, struct vault_state *state);
void pins_done(struct vault_pins *pins);

/* Durable when they return 0; the same again changes nothing. */
MUST int pins_found(struct vault_pins *pins, struct vault_state *state,
	const struct own_station *station, struct rd note);
MUST int pins_roster(struct vault_pins *pins, struct vault_state *state,
	const struct own_station *station, struct rd note, uint64_t now_s);

/* Our own entry: of the roster, else of the founding file; NULL. */
const struct entry *pins_own(const struct vault_pins *pins, struct rd member);

/*
 * The roster of that hash, if it counts for what was made at a time; FAIL_ABSENT.
 */
MUST int pins_roster_of(const struct vault_pins *pins, struct rd hash, uint64_t made_s,
	const struct roster **ret_roster);

#endif
