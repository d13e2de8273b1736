/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_VAULT_RIG_H
#define TESTS_VALISED_VAULT_RIG_H
/*
 * vault_rig: custody roles of a made-up community, without store, network or disk.
 *
 *   PT FR CY EU      members, each with a vault on a memory_disk; roster of serial 1, pinned
 *   rita, sergio     enrolment officers of each (tests/member/people.h)
 *   ana              an officer of each, on the desk "duty"
 *
 * Everything comes from seeds: two runs agree byte by byte.
 */
#include <stdbool.h>

#include "custody/keep.h"
#include "custody/opening.h"
#include "envelope/header.h"
#include "member/roster.h"
#include "memory_disk.h"
#include "valised/vault.h"

enum { RIG_MEMBERS = 4, RIG_NOW_S = 1795000000, RIG_ANSWERS = 512 };
enum { PT, FR, CY, EU };

extern const char *const rig_names[RIG_MEMBERS];

/* One message that a vault has let out. */
struct rig_said {
	uint8_t type;
	uint64_t number;
	int fail;
	char why[256];
	struct buf body;
	bool was_dirty; /* something was not durable when it was said */
};

struct rig_station {
	struct own_station *keys;
	struct memory_disk disk;
	struct vault *vault;
	struct rig_said said[RIG_ANSWERS];
	size_t said_count;
	uint64_t number;
};

struct rig {
	struct rng rng;
	uint64_t drawn;
	uint64_t now_s;
	struct rig_station stations[RIG_MEMBERS];
	struct roster *roster;
	struct buf roster_note;
	uint8_t roster_hash[HASH_LEN];
};

/* Stations with a pinned roster and READY said. */
void rig_init(struct rig *rig);
void rig_done(struct rig *rig);

/* Stop a vault and start it again on its disk. */
int rig_start(struct rig *rig, size_t station);
void rig_stop(struct rig *rig, size_t station);

/* Say one message; codec NULL: no body.  What comes back is held until rig_idle(). */
void rig_say(struct rig *rig, size_t station, enum vault_type type,
	const struct codec *codec, const void *message);
int rig_idle(struct rig *rig, size_t station);

/* Say one, let out, and the answer to it. */
const struct rig_said *rig_ask(struct rig *rig, size_t station, enum vault_type type,
	const struct codec *codec, const void *message);
void rig_forget(struct rig_station *station);

/* The public custody key of this week. */
void rig_custody_key(struct rig *rig, size_t station, struct kem_public *ret_key);

/*
 * An envelope by ana of `originator`, addressed to nobody in particular, with two readers: ana of
 * the originator and ana of FR.  All that a document needs for SEND, KEEP and openings.
 */
struct rig_plan {
	size_t originator;
	const char *author; /* of the originator; NULL: ana */
	uint32_t flags;
	uint64_t expiry_s;
	void (*bend)(struct core *core); /* before sealing, or NULL */
};

struct rig_envelope {
	size_t originator;
	struct buf header_bytes;
	struct header header;
	struct header_secrets secrets;
	uint8_t r_hash[HASH_LEN];
	struct buf trailer;
	struct buf enrols; /* of the signer */
	struct buf send;   /* once sent */
	struct buf sealed; /* V at the originator */
	struct buf keep;   /* KEEP, once sent */
	uint8_t envelope_hash[HASH_LEN];
};

void rig_envelope_init(
	struct rig *rig, const struct rig_plan *plan, struct rig_envelope *e);
void rig_envelope_done(struct rig_envelope *e);

/* A vault_enrol of that officer, appended. */
void rig_enrol(const char *member, const char *officer, uint64_t since_s, bool is_first,
	struct buf *out);

/* The message of SEND, and SEND itself, which fills in send, sealed and keep. */
void rig_send_message(const struct rig_envelope *e, struct vault_send *ret_send);
const struct rig_said *rig_send(struct rig *rig, struct rig_envelope *e);
const struct rig_said *rig_keep(
	struct rig *rig, struct rig_envelope *e, size_t custodian);

/* A REQUEST of ana of a member for an envelope; the ephemeral seed is of that number. */
void rig_request(struct rig *rig, const struct rig_envelope *e, size_t member,
	uint64_t number, struct buf *out);
void rig_ephemeral(uint64_t number, uint8_t ret_seed[KEM_SEED_LEN]);

#endif
