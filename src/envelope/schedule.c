/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/schedule.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"

/*
 * V is a uniformly random 32-byte secret, so HKDF-Expand may take it as its key directly
 * (RFC 5869, section 3.3).
 */

int
schedule_v_body(const uint8_t v[SCHEDULE_LEN], uint8_t ret_v_x[SCHEDULE_LEN])
{
	return hkdf_expand(v, "body", strlen("body"), ret_v_x, SCHEDULE_LEN);
}

int
schedule_v_box(const uint8_t v[SCHEDULE_LEN], uint32_t pair, uint8_t b,
	uint8_t ret_v_x[SCHEDULE_LEN])
{
	uint8_t info[] = {'s', 'l', 'o', 't', (uint8_t)(pair >> 24),
		(uint8_t)(pair >> 16), (uint8_t)(pair >> 8), (uint8_t)pair, b};

	return hkdf_expand(v, info, sizeof info, ret_v_x, SCHEDULE_LEN);
}

int
schedule_prk(uint16_t suite, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct schedule_secrets *secrets, uint8_t ret_prk[SCHEDULE_LEN])
{
	static const char prefix[] = "valise/v1";
	enum { PREFIX_LEN = sizeof prefix - 1 };
	uint8_t salt[PREFIX_LEN + 2 + CORE_DOCUMENT_ID_LEN];
	uint8_t ikm[3 * SCHEDULE_LEN];
	int r;

	memcpy(salt, prefix, PREFIX_LEN);
	salt[PREFIX_LEN] = (uint8_t)(suite >> 8);
	salt[PREFIX_LEN + 1] = (uint8_t)suite;
	memcpy(salt + PREFIX_LEN + 2, document_id, CORE_DOCUMENT_ID_LEN);
	memcpy(ikm, secrets->r, SCHEDULE_LEN);
	memcpy(ikm + SCHEDULE_LEN, secrets->s, SCHEDULE_LEN);
	memcpy(ikm + 2 * SCHEDULE_LEN, secrets->v_x, SCHEDULE_LEN);
	r = hkdf_extract(salt, sizeof salt, ikm, sizeof ikm, ret_prk);
	mem_wipe(ikm, sizeof ikm);
	return r;
}

int
schedule_key(
	const uint8_t prk[SCHEDULE_LEN], const char *name, uint8_t ret_key[SCHEDULE_LEN])
{
	return hkdf_expand(prk, name, strlen(name), ret_key, SCHEDULE_LEN);
}

int
schedule_body_key(const struct core *core, const struct schedule_secrets *secrets,
	uint8_t ret_key[SCHEDULE_LEN])
{
	uint8_t prk[SCHEDULE_LEN], commitment[SCHEDULE_LEN];
	int r;

	if ((r = schedule_prk(core->suite, core->document_id, secrets, prk)) != 0 ||
		(r = schedule_key(prk, "commit", commitment)) != 0)
		goto out;
	if (!ct_equal(commitment, core->commitment, SCHEDULE_LEN)) {
		r = FAIL_COMMITMENT;
		goto out;
	}
	r = schedule_key(prk, "body", ret_key);
out:
	mem_wipe(prk, sizeof prk);
	mem_wipe(commitment, sizeof commitment);
	return r;
}
