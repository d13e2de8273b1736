/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/sparse_choose.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * One pass over the entries of each part, in the order of hashes, marks in two bit maps over
 * its characters where grams begin and which of them are common, and notes the selected
 * ones.  A second pass goes through those by document.
 */

struct noted {
	uint64_t posting, hash;
};

struct choosing {
	const struct index *index;
	const struct sparse_select *select;
	const struct index_part *part;
	uint8_t *present, *common; /* a bit for each character of the part */
	struct noted *noted;
	size_t count, cap;
	size_t hashes_cap;
	struct sparse_chosen chosen;
};

static void
bit_set(uint8_t *map, uint64_t at)
{
	map[at >> 3] = (uint8_t)(map[at >> 3] | 1u << (at & 7));
}

static bool
bit_is_set(const uint8_t *map, uint64_t at)
{
	return (map[at >> 3] >> (at & 7) & 1) != 0;
}

static bool
is_living(const struct index_part *part, uint64_t entry)
{
	uint64_t doc;
	uint32_t pos;

	return segment_posting(&part->segment, entry, &doc, &pos) &&
		(part->dead == NULL || part->dead[doc] == 0);
}

/* Living places of the gram in the other parts; counting ends at two. */
static unsigned
places_elsewhere(const struct choosing *c, uint64_t hash)
{
	unsigned places = 0;
	uint64_t from, to;

	for (size_t i = 0; i < c->index->parts; i++) {
		const struct index_part *part = &c->index->part[i];

		if (part == c->part ||
			!filter_has(&part->segment.dense, FILTER_DENSE_PROBES, hash))
			continue;
		segment_find(&part->segment, hash, &from, &to);
		for (; from < to && places < 2; from++)
			places += is_living(part, from);
	}
	return places;
}

static int
note(struct choosing *c, uint64_t posting, uint64_t hash)
{
	size_t cap = c->cap > 0 ? c->cap * 2 : 1024;
	int r;

	if (c->count == c->cap) {
		if ((r = mem_grow(&c->noted, c->cap * sizeof c->noted[0],
			     cap * sizeof c->noted[0])) != 0)
			return r;
		c->cap = cap;
	}
	c->noted[c->count++] = (struct noted){posting, hash};
	return 0;
}

/* All entries [from, to) of one hash. */
static int
mark_group(struct choosing *c, uint64_t bucket, uint64_t from, uint64_t to)
{
	const struct segment *s = &c->part->segment;
	uint64_t hash, posting;
	unsigned places = 0;
	int r;

	for (uint64_t at = from; at < to && places < 2; at++)
		places += is_living(c->part, at);
	segment_entry(s, from, bucket, &hash, &posting);
	if (places == 1)
		places += places_elsewhere(c, hash);
	for (uint64_t at = from; at < to; at++) {
		segment_entry(s, at, bucket, &hash, &posting);
		if (posting >= s->shape.chars || !is_living(c->part, at))
			continue;
		bit_set(c->present, posting);
		if (places > 1)
			bit_set(c->common, posting);
		if (sparse_is_selected(c->select, hash) &&
			(r = note(c, posting, hash)) != 0)
			return r;
	}
	return 0;
}

static int
mark_part(struct choosing *c)
{
	const struct segment *s = &c->part->segment;
	uint64_t buckets = UINT64_C(1) << s->shape.bucket_bits, hash, next, posting;
	int r;

	for (uint64_t b = 0; b < buckets; b++) {
		uint64_t end = segment_bucket(s, b + 1), to;

		for (uint64_t at = segment_bucket(s, b); at < end; at = to) {
			segment_entry(s, at, b, &hash, &posting);
			for (to = at + 1; to < end; to++) {
				segment_entry(s, to, b, &next, &posting);
				if (next != hash)
					break;
			}
			if ((r = mark_group(c, b, at, to)) != 0)
				return r;
		}
	}
	return 0;
}

static int
compare_posting(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;

	return x->posting < y->posting ? -1 : x->posting > y->posting;
}

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The greatest order value that is within the document's cap. */
static int
cap_of(const struct choosing *c, const struct noted *n, size_t count, uint64_t cap,
	uint32_t *ret_limit)
{
	uint32_t *order = NULL;
	int r;

	*ret_limit = UINT32_MAX;
	if (count <= cap)
		return 0;
	if ((r = mem_new_array(&order, count, sizeof order[0])) != 0)
		return r;
	for (size_t i = 0; i < count; i++)
		order[i] = sparse_order(c->select, n[i].hash);
	qsort(order, count, sizeof order[0], compare_u32);
	/* What is equal to the first one over the cap stays, too: never more than the cap. */
	*ret_limit = order[cap];
	mem_free(order);
	return 0;
}

