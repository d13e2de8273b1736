/* SPDX-License-Identifier: Apache-2.0 */
#include "rebuild.h"

#include <string.h>

#include "base/mem.h"

/*
 * All hypotheses of one length are judged together; the best REBUILD_BEAM of them go on, each
 * with every word that may follow.  A gram that is complete counts once: in a dense index its
 * presence is nearly proof and its absence fatal; in a sparse set presence is worth 7 bits, and absence costs, because most
 * selected grams did leave.
 */

enum { LEVELS = 32, WORD_MAX = 16 };

/* In bits.  About one selected gram in eighteen stays at home (bench/leak_sparse): log2(18). */
#define MISS_SPARSE 4.2f
/* What a gram of the index is worth: 38 bits less the logarithm of how many there are. */
#define FOUND_DENSE 24.0f
#define FATAL	    1e6f

struct hypothesis {
	float cost;
	uint16_t last, len;
	uint8_t text[REBUILD_MAX];
};

struct level {
	size_t count;
	struct hypothesis h[REBUILD_BEAM];
};

struct search {
	const struct language *l;
	const struct loot *loot;
	size_t known;
	uint64_t base; /* where the known words stand in the joined text */
	struct hypothesis next, best;
	uint32_t at[GRAM_BATCH + 16];
	struct level level[LEVELS]; /* by length, in turn: no word is as long as LEVELS */
};

static bool
is_registered_kind(struct search *s, const uint8_t *chars)
{
	uint8_t room[GRAM_K + GRAM_SLACK];

	memcpy(room, chars, GRAM_K);
	return gram_select(CPU_PORTABLE, room, 1, s->at) == 1 && gram_is_telling(chars);
}

/* Does the gram stand in the index at exactly this place of the joined text? */
static bool
stands_at(const struct index *index, const uint8_t *chars, uint64_t place)
{
	const struct segment *segment = &index->part[0].segment;
	uint64_t hash = gram_hash(&index->key, chars), from, to, found, posting;
	unsigned remainder_bits = GRAM_HASH_BITS - segment->shape.bucket_bits;

	segment_find(segment, hash, &from, &to);
	for (; from < to; from++) {
		segment_entry(segment, from, hash >> remainder_bits, &found, &posting);
		if (posting == place)
			return true;
	}
	return false;
}

/* The index has positions, too: a gram must stand where it would follow the known words. */
static float
judge_dense(struct search *s, const uint8_t *chars, size_t at)
{
	if (stands_at(s->loot->dense, chars, s->base + at))
		return -FOUND_DENSE;
	return is_registered_kind(s, chars) ? FATAL : 0;
}

/* Where the known words stand in the index: the place that most of their grams agree on. */
static void
find_base(struct search *s, struct rd known)
{
	const struct segment *segment = &s->loot->dense->part[0].segment;
	unsigned remainder_bits = GRAM_HASH_BITS - segment->shape.bucket_bits, most = 0;

	for (size_t at = 0; at + GRAM_K <= known.len; at++) {
		uint64_t hash = gram_hash(&s->loot->dense->key, known.ptr + at);
		uint64_t from, to, found, posting;

		segment_find(segment, hash, &from, &to);
		for (; from < to; from++) {
			unsigned same = 0;

			segment_entry(
				segment, from, hash >> remainder_bits, &found, &posting);
			for (size_t i = 0; i + GRAM_K <= known.len; i++)
				same += stands_at(
					s->loot->dense, known.ptr + i, posting - at + i);
			if (same > most)
				s->base = posting - at;
			most = same > most ? same : most;
		}
	}
}

/*
 * All sets have the same selection: one miss means that the gram never left.  What left is
 * unique: a gram that this hypothesis had before cannot be it again.
 */
static float
judge_sparse(struct search *s, const uint8_t *text, size_t at)
{
	const struct sparse *set = s->loot->set[0];
	const uint8_t *chars = text + at;
	uint64_t hash = gram_hash(&set->gram_key, chars);

	if (!sparse_is_selected(&set->head.select, hash) || !is_registered_kind(s, chars))
		return 0;
	for (size_t i = 0; i < s->loot->sets; i++) {
		if (!sparse_has(s->loot->set[i], hash))
			return MISS_SPARSE;
	}
	if (memmem(text, at + GRAM_K - 1, chars, GRAM_K) != NULL)
		return MISS_SPARSE;
	return -(float)(s->loot->sets * FUSE_BITS);
}

