/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/own.h"

#include <string.h>

/*
 * Which key opens a slot is decided by the key id, and whether it may by the role.
 */

void
own_sign(const struct solo *s, const struct own_signing *what,
	uint8_t ret_signature[SIGN_LEN])
{
	uint8_t bytes[TRAILER_SIGNED_LEN];

	trailer_signed(what->header_hash, &what->sums, bytes);
	sign_message(solo_seed(s, SOLO_SIGN), bytes, sizeof bytes, ret_signature);
}

static bool
is_id_of(const struct kem_public *key, const uint8_t id[KEM_ID_LEN])
{
	uint8_t own[KEM_ID_LEN];

	kem_id(key, own);
	return memcmp(own, id, sizeof own) == 0;
}

/*
 * A key opens its own kind of slot only.  HPKE's info separates the roles already; the rule
 * here keeps a reader key out of custody even where somebody wrapped a share to it.
 */
static int
find_key(const struct solo *s, const struct own_slot *slot, enum solo_key *ret_key)
{
	bool is_reader = slot->role == 'R';
	enum solo_key key;

	if (!is_reader && slot->role != 'S' && slot->role != 'V')
		return FAIL_FORMAT;
	if (is_id_of(&s->public.reader, slot->key_id))
		key = SOLO_READER;
	else if (is_id_of(&s->public.solo, slot->key_id))
		key = SOLO_CUSTODY;
	else if (s->has_recovery && is_id_of(&s->public.recovery, slot->key_id))
		key = SOLO_RECOVERY;
	else
		return FAIL_NO_KEY;
	if (is_reader == (key == SOLO_CUSTODY))
		return FAIL_REFUSED;
	*ret_key = key;
	return 0;
}

int
own_unwrap(const struct solo *s, const struct own_slot *slot,
	uint8_t ret_secret[SLOT_SECRET_LEN])
{
	const char role[] = {slot->role, '\0'};
	struct slot_place place = {.role = role,
		.suite = slot->suite,
		.index = slot->index,
		.core_hash = slot->core_hash};
	struct slot view = {
		.key_id = slot->key_id, .enc = slot->enc, .sealed = slot->sealed};
	enum solo_key key;
	int r;

	if (slot->suite != s->public.suite || slot->enc_len != kem_enc_len(slot->suite))
		return FAIL_SUITE;
	if ((r = find_key(s, slot, &key)) != 0)
		return r;
	return slot_open(&place, &view, solo_seed(s, key), ret_secret);
}
