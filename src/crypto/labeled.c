/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/labeled.h"

#include <sodium.h>
#include <string.h>

#include "base/mem.h"

/* Both steps share the prefix "HPKE-v1" || suite_id || label, which keeps uses apart. */

static void
add(crypto_auth_hmacsha256_state *st, struct rd part)
{
	(void)crypto_auth_hmacsha256_update(st, part.ptr, part.len);
}

static void
add_prefix(crypto_auth_hmacsha256_state *st, const struct labeled *l)
{
	add(st, rd_of("HPKE-v1", 7));
	add(st, l->suite_id);
	add(st, rd_of(l->label, strlen(l->label)));
}

void
labeled_extract(const struct labeled *l, struct rd salt, struct rd ikm,
	uint8_t ret_prk[LABELED_LEN])
{
	crypto_auth_hmacsha256_state st;

	/* The library wants a pointer even where there is no salt. */
	if (salt.len == 0)
		salt = rd_of("", 0);
	(void)crypto_auth_hmacsha256_init(&st, salt.ptr, salt.len);
	add_prefix(&st, l);
	add(&st, ikm);
	(void)crypto_auth_hmacsha256_final(&st, ret_prk);
	mem_wipe(&st, sizeof st);
}

void
labeled_expand(const struct labeled *l, const uint8_t prk[LABELED_LEN], struct rd info,
	uint8_t *ret_out, size_t out_len)
{
	const uint8_t length[2] = {0, (uint8_t)out_len};
	const uint8_t counter = 1;
	crypto_auth_hmacsha256_state st;
	uint8_t block[LABELED_LEN];

	CHECK(out_len <= sizeof block);
	(void)crypto_auth_hmacsha256_init(&st, prk, LABELED_LEN);
	add(&st, rd_of(length, sizeof length));
	add_prefix(&st, l);
	add(&st, info);
	add(&st, rd_of(&counter, 1));
	(void)crypto_auth_hmacsha256_final(&st, block);
	memcpy(ret_out, block, out_len);
	mem_wipe(&st, sizeof st);
	mem_wipe(block, sizeof block);
}
