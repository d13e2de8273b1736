/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "fuzz.h"
#include "leak/bits.h"
#include "leak/index.h"
#include "leak/manifest.h"
#include "leak/match.h"
#include "leak/segment_merge.h"
#include "leak/sum.h"

/*
 * An index file is foreign bytes after a disk error.  A manifest that parses writes as the same
 * bytes; a segment, whatever it holds, never leads a reader out of it.  The fuzzer does not
 * know checksums: those of the header and the key are set right, so that it gets behind them.
 */

enum { HEAD_KEY = 16 };

static const struct gram_key key = {{1, 2, 3, 4}};
static struct normal *normal;

struct null_sink {
	struct segment_sink sink;
	uint64_t len;
};

static int
put(struct segment_sink *sink, const void *ptr, size_t len)
{
	((struct null_sink *)sink)->len += len;
	return ptr == NULL ? FAIL_FORMAT : 0;
}

static void
try_manifest(const uint8_t *data, size_t size)
{
	struct manifest m;
	struct buf b;

	if (manifest_parse(data, size, &m) != 0)
		return;
	buf_init(&b, size + 1024);
	manifest_write(&m, &b);
	CHECK(buf_error(&b) == 0 && b.len == size && memcmp(b.data, data, size) == 0);
	CHECK(manifest_join_from(&m) <= m.segments);
	buf_done(&b);
	manifest_done(&m);
}

static void
read_docs(const struct segment *s)
{
	struct segment_doc doc;

	for (uint64_t i = 0; i < s->shape.docs && i < 100; i++) {
		if (segment_doc_get(s, i, &doc) != 0)
			continue;
		CHECK(segment_doc_byte(s, &doc, doc.chars / 2) <= doc.bytes);
		CHECK(segment_doc_byte(s, &doc, doc.chars) <= doc.bytes);
	}
}

static void
match_something(const struct segment *s)
{
	static const char text[] =
		"the committee agreed that the delegation would report on "
		"all measures taken before the end of the month in question";
	const struct chain_result *result;
	struct match *m = NULL;
	struct index index;

	index_init(&index, &key);
	CHECK(index_add(&index, s, NULL) == 0);
	CHECK(match_new(&index, normal, CPU_PORTABLE, &m) == 0);
	match_begin(m, MATCH_DENSE);
	CHECK(match_feed(m, (const uint8_t *)text, sizeof text - 1) == 0);
	CHECK(match_end(m, &result) == 0);
	match_free(m);
}

static void
try_segment(uint8_t *data, size_t size)
{
	struct null_sink sink = {{put}, 0};
	struct segment_merge_in in = {NULL, NULL};
	struct segment s;
	uint64_t from, to;

	if (size >= SEGMENT_HEAD_LEN) {
		bits_put_le(data + HEAD_KEY, segment_key_check(&key), 8);
		bits_put_le(
			data + SEGMENT_HEAD_SUMMED, sum_of(data, SEGMENT_HEAD_SUMMED), 8);
	}
	if (segment_map(data, size, &key, &s) != 0)
		return;
	(void)!segment_verify(&s);
	bits_put_le(data + s.shape.sum_at, sum_of(data, (size_t)s.shape.sum_at), 8);
	(void)!segment_verify(&s);
	read_docs(&s);
	for (uint64_t i = 0; i < 64; i++) {
		segment_find(&s, (i * UINT64_C(0x9e3779b97f4a7c15)) & GRAM_HASH_MAX,
			&from, &to);
		CHECK(from <= to && to <= s.shape.grams);
	}
	match_something(&s);
	in.segment = &s;
	(void)!segment_merge(&in, 1, s.shape.key_check, &sink.sink);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (normal == NULL)
		CHECK(normal_new(CPU_PORTABLE, &normal) == 0);
	try_manifest(data, size);
	CHECK(mem_new(&copy, size) == 0);
	if (size > 0)
		memcpy(copy, data, size);
	try_segment(copy, size);
	mem_free(copy);
	return 0;
}
