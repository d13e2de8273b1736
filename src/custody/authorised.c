/* SPDX-License-Identifier: Apache-2.0 */
#include "custody/authorised.h"

#include "crypto/crypto.h"
#include "custody/opening.h"

/*
 * Small and alone in their file on purpose: this is what the record replaces.  Both answer about
 * one signed object and one key; what the object is about (document, credential, time) has
 * been checked by who asks.
 */

enum { COUNTED_MAX = 256 };

/*
 * The authorisation names the request by its hash.  Without that comparison one opening that was
 * granted would open the way for every other.
 */
int
opening_authorised(struct rd authorisation, const uint8_t request_hash[HASH_LEN],
	const uint8_t originator_sign[SIGN_PUBLIC_LEN])
{
	struct opening_authorisation a;
	int r;

	if ((r = opening_authorisation_parse(authorisation, &a)) != 0)
		return r;
	if (!ct_equal(a.request_hash, request_hash, HASH_LEN))
		return FAIL_MISMATCH;
	return opening_authorisation_verify(&a, originator_sign);
}

/*
 * The granter's own signature was verified by the originator's station before it countersigned
 * (grant_counted() covers it); here the countersignature is what counts.
 */
int
grant_counts(const struct grant *grant, const uint8_t originator_sign[SIGN_PUBLIC_LEN])
{
	struct buf message;
	int r;

	if (!grant->is_counted)
		return FAIL_ABSENT;
	buf_init(&message, COUNTED_MAX);
	if ((r = grant_counted(grant, &message)) == 0)
		r = sign_verify(originator_sign, message.data, message.len,
			grant->countersignature);
	buf_done(&message);
	return r;
}
