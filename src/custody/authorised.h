/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CUSTODY_AUTHORISED_H
#define CUSTODY_AUTHORISED_H
/*
 * authorised: two questions that the record will answer; until then a signature does.
 *
 *   opening_authorised()   may a custodian give its share for this REQUEST?
 *   grant_counts()         does this GRANT make its credential a later reader?
 *
 * Today   both are answered by the signature of the originator's station: its AUTHORISATION
 *         over SHA-256(REQUEST), its countersignature under the grant.  Whoever has that key
 *         (the station taken over while it runs) can authorise openings of that member's own
 *         documents, and nobody else's; a custodian cannot be told to give its share without it.
 * Missing what a signature alone cannot give: that others saw the opening before the keys were
 *         given.  An originator may authorise in secret.  `status` and THREATS.md say "not yet
 *         witnessed".
 * Then    a leaf in the originator's log, under a head with a quorum of cosignatures, takes the
 *         place of the signature.  These two functions change, and nothing else.
 *
 * Pure: keys come from the pinned roster, from the entry of the core's originator.
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION; FAIL_MISMATCH (of another request);
 *         FAIL_ABSENT (a grant without countersignature); FAIL_SIGNATURE.
 */
#include "base/rd.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "envelope/grant.h"

MUST int opening_authorised(struct rd authorisation, const uint8_t request_hash[HASH_LEN],
	const uint8_t originator_sign[SIGN_PUBLIC_LEN]);

MUST int grant_counts(
	const struct grant *grant, const uint8_t originator_sign[SIGN_PUBLIC_LEN]);

#endif
