/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_OWN_DEVICE_H
#define ENVELOPE_OWN_DEVICE_H
/*
 * own_device: what the keys of an officer's device do for an envelope (own.h does it for solo
 * keys): sign it as author or releaser, unwrap R, and sign a grant to a later reader.
 *
 *   role      with    what is unwrapped
 *   R         reader  R of an envelope that is addressed to this device
 *   grant     reader  R for a later reader
 *   kept      reader  what this device kept of a copy that it opened
 *   grams     reader  text for an index (envelope/grams.h); an index host's key only
 *
 * S and V never come to a device in slots: custodians answer to an ephemeral key
 * (docs/format/opening.md), so a slot of these roles is refused here.
 *
 * Errors  FAIL_SUITE, FAIL_NO_KEY (not ours), FAIL_REFUSED (a role that is not for an
 *         officer's key), FAIL_ALTERED; grants: those of envelope/grant.h.
 */
#include "envelope/own.h"
#include "member/own_officer.h"

void own_device_sign(const struct own_officer *officer, const struct own_signing *what,
	uint8_t ret_signature[SIGN_LEN]);

MUST int own_device_unwrap(const struct own_officer *officer, const struct own_slot *slot,
	uint8_t ret_secret[SLOT_SECRET_LEN]);

/* As granter, over what grant_begin() wrote; bytes that begin no grant are FAIL_FORMAT. */
MUST int own_device_sign_grant(const struct own_officer *officer, struct rd begun,
	uint8_t ret_signature[SIGN_LEN]);

#endif
