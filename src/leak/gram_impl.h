/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_GRAM_IMPL_H
#define LEAK_GRAM_IMPL_H
/*
 * gram_impl: what the implementations of gram_select() share.  Not for other files.
 *
 * order(8 characters) = m(a * C1 ^ rotl(b * C2, 15)), m(h) = (h ^ h >> 15) * C3, where a and b
 * are the two halves as little-endian 32-bit numbers.
 */
#include <stddef.h>
#include <stdint.h>

#define GRAM_C1 UINT32_C(0x9e3779b1)
#define GRAM_C2 UINT32_C(0x85ebca77)
#define GRAM_C3 UINT32_C(0xc2b2ae3d)

/*
 * The hardening flags clear every array of a function on entry; here that is 32 KiB a call,
 * a tenth of the time, for arrays of which no element is read before it is written.
 */
#define GRAM_SCRATCH __attribute__((uninitialized))

size_t gram_select_portable(const uint8_t *chars, size_t count, uint32_t *ret_at);
size_t gram_select_avx2(const uint8_t *chars, size_t count, uint32_t *ret_at);
size_t gram_select_avx512(const uint8_t *chars, size_t count, uint32_t *ret_at);

#endif
