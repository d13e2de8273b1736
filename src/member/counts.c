/* SPDX-License-Identifier: Apache-2.0 */
#include "member/counts.h"

#include <string.h>

/* Keys come from the roster alone: nothing that travels with an object vouches for it. */

static int
verify(const struct roster *roster, const struct enrol *enrol)
{
	uint8_t keys[ENTRY_ENROL_MAX][SIGN_PUBLIC_LEN];
	const struct entry *entry;
	struct credential c;
	size_t at = 0;
	int r;

	if ((r = credential_parse(enrol->credential.ptr, enrol->credential.len, &c)) !=
			0 ||
		(r = roster_find(roster, c.subject.member, &at)) != 0)
		return r;
	entry = &roster->members[at];
	for (size_t i = 0; i < entry->enrol_count; i++)
		memcpy(keys[i], entry->enrols[i].key, sizeof keys[i]);
	return enrol_verify(
		enrol, (const uint8_t(*)[SIGN_PUBLIC_LEN])keys, entry->enrol_count);
}

int
counts_enrol_verified(const struct roster *roster, const struct counts_kept *kept,
	uint64_t now_s, uint64_t *ret_from_s)
{
	uint64_t from_s = kept->since_s;

	if (kept->is_first)
		return 0;
	/* A time of the far future must not come round to the past. */
	from_s = from_s > UINT64_MAX - roster->enrol_delay_s
		? UINT64_MAX
		: from_s + roster->enrol_delay_s;
	if (now_s >= from_s)
		return 0;
	*ret_from_s = from_s;
	return FAIL_AGAIN;
}

int
counts_enrol(const struct roster *roster, const struct enrol *enrol,
	const struct counts_kept *kept, uint64_t now_s, uint64_t *ret_from_s)
{
	int r;

	if ((r = verify(roster, enrol)) != 0)
		return r;
	return counts_enrol_verified(roster, kept, now_s, ret_from_s);
}

int
counts_order(const struct roster *roster, const struct order *order)
{
	const struct entry *entry;
	size_t at = 0;
	int r;

	if ((r = roster_find(roster, order->member, &at)) != 0)
		return r;
	entry = &roster->members[at];
	for (size_t i = 0; i < entry->enrol_count; i++) {
		if (!entry->enrols[i].is_security)
			continue;
		r = order_verify(order, entry->enrols[i].key);
		if (r != FAIL_SIGNER)
			return r;
	}
	return FAIL_SIGNER;
}

bool
counts_concerns(const struct order *order, const struct credential *credential,
	const uint8_t hash[HASH_LEN])
{
	const struct subject *s = &credential->subject;
	struct rd member, name;

	if (address_split(order->target, &member, &name) != 0)
		return address_compare(order->target, s->member) == 0;
	if (address_compare(member, s->member) != 0)
		return false;
	if (order->type != ORDER_REVOKE)
		return address_compare(name, s->officer) == 0 ||
			desks_have(&credential->desks, name);
	if (address_compare(name, s->officer) != 0)
		return false;
	if (order->credential.len > 0)
		return memcmp(order->credential.ptr, hash, HASH_LEN) == 0;
	return credential->from_s <= order->at_s;
}
