/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYS_H
#define VALISE_KEYS_H
/*
 * keys: somebody's keys, wherever they are: in the agent, or in this process.
 *
 *   keys_from_agent()       valise-agent holds them; this process never sees a seed
 *   keys_from_passphrase()  the key file, opened here; gone with this process
 *
 * Both answer the same questions (wire/agent_keys.h).  Threads may share one `struct keys`.
 * There are two kinds, solo keys and those of an officer of a member; what the other kind is
 * asked is FAIL_MISMATCH.
 *
 * Two key directories have two agents; where their sockets lie: valise/keys_place.h.
 * Errors   FAIL_LOCKED       no agent runs for this directory
 *          FAIL_CLOSED       the agent went away while we asked
 *          FAIL_ABSENT       there is no key file
 *          FAIL_PASSPHRASE   wrong passphrase, or the key file was altered
 *          those of sys/peer.h, member/solo.h and member/keyfile.h
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "crypto/secret.h"
#include "custody/opening.h"
#include "envelope/own.h"
#include "member/keyfile.h"
#include "member/order.h"
#include "member/solo.h"
#include "member/subject.h"
#include "valise/keys_place.h"

struct keys;

MUST int keys_from_agent(const char *dir, struct keys **ret_keys);
MUST int keys_from_passphrase(
	const char *dir, const struct secret *passphrase, struct keys **ret_keys);
void keys_free(struct keys *k);

bool keys_are_in_agent(const struct keys *k);

/* KEYFILE_KIND_SOLO or KEYFILE_KIND_OFFICER. */
enum keyfile_kind keys_kind(const struct keys *k);

/* Solo keys only: CHECK. */
const struct solo_public *keys_public(const struct keys *k);

/* An officer's only: CHECK. */
const struct subject *keys_subject(const struct keys *k);

/* Both kinds: as author (or releaser) of an envelope. */
MUST int keys_sign(
	struct keys *k, const struct own_signing *what, uint8_t ret_signature[SIGN_LEN]);

MUST int keys_unwrap(
	struct keys *k, const struct own_slot *slot, uint8_t ret_key[SLOT_SECRET_LEN]);

/*
 * What follows is for an officer's keys.
 *
 * A request to the station; path and body as in link.h: message has all but the signature.
 */
struct post_signed;
MUST int keys_sign_client(struct keys *k, const char *path,
	const struct post_signed *message, uint8_t ret_signature[SIGN_LEN]);

/* Sets the request's signature; its credential is this device's. */
MUST int keys_sign_request(struct keys *k, struct opening_request *request);

/* As granter, over what grant_begin() wrote (envelope/grant.h). */
MUST int keys_sign_grant(
	struct keys *k, struct rd begun, uint8_t ret_signature[SIGN_LEN]);

/* By the enrol key of a registrar or security officer; FAIL_REFUSED for others. */
MUST int keys_sign_enrol(
	struct keys *k, struct rd credential, uint8_t ret_signature[SIGN_LEN]);

/* The signed order; member, key id and signature are filled in.  Security officers only. */
MUST int keys_sign_order(struct keys *k, const struct order *order, struct buf *out);

/* Until when the agent holds the keys; FAIL_UNSUPPORTED for keys in this process. */
MUST int keys_until(struct keys *k, uint64_t *ret_until_s);

/* Start an agent for this directory: the agent runs Argon2 itself.  FAIL_EXISTS: one runs already. */
MUST int keys_unlock(const char *dir, const struct secret *passphrase, uint64_t for_s);

/* End the agent of this directory and remove its socket.  FAIL_LOCKED: there is none. */
MUST int keys_lock(const char *dir);

#endif
