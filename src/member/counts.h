/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_COUNTS_H
#define MEMBER_COUNTS_H
/*
 * counts: does an enrolment count today, does an order, and whom does it concern?
 *
 * Until the record exists an enrolment counts when its signatures are good and this member
 * has kept it for the roster's enrol-delay; with the record the time runs from the cosigned
 * head that holds the ENROL entry.  Only counts_enrol() changes then.
 *
 * A credential that stands in the first directory the roster names counts at once.
 * Validity (credential_is_valid_at) and clearance are other questions.
 */
#include <stdbool.h>
#include <stdint.h>

#include "member/enrol.h"
#include "member/order.h"
#include "member/roster.h"

struct counts_kept {
	uint64_t since_s; /* when this member first had it */
	bool is_first; /* it is in the member's first directory, whose hash the roster has */
};

/*
 * FAIL_ABSENT  its member is not in the roster, or only one officer has signed
 * FAIL_AGAIN   not old enough; *ret_from_s, written in this case too, says from when
 * and those of enrol_verify().
 */
MUST int counts_enrol(const struct roster *roster, const struct enrol *enrol,
	const struct counts_kept *kept, uint64_t now_s, uint64_t *ret_from_s);

/* The time alone, of an enrolment whose signatures were verified under this roster before. */
MUST int counts_enrol_verified(const struct roster *roster,
	const struct counts_kept *kept, uint64_t now_s, uint64_t *ret_from_s);

/*
 * Is it by a security officer of its member?  FAIL_ABSENT: no such member; FAIL_SIGNER: by
 * nobody who may, a registrar for instance; FAIL_SIGNATURE.
 */
MUST int counts_order(const struct roster *roster, const struct order *order);

/*
 * Does the order name this credential?  A REVOKE without a credential hash names all that the
 * officer had when it was signed: one granted later stands.  A HOLD or LIFT names a member, an
 * officer, or a desk that the credential grants.
 */
MUST bool counts_concerns(const struct order *order, const struct credential *credential,
	const uint8_t hash[HASH_LEN]);

#endif
