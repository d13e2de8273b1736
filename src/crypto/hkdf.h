/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_HKDF_H
#define CRYPTO_HKDF_H
/*
 * hkdf: HKDF-SHA256 (RFC 5869), its two steps apart, as HPKE and our key schedule use them.
 *
 * Limits  info <= HKDF_INFO_MAX bytes; ikm <= HKDF_IKM_MAX; out_len <= 255 * 32.
 * Errors  FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum { HKDF_PRK_LEN = 32, HKDF_INFO_MAX = 4096, HKDF_IKM_MAX = 4096 };

MUST int hkdf_extract(const void *salt, size_t salt_len, const void *ikm, size_t ikm_len,
	uint8_t ret_prk[HKDF_PRK_LEN]);

MUST int hkdf_expand(const uint8_t prk[HKDF_PRK_LEN], const void *info, size_t info_len,
	uint8_t *ret_out, size_t out_len);

#endif
