/* SPDX-License-Identifier: Apache-2.0 */
#include "custody/joining.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "custody/answer.h"
#include "custody/opening.h"
#include "envelope/schedule.h"

/*
 * Who answers is taken from whom we asked and from the core, never from the answer: a relay
 * that answers in another's name is found by the signature, and a custodian that gives another
 * one's share by its number.
 */

void
joining_init(struct joining *joining, const struct header *header,
	const uint8_t binding[HASH_LEN], const uint8_t ephemeral_seed[KEM_SEED_LEN])
{
	*joining = (struct joining){.header = header};
	memcpy(joining->binding, binding, HASH_LEN);
	memcpy(joining->ephemeral_seed, ephemeral_seed, KEM_SEED_LEN);
}

void
joining_wipe(struct joining *joining)
{
	mem_wipe(joining, sizeof *joining);
}

int
joining_authorised(struct joining *joining, struct rd authorisation,
	const uint8_t sign_key[SIGN_PUBLIC_LEN])
{
	struct opening_authorisation a;
	int r;

	if ((r = opening_authorisation_parse(authorisation, &a)) != 0 ||
		(r = opening_authorisation_verify(&a, sign_key)) != 0)
		return r;
	if (!ct_equal(a.request_hash, joining->binding, HASH_LEN))
		return FAIL_MISMATCH;
	joining->copy = a.copy;
	return 0;
}

static bool
is_same(struct rd a, struct rd b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Is it what this member may answer: the originator its V-key, custodian j share j? */
static int
check_place(const struct core *core, const struct answer *answer, struct rd member)
{
	if (answer->suite != core->suite || !is_same(answer->member, member))
		return FAIL_MISMATCH;
	if (answer->kind == ANSWER_V_KEY)
		return is_same(member, core->originator) ? 0 : FAIL_MISMATCH;
	if (answer->number < 1 || answer->number > core->custodian_count)
		return FAIL_MISMATCH;
	return is_same(member, core->custodians[answer->number - 1].member)
		? 0
		: FAIL_MISMATCH;
}

static int
put_v_key(struct joining *joining, const uint8_t secret[ANSWER_SECRET_LEN])
{
	if (joining->has_v_key)
		return FAIL_EXISTS;
	memcpy(joining->v_key, secret, SCHEDULE_LEN);
	joining->has_v_key = true;
	return 0;
}

static int
put_share(
	struct joining *joining, uint8_t number, const uint8_t secret[ANSWER_SECRET_LEN])
{
	struct shamir_share share = {.number = number};
	int r;

	for (size_t i = 0; i < joining->share_count; i++)
		if (joining->shares[i].number == number)
			return FAIL_EXISTS;
	memcpy(share.value, secret, sizeof share.value);
	if ((r = core_check_share(&joining->header->core, &share)) == 0)
		joining->shares[joining->share_count++] = share;
	mem_wipe(&share, sizeof share);
	return r;
}

int
joining_put(struct joining *joining, struct rd member,
	const uint8_t sign_key[SIGN_PUBLIC_LEN], struct rd answer)
{
	const struct header *header = joining->header;
	uint8_t secret[ANSWER_SECRET_LEN];
	struct answer a;
	int r;

	if ((r = answer_parse(answer, &a)) != 0 ||
		(r = answer_verify(&a, sign_key)) != 0 ||
		(r = check_place(&header->core, &a, member)) != 0)
		return r;
	if (!ct_equal(a.binding, joining->binding, HASH_LEN))
		return FAIL_MISMATCH;
	if ((r = answer_open(&a, header->core_hash, joining->ephemeral_seed, secret)) !=
		0)
		return r;
	r = a.kind == ANSWER_V_KEY ? put_v_key(joining, secret)
				   : put_share(joining, a.number, secret);
	mem_wipe(secret, sizeof secret);
	return r;
}

bool
joining_has_enough(const struct joining *joining)
{
	return joining->copy != 0 && joining->has_v_key &&
		joining->share_count >= joining->header->core.threshold;
}

/* With t shares from `first` on. */
static int
try_shares(const struct joining *joining, size_t first,
	const uint8_t r_secret[SCHEDULE_LEN], uint8_t ret_body_key[SCHEDULE_LEN])
{
	const struct core *core = &joining->header->core;
	struct schedule_secrets three;
	int r;

	memcpy(three.r, r_secret, SCHEDULE_LEN);
	memcpy(three.v_x, joining->v_key, SCHEDULE_LEN);
	if ((r = shamir_join(&joining->shares[first], core->threshold, three.s)) == 0)
		r = schedule_body_key(core, &three, ret_body_key);
	mem_wipe(&three, sizeof three);
	return r;
}

int
joining_body_key(const struct joining *joining, const uint8_t r_secret[SCHEDULE_LEN],
	uint8_t ret_body_key[SCHEDULE_LEN])
{
	size_t t = joining->header->core.threshold;
	int r;

	if (!joining_has_enough(joining))
		return FAIL_SHARE;
	r = try_shares(joining, 0, r_secret, ret_body_key);
	if (r == FAIL_COMMITMENT && joining->share_count > t)
		r = try_shares(joining, joining->share_count - t, r_secret, ret_body_key);
	return r;
}
