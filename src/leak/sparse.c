/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/sparse.h"

#include <string.h>

#include "base/mem.h"
#include "base/rd.h"
#include "base/text.h"
#include "crypto/hkdf.h"
#include "leak/normal.h"
#include "leak/sum.h"

/*
 * The cells are the last field but the checksum, whose eight bytes are the slack that packed
 * reading needs.  Their length follows from the shape; a file of another length is refused.
 */

static const uint8_t magic[8] = {'V', 'A', 'L', 'I', 'S', 'E', 'S', 'P'};

enum { SUM_LEN = 8 };

bool
sparse_is_name(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= SPARSE_NAME_MAX && text_is_line(s, len);
}

static int
name_parse(struct rd *in, char ret_name[SPARSE_NAME_MAX + 1])
{
	struct rd name;
	int r;

	if ((r = rd_vec8(in, 1, SPARSE_NAME_MAX, &name)) != 0)
		return r;
	if (!text_is_line(name.ptr, name.len))
		return FAIL_FORMAT;
	memcpy(ret_name, name.ptr, name.len);
	ret_name[name.len] = 0;
	return 0;
}

static int
opening_parse(struct rd *in)
{
	const uint8_t *m;
	uint16_t version, normal;
	int r;

	if ((r = rd_bytes(in, sizeof magic, &m)) != 0)
		return r;
	if (memcmp(m, magic, sizeof magic) != 0)
		return FAIL_FORMAT;
	if ((r = rd_u16(in, &version)) != 0 || (r = rd_u16(in, &normal)) != 0)
		return r;
	return version == SPARSE_VERSION && normal == NORMAL_VERSION ? 0 : FAIL_VERSION;
}

static int
head_parse(struct rd *in, struct sparse_head *h)
{
	int r;

	if ((r = name_parse(in, h->compartment)) != 0 ||
		(r = name_parse(in, h->ally)) != 0 || (r = rd_u32(in, &h->epoch)) != 0 ||
		(r = rd_u64(in, &h->made_s)) != 0 ||
		(r = rd_copy(in, sizeof h->gram_key, h->gram_key)) != 0 ||
		(r = rd_copy(in, sizeof h->select.key, h->select.key)) != 0 ||
		(r = rd_u32(in, &h->select.rate)) != 0 ||
		(r = rd_u32(in, &h->select.density_ppm)) != 0)
		return r;
	return rd_copy(in, sizeof h->ally_key, h->ally_key);
}

static int
filter_parse(struct rd *in, struct sparse *s)
{
	uint64_t bytes;
	uint8_t bits;
	int r;

	if ((r = rd_u8(in, &bits)) != 0 || (r = rd_u8(in, &s->head.rule.hits)) != 0 ||
		(r = rd_u8(in, &s->head.rule.of)) != 0 ||
		(r = rd_u32(in, &s->head.members)) != 0 ||
		(r = rd_u64(in, &s->filter.seed)) != 0 ||
		(r = rd_u8(in, &s->filter.segment_bits)) != 0 ||
		(r = rd_u32(in, &s->filter.segments)) != 0)
		return r;
	bytes = fuse_bytes(&s->filter);
	if (bits != FUSE_BITS || bytes == 0 || s->head.rule.hits < 2 ||
		s->head.rule.hits > s->head.rule.of ||
		s->head.rule.of > SPARSE_RULE_MAX || s->head.members > FUSE_MEMBERS_MAX)
		return FAIL_FORMAT;
	if (bytes > in->len)
		return FAIL_TRUNCATED;
	return rd_bytes(in, (size_t)bytes, &s->filter.cells);
}

static int
derive(struct sparse *s)
{
	static const char info[] = "valise/v1 sparse filter";

	gram_key_parse(s->head.gram_key, &s->gram_key);
	return hkdf_expand(s->head.ally_key, info, sizeof info - 1, s->filter_key,
		sizeof s->filter_key);
}

int
sparse_parse(const uint8_t *ptr, size_t len, struct sparse *ret_sparse)
{
	struct rd in = rd_of(ptr, len);
	struct sparse s = {0};
	uint64_t sum;
	int r;

	if ((r = opening_parse(&in)) != 0 || (r = head_parse(&in, &s.head)) != 0 ||
		(r = filter_parse(&in, &s)) != 0 || (r = rd_u64(&in, &sum)) != 0 ||
		(r = rd_end(&in)) != 0)
		goto out;
	r = FAIL_ALTERED;
	if (sum != sum_of(ptr, len - SUM_LEN))
		goto out;
	if ((r = derive(&s)) == 0)
		*ret_sparse = s;
out:
	sparse_done(&s);
	return r;
}

void
sparse_done(struct sparse *s)
{
	mem_wipe(s, sizeof *s);
}

static void
head_write(const struct sparse_head *h, struct buf *out)
{
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, SPARSE_VERSION);
	buf_u16(out, NORMAL_VERSION);
	buf_vec(out, 1, h->compartment, strlen(h->compartment));
	buf_vec(out, 1, h->ally, strlen(h->ally));
	buf_u32(out, h->epoch);
	buf_u64(out, h->made_s);
	buf_bytes(out, h->gram_key, sizeof h->gram_key);
	buf_bytes(out, h->select.key, sizeof h->select.key);
	buf_u32(out, h->select.rate);
	buf_u32(out, h->select.density_ppm);
	buf_bytes(out, h->ally_key, sizeof h->ally_key);
	buf_u8(out, FUSE_BITS);
	buf_u8(out, h->rule.hits);
	buf_u8(out, h->rule.of);
	buf_u32(out, h->members);
}

/* The filter's own hashes of the members, and the filter. */
static int
build(const struct sparse *s, const uint64_t *member,
	const uint8_t fill_key[SHORTHASH_KEY_LEN], struct buf *cells,
	struct fuse *ret_fuse)
{
	uint64_t *hash = NULL;
	int r;

	if ((r = mem_new_array(&hash, (size_t)s->head.members + 1, sizeof hash[0])) != 0)
		return r;
	for (uint32_t i = 0; i < s->head.members; i++)
		hash[i] = shorthash_u64(s->filter_key, member[i]);
	r = fuse_build(hash, s->head.members, fill_key, cells, ret_fuse);
	mem_free_wiped(hash, ((size_t)s->head.members + 1) * sizeof hash[0]);
	return r;
}

int
sparse_write(const struct sparse_head *head, const uint64_t *member,
	const uint8_t fill_key[SHORTHASH_KEY_LEN], struct buf *out)
{
	struct sparse s = {.head = *head};
	size_t start = out->len;
	struct fuse fuse = {0};
	struct buf cells;
	int r;

	CHECK(sparse_is_name(head->compartment) && sparse_is_name(head->ally));
	buf_init(&cells, SPARSE_FILE_MAX);
	if ((r = derive(&s)) != 0 ||
		(r = build(&s, member, fill_key, &cells, &fuse)) != 0)
		goto out;
	head_write(head, out);
	buf_u64(out, fuse.seed);
	buf_u8(out, fuse.segment_bits);
	buf_u32(out, fuse.segments);
	buf_bytes(out, cells.data, cells.len);
	if ((r = buf_error(out)) == 0) {
		buf_u64(out, sum_of(out->data + start, out->len - start));
		r = buf_error(out);
	}
out:
	buf_done(&cells);
	sparse_done(&s);
	return r;
}
