/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/match.h"

#include <stdlib.h>

#include "base/mem.h"
#include "leak/block.h"
#include "leak/rarity.h"

/*
 * The first pass over a block keeps no offsets.  Only where grams were found the block is
 * normalised again with offsets: nearly all text of the world contains none.
 *
 * Looking up goes in stages over all grams of the block (filter, directory, entries), each
 * stage asking for the memory of the next one ahead of time; one by one, each gram would wait
 * three times for memory.
 */

enum {
	AHEAD = 24,
	NEIGHBOURS = 40, /* grams on either side: 260 characters */
	EDGE = 8,	 /* grams at either end of a block that may stand alone */
};

/* A gram of the block that some segment holds. */
struct found {
	uint32_t gram; /* index into at and hash */
	uint32_t part;
	uint64_t from, to; /* entries */
};

struct match {
	const struct index *index;
	const struct normal *normal;
	enum cpu_kind cpu;
	enum match_pass pass;
	struct chain_result result;
	struct hit *hits;
	size_t hits_count, hits_cap;
	uint64_t chars, bytes;		 /* of the text, before this piece's new part */
	uint64_t piece_char, piece_byte; /* of the text, where this piece begins */
	size_t seen; /* bytes at the start of this piece that the last one had */
	/* Where to begin again to have a block's carried characters, with offsets. */
	size_t tail_from, before_tail_from, before_from;
	bool has_before, is_before_looked_at, is_next_hot;
	struct found *found;
	size_t found_count, found_cap;
	uint32_t at[BLOCK_GRAMS_MAX];
	uint64_t hash[BLOCK_GRAMS_MAX];
	uint32_t pending[BLOCK_GRAMS_MAX];
	struct block fast, close;
};

int
match_new(const struct index *index, const struct normal *n, enum cpu_kind cpu,
	struct match **ret_match)
{
	struct match *m;
	int r;

	if ((r = mem_new(&m, sizeof *m)) != 0)
		return r;
	m->index = index;
	m->normal = n;
	m->cpu = cpu;
	chain_result_init(&m->result);
	*ret_match = m;
	return 0;
}

void
match_free(struct match *m)
{
	if (m == NULL)
		return;
	chain_result_done(&m->result);
	mem_free(m->hits);
	mem_free(m->found);
	mem_free_wiped(m, sizeof *m);
}

void
match_begin(struct match *m, enum match_pass pass)
{
	chain_result_done(&m->result);
	m->pass = pass;
	m->hits_count = 0;
	m->chars = m->bytes = 0;
}

uint64_t
match_chars(const struct match *m)
{
	return m->chars;
}

static int
push_found(struct match *m, uint32_t gram, size_t part, uint64_t from, uint64_t to)
{
	size_t cap = m->found_cap > 0 ? m->found_cap * 2 : 256;
	int r;

	if (m->found_count == m->found_cap) {
		if ((r = mem_grow(&m->found, m->found_cap * sizeof m->found[0],
			     cap * sizeof m->found[0])) != 0)
			return r;
		m->found_cap = cap;
	}
	m->found[m->found_count++] = (struct found){gram, (uint32_t)part, from, to};
	return 0;
}

/* The grams that pass one segment's dense filter, into pending. */
static size_t
filter_pass(struct match *m, const struct segment *s, size_t grams)
{
	size_t pending = 0;

	for (size_t i = 0; i < grams + AHEAD; i++) {
		if (i < grams)
			filter_prefetch(&s->dense, m->hash[i]);
		if (i < AHEAD)
			continue;
		m->pending[pending] = (uint32_t)(i - AHEAD);
		pending += filter_has(&s->dense, FILTER_DENSE_PROBES, m->hash[i - AHEAD]);
	}
	return pending;
}

