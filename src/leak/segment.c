/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/segment.h"

#include <string.h>

#include "leak/bits.h"
#include "leak/normal.h"
#include "leak/sum.h"

/*
 * Opening works out the one layout that the counts in the header permit and compares it with
 * the length of the file: there are no offsets in it to lie.
 */

static const uint8_t magic[8] = {'V', 'A', 'L', 'I', 'S', 'E', 'I', 'X'};

uint64_t
segment_key_check(const struct gram_key *key)
{
	static const uint8_t probe[GRAM_K] = "valise/v1 key check";

	return gram_hash(key, probe);
}

static uint64_t
aligned(uint64_t at)
{
	return (at + SEGMENT_ALIGN - 1) / SEGMENT_ALIGN * SEGMENT_ALIGN;
}

static void
choose_widths(struct segment_shape *shape)
{
	unsigned bits = 63 - (unsigned)__builtin_clzll(shape->grams | 1);

	shape->bucket_bits = bits > 4 ? bits - 4 : 0;
	if (shape->bucket_bits > SEGMENT_BUCKET_BITS_MAX)
		shape->bucket_bits = SEGMENT_BUCKET_BITS_MAX;
	shape->posting_bits = bits_for(shape->chars);
}

static unsigned
entry_bits(const struct segment_shape *shape)
{
	return GRAM_HASH_BITS - shape->bucket_bits + shape->posting_bits;
}

int
segment_shape_lay_out(struct segment_shape *shape)
{
	uint64_t scouts = shape->grams / (FILTER_SCOUT_MASK + 1);

	if (shape->grams > SEGMENT_GRAMS_MAX || shape->chars > SEGMENT_CHARS_MAX ||
		shape->docs > UINT32_MAX || shape->ids_len > SEGMENT_CHARS_MAX ||
		shape->maps_len > SEGMENT_CHARS_MAX)
		return FAIL_LIMIT;
	choose_widths(shape);
	shape->ids_at = SEGMENT_HEAD_LEN + shape->docs * SEGMENT_DOC_LEN;
	shape->maps_at = aligned(shape->ids_at + shape->ids_len);
	shape->entries_at = aligned(shape->maps_at + shape->maps_len);
	shape->buckets_at = aligned(shape->entries_at +
		(shape->grams * entry_bits(shape) + 7) / 8 + BITS_SLACK);
	shape->scout_at = aligned(
		shape->buckets_at + 4 * ((UINT64_C(1) << shape->bucket_bits) + 1));
	shape->dense_at =
		shape->scout_at + FILTER_BLOCK * filter_blocks(scouts, FILTER_SCOUT_BITS);
	shape->sum_at = shape->dense_at +
		FILTER_BLOCK * filter_blocks(shape->grams, FILTER_DENSE_BITS);
	shape->end = shape->sum_at + 8;
	return 0;
}

static int
shape_parse(const uint8_t *ptr, size_t len, struct segment_shape *ret_shape)
{
	struct segment_shape shape = {0};
	int r;

	if (len < SEGMENT_HEAD_LEN)
		return FAIL_TRUNCATED;
	if (memcmp(ptr, magic, sizeof magic) != 0)
		return FAIL_FORMAT;
	if (bits_le32(ptr + 8) != SEGMENT_VERSION ||
		bits_le32(ptr + 12) != NORMAL_VERSION)
		return FAIL_VERSION;
	if (bits_le64(ptr + SEGMENT_HEAD_SUMMED) != sum_of(ptr, SEGMENT_HEAD_SUMMED))
		return FAIL_ALTERED;
	shape.key_check = bits_le64(ptr + 16);
	shape.grams = bits_le64(ptr + 24);
	shape.docs = bits_le64(ptr + 32);
	shape.chars = bits_le64(ptr + 40);
	shape.ids_len = bits_le64(ptr + 48);
	shape.maps_len = bits_le64(ptr + 56);
	if ((r = segment_shape_lay_out(&shape)) != 0)
		return r;
	if (shape.bucket_bits != ptr[64] || shape.posting_bits != ptr[65])
		return FAIL_FORMAT;
	if (shape.end != len)
		return shape.end > len ? FAIL_TRUNCATED : FAIL_FORMAT;
	*ret_shape = shape;
	return 0;
}

int
segment_map(const uint8_t *ptr, size_t len, const struct gram_key *key,
	struct segment *ret_segment)
{
	struct segment s = {.ptr = ptr};
	int r;

	if ((r = shape_parse(ptr, len, &s.shape)) != 0)
		return r;
	if (s.shape.key_check != segment_key_check(key))
		return FAIL_MISMATCH;
	s.scout.bytes = ptr + s.shape.scout_at;
	s.scout.blocks = (s.shape.dense_at - s.shape.scout_at) / FILTER_BLOCK;
	s.dense.bytes = ptr + s.shape.dense_at;
	s.dense.blocks = (s.shape.sum_at - s.shape.dense_at) / FILTER_BLOCK;
	*ret_segment = s;
	return 0;
}

int
segment_doc_get(const struct segment *s, uint64_t at, struct segment_doc *ret_doc)
{
	const struct segment_shape *shape = &s->shape;
	const uint8_t *p = s->ptr + SEGMENT_HEAD_LEN + at * SEGMENT_DOC_LEN;
	struct segment_doc doc = {.base = bits_le64(p),
		.bytes = bits_le64(p + 8),
		.id_at = bits_le64(p + 16),
		.map_at = bits_le64(p + 24),
		.chars = bits_le32(p + 32),
		.grams = bits_le32(p + 36),
		.id_len = (uint16_t)(p[40] | p[41] << 8)};

	CHECK(at < shape->docs);
	memcpy(doc.digest, p + 48, SEGMENT_DIGEST_LEN);
	if (doc.id_at > shape->ids_len || doc.id_len > shape->ids_len - doc.id_at ||
		doc.id_len == 0 || doc.id_len > SEGMENT_ID_MAX ||
		doc.map_at > shape->maps_len || doc.base > shape->chars ||
		doc.chars > shape->chars - doc.base)
		return FAIL_FORMAT;
	*ret_doc = doc;
	return 0;
}

