/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <stdio.h>

#include "base/mem.h"
#include "madeup.h"
#include "setup.h"
#include "vary.h"

/*
 * Every second document is registered.  A passage of a registered one is varied and put into a
 * document that is not registered, at a random place; it counts as found when its own document
 * is reported at the threshold of the program.  The documents that are not registered are
 * papers of the same offices, years and events: what they set off is mostly true quotation.
 */

enum { CARRIER_MAX = 8192, SHORTEST = 150, OTHER_GRAMS = 530 };

struct trial {
	struct setup setup;
	struct match *match;
	const struct corpus *corpus;
	struct dice dice;
	struct buf passage, text;
};

static void
pick_passage(struct trial *t, const struct variant *v, size_t *ret_doc)
{
	const struct corpus_doc *d;
	size_t words, take;

	do {
		*ret_doc = dice_roll(&t->dice, t->corpus->count) & ~(size_t)1;
		d = &t->corpus->doc[*ret_doc];
		words = vary_words(d->body, d->body_len);
	} while (words < SHORTEST);
	take = v->words > 0 ? v->words : words;
	buf_clear(&t->passage);
	vary_cut(d->body, d->body_len, dice_roll(&t->dice, words - take + 1), take,
		&t->passage);
}

static int
put_into_carrier(struct trial *t, const struct variant *v)
{
	size_t carrier = dice_roll(&t->dice, t->corpus->count - 1) | 1;
	const struct corpus_doc *c =
		&t->corpus->doc[carrier < t->corpus->count ? carrier : 1];
	size_t len = c->body_len < CARRIER_MAX ? c->body_len : CARRIER_MAX;
	size_t at = dice_roll(&t->dice, len + 1);

	buf_clear(&t->text);
	buf_bytes(&t->text, c->body, at);
	buf_text(&t->text, "\n\n");
	vary_apply(v, &t->dice, (const char *)t->passage.data, t->passage.len, &t->text);
	buf_text(&t->text, "\n\n");
	buf_bytes(&t->text, c->body + at, len - at);
	return buf_error(&t->text);
}

/* Match a text: how many documents are reported, and is `doc` among them? */
static int
look(struct trial *t, const void *text, size_t len, size_t doc, bool *ret_is_found,
	unsigned *ret_reported)
{
	const struct chain_result *result;
	int r;

	match_begin(t->match, MATCH_DENSE);
	if ((r = match_feed(t->match, text, len)) != 0 ||
		(r = match_end(t->match, &result)) != 0)
		return r;
	*ret_is_found = false;
	*ret_reported = 0;
	for (size_t i = 0; i < result->count; i++) {
		if (!chain_is_reported(&result->doc[i], CHAIN_ALERT))
			continue;
		++*ret_reported;
		if (result->doc[i].doc == doc / 2)
			*ret_is_found = true;
	}
	return 0;
}

static int
measure_variant(struct measure *m, struct trial *t, const struct variant *v, bool is_last)
{
	unsigned found = 0, reported;
	bool is_found, is_good;
	double percent;
	size_t doc;
	int r;

	for (unsigned i = 0; i < m->tests; i++) {
		pick_passage(t, v, &doc);
		if ((r = put_into_carrier(t, v)) != 0 ||
			(r = look(t, t->text.data, t->text.len, doc, &is_found,
				 &reported)) != 0)
			return r;
		found += is_found ? 1 : 0;
	}
	percent = 100.0 * found / m->tests;
	is_good = v->is_to_be_silent ? percent <= 1 : percent >= v->target;
	m->missed += !is_good;
	if (m->is_json)
		(void)printf("\"%s\":%.2f%s", v->name, percent, is_last ? "" : ",");
	else if (v->is_to_be_silent)
		(void)printf("  %-28s %6.2f %%  at most    1 %%  %s\n", v->name, percent,
			is_good ? "" : "MISSED");
	else
		(void)printf("  %-28s %6.2f %%  at least %4.1f %%  %s\n", v->name,
			percent, v->target, is_good ? "" : "MISSED");
	return 0;
}

