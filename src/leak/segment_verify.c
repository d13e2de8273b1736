/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/segment.h"

#include "leak/bits.h"
#include "leak/sum.h"

/*
 * What `valise index verify` asks of a segment.  The checksum finds a flipped bit; the rest
 * finds a file that was written wrongly in the first place: entries out of order would make
 * the binary search miss them without a word.
 */

static int
verify_docs(const struct segment *s)
{
	uint64_t base = 0, grams = 0;
	struct segment_doc doc;
	int r;

	for (uint64_t i = 0; i < s->shape.docs; i++) {
		if ((r = segment_doc_get(s, i, &doc)) != 0)
			return r;
		if (doc.base != base)
			return FAIL_FORMAT;
		base += doc.chars;
		grams += doc.grams;
	}
	return base == s->shape.chars && grams == s->shape.grams ? 0 : FAIL_FORMAT;
}

static int
verify_bucket(const struct segment *s, uint64_t bucket)
{
	uint64_t from = segment_bucket(s, bucket), to = segment_bucket(s, bucket + 1);
	uint64_t hash, posting, last_hash = 0, last_posting = 0, doc;
	uint32_t pos;

	if (from > to)
		return FAIL_FORMAT;
	for (uint64_t at = from; at < to; at++) {
		segment_entry(s, at, bucket, &hash, &posting);
		if (at > from &&
			(hash < last_hash ||
				(hash == last_hash && posting <= last_posting)))
			return FAIL_FORMAT;
		if (!segment_posting(s, at, &doc, &pos))
			return FAIL_FORMAT;
		if (!filter_has(&s->dense, FILTER_DENSE_PROBES, hash) ||
			(filter_is_scout(hash) &&
				!filter_has(&s->scout, FILTER_SCOUT_PROBES, hash)))
			return FAIL_FORMAT;
		last_hash = hash;
		last_posting = posting;
	}
	return 0;
}

int
segment_verify(const struct segment *s)
{
	uint64_t buckets = UINT64_C(1) << s->shape.bucket_bits;
	int r;

	if (bits_le64(s->ptr + s->shape.sum_at) !=
		sum_of(s->ptr, (size_t)s->shape.sum_at))
		return FAIL_ALTERED;
	if ((r = verify_docs(s)) != 0)
		return r;
	if (segment_bucket(s, 0) != 0 || segment_bucket(s, buckets) != s->shape.grams)
		return FAIL_FORMAT;
	for (uint64_t bucket = 0; bucket < buckets; bucket++) {
		if ((r = verify_bucket(s, bucket)) != 0)
			return r;
	}
	return 0;
}
