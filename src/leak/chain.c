/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "leak/gram.h"
#include "leak/rarity.h"

/*
 * Hits are taken in their order in the text.  Each one continues the open passage of its
 * document whose drift it changes least, or opens one.  Passages that lie too far back are
 * closed.  The number of open ones is bounded: a text that repeats itself a thousand times
 * closes the oldest early, which splits a passage and loses nothing.
 */

struct open {
	struct passage p;
	uint64_t last_at;
	uint32_t last_pos;
};

struct chains {
	const struct chain_text *text;
	struct chain_doc *doc;
	struct open open[CHAIN_ACTIVE_MAX];
	size_t count;
	int error;
};

void
chain_result_init(struct chain_result *result)
{
	*result = (struct chain_result){0};
}

void
chain_result_done(struct chain_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		mem_free(result->doc[i].passage);
	mem_free(result->doc);
	*result = (struct chain_result){0};
}

static int
compare_hits(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->doc != y->doc)
		return x->doc < y->doc ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

static int
compare_passages(const void *a, const void *b)
{
	const struct passage *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->pos < y->pos ? -1 : x->pos > y->pos;
}

/* The result's record of a document, made if need be. */
static int
doc_of(struct chain_result *result, uint32_t doc, struct chain_doc **ret_doc)
{
	size_t low = 0, high = result->count, cap = result->cap > 0 ? result->cap * 2 : 8;
	int r;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (result->doc[mid].doc < doc)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == result->count || result->doc[low].doc != doc) {
		if (result->count == result->cap) {
			if ((r = mem_grow(&result->doc,
				     result->cap * sizeof result->doc[0],
				     cap * sizeof result->doc[0])) != 0)
				return r;
			result->cap = cap;
		}
		memmove(result->doc + low + 1, result->doc + low,
			(result->count - low) * sizeof result->doc[0]);
		result->doc[low] = (struct chain_doc){.doc = doc};
		result->count++;
	}
	*ret_doc = &result->doc[low];
	return 0;
}

/* Room for one passage more; when the document has its share, the weakest makes way. */
static int
slot_for(struct chain_doc *doc, const struct passage *p, struct passage **ret_slot)
{
	struct passage *weakest = NULL;
	size_t cap = doc->cap > 0 ? doc->cap * 2 : 4;
	int r;

	if (doc->kept == CHAIN_PASSAGES_MAX) {
		for (size_t i = 0; i < doc->kept; i++) {
			if (weakest == NULL ||
				doc->passage[i].weighted < weakest->weighted)
				weakest = &doc->passage[i];
		}
		*ret_slot = weakest->weighted < p->weighted ? weakest : NULL;
		return 0;
	}
	if (doc->kept == doc->cap) {
		if ((r = mem_grow(&doc->passage, doc->cap * sizeof doc->passage[0],
			     cap * sizeof doc->passage[0])) != 0)
			return r;
		doc->cap = cap;
	}
	*ret_slot = &doc->passage[doc->kept++];
	return 0;
}

static void
judge(const struct chain_text *text, struct passage *p)
{
	struct rarity_verdict verdict;
	struct rarity_stretch stretch = {.text = text->text + (p->from - text->base),
		.len = (size_t)(p->to - p->from),
		.covered = p->covered,
		.weighted = p->weighted,
		.span = p->at_end - p->at};

	CHECK(p->from >= text->base && p->to - text->base <= text->len);
	rarity_judge(&stretch, &verdict);
	p->strength = verdict.strength;
	p->words = verdict.words;
}

static void
close_passage(struct chains *c, size_t i)
{
	struct passage p = c->open[i].p;
	struct passage *slot = NULL;
	int r;

	c->open[i] = c->open[--c->count];
	if (p.weighted < CHAIN_PASSAGE_MIN * RARITY_ONE)
		return;
	judge(c->text, &p);
	if ((r = slot_for(c->doc, &p, &slot)) != 0) {
		c->error = r;
		return;
	}
	if (slot != NULL)
		*slot = p;
	c->doc->covered += p.covered;
	c->doc->strength += p.strength;
	c->doc->words += p.words;
	c->doc->passages++;
	if (p.strength > c->doc->best)
		c->doc->best = p.strength;
}