static float
judge(struct search *s, const uint8_t *text, size_t at)
{
	if (s->loot->dense != NULL)
		return judge_dense(s, text + at, at);
	return s->loot->sets > 0 ? judge_sparse(s, text, at) : 0;
}

/* Let the entry at the top of the heap sink to its place. */
static void
sink(struct level *level, const struct hypothesis *h)
{
	size_t at = 0, child;

	while ((child = 2 * at + 1) < level->count) {
		if (child + 1 < level->count &&
			level->h[child + 1].cost > level->h[child].cost)
			child++;
		if (level->h[child].cost <= h->cost)
			break;
		level->h[at] = level->h[child];
		at = child;
	}
	level->h[at] = *h;
}

/* Keep it among the best of its length: a heap with the worst on top. */
static void
offer(struct level *level, const struct hypothesis *h)
{
	size_t at;

	if (level->count == REBUILD_BEAM) {
		if (h->cost < level->h[0].cost)
			sink(level, h);
		return;
	}
	for (at = level->count++; at > 0 && level->h[(at - 1) / 2].cost < h->cost;
		at = (at - 1) / 2)
		level->h[at] = level->h[(at - 1) / 2];
	level->h[at] = *h;
}

static void
extend(struct search *s, const struct hypothesis *h)
{
	struct hypothesis *n = &s->next;

	memcpy(n->text, h->text, h->len);
	for (size_t i = 0; i < REBUILD_FAN; i++) {
		uint16_t w = s->l->follower[h->last][i];
		size_t len = strlen(s->l->word[w]);

		n->cost = h->cost + s->l->cost[i];
		n->last = w;
		n->len = (uint16_t)(h->len + len);
		memcpy(n->text + h->len, s->l->word[w], len);
		for (size_t at = h->len + 1u; at <= n->len && n->cost < FATAL; at++) {
			if (at >= GRAM_K)
				n->cost += judge(s, n->text, at - GRAM_K);
		}
		if (n->cost < FATAL)
			offer(&s->level[n->len % LEVELS], n);
	}
}

/* Remember the best of a level: where all hypotheses die, the last one is the answer. */
static void
note_best(struct search *s, const struct level *level, bool is_first)
{
	for (size_t i = 0; i < level->count; i++) {
		if ((is_first && i == 0) || level->h[i].cost < s->best.cost)
			s->best = level->h[i];
	}
}

static void
run(struct search *s, size_t end)
{
	bool is_first = true;

	for (size_t len = s->known; len < end; len++) {
		struct level *level = &s->level[len % LEVELS];

		note_best(s, level, true);
		for (size_t i = 0; i < level->count; i++)
			extend(s, &level->h[i]);
		level->count = 0;
	}
	for (size_t len = end; len < end + WORD_MAX; len++) {
		note_best(s, &s->level[len % LEVELS], is_first);
		is_first &= s->level[len % LEVELS].count == 0;
	}
}

static bool
holds(struct rd all, const uint8_t *part)
{
	return memmem(all.ptr, all.len, part, REBUILD_RUN) != NULL;
}

static size_t
count_right(const struct hypothesis *h, const struct rebuild_task *task)
{
	const uint8_t *text = h->text + task->known.len;
	size_t len = h->len - task->known.len, right = 0, covered = 0;

	len = len < task->unknown ? len : task->unknown;
	for (size_t i = 0; i + REBUILD_RUN <= len; i++) {
		if (!holds(task->all, text + i))
			continue;
		right += i + REBUILD_RUN - (covered > i ? covered : i);
		covered = i + REBUILD_RUN;
	}
	return right;
}

int
rebuild(const struct language *l, const struct loot *loot,
	const struct rebuild_task *task, size_t *ret_right)
{
	struct rd known = task->known;
	struct search *s = NULL;
	int r;

	CHECK(known.len + task->unknown + 2 * WORD_MAX < REBUILD_MAX);
	if ((r = mem_new(&s, sizeof *s)) != 0)
		return r;
	s->l = l;
	s->loot = loot;
	s->known = known.len;
	s->next.last = task->last;
	s->next.len = (uint16_t)known.len;
	memcpy(s->next.text, known.ptr, known.len);
	if (loot->dense != NULL)
		find_base(s, known);
	offer(&s->level[known.len % LEVELS], &s->next);
	run(s, known.len + task->unknown);
	*ret_right = count_right(&s->best, task);
	mem_free(s);
	return 0;
}
