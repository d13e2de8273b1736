/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/segment_merge.h"

#include "base/mem.h"

/*
 * A cursor for each segment; the least hash goes out first, and among equal ones that of the
 * earliest segment, whose postings are the lower ones.  Documents are few beside grams, so
 * their new places stand in an array for each segment.
 */

#define DEAD UINT64_MAX

struct cursor {
	const struct segment *s;
	uint64_t *moved_to; /* new base of each document, or DEAD */
	uint64_t at, bucket, hash, posting;
	uint64_t shift; /* of all postings alike, when no document was removed */
	bool is_whole, is_at_end;
};

/* The map of a document: from its place to where the next one's begins. */
static size_t
map_len_of(const struct segment *s, uint64_t at, const struct segment_doc *doc)
{
	struct segment_doc next;

	if (at + 1 < s->shape.docs && segment_doc_get(s, at + 1, &next) == 0 &&
		next.map_at >= doc->map_at)
		return (size_t)(next.map_at - doc->map_at);
	return (size_t)(s->shape.maps_len - doc->map_at);
}

static int
collect_docs(struct cursor *c, const uint8_t *dead, struct segment_docs *docs)
{
	struct segment_doc doc;
	int r;

	if ((r = mem_new_array(
		     &c->moved_to, (size_t)c->s->shape.docs, sizeof c->moved_to[0])) != 0)
		return r;
	c->shift = docs->chars;
	c->is_whole = true;
	for (uint64_t i = 0; i < c->s->shape.docs; i++) {
		c->moved_to[i] = DEAD;
		if (dead != NULL && dead[i] != 0) {
			c->is_whole = false;
			continue;
		}
		if ((r = segment_doc_get(c->s, i, &doc)) != 0)
			return r;
		/* All postings may move alike only if the documents lie as they should. */
		if (c->is_whole && doc.base != docs->chars - c->shift)
			return FAIL_FORMAT;
		c->moved_to[i] = docs->chars;
		segment_docs_add(docs, &doc, segment_doc_id(c->s, &doc),
			c->s->ptr + c->s->shape.maps_at + doc.map_at,
			map_len_of(c->s, i, &doc));
	}
	if (c->is_whole && docs->chars - c->shift != c->s->shape.chars)
		return FAIL_FORMAT;
	return segment_docs_error(docs);
}

/* Where a posting goes; DEAD when its document was removed.  FAIL_FORMAT: it has none. */
static int
move_posting(const struct cursor *c, uint64_t raw, uint64_t *ret_posting)
{
	uint64_t doc;
	uint32_t pos;

	/* Looking for the document is most of a merge's work; mostly there is no need. */
	if (c->is_whole) {
		*ret_posting = raw + c->shift;
		return raw < c->s->shape.chars ? 0 : FAIL_FORMAT;
	}
	if (!segment_posting(c->s, c->at, &doc, &pos))
		return FAIL_FORMAT;
	*ret_posting = c->moved_to[doc] == DEAD ? DEAD : c->moved_to[doc] + pos;
	return 0;
}

/* Load the entry at c->at, or the next one that lives. */
static int
settle(struct cursor *c)
{
	uint64_t raw;
	int r;

	for (; c->at < c->s->shape.grams; c->at++) {
		while (c->bucket >> c->s->shape.bucket_bits == 0 &&
			segment_bucket(c->s, c->bucket + 1) <= c->at)
			c->bucket++;
		if (c->bucket >> c->s->shape.bucket_bits != 0)
			return FAIL_FORMAT;
		segment_entry(c->s, c->at, c->bucket, &c->hash, &raw);
		if ((r = move_posting(c, raw, &c->posting)) != 0)
			return r;
		if (c->posting != DEAD)
			return 0;
	}
	c->is_at_end = true;
	return 0;
}

static struct cursor *
least(struct cursor *cursors, size_t count)
{
	struct cursor *best = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!cursors[i].is_at_end &&
			(best == NULL || cursors[i].hash < best->hash))
			best = &cursors[i];
	}
	return best;
}

static int
merge_entries(struct cursor *cursors, size_t count, struct segment_writer *w)
{
	uint64_t last_hash = 0, last_posting = 0;
	bool is_first = true;
	struct cursor *c;
	int r;

	while ((c = least(cursors, count)) != NULL) {
		/* The writer insists on the order; a damaged file may not have it. */
		if (!is_first &&
			(c->hash < last_hash ||
				(c->hash == last_hash && c->posting <= last_posting)))
			return FAIL_FORMAT;
		last_hash = c->hash;
		last_posting = c->posting;
		is_first = false;
		if ((r = segment_writer_entry(w, c->hash, c->posting)) != 0)
			return r;
		c->at++;
		if ((r = settle(c)) != 0)
			return r;
	}
	return segment_writer_end(w);
}

int
segment_merge(const struct segment_merge_in *in, size_t count, uint64_t key_check,
	struct segment_sink *sink)
{
	struct cursor *cursors = NULL;
	struct segment_writer *w = NULL;
	struct segment_docs docs;
	uint64_t grams = 0;
	int r;

	segment_docs_init(&docs);
	if (count > SEGMENT_MERGE_MAX) {
		r = FAIL_LIMIT;
		goto out;
	}
	if ((r = mem_new_array(&cursors, count, sizeof cursors[0])) != 0)
		goto out;
	for (size_t i = 0; i < count; i++) {
		cursors[i].s = in[i].segment;
		grams += in[i].segment->shape.grams;
		if ((r = collect_docs(&cursors[i], in[i].dead, &docs)) != 0 ||
			(r = settle(&cursors[i])) != 0)
			goto out;
	}
	/* The writer reserves memory for what the documents say; a damaged one may say much. */
	r = FAIL_FORMAT;
	if (docs.grams > grams)
		goto out;
	if ((r = segment_writer_new(&docs, key_check, sink, &w)) == 0)
		r = merge_entries(cursors, count, w);
out:
	segment_writer_free(w);
	for (size_t i = 0; cursors != NULL && i < count; i++)
		mem_free(cursors[i].moved_to);
	mem_free(cursors);
	segment_docs_done(&docs);
	return r;
}