static uint64_t
drift(const struct open *o, const struct hit *h)
{
	int64_t before = (int64_t)o->last_at - (int64_t)o->last_pos;
	int64_t now = (int64_t)h->at - (int64_t)h->pos;

	return (uint64_t)(now > before ? now - before : before - now);
}

static struct open *
continued_by(struct chains *c, const struct hit *h)
{
	struct open *best = NULL;
	uint64_t best_drift = CHAIN_DRIFT_MAX + 1;

	for (size_t i = 0; i < c->count;) {
		struct open *o = &c->open[i];

		if (h->at - o->last_at > CHAIN_GAP_MAX) {
			close_passage(c, i);
			continue;
		}
		if (h->at > o->last_at && h->pos > o->last_pos &&
			drift(o, h) < best_drift) {
			best = o;
			best_drift = drift(o, h);
		}
		i++;
	}
	return best;
}

static void
extend(struct open *o, const struct hit *h, uint32_t len)
{
	uint64_t fresh = h->at + len - o->p.at_end;

	/* Characters that an earlier gram covers already count once. */
	fresh = fresh < len ? fresh : len;
	o->p.covered += (uint32_t)fresh;
	o->p.weighted += (uint32_t)fresh * h->weight;
	o->p.at_end = h->at + len;
	o->p.pos_end = h->pos + len;
	o->p.to = h->to > o->p.to ? h->to : o->p.to;
	o->last_at = h->at;
	o->last_pos = h->pos;
}

static void
take(struct chains *c, const struct hit *h, uint32_t len)
{
	struct open *o = continued_by(c, h);

	if (o != NULL) {
		extend(o, h, len);
		return;
	}
	if (c->count == CHAIN_ACTIVE_MAX) {
		size_t oldest = 0;

		for (size_t i = 1; i < c->count; i++) {
			if (c->open[i].last_at < c->open[oldest].last_at)
				oldest = i;
		}
		close_passage(c, oldest);
	}
	c->open[c->count++] =
		(struct open){.p = {h->from, h->to, h->at, h->at + len, h->pos,
				      h->pos + len, len, len * (uint32_t)h->weight},
			.last_at = h->at,
			.last_pos = h->pos};
}

int
chain_add(struct chain_result *result, struct hit *hits, size_t count,
	const struct chain_text *text)
{
	struct chains c = {.text = text};
	int r;

	if (count == 0)
		return 0;
	qsort(hits, count, sizeof hits[0], compare_hits);
	for (size_t i = 0; i < count && c.error == 0;) {
		uint32_t doc = hits[i].doc;

		if ((r = doc_of(result, doc, &c.doc)) != 0)
			return r;
		for (; i < count && hits[i].doc == doc; i++)
			take(&c, &hits[i], GRAM_K);
		while (c.count > 0)
			close_passage(&c, c.count - 1);
		if (c.doc->kept > 1)
			qsort(c.doc->passage, c.doc->kept, sizeof c.doc->passage[0],
				compare_passages);
	}
	return c.error;
}

/* A passage of some document, for looking at all of them by place. */
struct claim {
	uint64_t at, at_end;
	uint32_t strength;
	size_t doc; /* index into the result */
	size_t passage;
};

enum rival {
	RIVAL_NONE,
	RIVAL_OTHER, /* another document explains the place better */
	RIVAL_SAME,  /* the same document, elsewhere in it, does */
};

static int
compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->at_end != y->at_end)
		return x->at_end > y->at_end ? -1 : 1;
	if (x->doc != y->doc)
		return x->doc < y->doc ? -1 : 1;
	return x->passage < y->passage ? -1 : x->passage > y->passage;
}

