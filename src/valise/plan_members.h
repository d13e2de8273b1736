/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PLAN_MEMBERS_H
#define VALISE_PLAN_MEMBERS_H
/*
 * plan_members: the header of a new envelope of a community, from a cable.
 *
 *   originator, log origin   own member; DOMAIN/openings/N of its entry
 *   R                        to the readers (valise/recipients.h)
 *   S                        t of n by the roster's rule for the class of the label; custodians
 *                            by member/custodians.h, each under its custody key of this week
 *   V                        to the own station's custody key of this week
 *
 * The document id is drawn here, because the custodians follow from it.
 * The plan points into the cable, the circle and the recipients, which must outlive it.
 *
 * Errors  FAIL_ABSENT    no custodian yet, or no directory or custody key of a member: `who`
 *         FAIL_REFUSED   the rule asks more custodians than there are members
 *         FAIL_SUITE     a custody key is of another suite: `who`
 *         FAIL_RANDOM, FAIL_NOMEM, FAIL_FORMAT
 */
#include "base/rng.h"
#include "cable/cable.h"
#include "envelope/header.h"
#include "valise/recipients.h"

enum { PLAN_ORIGIN_MAX = CORE_LOG_ORIGIN_MAX };

struct plan_members {
	struct header_plan header;
	struct addressing addressing; /* with DTG and reference */
	struct rd who; /* on failure: the member that it failed for, or len 0 */
	char origin[PLAN_ORIGIN_MAX + 1];
	uint8_t roster_hash[HASH_LEN];
	struct buf label_bytes;
	struct buf addressing_bytes;
	struct kem_public custodians[CORE_CUSTODIANS_MAX];
	struct kem_public originator;
};

struct plan_members_question {
	const struct circle *circle;
	const struct cable *cable;
	const struct recipients *recipients;
	struct rd
		reference; /* of the register; used when the cable has none of its own */
	uint64_t now_s;	   /* the date-time group */
	struct rng *rng;
};

/* Some 50 KiB: on the heap.  plan_members_done() also after a failure. */
MUST int plan_members_init(
	struct plan_members *plan, const struct plan_members_question *question);
void plan_members_done(struct plan_members *plan);

#endif