static int
segment_pass(struct match *m, size_t part, size_t grams)
{
	const struct segment *s = &m->index->part[part].segment;
	size_t pending = filter_pass(m, s, grams);
	uint64_t from, to;
	int r;

	for (size_t i = 0; i < pending + 2 * AHEAD; i++) {
		if (i < pending)
			segment_prefetch_bucket(s, m->hash[m->pending[i]]);
		if (i >= AHEAD && i - AHEAD < pending)
			segment_prefetch_entries(s, m->hash[m->pending[i - AHEAD]]);
		if (i < 2 * AHEAD)
			continue;
		segment_find(s, m->hash[m->pending[i - 2 * AHEAD]], &from, &to);
		if (from < to &&
			(r = push_found(m, m->pending[i - 2 * AHEAD], part, from, to)) !=
				0)
			return r;
	}
	return 0;
}

static size_t
hash_grams(struct match *m, const struct block *b)
{
	size_t grams = block_grams(b, m->cpu, m->at);

	for (size_t i = 0; i < grams; i++)
		m->hash[i] = gram_hash(&m->index->key, b->chars + m->at[i]);
	return grams;
}

static int
dense_pass(struct match *m, size_t grams)
{
	int r;

	m->found_count = 0;
	for (size_t part = 0; part < m->index->parts; part++) {
		if ((r = segment_pass(m, part, grams)) != 0)
			return r;
	}
	return 0;
}

/* Does one of the entries [from, to) lie `distance` characters behind `posting`, about? */
static bool
is_in_line(const struct segment *s, uint64_t from, uint64_t to, uint64_t posting,
	int64_t distance)
{
	uint64_t hash, other;

	for (uint64_t at = from; at < to && at - from < MATCH_POSTINGS_MAX; at++) {
		int64_t off;

		segment_entry(s, at, 0, &hash, &other);
		off = (int64_t)other - (int64_t)posting - distance;
		if (off >= -CHAIN_DRIFT_MAX && off <= CHAIN_DRIFT_MAX)
			return true;
	}
	return false;
}

/* Is any neighbour of gram i where it should be if entry `at` is the true one? */
static bool
has_neighbour(const struct match *m, const struct segment *s, size_t grams, size_t i,
	uint64_t at)
{
	size_t first = i > NEIGHBOURS ? i - NEIGHBOURS : 0;
	size_t end = i + NEIGHBOURS < grams ? i + NEIGHBOURS + 1 : grams, left = 0;
	uint32_t likely[2 * NEIGHBOURS + 1];
	uint64_t hash, posting, from, to;

	segment_entry(s, at, 0, &hash, &posting);
	for (size_t j = first; j < end; j++)
		filter_prefetch(&s->dense, m->hash[j]);
	for (size_t j = first; j < end; j++) {
		if (j == i || !filter_has(&s->dense, FILTER_DENSE_PROBES, m->hash[j]))
			continue;
		segment_prefetch_bucket(s, m->hash[j]);
		likely[left++] = (uint32_t)j;
	}
	for (size_t k = 0; k < left; k++)
		segment_prefetch_entries(s, m->hash[likely[k]]);
	for (size_t k = 0; k < left; k++) {
		size_t j = likely[k];

		segment_find(s, m->hash[j], &from, &to);
		if (is_in_line(
			    s, from, to, posting, (int64_t)m->at[j] - (int64_t)m->at[i]))
			return true;
	}
	return false;
}

/*
 * Is the scout really in the index, and not by chance?  In an index of a billion grams one
 * look-up in 256 finds something by chance; that alone must not make a block hot.  Near the
 * edge of a block the neighbours may stand in the next one: there the gram alone is enough.
 */
static bool
is_confirmed(const struct match *m, size_t grams, size_t i)
{
	uint64_t from, to;

	for (size_t part = 0; part < m->index->parts; part++) {
		const struct segment *s = &m->index->part[part].segment;

		if (!filter_has(&s->scout, FILTER_SCOUT_PROBES, m->hash[i]))
			continue;
		segment_find(s, m->hash[i], &from, &to);
		if (from < to && (i < EDGE || i + EDGE >= grams))
			return true;
		for (uint64_t at = from; at < to && at - from < MATCH_POSTINGS_MAX;
			at++) {
			if (has_neighbour(m, s, grams, i, at))
				return true;
		}
	}
	return false;
}

