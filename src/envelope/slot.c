/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/slot.h"

#include <string.h>

#include "crypto/hpke.h"

/*
 * The key id is a hash of a public key and no secret; finding a slot may therefore search the
 * ascending R slots by halves.  Vectors of two or three slots (S and V) are not sorted and
 * are not searched.
 */

enum { INFO_MAX = 32, AAD_MAX = HASH_LEN + KEM_ID_LEN + HASH_LEN };

size_t
slot_len(uint16_t suite)
{
	return KEM_ID_LEN + kem_enc_len(suite) + SLOT_SEALED_LEN;
}

int
slots_of(uint16_t suite, struct rd bytes, size_t min, size_t max, struct slots *ret_slots)
{
	size_t one = slot_len(suite);
	size_t count = bytes.len / one;

	if (kem_enc_len(suite) == 0)
		return FAIL_SUITE;
	if (bytes.len % one != 0 || count < min || count > max)
		return FAIL_FORMAT;
	*ret_slots = (struct slots){.suite = suite, .count = count, .bytes = bytes};
	return 0;
}

static const uint8_t *
key_id_at(const struct slots *slots, size_t i)
{
	return slots->bytes.ptr + i * slot_len(slots->suite);
}

bool
slots_are_ascending(const struct slots *slots)
{
	for (size_t i = 1; i < slots->count; i++)
		if (memcmp(key_id_at(slots, i - 1), key_id_at(slots, i), KEM_ID_LEN) >= 0)
			return false;
	return true;
}

void
slots_at(const struct slots *slots, size_t i, struct slot *ret_slot)
{
	const uint8_t *p = key_id_at(slots, i);

	CHECK(i < slots->count);
	ret_slot->key_id = p;
	ret_slot->enc = p + KEM_ID_LEN;
	ret_slot->sealed = p + KEM_ID_LEN + kem_enc_len(slots->suite);
}

int
slots_find(const struct slots *slots, const uint8_t key_id[KEM_ID_LEN], size_t *ret_index)
{
	size_t low = 0, high = slots->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(key_id_at(slots, middle), key_id, KEM_ID_LEN);

		if (order == 0) {
			*ret_index = middle;
			return 0;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return FAIL_NO_KEY;
}

static size_t
write_info(const struct slot_place *place, uint8_t out[INFO_MAX])
{
	static const char prefix[] = "valise/v1 ";
	size_t role_len = strlen(place->role);
	size_t at = sizeof prefix - 1;

	CHECK(at + role_len + 3 <= INFO_MAX);
	memcpy(out, prefix, at);
	memcpy(out + at, place->role, role_len);
	at += role_len;
	out[at++] = 0;
	out[at++] = (uint8_t)(place->suite >> 8);
	out[at++] = (uint8_t)place->suite;
	return at;
}

static size_t
write_aad(const struct slot_place *place, const uint8_t key_id[KEM_ID_LEN],
	uint8_t out[AAD_MAX])
{
	size_t at = HASH_LEN + KEM_ID_LEN;

	memcpy(out, place->core_hash, HASH_LEN);
	memcpy(out + HASH_LEN, key_id, KEM_ID_LEN);
	if (place->credential_hash != NULL) {
		memcpy(out + at, place->credential_hash, HASH_LEN);
		return at + HASH_LEN;
	}
	for (int shift = 24; shift >= 0; shift -= 8)
		out[at++] = (uint8_t)(place->index >> shift);
	return at;
}

int
slot_seal(const struct slot_place *place, const struct kem_public *to, struct rng *rng,
	const uint8_t secret[SLOT_SECRET_LEN], struct buf *out)
{
	uint8_t id[KEM_ID_LEN], info[INFO_MAX], aad[AAD_MAX];
	uint8_t enc[KEM_ENC_MAX], sealed[SLOT_SEALED_LEN];
	size_t info_len = write_info(place, info);
	size_t aad_len;
	int r;

	if (to->suite != place->suite)
		return FAIL_SUITE;
	kem_id(to, id);
	aad_len = write_aad(place, id, aad);
	if ((r = hpke_seal(to, rng, (struct hpke_bytes){info, info_len},
		     (struct hpke_bytes){aad, aad_len},
		     (struct hpke_bytes){secret, SLOT_SECRET_LEN}, enc, sealed)) != 0)
		return r;
	buf_bytes(out, id, sizeof id);
	buf_bytes(out, enc, kem_enc_len(place->suite));
	buf_bytes(out, sealed, sizeof sealed);
	return buf_error(out);
}

int
slot_open(const struct slot_place *place, const struct slot *slot,
	const uint8_t seed[KEM_SEED_LEN], uint8_t ret_secret[SLOT_SECRET_LEN])
{
	uint8_t info[INFO_MAX], aad[AAD_MAX];
	size_t info_len = write_info(place, info);
	size_t aad_len = write_aad(place, slot->key_id, aad);

	return hpke_open(place->suite, seed,
		(struct hpke_bytes){slot->enc, kem_enc_len(place->suite)},
		(struct hpke_bytes){info, info_len}, (struct hpke_bytes){aad, aad_len},
		(struct hpke_bytes){slot->sealed, SLOT_SEALED_LEN}, ret_secret);
}
