/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CUSTODY_JOINING_H
#define CUSTODY_JOINING_H
/*
 * joining: the answers to one REQUEST, put together on the device that asked.
 *
 *   joining_init()        the envelope, the request, the ephemeral key
 *   joining_authorised()  the originator's AUTHORISATION; says the copy's number
 *   joining_put()         an ANSWER, of the originator (V-key) or of a custodian (share)
 *   joining_body_key()    with R, when joining_has_enough()
 *
 * Believes nobody: an answer must be signed by the member that was asked, be bound to our
 * request, and open; a share must be the one that the core names for that custodian.  A false
 * answer changes nothing, so that the next custodian can be asked.
 *
 * An envelope whose shares hash well and still do not join to its commitment was sealed so by
 * its sender.  With more than t shares one other set is tried; then the envelope is refused.
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION, FAIL_SUITE; FAIL_SIGNATURE;
 *         FAIL_MISMATCH (of another member, request or suite); FAIL_ALTERED (does not open);
 *         FAIL_SHARE (false, or too few); FAIL_EXISTS (that answer is here already);
 *         FAIL_COMMITMENT (the sender's doing).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rd.h"
#include "crypto/kem.h"
#include "crypto/shamir.h"
#include "crypto/sign.h"
#include "envelope/header.h"

/* Holds secrets: joining_wipe() at the end. */
struct joining {
	const struct header *header;
	uint8_t binding[HASH_LEN]; /* SHA-256(REQUEST) */
	uint8_t ephemeral_seed[KEM_SEED_LEN];
	uint32_t copy; /* 0: not authorised yet */
	bool has_v_key;
	uint8_t v_key[SCHEDULE_LEN];
	size_t share_count;
	struct shamir_share shares[CORE_CUSTODIANS_MAX];
};

/* header must outlive it. */
void joining_init(struct joining *joining, const struct header *header,
	const uint8_t binding[HASH_LEN], const uint8_t ephemeral_seed[KEM_SEED_LEN]);
void joining_wipe(struct joining *joining);

/* sign_key: `sign` of the originator, by the roster. */
MUST int joining_authorised(struct joining *joining, struct rd authorisation,
	const uint8_t sign_key[SIGN_PUBLIC_LEN]);

/* member: who was asked; sign_key: its `sign`. */
MUST int joining_put(struct joining *joining, struct rd member,
	const uint8_t sign_key[SIGN_PUBLIC_LEN], struct rd answer);

/* Authorised, the V-key, and at least t shares. */
bool joining_has_enough(const struct joining *joining);

MUST int joining_body_key(const struct joining *joining,
	const uint8_t r_secret[SCHEDULE_LEN], uint8_t ret_body_key[SCHEDULE_LEN]);

#endif
