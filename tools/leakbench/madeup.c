/* SPDX-License-Identifier: Apache-2.0 */
#include "madeup.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "leak/segment_write.h"
#include "vary.h"

/* A gram for every six characters, as real text has. */
enum { GRAM_CHARS = 6 };

struct memory_sink {
	struct segment_sink sink;
	uint8_t *ptr;
	size_t len, cap;
};

static int
put(struct segment_sink *sink, const void *ptr, size_t len)
{
	struct memory_sink *s = (struct memory_sink *)sink;

	if (len > s->cap - s->len)
		return FAIL_LIMIT;
	memcpy(s->ptr + s->len, ptr, len);
	s->len += len;
	return 0;
}

static int
write_entries(struct segment_writer *w, uint64_t grams)
{
	struct dice dice = {UINT64_C(0x2545f4914f6cdd1d)};
	uint64_t step = GRAM_HASH_MAX / grams, hash = 0;
	int r;

	for (uint64_t i = 0; i < grams; i++) {
		hash += 1 + dice_roll(&dice, 2 * step - 2);
		/* The last few may run over the end by chance: they crowd there. */
		if (hash > GRAM_HASH_MAX - (grams - i))
			hash = GRAM_HASH_MAX - (grams - i);
		if ((r = segment_writer_entry(w, hash, i * GRAM_CHARS)) != 0)
			return r;
	}
	return segment_writer_end(w);
}

static void
add_docs(struct segment_docs *docs, uint64_t grams, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t mine = grams * (i + 1) / count - grams * i / count;
		struct segment_doc doc = {.bytes = mine * GRAM_CHARS,
			.chars = (uint32_t)(mine * GRAM_CHARS),
			.grams = (uint32_t)mine};
		char id[32];

		doc.id_len = (uint16_t)snprintf(id, sizeof id, "made-up-%u", i);
		segment_docs_add(docs, &doc, id, NULL, 0);
	}
}

int
madeup_make(uint64_t grams, uint32_t count, const struct gram_key *key,
	struct madeup *ret_madeup)
{
	struct memory_sink sink = {.sink = {put}};
	struct segment_shape shape;
	struct segment_writer *w = NULL;
	struct segment_docs docs;
	int r;

	segment_docs_init(&docs);
	add_docs(&docs, grams, count);
	if ((r = segment_docs_error(&docs)) != 0)
		goto out;
	shape = (struct segment_shape){.grams = docs.grams,
		.docs = (uint32_t)docs.count,
		.chars = docs.chars,
		.ids_len = docs.ids.len};
	if ((r = segment_shape_lay_out(&shape)) != 0 ||
		(r = mem_new(&sink.ptr, (size_t)shape.end)) != 0)
		goto out;
	sink.cap = (size_t)shape.end;
	ret_madeup->bytes = sink.ptr;
	if ((r = segment_writer_new(&docs, segment_key_check(key), &sink.sink, &w)) !=
			0 ||
		(r = write_entries(w, grams)) != 0)
		goto out;
	r = segment_map(sink.ptr, sink.len, key, &ret_madeup->segment);
out:
	segment_writer_free(w);
	segment_docs_done(&docs);
	return r;
}

void
madeup_free(struct madeup *m)
{
	mem_free(m->bytes);
}