/* Two thirds of the weaker lie inside the stronger, which is a quarter stronger or more. */
static bool
is_outdone(const struct claim *weak, const struct claim *strong)
{
	uint64_t from = weak->at > strong->at ? weak->at : strong->at;
	uint64_t to = weak->at_end < strong->at_end ? weak->at_end : strong->at_end;

	if (from >= to)
		return false;
	return (to - from) * 3 >= (weak->at_end - weak->at) * 2 &&
		(uint64_t)strong->strength * 4 > (uint64_t)weak->strength * 5;
}

static enum rival
compare_rivals(const struct claim *weak, const struct claim *strong)
{
	if (!is_outdone(weak, strong))
		return RIVAL_NONE;
	return strong->doc == weak->doc ? RIVAL_SAME : RIVAL_OTHER;
}

/*
 * The worst that happens to claim[i].  Claims that begin before it and reach it, and those
 * that begin within it.  Looking is bounded: so many rivals at one place are template text.
 */
static enum rival
worst_rival(const struct claim *claim, size_t count, size_t i)
{
	enum { LOOK_MAX = 256 };
	enum rival worst = RIVAL_NONE, here;

	for (size_t j = i, n = 0; j > 0 && n < LOOK_MAX; j--, n++) {
		here = compare_rivals(&claim[i], &claim[j - 1]);
		worst = here > worst ? here : worst;
	}
	for (size_t j = i + 1, n = 0; j < count && n < LOOK_MAX; j++, n++) {
		if (claim[j].at >= claim[i].at_end)
			break;
		here = compare_rivals(&claim[i], &claim[j]);
		worst = here > worst ? here : worst;
	}
	return worst;
}

static struct claim *
put_claims(const struct chain_result *result, struct claim *claim)
{
	for (size_t i = 0; i < result->count; i++) {
		const struct chain_doc *doc = &result->doc[i];

		for (size_t k = 0; k < doc->kept; k++)
			*claim++ = (struct claim){doc->passage[k].at,
				doc->passage[k].at_end, doc->passage[k].strength, i, k};
	}
	return claim;
}

/* Take a passage back; its place is freed by forget_dropped(). */
static void
drop_passage(struct chain_doc *doc, size_t at)
{
	struct passage *p = &doc->passage[at];

	doc->covered -= p->covered;
	doc->strength -= p->strength;
	doc->words -= p->words;
	doc->passages--;
	p->covered = 0;
}

static void
forget_dropped(struct chain_doc *doc)
{
	size_t kept = 0;

	for (size_t i = 0; i < doc->kept; i++) {
		if (doc->passage[i].covered > 0)
			doc->passage[kept++] = doc->passage[i];
	}
	doc->kept = kept;
}

int
chain_settle(struct chain_result *result)
{
	struct claim *claim = NULL;
	size_t count = 0;
	int r;

	for (size_t i = 0; i < result->count; i++) {
		count += result->doc[i].kept;
		result->doc[i].best = 0;
	}
	if ((r = mem_new_array(&claim, count, sizeof claim[0])) != 0)
		return r;
	CHECK(put_claims(result, claim) == claim + count);
	if (count > 1)
		qsort(claim, count, sizeof claim[0], compare_claims);
	for (size_t i = 0; i < count; i++) {
		struct chain_doc *doc = &result->doc[claim[i].doc];
		enum rival rival = worst_rival(claim, count, i);

		if (rival == RIVAL_SAME)
			drop_passage(doc, claim[i].passage);
		else if (rival == RIVAL_NONE && claim[i].strength > doc->best)
			doc->best = claim[i].strength;
	}
	for (size_t i = 0; i < result->count; i++)
		forget_dropped(&result->doc[i]);
	mem_free(claim);
	return 0;
}

bool
chain_is_reported(const struct chain_doc *doc, unsigned alert)
{
	return doc->best >= alert * RARITY_ONE;
}
