/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SHORTHASH_H
#define CRYPTO_SHORTHASH_H
/*
 * shorthash: SipHash-2-4 (Aumasson, Bernstein 2012), a keyed 64-bit function of short inputs.
 *
 * It is a pseudorandom function for tables and filters that are asked millions of times a
 * second.  It is no authentication of messages: 64 bits are too few.
 */
#include <stddef.h>
#include <stdint.h>

enum { SHORTHASH_KEY_LEN = 16 };

/* The 64 bits as the function's eight bytes read little-endian. */
uint64_t shorthash(const uint8_t key[SHORTHASH_KEY_LEN], const void *ptr, size_t len);

/* The same of one number, written as eight bytes little-endian. */
uint64_t shorthash_u64(const uint8_t key[SHORTHASH_KEY_LEN], uint64_t v);

#endif
