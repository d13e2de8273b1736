/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "leak/confirm.h"
#include "leak/sparse_choose.h"

/*
 * Judging: each gram that stands in exactly one living place of the index is a point (its
 * number in the query, document, position).  The answer is yes when enough points of one
 * document form a rising chain.  Always CONFIRM_GRAMS_MAX look-ups and the same comparisons;
 * which memory they touch depends on the query, which is why the program levels the time.
 */

struct point {
	bool is_unique;
	uint32_t doc, pos;
};

/* Living places of a gram in one part, counted to two; the last one goes to *p. */
static unsigned
places_in(const struct index_part *part, uint64_t hash, struct point *p)
{
	unsigned places = 0;
	uint64_t from, to, doc;
	uint32_t pos;

	segment_find(&part->segment, hash, &from, &to);
	for (; from < to && places < 2; from++) {
		if (!segment_posting(&part->segment, from, &doc, &pos) ||
			(part->dead != NULL && part->dead[doc] != 0))
			continue;
		places++;
		p->doc = part->first_doc + (uint32_t)doc;
		p->pos = pos;
	}
	return places;
}

static struct point
find(const struct index *index, uint64_t hash)
{
	struct point p = {0};
	unsigned places = 0;

	for (size_t i = 0; i < index->parts; i++)
		places += places_in(&index->part[i], hash, &p);
	p.is_unique = places == 1;
	return p;
}

/* May b follow a in a chain? */
static bool
follows(const struct point *a, const struct point *b)
{
	return a->is_unique && b->is_unique && a->doc == b->doc && b->pos > a->pos &&
		b->pos - a->pos <= CONFIRM_DRIFT_MAX;
}

/* The longest chain that ends at each point: at most 256 x 256 steps. */
static void
judge(const struct point point[CONFIRM_GRAMS_MAX], struct confirm_verdict *v)
{
	uint32_t fit[CONFIRM_GRAMS_MAX], start[CONFIRM_GRAMS_MAX];

	for (size_t i = 0; i < CONFIRM_GRAMS_MAX; i++) {
		fit[i] = point[i].is_unique;
		start[i] = point[i].pos;
		for (size_t k = 0; k < i; k++) {
			bool is_longer =
				follows(&point[k], &point[i]) && fit[k] + 1 > fit[i];

			fit[i] = is_longer ? fit[k] + 1 : fit[i];
			start[i] = is_longer ? start[k] : start[i];
		}
		if (fit[i] > v->fit) {
			v->fit = fit[i];
			v->doc = point[i].doc;
			v->span = point[i].pos - start[i] + GRAM_K;
		}
	}
}

int
confirm_judge(const struct index *index, const struct confirm_query *query,
	struct confirm_verdict *ret_verdict)
{
	struct point point[CONFIRM_GRAMS_MAX];
	struct confirm_verdict v = {0};
	const struct segment *segment;
	struct segment_doc doc = {0};
	int r;

	for (size_t i = 0; i < CONFIRM_GRAMS_MAX; i++) {
		uint64_t empty = i * UINT64_C(0x9e3779b97f4a7c15) & GRAM_HASH_MAX;

		point[i] = find(index, i < query->count ? query->hash[i] : empty);
		point[i].is_unique &= i < query->count;
	}
	judge(point, &v);
	if (v.fit > 0 && (r = index_doc(index, v.doc, &segment, &doc)) != 0)
		return r;
	v.is_found = v.fit >= CONFIRM_FIT_MIN && v.span >= CONFIRM_SPAN_MIN &&
		doc.chars >= SPARSE_DOC_CHARS_MIN;
	*ret_verdict = v;
	return 0;
}
