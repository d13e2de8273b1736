/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/store_rows.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "envelope/core.h"

enum { AAD_MAX = 64 };

/* Keys are derived for each row: some microseconds, and none of them lies about in memory. */
static int
derive(struct store *s, const char *name, uint8_t ret_key[AEAD_KEY_LEN])
{
	const struct vault_ready *ready = store_ready(s);

	if (ready == NULL)
		return FAIL_AGAIN;
	return hkdf_expand(ready->row_key, name, strlen(name), ret_key, AEAD_KEY_LEN);
}

static size_t
write_aad(const struct store_rows_place *place, uint8_t aad[AAD_MAX])
{
	const size_t len = strlen(place->column);

	CHECK(len + 1 + CORE_DOCUMENT_ID_LEN <= AAD_MAX);
	memset(aad, 0, AAD_MAX);
	memcpy(aad, place->column, len);
	if (place->document_id != NULL)
		memcpy(aad + len + 1, place->document_id, CORE_DOCUMENT_ID_LEN);
	return len + 1 + CORE_DOCUMENT_ID_LEN;
}

static int
new_aead(struct store *s, struct aead **ret_aead)
{
	uint8_t key[AEAD_KEY_LEN];
	int r;

	if ((r = derive(s, "valise/v1 rows seal", key)) == 0)
		r = aead_new(key, ret_aead);
	mem_wipe(key, sizeof key);
	return r;
}

int
store_rows_seal(struct store *s, const struct store_rows_place *place, struct rd plain,
	struct buf *out)
{
	uint8_t nonce[AEAD_NONCE_LEN], aad[AAD_MAX], *at;
	const size_t aad_len = write_aad(place, aad);
	struct aead *aead = NULL;
	int r;

	if ((r = rng_fill(store_rng(s), nonce, sizeof nonce)) != 0 ||
		(r = new_aead(s, &aead)) != 0)
		return r;
	buf_bytes(out, nonce, sizeof nonce);
	at = buf_extend(out, plain.len + AEAD_TAG_LEN);
	r = at != NULL ? aead_seal(aead, nonce, aad, aad_len, plain.ptr, plain.len, at)
		       : buf_error(out);
	aead_free(aead);
	return r;
}

int
store_rows_open(struct store *s, const struct store_rows_place *place, struct rd sealed,
	struct buf *out)
{
	const uint8_t *nonce = NULL;
	uint8_t aad[AAD_MAX], *at;
	const size_t aad_len = write_aad(place, aad);
	struct aead *aead = NULL;
	int r;

	if (sealed.len < STORE_ROWS_OVERHEAD)
		return FAIL_ALTERED;
	if ((r = rd_bytes(&sealed, AEAD_NONCE_LEN, &nonce)) != 0 ||
		(r = new_aead(s, &aead)) != 0)
		return r;
	at = buf_extend(out, sealed.len - AEAD_TAG_LEN);
	r = at != NULL ? aead_open(aead, nonce, aad, aad_len, sealed.ptr, sealed.len, at)
		       : buf_error(out);
	aead_free(aead);
	return r;
}

int
store_rows_lookup(struct store *s, struct rd address, uint8_t ret_lookup[HASH_LEN])
{
	uint8_t key[AEAD_KEY_LEN];
	int r;

	if ((r = derive(s, "valise/v1 rows lookup", key)) == 0)
		r = hmac_sha256(key, sizeof key, address.ptr, address.len, ret_lookup);
	mem_wipe(key, sizeof key);
	return r;
}
