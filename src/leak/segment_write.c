/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/segment_write.h"

#include <string.h>

#include "base/mem.h"
#include "leak/bits.h"
#include "leak/normal.h"
#include "leak/sum.h"

enum { OUT_ROOM = 64 * 1024 };

struct segment_writer {
	struct segment_shape shape;
	struct segment_sink *sink;
	struct sum sum;
	uint64_t written; /* bytes given to the sink or waiting in out */
	uint64_t entries, last_hash, last_posting;
	uint64_t next_bucket; /* the first one whose first entry is not known yet */
	uint8_t *buckets;     /* the directory */
	uint8_t *filters;     /* scout and dense, as on disk */
	uint64_t bits;	      /* of entries, not yet a whole byte */
	unsigned bits_len;
	size_t out_len;
	uint8_t out[OUT_ROOM];
};

void
segment_docs_init(struct segment_docs *docs)
{
	*docs = (struct segment_docs){0};
	buf_init(&docs->records, SIZE_MAX / 4);
	buf_init(&docs->ids, SIZE_MAX / 4);
	buf_init(&docs->maps, SIZE_MAX / 4);
}

void
segment_docs_done(struct segment_docs *docs)
{
	buf_done(&docs->records);
	buf_done(&docs->ids);
	buf_done(&docs->maps);
}

int
segment_docs_error(const struct segment_docs *docs)
{
	int r;

	if ((r = buf_error(&docs->records)) != 0 || (r = buf_error(&docs->ids)) != 0)
		return r;
	return buf_error(&docs->maps);
}

void
segment_docs_add(struct segment_docs *docs, const struct segment_doc *doc, const char *id,
	const uint8_t *map, size_t map_len)
{
	uint8_t *p = buf_extend(&docs->records, SEGMENT_DOC_LEN);

	if (p == NULL)
		return;
	memset(p, 0, SEGMENT_DOC_LEN);
	bits_put_le(p, docs->chars, 8);
	bits_put_le(p + 8, doc->bytes, 8);
	bits_put_le(p + 16, docs->ids.len, 8);
	bits_put_le(p + 24, docs->maps.len, 8);
	bits_put_le(p + 32, doc->chars, 4);
	bits_put_le(p + 36, doc->grams, 4);
	bits_put_le(p + 40, doc->id_len, 2);
	memcpy(p + 48, doc->digest, SEGMENT_DIGEST_LEN);
	buf_bytes(&docs->ids, id, doc->id_len);
	if (map_len > 0)
		buf_bytes(&docs->maps, map, map_len);
	docs->count++;
	docs->chars += doc->chars;
	docs->grams += doc->grams;
}

static int
flush(struct segment_writer *w)
{
	size_t len = w->out_len;

	sum_add(&w->sum, w->out, len);
	w->out_len = 0;
	return len > 0 ? w->sink->put(w->sink, w->out, len) : 0;
}

static int
put(struct segment_writer *w, const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	int r;

	w->written += len;
	while (len > 0) {
		size_t n = OUT_ROOM - w->out_len < len ? OUT_ROOM - w->out_len : len;

		memcpy(w->out + w->out_len, p, n);
		w->out_len += n;
		p += n;
		len -= n;
		if (w->out_len == OUT_ROOM && (r = flush(w)) != 0)
			return r;
	}
	return 0;
}

/* Zeros up to the start of the next section. */
static int
put_gap(struct segment_writer *w, uint64_t to)
{
	static const uint8_t zero[SEGMENT_ALIGN + BITS_SLACK];

	CHECK(to >= w->written && to - w->written <= sizeof zero);
	return put(w, zero, (size_t)(to - w->written));
}

static int
put_head(struct segment_writer *w)
{
	uint8_t head[SEGMENT_HEAD_LEN] = {'V', 'A', 'L', 'I', 'S', 'E', 'I', 'X'};
	const struct segment_shape *shape = &w->shape;

	bits_put_le(head + 8, SEGMENT_VERSION, 4);
	bits_put_le(head + 12, NORMAL_VERSION, 4);
	bits_put_le(head + 16, shape->key_check, 8);
	bits_put_le(head + 24, shape->grams, 8);
	bits_put_le(head + 32, shape->docs, 8);
	bits_put_le(head + 40, shape->chars, 8);
	bits_put_le(head + 48, shape->ids_len, 8);
	bits_put_le(head + 56, shape->maps_len, 8);
	head[64] = (uint8_t)shape->bucket_bits;
	head[65] = (uint8_t)shape->posting_bits;
	bits_put_le(head + SEGMENT_HEAD_SUMMED, sum_of(head, SEGMENT_HEAD_SUMMED), 8);
	return put(w, head, sizeof head);
}