/* Is any of the block's scouts really in the index? */
static bool
scout_pass(struct match *m, size_t grams)
{
	size_t scouts = 0;

	for (size_t i = 0; i < grams; i++) {
		m->pending[scouts] = (uint32_t)i;
		scouts += filter_is_scout(m->hash[i]);
	}
	for (size_t i = 0; i < scouts + AHEAD; i++) {
		if (i < scouts) {
			for (size_t part = 0; part < m->index->parts; part++)
				filter_prefetch(&m->index->part[part].segment.scout,
					m->hash[m->pending[i]]);
		}
		if (i >= AHEAD &&
			index_scouts(m->index, m->hash[m->pending[i - AHEAD]]) &&
			is_confirmed(m, grams, m->pending[i - AHEAD]))
			return true;
	}
	return false;
}

/* Chain what waits. */
static int
flush(struct match *m)
{
	struct chain_text text = {m->fast.text, m->fast.len, m->piece_byte};
	size_t count = m->hits_count;

	m->hits_count = 0;
	return chain_add(&m->result, m->hits, count, &text);
}

static int
push_hit(struct match *m, const struct hit *h)
{
	size_t cap = m->hits_cap > 0 ? m->hits_cap * 2 : 1024;
	int r;

	if (m->hits_count == MATCH_HITS_MAX && (r = flush(m)) != 0)
		return r;
	if (m->hits_count == m->hits_cap) {
		if ((r = mem_grow(&m->hits, m->hits_cap * sizeof m->hits[0],
			     cap * sizeof m->hits[0])) != 0)
			return r;
		m->hits_cap = cap;
	}
	m->hits[m->hits_count++] = *h;
	return 0;
}

struct place {
	uint32_t doc, pos;
};

/* All living places of one gram; *ret_df documents hold it (more than can be told: 0 places). */
static size_t
places_of(const struct match *m, const struct found *f, size_t count,
	struct place place[MATCH_POSTINGS_MAX], unsigned *ret_df)
{
	size_t places = 0;
	unsigned df = 0;
	uint64_t doc;
	uint32_t pos;

	for (size_t i = 0; i < count; i++) {
		const struct index_part *part = &m->index->part[f[i].part];
		uint64_t last = UINT64_MAX;

		if (f[i].to - f[i].from > MATCH_POSTINGS_MAX)
			return 0;
		for (uint64_t at = f[i].from; at < f[i].to; at++) {
			if (!segment_posting(&part->segment, at, &doc, &pos) ||
				(part->dead != NULL && part->dead[doc] != 0))
				continue;
			if (places == MATCH_POSTINGS_MAX)
				return 0;
			df += doc != last;
			last = doc;
			place[places++] =
				(struct place){part->first_doc + (uint32_t)doc, pos};
		}
	}
	*ret_df = df;
	return places;
}

/* The hits of one gram, which starts at chars[at] of a block with offsets. */
static int
add_gram(struct match *m, const struct block *b, uint32_t at, const struct found *f,
	size_t count)
{
	struct place place[MATCH_POSTINGS_MAX];
	unsigned df = 0;
	size_t places, last = b->start[at + GRAM_K - 1];
	size_t to = last + normal_char_len(b->text, b->len, last);
	struct hit h = {.at = m->piece_char + b->first + at,
		.from = m->piece_byte + b->start[at],
		.to = m->piece_byte + to};
	int r;

	/* The overlap was looked at with the piece before. */
	if (to <= m->seen)
		return 0;
	places = places_of(m, f, count, place, &df);
	if (df > RARITY_DF_MAX)
		return 0;
	h.weight = (uint8_t)rarity_by_docs(df);
	for (size_t i = 0; i < places; i++) {
		h.doc = place[i].doc;
		h.pos = place[i].pos;
		if ((r = push_hit(m, &h)) != 0)
			return r;
	}
	return 0;
}

static int
compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->gram != y->gram)
		return x->gram < y->gram ? -1 : 1;
	return x->part < y->part ? -1 : x->part > y->part;
}

