/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_RD_H
#define BASE_RD_H
/*
 * rd: the one reader through which every binary format is parsed.
 *
 * Integers are big-endian.  Vectors are a length of 1, 2, 3 or 4 bytes and that many bytes,
 * as in the TLS presentation language (RFC 8446, section 3).  A reader never reads past its
 * end, never copies, and points into the caller's bytes, which must outlive it.
 *
 * Errors  FAIL_TRUNCATED  the bytes end too early
 *         FAIL_FORMAT     a vector is shorter or longer than its type permits; rd_end() with
 *                         bytes left
 * On failure neither the out parameter nor the reader moves.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct rd {
	const uint8_t *ptr;
	size_t len;
};

static inline struct rd
rd_of(const void *ptr, size_t len)
{
	return (struct rd){.ptr = ptr, .len = len};
}

MUST int rd_u8(struct rd *in, uint8_t *ret_v);
MUST int rd_u16(struct rd *in, uint16_t *ret_v);
MUST int rd_u24(struct rd *in, uint32_t *ret_v);
MUST int rd_u32(struct rd *in, uint32_t *ret_v);
MUST int rd_u64(struct rd *in, uint64_t *ret_v);

/* Point at the next n bytes. */
MUST int rd_bytes(struct rd *in, size_t n, const uint8_t **ret_ptr);

/* Copy the next n bytes to ret_out. */
MUST int rd_copy(struct rd *in, size_t n, void *ret_out);

/* A vector whose length takes 1, 2, 3 or 4 bytes and lies in min..max. */
MUST int rd_vec8(struct rd *in, size_t min, size_t max, struct rd *ret_vec);
MUST int rd_vec16(struct rd *in, size_t min, size_t max, struct rd *ret_vec);
MUST int rd_vec24(struct rd *in, size_t min, size_t max, struct rd *ret_vec);
MUST int rd_vec32(struct rd *in, size_t min, size_t max, struct rd *ret_vec);

/*
 * How our formats begin: eight bytes that name them, and a version.  Bytes that differ are
 * FAIL_FORMAT even when there are too few of them: a short file of another kind is not a
 * truncated one of ours.  Another version is FAIL_VERSION.
 */
enum { RD_MAGIC_LEN = 8 };
MUST int rd_magic(struct rd *in, const uint8_t magic[RD_MAGIC_LEN]);
MUST int rd_version(struct rd *in, uint16_t known);

/* 0 when everything was read. */
MUST int rd_end(const struct rd *in);

#endif
