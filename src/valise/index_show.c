/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/index_show.h"

#include <inttypes.h>
#include <stdio.h>

#include <jansson.h>

#include "base/text.h"

/*
 * The evidence a thief gets, in bits for each character: density of the grams times the bits
 * that a look-up decides (the hash, less what chance matches give away).  Written English has
 * about 1.0 to 1.3 bits a character; above that, a text can be rebuilt by guessing along.
 */

struct totals {
	uint64_t docs, removed, bytes, chars, grams, filter_bytes, segment_bytes;
};

static int
print_json(json_t *object)
{
	int r = object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0
		? FAIL_NOMEM
		: 0;

	(void)putchar('\n');
	json_decref(object);
	return r;
}

int
index_show_list(const struct indexdir *d, bool is_json)
{
	const struct index *index = indexdir_index(d);
	const struct segment *s;
	struct segment_doc doc;
	int r;

	for (uint32_t i = 0; i < index->docs; i++) {
		if (indexdir_is_dead(d, i))
			continue;
		if ((r = index_doc(index, i, &s, &doc)) != 0)
			return r;
		if (!is_json) {
			(void)printf("%10" PRIu64 "  %.*s\n", doc.bytes, (int)doc.id_len,
				segment_doc_id(s, &doc));
			continue;
		}
		if ((r = print_json(json_pack("{s:s%, s:I, s:I, s:I}", "doc",
			     segment_doc_id(s, &doc), (size_t)doc.id_len, "bytes",
			     (json_int_t)doc.bytes, "chars", (json_int_t)doc.chars,
			     "grams", (json_int_t)doc.grams))) != 0)
			return r;
	}
	return 0;
}

static int
add_up(const struct indexdir *d, struct totals *t)
{
	const struct index *index = indexdir_index(d);
	const struct segment *s;
	struct segment_doc doc;
	int r;

	for (uint32_t i = 0; i < index->docs; i++) {
		if (indexdir_is_dead(d, i)) {
			t->removed++;
			continue;
		}
		if ((r = index_doc(index, i, &s, &doc)) != 0)
			return r;
		t->docs++;
		t->bytes += doc.bytes;
		t->chars += doc.chars;
		t->grams += doc.grams;
	}
	for (size_t i = 0; i < index->parts; i++) {
		const struct segment_shape *shape = &index->part[i].segment.shape;

		t->filter_bytes += shape->sum_at - shape->scout_at;
		t->segment_bytes += shape->scout_at;
	}
	return 0;
}

static void
print_totals(const struct indexdir *d, const struct totals *t, double leak)
{
	char bytes[TEXT_HUMAN_MAX], segments[TEXT_HUMAN_MAX], filters[TEXT_HUMAN_MAX];

	text_size(t->bytes, bytes);
	text_size(t->segment_bytes, segments);
	text_size(t->filter_bytes, filters);
	(void)printf("documents   %" PRIu64 " (%s of text), %" PRIu64 " removed\n",
		t->docs, bytes, t->removed);
	(void)printf("grams       %" PRIu64 " in %zu segment%s, generation %" PRIu64 "\n",
		t->grams, indexdir_manifest(d)->segments,
		indexdir_manifest(d)->segments == 1 ? "" : "s",
		indexdir_manifest(d)->generation);
	(void)printf("on disk     %s segments, %s filters\n", segments, filters);
	(void)printf(
		"if stolen   %.1f bits of evidence for each character of the texts, with "
		"the key beside them:\n"
		"            enough to rebuild them (1.3 is).  Guard it as the texts.\n",
		leak);
}

int
index_show_stats(const struct indexdir *d, bool is_json)
{
	struct totals t = {0};
	double leak;
	int r;

	if ((r = add_up(d, &t)) != 0)
		return r;
	/* A chance match has probability grams / 2^38. */
	leak = t.chars == 0 ? 0
			    : (double)t.grams / (double)t.chars *
			(GRAM_HASH_BITS - (double)(63 - __builtin_clzll(t.grams | 1)));
	if (!is_json) {
		print_totals(d, &t, leak);
		return 0;
	}
	return print_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}",
		"documents", (json_int_t)t.docs, "removed", (json_int_t)t.removed,
		"bytes", (json_int_t)t.bytes, "chars", (json_int_t)t.chars, "grams",
		(json_int_t)t.grams, "segments",
		(json_int_t)indexdir_manifest(d)->segments, "generation",
		(json_int_t)indexdir_manifest(d)->generation, "segment_bytes",
		(json_int_t)t.segment_bytes, "filter_bytes", (json_int_t)t.filter_bytes,
		"leak_bits_per_char", leak));
}