/* Turn what dense_pass() found into hits, with the block's offsets. */
static int
add_found(struct match *m, const struct block *b)
{
	size_t same;
	int r;

	if (m->index->parts > 1)
		qsort(m->found, m->found_count, sizeof m->found[0], compare_found);
	for (size_t i = 0; i < m->found_count; i += same) {
		for (same = 1; i + same < m->found_count &&
			m->found[i + same].gram == m->found[i].gram;
			same++)
			;
		if ((r = add_gram(m, b, m->at[m->found[i].gram], m->found + i, same)) !=
			0)
			return r;
	}
	return 0;
}

/* The block of the piece that begins at `from`, with offsets, into m->close. */
static void
map_block(struct match *m, size_t tail_from, size_t from, uint64_t end_char)
{
	struct block *c = &m->close;

	block_begin(c, m->normal, m->fast.text, m->fast.len, true);
	c->next = tail_from;
	while (block_next(c) && c->from < from)
		;
	CHECK(c->from == from);
	/* Character numbers: the block began to count somewhere in the middle. */
	c->first = end_char - c->count;
}

static int
look_closely(struct match *m, size_t grams)
{
	int r;

	if ((r = dense_pass(m, grams)) != 0 || m->found_count == 0)
		return r;
	map_block(m, m->tail_from, m->fast.from, m->fast.first + m->fast.count);
	CHECK(m->close.count == m->fast.count);
	return add_found(m, &m->close);
}

/* The block before a hot one, which the scouts passed over. */
static int
look_back(struct match *m)
{
	int r;

	if (!m->has_before || m->is_before_looked_at)
		return 0;
	map_block(
		m, m->before_tail_from, m->before_from, m->fast.first + m->fast.carried);
	if ((r = dense_pass(m, hash_grams(m, &m->close))) != 0)
		return r;
	return add_found(m, &m->close);
}

static int
look_at_block(struct match *m)
{
	size_t grams = hash_grams(m, &m->fast);
	bool is_hot, is_closely = m->pass == MATCH_DENSE || m->is_next_hot;
	int r = 0;

	is_hot = m->pass == MATCH_SCOUT && scout_pass(m, grams);
	if (is_closely || is_hot)
		r = look_closely(m, grams);
	if (r == 0 && is_hot)
		r = look_back(m);
	m->is_before_looked_at = is_closely || is_hot;
	m->is_next_hot = is_hot;
	return r;
}

/* Remember where this block's tail is, for the offsets of the next block's carried part. */
static void
step_tail(struct match *m)
{
	m->has_before = true;
	m->before_tail_from = m->tail_from;
	m->before_from = m->fast.from;
	if (m->fast.count - m->fast.carried >= BLOCK_CARRY)
		m->tail_from = m->fast.from;
}

/* Characters in the part of this piece that the last one had already. */
static uint64_t
chars_seen(struct match *m, const uint8_t *text)
{
	struct normal_in in = {.text = text, .len = m->seen, .to = m->seen};
	struct normal_out out = {.chars = m->fast.chars};

	CHECK(m->seen <= MATCH_OVERLAP);
	normal_run(m->normal, NORMAL_FOLDED, &in, &out);
	return out.len;
}

int
match_feed(struct match *m, const uint8_t *text, size_t len)
{
	uint64_t seen_chars;
	int r;

	m->seen = m->bytes < MATCH_OVERLAP ? (size_t)m->bytes : MATCH_OVERLAP;
	CHECK(len >= m->seen && len < UINT32_MAX);
	m->piece_byte = m->bytes - m->seen;
	seen_chars = chars_seen(m, text);
	/* A word cut at the end of the last piece may count differently here. */
	m->piece_char = m->chars > seen_chars ? m->chars - seen_chars : 0;
	m->tail_from = 0;
	m->has_before = m->is_before_looked_at = m->is_next_hot = false;
	block_begin(&m->fast, m->normal, text, len, false);
	while (block_next(&m->fast)) {
		if ((r = look_at_block(m)) != 0)
			return r;
		step_tail(m);
	}
	m->chars = m->piece_char + m->fast.first + m->fast.count;
	m->bytes = m->piece_byte + len;
	return flush(m);
}

int
match_end(struct match *m, const struct chain_result **ret_result)
{
	int r;

	if ((r = chain_settle(&m->result)) == 0)
		*ret_result = &m->result;
	return r;
}
