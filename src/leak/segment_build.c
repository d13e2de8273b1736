/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/segment_build.h"

#include <string.h>

#include "base/mem.h"
#include "leak/block.h"

/*
 * Sorting is a radix sort from the lowest digit up, four digits of ten bits.  It is stable and
 * postings arrive in order, so equal hashes end in order of posting without a look at it.
 */

enum {
	DIGIT_BITS = 10,
	DIGITS = 1 << DIGIT_BITS,
	GRAMS_FIRST = 1 << 14,
	MAP_STEP_MAX = 5
};

struct entry {
	uint64_t hash;
	uint64_t posting;
};

struct segment_build {
	const struct normal *normal;
	enum cpu_kind cpu;
	struct gram_key key;
	struct segment_docs docs;
	struct entry *entries;
	size_t count, cap;
	/* Of the document at hand. */
	struct buf map;
	uint64_t mapped; /* source offset of the last character in the map */
	struct block block;
	uint8_t plain[BLOCK_ROOM];
	uint32_t at[BLOCK_GRAMS_MAX];
};

int
segment_build_new(const struct normal *n, enum cpu_kind cpu, const struct gram_key *key,
	struct segment_build **ret_build)
{
	struct segment_build *b;
	int r;

	if ((r = mem_new(&b, sizeof *b)) != 0)
		return r;
	b->normal = n;
	b->cpu = cpu;
	b->key = *key;
	segment_docs_init(&b->docs);
	buf_init(&b->map, SIZE_MAX / 4);
	*ret_build = b;
	return 0;
}

void
segment_build_clear(struct segment_build *b)
{
	segment_docs_done(&b->docs);
	segment_docs_init(&b->docs);
	b->count = 0;
}

void
segment_build_free(struct segment_build *b)
{
	if (b == NULL)
		return;
	segment_docs_done(&b->docs);
	buf_done(&b->map);
	mem_free(b->entries);
	mem_free(b);
}

uint64_t
segment_build_grams(const struct segment_build *b)
{
	return b->count;
}

uint64_t
segment_build_docs(const struct segment_build *b)
{
	return b->docs.count;
}

static int
push(struct segment_build *b, uint64_t hash, uint64_t posting)
{
	size_t cap = b->cap > 0 ? b->cap * 2 : GRAMS_FIRST;
	int r;

	if (b->count == b->cap) {
		if ((r = mem_grow(&b->entries, b->cap * sizeof b->entries[0],
			     cap * sizeof b->entries[0])) != 0)
			return r;
		b->cap = cap;
	}
	b->entries[b->count++] = (struct entry){hash, posting};
	return 0;
}

/* The plain view of the block's new characters: the guard looks at digits. */
static void
add_plain(struct segment_build *b, size_t carried_before)
{
	const struct block *block = &b->block;
	struct normal_in in = {block->text, block->len, block->from, block->next};
	struct normal_out out = {.chars = b->plain + block->carried};

	memmove(b->plain, b->plain + carried_before - block->carried, block->carried);
	normal_run(b->normal, NORMAL_PLAIN, &in, &out);
	CHECK(block->carried + out.len == block->count);
}

static void
add_map(struct segment_build *b)
{
	const struct block *block = &b->block;

	for (size_t i = block->carried; i < block->count; i++) {
		uint64_t step = block->start[i] - b->mapped;

		if ((block->first + i) % SEGMENT_STRIDE != 0)
			continue;
		for (; step >= 0x80; step >>= 7)
			buf_u8(&b->map, (uint8_t)(step | 0x80));
		buf_u8(&b->map, (uint8_t)step);
		b->mapped = block->start[i];
	}
}

static int
add_grams(struct segment_build *b)
{
	const struct block *block = &b->block;
	size_t found = block_grams(block, b->cpu, b->at);
	int r;

	for (size_t i = 0; i < found; i++) {
		uint32_t at = b->at[i];
		uint64_t posting = b->docs.chars + block->first + at;

		if (!gram_is_telling(b->plain + at))
			continue;
		if ((r = push(b, gram_hash(&b->key, block->chars + at), posting)) != 0)
			return r;
	}
	return 0;
}

int
segment_build_add(struct segment_build *b, const struct segment_text *text)
{
	struct segment_doc doc = {.bytes = text->len, .id_len = (uint16_t)text->id_len};
	size_t grams_before = b->count, before = 0;
	uint64_t chars;
	int r;

	if (text->id_len < 1 || text->id_len > SEGMENT_ID_MAX ||
		text->len >= UINT32_MAX / 2)
		return FAIL_LIMIT;
	buf_clear(&b->map);
	b->mapped = 0;
	block_begin(&b->block, b->normal, text->text, text->len, true);
	for (; block_next(&b->block); before = b->block.count) {
		add_plain(b, before);
		add_map(b);
		if ((r = add_grams(b)) != 0)
			return r;
	}
	if ((r = buf_error(&b->map)) != 0)
		return r;
	chars = b->block.first + b->block.count;
	doc.chars = (uint32_t)chars;
	doc.grams = (uint32_t)(b->count - grams_before);
	memcpy(doc.digest, text->digest, sizeof doc.digest);
	segment_docs_add(&b->docs, &doc, text->id, b->map.data, b->map.len);
	return segment_docs_error(&b->docs);
}

static void
sort_by_digit(const struct entry *from, struct entry *to, size_t count, unsigned shift)
{
	size_t place[DIGITS] = {0}, sum = 0;

	for (size_t i = 0; i < count; i++)
		place[from[i].hash >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		size_t here = place[d];

		place[d] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++)
		to[place[from[i].hash >> shift & (DIGITS - 1)]++] = from[i];
}

static int
sort(struct segment_build *b)
{
	struct entry *other = NULL, *from = b->entries, *to, *last;
	int r;

	if ((r = mem_new_array(&other, b->count, sizeof other[0])) != 0)
		return r;
	to = other;
	for (unsigned shift = 0; shift < GRAM_HASH_BITS; shift += DIGIT_BITS) {
		sort_by_digit(from, to, b->count, shift);
		last = from;
		from = to;
		to = last;
	}
	/* An even number of rounds ends where it began. */
	CHECK(from == b->entries);
	mem_free(other);
	return 0;
}

int
segment_build_write(struct segment_build *b, struct segment_sink *sink)
{
	struct segment_writer *w = NULL;
	int r;

	if ((r = segment_docs_error(&b->docs)) != 0 || (r = sort(b)) != 0 ||
		(r = segment_writer_new(
			 &b->docs, segment_key_check(&b->key), sink, &w)) != 0)
		goto out;
	for (size_t i = 0; i < b->count; i++) {
		if ((r = segment_writer_entry(
			     w, b->entries[i].hash, b->entries[i].posting)) != 0)
			goto out;
	}
	r = segment_writer_end(w);
out:
	segment_writer_free(w);
	return r;
}