static int
measure_clean(struct measure *m, struct trial *t)
{
	unsigned reports = 0, papers = 0, papers_hit = 0, reported;
	size_t bytes = 0;
	bool is_found;
	int r;

	for (size_t i = 1; i < t->corpus->count; i += 2) {
		const struct corpus_doc *d = &t->corpus->doc[i];

		if ((r = look(t, d->body, d->body_len, SIZE_MAX, &is_found, &reported)) !=
			0)
			return r;
		papers++;
		papers_hit += reported > 0;
		reports += reported;
		bytes += d->body_len;
	}
	if (m->is_json)
		(void)printf(",\"related_papers\":%u,\"related_papers_reported\":%u,"
			     "\"related_reports\":%u",
			papers, papers_hit, reports);
	else
		(void)printf(
			"related papers that share text with registered ones: %u of %u "
			"(%u reports, %.1f MB)\n",
			papers_hit, papers, reports, (double)bytes / 1e6);
	return 0;
}

static void
print_sizes(struct measure *m, const struct trial *t)
{
	const struct segment_shape *shape = &t->setup.index.part[0].segment.shape;
	double bytes = 0, per, segment, filter, speed;

	for (size_t i = 0; i < t->corpus->count; i += 2)
		bytes += (double)t->corpus->doc[i].body_len;
	per = 10240 / bytes;
	segment = (double)shape->scout_at * per;
	filter = (double)(shape->sum_at - shape->scout_at) * per;
	speed = bytes / 1e6 / t->setup.build_s;
	m->missed += (unsigned)(segment > 8192) + (unsigned)(filter > 1024) +
		(unsigned)(speed < 50);
	if (m->is_json)
		(void)printf("\"documents\":%u,\"grams\":%llu,\"segment_per_10k\":%.0f,"
			     "\"filter_per_10k\":%.0f,\"build_mb_s\":%.0f,\"recall\":{",
			(unsigned)shape->docs, (unsigned long long)shape->grams, segment,
			filter, speed);
	else
		(void)printf(
			"%u documents, %llu grams; for 10 KiB of text: segment %.0f "
			"bytes "
			"(at most 8192), filter %.0f (at most 1024);\nbuilt at %.0f MB/s "
			"(at least 50)\nrecall, %u passages each:\n",
			(unsigned)shape->docs, (unsigned long long)shape->grams, segment,
			filter, speed, m->tests);
}

int
measure_recall(struct measure *m)
{
	struct trial t = {.corpus = m->corpus, .dice = {UINT64_C(88172645463325252)}};
	struct madeup others = {0};
	int r;

	buf_init(&t.passage, SIZE_MAX / 4);
	buf_init(&t.text, SIZE_MAX / 4);
	if ((r = setup_build(m->corpus, 2, cpu_best(), &t.setup)) != 0)
		return r;
	if (m->others > 0) {
		if ((r = madeup_make((uint64_t)m->others * OTHER_GRAMS, m->others,
			     &t.setup.index.key, &others)) != 0 ||
			(r = index_add(&t.setup.index, &others.segment, NULL)) != 0)
			goto out;
		if (!m->is_json)
			(void)printf("and %u made-up documents besides\n", m->others);
	}
	if ((r = match_new(&t.setup.index, t.setup.normal, cpu_best(), &t.match)) != 0)
		goto out;
	print_sizes(m, &t);
	for (size_t i = 0; r == 0 && i < variants_count; i++)
		r = measure_variant(m, &t, &variants[i], i + 1 == variants_count);
	if (m->is_json)
		(void)printf("}");
	if (r == 0)
		r = measure_clean(m, &t);
out:
	match_free(t.match);
	madeup_free(&others);
	setup_done(&t.setup);
	buf_done(&t.passage);
	buf_done(&t.text);
	return r;
}
