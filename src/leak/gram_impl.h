/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_GRAM_IMPL_H
#define LEAK_GRAM_IMPL_H
/*
 * gram_impl: what the implementations of gram_select() share.  Not for other files.
 *
 * order(8 characters) = product(first four) ^ rotl(product(last four), 15), where product(x) is
 * the lower half of x * GRAM_C, x the four characters as a little-endian number.  One
 * multiplication for each position, because the product of the last four is that of the first
 * four, four positions on.
 */
#include <stddef.h>
#include <stdint.h>

#define GRAM_C UINT32_C(0x9e3779b1)

/*
 * The hardening flags clear every array of a function on entry; here that is 32 KiB a call,
 * a tenth of the time, for arrays of which no element is read before it is written.
 */
#define GRAM_SCRATCH __attribute__((uninitialized))

size_t gram_select_portable(const uint8_t *chars, size_t count, uint32_t *ret_at);
size_t gram_select_avx2(const uint8_t *chars, size_t count, uint32_t *ret_at);
size_t gram_select_avx512(const uint8_t *chars, size_t count, uint32_t *ret_at);

#endif
