/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_BITS_H
#define LEAK_BITS_H
/*
 * bits: little-endian integers and bit fields in mapped files.
 *
 * The other formats of Valise are big-endian and go through base/rd.h.  An index is read in
 * place, millions of times a second, so its integers lie as the common processors load them.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BITS_FIELD_MAX = 57, BITS_SLACK = 8 };

static inline uint64_t
bits_le64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline uint32_t
bits_le32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v;
}

static inline void
bits_put_le(uint8_t *p, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/*
 * `width` bits (1 to BITS_FIELD_MAX) from bit `at` on; bit 0 is the lowest of the first byte.
 * Reads eight bytes, so BITS_SLACK readable bytes must follow the last field.
 */
static inline uint64_t
bits_get(const uint8_t *base, uint64_t at, unsigned width)
{
	return bits_le64(base + (at >> 3)) >> (at & 7) & ((UINT64_C(1) << width) - 1);
}

/* The number of bits that hold every value below `values`. */
static inline unsigned
bits_for(uint64_t values)
{
	return values <= 1 ? 1 : 64 - (unsigned)__builtin_clzll(values - 1);
}

#endif
