/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYS_H
#define VALISE_KEYS_H
/*
 * keys: the officer's keys, wherever they are: in the agent, or in this process.
 *
 *   keys_from_agent()       valise-agent holds them; this process never sees a seed
 *   keys_from_passphrase()  the key file, opened here; gone with this process
 *
 * Both answer the same questions.  Threads may share one `struct keys`.
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
#include "envelope/own.h"
#include "member/solo.h"
#include "valise/keys_place.h"

struct keys;

MUST int keys_from_agent(const char *dir, struct keys **ret_keys);
MUST int keys_from_passphrase(
	const char *dir, const struct secret *passphrase, struct keys **ret_keys);
void keys_free(struct keys *k);

bool keys_are_in_agent(const struct keys *k);

const struct solo_public *keys_public(const struct keys *k);

MUST int keys_sign(
	struct keys *k, const struct own_signing *what, uint8_t ret_signature[SIGN_LEN]);

MUST int keys_unwrap(
	struct keys *k, const struct own_slot *slot, uint8_t ret_key[SLOT_SECRET_LEN]);

/* Until when the agent holds the keys; FAIL_UNSUPPORTED for keys in this process. */
MUST int keys_until(struct keys *k, uint64_t *ret_until_s);

/* Start an agent for this directory: the agent runs Argon2 itself.  FAIL_EXISTS: one runs already. */
MUST int keys_unlock(const char *dir, const struct secret *passphrase, uint64_t for_s);

/* End the agent of this directory and remove its socket.  FAIL_LOCKED: there is none. */
MUST int keys_lock(const char *dir);

#endif
