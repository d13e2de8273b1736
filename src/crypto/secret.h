/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H
/*
 * secret: bytes that live longer than one function and must never leave this process.
 *
 * Guarded heap of libsodium: between guard pages, locked into memory, left out of core dumps,
 * wiped on free.  Secrets that live for one function only are fixed arrays, wiped with
 * mem_wipe() at `out:`.
 *
 * Errors  FAIL_NOMEM, also when the limit on locked memory is reached.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct secret {
	size_t len;
	uint8_t *bytes; /* len bytes, zeroed at first */
};

MUST int secret_new(size_t len, struct secret **ret_secret);

/* Wipe and free; NULL is fine. */
void secret_free(struct secret *s);

#endif
