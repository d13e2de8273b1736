/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hpke.h"

#include <string.h>

#include "base/mem.h"
#include "base/rd.h"
#include "crypto/aead.h"
#include "crypto/labeled.h"

/*
 * The key schedule of RFC 9180, section 5.1, for mode_base: psk and psk_id are empty.  One
 * message per encapsulation means sequence number 0, so its nonce is base_nonce itself; the
 * exporter secret is not derived, since nothing exports.
 */

enum { MODE_BASE = 0x00, SUITE_ID_LEN = 10, CONTEXT_LEN = 1 + 2 * LABELED_LEN };

struct schedule {
	uint8_t key[AEAD_KEY_LEN];
	uint8_t nonce[AEAD_NONCE_LEN];
};

/* "HPKE" || kem_id || HKDF-SHA256 (0x0001) || AES-256-GCM (0x0002) */
static void
suite_id_of(uint16_t suite, uint8_t ret_id[SUITE_ID_LEN])
{
	const uint16_t kem = suite == SUITE_2 ? 0x647a : 0x0020;

	memcpy(ret_id, "HPKE\0\0\0\1\0\2", SUITE_ID_LEN);
	ret_id[4] = (uint8_t)(kem >> 8);
	ret_id[5] = (uint8_t)(kem & 0xff);
}

static void
key_schedule(uint16_t suite, const uint8_t shared[KEM_SHARED_LEN], struct hpke_bytes info,
	struct schedule *ret_keys)
{
	const struct rd none = rd_of("", 0);
	uint8_t id_bytes[SUITE_ID_LEN];
	uint8_t context[CONTEXT_LEN] = {MODE_BASE};
	uint8_t secret[LABELED_LEN];
	struct rd id = rd_of(id_bytes, sizeof id_bytes);
	struct rd in = rd_of(context, sizeof context);

	suite_id_of(suite, id_bytes);
	labeled_extract(&(struct labeled){id, "psk_id_hash"}, none, none, context + 1);
	labeled_extract(&(struct labeled){id, "info_hash"}, none,
		rd_of(info.ptr, info.len), context + 1 + LABELED_LEN);
	labeled_extract(&(struct labeled){id, "secret"}, rd_of(shared, KEM_SHARED_LEN),
		none, secret);
	labeled_expand(&(struct labeled){id, "key"}, secret, in, ret_keys->key,
		sizeof ret_keys->key);
	labeled_expand(&(struct labeled){id, "base_nonce"}, secret, in, ret_keys->nonce,
		sizeof ret_keys->nonce);
	mem_wipe(secret, sizeof secret);
}

static bool
is_within(struct hpke_bytes info, struct hpke_bytes aad, size_t plain_len)
{
	return info.len <= HPKE_INFO_MAX && aad.len <= HPKE_INFO_MAX &&
		plain_len <= HPKE_PLAIN_MAX;
}

int
hpke_seal(const struct kem_public *to, struct rng *rng, struct hpke_bytes info,
	struct hpke_bytes aad, struct hpke_bytes plain, uint8_t *ret_enc,
	uint8_t *ret_sealed)
{
	uint8_t enc[KEM_ENC_MAX];
	uint8_t shared[KEM_SHARED_LEN];
	struct schedule keys;
	struct aead *aead = NULL;
	int r;

	if (!is_within(info, aad, plain.len))
		return FAIL_LIMIT;
	if ((r = kem_encap(to, rng, enc, shared)) != 0)
		goto out;
	key_schedule(to->suite, shared, info, &keys);
	if ((r = aead_new(keys.key, &aead)) != 0)
		goto out;
	if ((r = aead_seal(aead, keys.nonce, aad.ptr, aad.len, plain.ptr, plain.len,
		     ret_sealed)) != 0)
		goto out;
	memcpy(ret_enc, enc, kem_enc_len(to->suite));
out:
	aead_free(aead);
	mem_wipe(shared, sizeof shared);
	mem_wipe(&keys, sizeof keys);
	return r;
}

int
hpke_open(uint16_t suite, const uint8_t seed[KEM_SEED_LEN], struct hpke_bytes enc,
	struct hpke_bytes info, struct hpke_bytes aad, struct hpke_bytes sealed,
	uint8_t *ret_plain)
{
	uint8_t shared[KEM_SHARED_LEN];
	struct schedule keys;
	struct aead *aead = NULL;
	int r;

	if (sealed.len < HPKE_OVERHEAD)
		return FAIL_TRUNCATED;
	if (!is_within(info, aad, sealed.len - HPKE_OVERHEAD))
		return FAIL_LIMIT;
	if ((r = kem_decap(suite, seed, enc.ptr, enc.len, shared)) != 0)
		goto out;
	key_schedule(suite, shared, info, &keys);
	if ((r = aead_new(keys.key, &aead)) != 0)
		goto out;
	r = aead_open(
		aead, keys.nonce, aad.ptr, aad.len, sealed.ptr, sealed.len, ret_plain);
out:
	aead_free(aead);
	mem_wipe(shared, sizeof shared);
	mem_wipe(&keys, sizeof keys);
	return r;
}