static int
put_docs(struct segment_writer *w, const struct segment_docs *docs)
{
	int r;

	if ((r = put_head(w)) != 0 ||
		(r = put(w, docs->records.data, docs->records.len)) != 0 ||
		(r = put(w, docs->ids.data, docs->ids.len)) != 0 ||
		(r = put_gap(w, w->shape.maps_at)) != 0 ||
		(r = put(w, docs->maps.data, docs->maps.len)) != 0)
		return r;
	return put_gap(w, w->shape.entries_at);
}

int
segment_writer_new(const struct segment_docs *docs, uint64_t key_check,
	struct segment_sink *sink, struct segment_writer **ret_writer)
{
	struct segment_writer *w = NULL;
	struct segment_shape *shape;
	int r;

	if ((r = segment_docs_error(docs)) != 0 || (r = mem_new(&w, sizeof *w)) != 0)
		goto out;
	w->sink = sink;
	sum_init(&w->sum);
	shape = &w->shape;
	*shape = (struct segment_shape){.grams = docs->grams,
		.docs = docs->count,
		.chars = docs->chars,
		.ids_len = docs->ids.len,
		.maps_len = docs->maps.len,
		.key_check = key_check};
	if ((r = segment_shape_lay_out(shape)) != 0 ||
		(r = mem_new(&w->buckets,
			 (size_t)(shape->scout_at - shape->buckets_at))) != 0 ||
		(r = mem_new(&w->filters, (size_t)(shape->sum_at - shape->scout_at))) !=
			0 ||
		(r = put_docs(w, docs)) != 0)
		goto out;
	*ret_writer = w;
	w = NULL;
out:
	segment_writer_free(w);
	return r;
}

void
segment_writer_free(struct segment_writer *w)
{
	if (w == NULL)
		return;
	mem_free(w->buckets);
	mem_free(w->filters);
	mem_free(w);
}

/* Append width <= 40 bits. */
static int
put_bits(struct segment_writer *w, uint64_t v, unsigned width)
{
	uint8_t bytes[8];
	unsigned whole;

	/* At most 7 bits wait, so 47 are the most there ever are. */
	w->bits |= v << w->bits_len;
	w->bits_len += width;
	whole = w->bits_len / 8;
	bits_put_le(bytes, w->bits, whole);
	w->bits >>= 8 * whole;
	w->bits_len -= 8 * whole;
	return put(w, bytes, whole);
}

/* Let the buckets up to `bucket` begin at the next entry. */
static void
begin_buckets(struct segment_writer *w, uint64_t bucket)
{
	for (; w->next_bucket <= bucket; w->next_bucket++)
		bits_put_le(w->buckets + 4 * w->next_bucket, w->entries, 4);
}

int
segment_writer_entry(struct segment_writer *w, uint64_t hash, uint64_t posting)
{
	unsigned remainder_bits = GRAM_HASH_BITS - w->shape.bucket_bits;
	uint64_t scout_blocks = (w->shape.dense_at - w->shape.scout_at) / FILTER_BLOCK;
	uint64_t dense_blocks = (w->shape.sum_at - w->shape.dense_at) / FILTER_BLOCK;
	uint8_t *dense = w->filters + (w->shape.dense_at - w->shape.scout_at);
	int r;

	CHECK(hash <= GRAM_HASH_MAX && posting < w->shape.chars);
	CHECK(w->entries == 0 || hash > w->last_hash ||
		(hash == w->last_hash && posting > w->last_posting));
	if (w->entries == w->shape.grams)
		return FAIL_FORMAT;
	begin_buckets(w, hash >> remainder_bits);
	if (filter_is_scout(hash))
		filter_put(w->filters, scout_blocks, FILTER_SCOUT_PROBES, hash);
	filter_put(dense, dense_blocks, FILTER_DENSE_PROBES, hash);
	w->last_hash = hash;
	w->last_posting = posting;
	w->entries++;
	if ((r = put_bits(w, hash & ((UINT64_C(1) << remainder_bits) - 1),
		     remainder_bits)) != 0)
		return r;
	return put_bits(w, posting, w->shape.posting_bits);
}

int
segment_writer_end(struct segment_writer *w)
{
	uint8_t tail[8];
	int r;

	if (w->entries != w->shape.grams)
		return FAIL_FORMAT;
	begin_buckets(w, UINT64_C(1) << w->shape.bucket_bits);
	if ((w->bits_len > 0 && (r = put_bits(w, 0, 8 - w->bits_len)) != 0) ||
		(r = put_gap(w, w->shape.buckets_at)) != 0 ||
		(r = put(w, w->buckets,
			 (size_t)(w->shape.scout_at - w->shape.buckets_at))) != 0 ||
		(r = put(w, w->filters, (size_t)(w->shape.sum_at - w->shape.scout_at))) !=
			0 ||
		(r = flush(w)) != 0)
		return r;
	bits_put_le(tail, sum_end(&w->sum), sizeof tail);
	return w->sink->put(w->sink, tail, sizeof tail);
}
