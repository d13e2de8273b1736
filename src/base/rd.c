/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rd.h"

#include <string.h>

/*
 * Everything rests on rd_uint() and rd_bytes(); the rest are names for their widths.  The
 * length is compared before the pointer moves, so no addition can overflow.
 */

static int
rd_uint(struct rd *in, size_t width, uint64_t *ret_v)
{
	uint64_t v = 0;

	if (in->len < width)
		return FAIL_TRUNCATED;
	for (size_t i = 0; i < width; i++)
		v = v << 8 | in->ptr[i];
	in->ptr += width;
	in->len -= width;
	*ret_v = v;
	return 0;
}

int
rd_u8(struct rd *in, uint8_t *ret_v)
{
	uint64_t v;
	int r;

	if ((r = rd_uint(in, 1, &v)) == 0)
		*ret_v = (uint8_t)v;
	return r;
}

int
rd_u16(struct rd *in, uint16_t *ret_v)
{
	uint64_t v;
	int r;

	if ((r = rd_uint(in, 2, &v)) == 0)
		*ret_v = (uint16_t)v;
	return r;
}

int
rd_u24(struct rd *in, uint32_t *ret_v)
{
	uint64_t v;
	int r;

	if ((r = rd_uint(in, 3, &v)) == 0)
		*ret_v = (uint32_t)v;
	return r;
}

int
rd_u32(struct rd *in, uint32_t *ret_v)
{
	uint64_t v;
	int r;

	if ((r = rd_uint(in, 4, &v)) == 0)
		*ret_v = (uint32_t)v;
	return r;
}

int
rd_u64(struct rd *in, uint64_t *ret_v)
{
	return rd_uint(in, 8, ret_v);
}

int
rd_bytes(struct rd *in, size_t n, const uint8_t **ret_ptr)
{
	if (in->len < n)
		return FAIL_TRUNCATED;
	*ret_ptr = in->ptr;
	in->ptr += n;
	in->len -= n;
	return 0;
}

int
rd_copy(struct rd *in, size_t n, void *ret_out)
{
	const uint8_t *p;
	int r;

	if ((r = rd_bytes(in, n, &p)) == 0 && n > 0)
		memcpy(ret_out, p, n);
	return r;
}

static int
rd_vec(struct rd *in, size_t width, size_t min, size_t max, struct rd *ret_vec)
{
	struct rd at = *in;
	const uint8_t *p;
	uint64_t len;
	int r;

	if ((r = rd_uint(&at, width, &len)) != 0)
		return r;
	if (len < min || len > max)
		return FAIL_FORMAT;
	if ((r = rd_bytes(&at, (size_t)len, &p)) != 0)
		return r;
	*ret_vec = rd_of(p, (size_t)len);
	*in = at;
	return 0;
}

int
rd_vec8(struct rd *in, size_t min, size_t max, struct rd *ret_vec)
{
	return rd_vec(in, 1, min, max, ret_vec);
}

int
rd_vec16(struct rd *in, size_t min, size_t max, struct rd *ret_vec)
{
	return rd_vec(in, 2, min, max, ret_vec);
}

int
rd_vec24(struct rd *in, size_t min, size_t max, struct rd *ret_vec)
{
	return rd_vec(in, 3, min, max, ret_vec);
}

int
rd_vec32(struct rd *in, size_t min, size_t max, struct rd *ret_vec)
{
	return rd_vec(in, 4, min, max, ret_vec);
}

int
rd_magic(struct rd *in, const uint8_t magic[RD_MAGIC_LEN])
{
	size_t known = in->len < RD_MAGIC_LEN ? in->len : RD_MAGIC_LEN;
	const uint8_t *start;

	if (known > 0 && memcmp(in->ptr, magic, known) != 0)
		return FAIL_FORMAT;
	return rd_bytes(in, RD_MAGIC_LEN, &start);
}

int
rd_version(struct rd *in, uint16_t known)
{
	struct rd at = *in;
	uint16_t version;
	int r;

	if ((r = rd_u16(&at, &version)) != 0)
		return r;
	if (version != known)
		return FAIL_VERSION;
	*in = at;
	return 0;
}

int
rd_end(const struct rd *in)
{
	return in->len == 0 ? 0 : FAIL_FORMAT;
}
