/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_ASKING_H
#define VALISE_ASKING_H
/*
 * asking: the body key of one envelope, from those who hold its parts.
 *
 *   R         out of our slot, or out of the countersigned GRANT that came with the document
 *   REQUEST   with a new ephemeral key, signed by this device
 *   V-key     from the originator, with its AUTHORISATION
 *   shares    from the custodians, one after the other, until t are good
 *
 * All goes through the own station (`open`), which can read none of the answers.  What is
 * checked is said in custody/joining.h.  A custodian that does not answer, or falsely, is passed
 * over and named.  The ephemeral key lives in this call only.
 *
 * Errors  FAIL_NO_KEY not addressed to this device; what the originator answered (FAIL_REFUSED,
 *         FAIL_AGAIN ...); FAIL_SHARE too few custodians answered well; FAIL_COMMITMENT the
 *         sender's parts do not fit together; FAIL_SIGNATURE, FAIL_MISMATCH, FAIL_ALTERED of a
 *         false answer of the originator.  `where` says who.
 */
#include "envelope/header.h"
#include "valise/session.h"

enum { ASKING_SHARES_MAX = CORE_CUSTODIANS_MAX * (CORE_MEMBER_MAX + 2) + 1 };

struct asking {
	struct session *session;
	const struct header *header;
	const uint8_t *envelope_hash; /* HASH_LEN */
	struct rd grant;	      /* or empty */
	const char *purpose;	      /* a line of text, "" for none */
};

struct asked {
	uint32_t copy;
	char shares[ASKING_SHARES_MAX]; /* "FR, EU" */
	char passed[ASKING_SHARES_MAX]; /* custodians that did not answer well */
	char where[64];			/* on failure: who was asked */
	bool is_answered; /* the failure is our judgement, not what the station said */
};

/* R alone, without asking anybody: for a GRANT to others. */
MUST int asking_r(const struct asking *asking, uint8_t ret_r[SCHEDULE_LEN]);

/* ret_asked is filled as far as it came, also on failure. */
MUST int asking_run(const struct asking *asking, struct asked *ret_asked,
	uint8_t ret_body_key[SCHEDULE_LEN]);

#endif