const char *
segment_doc_id(const struct segment *s, const struct segment_doc *doc)
{
	return (const char *)s->ptr + s->shape.ids_at + doc->id_at;
}

/* One LEB128 number of at most five bytes; what is damaged ends the map. */
static bool
map_next(const uint8_t **p, const uint8_t *end, uint64_t *ret_v)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 35 && *p < end; shift += 7) {
		uint8_t byte = *(*p)++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret_v = v;
			return true;
		}
	}
	return false;
}

uint64_t
segment_doc_byte(const struct segment *s, const struct segment_doc *doc, uint32_t at)
{
	const uint8_t *p = s->ptr + s->shape.maps_at + doc->map_at;
	const uint8_t *end = s->ptr + s->shape.maps_at + s->shape.maps_len;
	uint64_t before = 0, step = 0, next_at = doc->bytes;
	uint32_t left = at / SEGMENT_STRIDE + 1, span = SEGMENT_STRIDE;

	for (; left > 0 && map_next(&p, end, &step); left--)
		before += step;
	if (at / SEGMENT_STRIDE < (doc->chars - (doc->chars > 0)) / SEGMENT_STRIDE &&
		map_next(&p, end, &step))
		next_at = before + step;
	else
		span = doc->chars - at / SEGMENT_STRIDE * SEGMENT_STRIDE;
	if (span == 0 || next_at < before)
		return before < doc->bytes ? before : doc->bytes;
	before += (next_at - before) * (at % SEGMENT_STRIDE) / span;
	return before < doc->bytes ? before : doc->bytes;
}

uint64_t
segment_bucket(const struct segment *s, uint64_t bucket)
{
	uint64_t first = bits_le32(s->ptr + s->shape.buckets_at + 4 * bucket);

	return first < s->shape.grams ? first : s->shape.grams;
}

static uint64_t
remainder_at(const struct segment *s, uint64_t at)
{
	return bits_get(s->ptr + s->shape.entries_at, at * entry_bits(&s->shape),
		GRAM_HASH_BITS - s->shape.bucket_bits);
}

static uint64_t
posting_at(const struct segment *s, uint64_t at)
{
	unsigned remainder_bits = GRAM_HASH_BITS - s->shape.bucket_bits;

	return bits_get(s->ptr + s->shape.entries_at,
		at * entry_bits(&s->shape) + remainder_bits, s->shape.posting_bits);
}

void
segment_entry(const struct segment *s, uint64_t at, uint64_t bucket, uint64_t *ret_hash,
	uint64_t *ret_posting)
{
	*ret_hash =
		bucket << (GRAM_HASH_BITS - s->shape.bucket_bits) | remainder_at(s, at);
	*ret_posting = posting_at(s, at);
}

void
segment_find(const struct segment *s, uint64_t hash, uint64_t *ret_from, uint64_t *ret_to)
{
	unsigned remainder_bits = GRAM_HASH_BITS - s->shape.bucket_bits;
	uint64_t bucket = hash >> remainder_bits;
	uint64_t remainder = hash & ((UINT64_C(1) << remainder_bits) - 1);
	uint64_t low = segment_bucket(s, bucket), end = segment_bucket(s, bucket + 1);
	uint64_t high = end;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		if (remainder_at(s, mid) < remainder)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_from = low;
	while (low < end && remainder_at(s, low) == remainder)
		low++;
	*ret_to = low;
}

void
segment_prefetch_bucket(const struct segment *s, uint64_t hash)
{
	uint64_t bucket = hash >> (GRAM_HASH_BITS - s->shape.bucket_bits);

	__builtin_prefetch(s->ptr + s->shape.buckets_at + 4 * bucket);
}

void
segment_prefetch_entries(const struct segment *s, uint64_t hash)
{
	uint64_t bucket = hash >> (GRAM_HASH_BITS - s->shape.bucket_bits);
	uint64_t middle = (segment_bucket(s, bucket) + segment_bucket(s, bucket + 1)) / 2;

	__builtin_prefetch(
		s->ptr + s->shape.entries_at + (middle * entry_bits(&s->shape) >> 3));
}

bool
segment_posting(
	const struct segment *s, uint64_t at, uint64_t *ret_doc, uint32_t *ret_pos)
{
	const uint8_t *docs = s->ptr + SEGMENT_HEAD_LEN;
	uint64_t posting = posting_at(s, at), low = 0, high = s->shape.docs, base;

	/* The last document whose base is not behind the posting. */
	while (low + 1 < high) {
		uint64_t mid = low + (high - low) / 2;

		if (bits_le64(docs + mid * SEGMENT_DOC_LEN) <= posting)
			low = mid;
		else
			high = mid;
	}
	if (s->shape.docs == 0)
		return false;
	base = bits_le64(docs + low * SEGMENT_DOC_LEN);
	if (posting < base ||
		posting - base >= bits_le32(docs + low * SEGMENT_DOC_LEN + 32))
		return false;
	*ret_doc = low;
	*ret_pos = (uint32_t)(posting - base);
	return true;
}