/* Is not too much of what stands around the gram common? */
static bool
is_clear(const struct choosing *c, const struct segment_doc *doc, uint64_t posting)
{
	uint64_t from =
		posting - doc->base > SPARSE_NEAR ? posting - SPARSE_NEAR : doc->base;
	uint64_t to = doc->base + doc->chars - posting > SPARSE_NEAR
		? posting + SPARSE_NEAR
		: doc->base + doc->chars;
	unsigned present = 0, common = 0;

	for (uint64_t at = from; at < to; at++) {
		present += bit_is_set(c->present, at);
		common += bit_is_set(c->common, at);
	}
	return common * SPARSE_COMMON_SHARE <= present;
}

static int
keep(struct choosing *c, uint64_t hash)
{
	struct sparse_chosen *chosen = &c->chosen;
	size_t cap = c->hashes_cap > 0 ? c->hashes_cap * 2 : 1024;
	int r;

	if (chosen->count == c->hashes_cap) {
		if ((r = mem_grow(&chosen->hash, c->hashes_cap * sizeof(uint64_t),
			     cap * sizeof(uint64_t))) != 0)
			return r;
		c->hashes_cap = cap;
	}
	chosen->hash[chosen->count++] = hash;
	return 0;
}

static int
choose_of_doc(struct choosing *c, const struct segment_doc *doc, const struct noted *n,
	size_t count)
{
	struct sparse_chosen *chosen = &c->chosen;
	uint64_t cap = (uint64_t)doc->chars * c->select->density_ppm / 1000000, kept = 0;
	uint32_t limit;
	int r;

	if ((r = cap_of(c, n, count, cap, &limit)) != 0)
		return r;
	chosen->selected += count;
	for (size_t i = 0; i < count; i++) {
		if (count > cap && sparse_order(c->select, n[i].hash) >= limit) {
			chosen->over_cap++;
		} else if (bit_is_set(c->common, n[i].posting)) {
			chosen->common++;
		} else if (!is_clear(c, doc, n[i].posting)) {
			chosen->unclear++;
		} else {
			if ((r = keep(c, n[i].hash)) != 0)
				return r;
			kept++;
		}
	}
	chosen->docs_mute += kept == 0;
	if (kept * 1000000 / doc->chars > chosen->worst_ppm)
		chosen->worst_ppm = (uint32_t)(kept * 1000000 / doc->chars);
	return 0;
}

static int
choose_of_part(struct choosing *c)
{
	const struct segment *s = &c->part->segment;
	struct segment_doc doc;
	size_t at = 0, end;
	int r;

	if (c->count > 0)
		qsort(c->noted, c->count, sizeof c->noted[0], compare_posting);
	for (uint64_t i = 0; i < s->shape.docs; i++) {
		if (c->part->dead != NULL && c->part->dead[i] != 0)
			continue;
		if ((r = segment_doc_get(s, i, &doc)) != 0)
			return r;
		while (at < c->count && c->noted[at].posting < doc.base)
			at++;
		for (end = at;
			end < c->count && c->noted[end].posting < doc.base + doc.chars;
			end++)
			;
		c->chosen.docs++;
		if (doc.chars < SPARSE_DOC_CHARS_MIN) {
			c->chosen.docs_short++;
		} else {
			c->chosen.chars += doc.chars;
			if ((r = choose_of_doc(c, &doc, c->noted + at, end - at)) != 0)
				return r;
		}
		at = end;
	}
	return 0;
}

static int
take_part(struct choosing *c)
{
	size_t bytes = (size_t)(c->part->segment.shape.chars / 8 + 1);
	int r;

	c->count = 0;
	if ((r = mem_new(&c->present, bytes)) == 0 &&
		(r = mem_new(&c->common, bytes)) == 0 && (r = mark_part(c)) == 0)
		r = choose_of_part(c);
	mem_free(c->present);
	mem_free(c->common);
	c->present = c->common = NULL;
	return r;
}

/* Unique grams come once, unless the index is damaged. */
static void
sort_different(struct sparse_chosen *c)
{
	size_t kept = 0;

	if (c->count > 0)
		qsort(c->hash, c->count, sizeof c->hash[0], compare_u64);
	for (size_t i = 0; i < c->count; i++) {
		if (i == 0 || c->hash[i] != c->hash[i - 1])
			c->hash[kept++] = c->hash[i];
	}
	c->count = kept;
}

int
sparse_choose(const struct index *index, const struct sparse_select *select,
	struct sparse_chosen *ret_chosen)
{
	struct choosing c = {.index = index, .select = select};
	int r = 0;

	for (size_t i = 0; i < index->parts && r == 0; i++) {
		c.part = &index->part[i];
		r = take_part(&c);
	}
	if (r == 0) {
		sort_different(&c.chosen);
		*ret_chosen = c.chosen;
		c.chosen = (struct sparse_chosen){0};
	}
	sparse_chosen_done(&c.chosen);
	mem_free(c.noted);
	return r;
}

void
sparse_chosen_done(struct sparse_chosen *c)
{
	mem_free(c->hash);
	*c = (struct sparse_chosen){0};
}
