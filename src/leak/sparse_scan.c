/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/sparse_scan.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "leak/block.h"

/*
 * The first pass keeps no offsets.  When it found candidates, a second one with offsets turns
 * their characters into bytes.
 */

/* One selected gram of the last few. */
struct probe {
	uint64_t at, hash;
	bool is_hit;
};

struct sparse_scan {
	const struct sparse *set;
	const struct normal *normal;
	enum cpu_kind cpu;
	struct sparse_rule rule;
	uint64_t span; /* characters from the first to the last of a rule */
	struct probe last[SPARSE_RULE_MAX];
	size_t count;		  /* in last */
	uint64_t selected, since; /* grams so far; and at the open window's last hit */
	bool is_open;
	struct sparse_window *window;
	size_t windows;
	uint64_t all;
	uint32_t at[BLOCK_GRAMS_MAX];
	struct block block;
};

int
sparse_scan_new(const struct sparse *set, const struct normal *n, enum cpu_kind cpu,
	struct sparse_scan **ret_scan)
{
	struct sparse_scan *s = NULL;
	int r;

	if ((r = mem_new(&s, sizeof *s)) != 0)
		goto out;
	s->set = set;
	s->normal = n;
	s->cpu = cpu;
	if ((r = mem_new_array(&s->window, SPARSE_WINDOWS_MAX, sizeof s->window[0])) !=
			0 ||
		(r = sparse_scan_set_rule(s, set->head.rule)) != 0)
		goto out;
	*ret_scan = s;
	s = NULL;
out:
	sparse_scan_free(s);
	return r;
}

void
sparse_scan_free(struct sparse_scan *s)
{
	if (s == NULL)
		return;
	mem_free(s->window);
	mem_free_wiped(s, sizeof *s);
}

int
sparse_scan_set_rule(struct sparse_scan *s, struct sparse_rule rule)
{
	uint64_t rate = s->set->head.select.rate;

	if (rule.hits < 2 || rule.hits > rule.of || rule.of > SPARSE_RULE_MAX)
		return FAIL_USAGE;
	s->rule = rule;
	/* A selected gram comes on average every 13 / 2 * 2^32 / rate characters. */
	s->span = SPARSE_SPAN_OF * rule.of * ((UINT64_C(13) << 31) / (rate + 1) + 1);
	return 0;
}

uint32_t
sparse_log2_choose(uint32_t n, uint32_t k)
{
	double sum = 0;

	CHECK(k <= n && n <= 1u << 20);
	for (uint32_t i = 0; i < k; i++)
		sum += log2((double)(n - i) / (double)(i + 1));
	return (uint32_t)sum;
}

double
sparse_false_per_gb(const struct sparse_select *select, struct sparse_rule rule)
{
	double grams = 1e9 * 2 / 13 * (double)select->rate / 4294967296.0;
	double p = 1.0 / (1 << FUSE_BITS), ways = 1;

	for (unsigned i = 0; i + 1 < rule.hits; i++)
		ways = ways * (rule.of - 1 - i) / (i + 1);
	return grams * ways * pow(p, rule.hits);
}

/* The window that was open is whole. */
static void
close_window(struct sparse_scan *s)
{
	if (s->is_open && s->windows < SPARSE_WINDOWS_MAX)
		s->windows++;
	s->is_open = false;
}

/* The rule holds for the last grams: open a window over them, or reach further. */
static void
take(struct sparse_scan *s, size_t first, unsigned hits)
{
	struct sparse_window *w = &s->window[s->windows];
	const struct probe *p = s->last;

	if (s->windows == SPARSE_WINDOWS_MAX) {
		s->all += !s->is_open;
		s->is_open = true;
		return;
	}
	if (!s->is_open) {
		*w = (struct sparse_window){.at = p[first].at,
			.hits = hits,
			.grams = (uint32_t)(s->count - first)};
		s->all++;
		s->is_open = true;
	} else {
		w->hits++;
		w->grams += (uint32_t)(s->selected - s->since);
	}
	w->at_end = p[s->count - 1].at + GRAM_K;
	s->since = s->selected;
}

/* Hits among the last grams within the span; *ret_first is the first of them. */
static unsigned
count_hits(const struct sparse_scan *s, size_t *ret_first)
{
	uint64_t end = s->last[s->count - 1].at;
	unsigned hits = 0;

	for (size_t i = s->count; i > 0 && end - s->last[i - 1].at <= s->span; i--) {
		if (!s->last[i - 1].is_hit)
			continue;
		hits++;
		*ret_first = i - 1;
	}
	return hits;
}

static void
step(struct sparse_scan *s, uint64_t at, uint64_t hash)
{
	struct probe p = {at, hash, sparse_has(s->set, hash)};
	size_t first = 0;
	unsigned hits;

	for (size_t i = 0; i < s->count; i++) {
		if (s->last[i].hash == hash)
			return;
	}
	s->selected++;
	if (s->count == s->rule.of)
		memmove(s->last, s->last + 1, --s->count * sizeof s->last[0]);
	s->last[s->count++] = p;
	if (!p.is_hit) {
		if (s->is_open && s->selected - s->since >= s->rule.of)
			close_window(s);
		return;
	}
	hits = count_hits(s, &first);
	if (hits >= s->rule.hits)
		take(s, first, hits);
	else
		close_window(s);
}

/* The bytes of the windows, in one pass over the text with offsets. */
static void
map_windows(struct sparse_scan *s, const uint8_t *text, size_t len)
{
	struct block *b = &s->block;
	size_t from = 0, to = 0;

	block_begin(b, s->normal, text, len, true);
	while (to < s->windows && block_next(b)) {
		uint64_t end = b->first + b->count;

		for (; from < s->windows && s->window[from].at < end; from++)
			s->window[from].from = b->start[s->window[from].at - b->first];
		for (; to < s->windows && s->window[to].at_end <= end; to++) {
			size_t last = b->start[s->window[to].at_end - 1 - b->first];

			s->window[to].to = last + normal_char_len(text, len, last);
		}
	}
	CHECK(from == s->windows && to == s->windows);
}

int
sparse_scan_text(struct sparse_scan *s, const uint8_t *text, size_t len,
	struct sparse_found *ret_found)
{
	struct block *b = &s->block;

	if (len >= UINT32_MAX)
		return FAIL_LIMIT;
	s->count = s->windows = 0;
	s->selected = s->all = 0;
	s->is_open = false;
	block_begin(b, s->normal, text, len, false);
	while (block_next(b)) {
		size_t grams = block_grams(b, s->cpu, s->at);

		for (size_t i = 0; i < grams; i++) {
			const uint8_t *chars = b->chars + s->at[i];
			uint64_t hash = gram_hash(&s->set->gram_key, chars);

			if (sparse_is_selected(&s->set->head.select, hash))
				step(s, b->first + s->at[i], hash);
		}
	}
	close_window(s);
	*ret_found = (struct sparse_found){.window = s->window,
		.count = s->windows,
		.all = s->all,
		.chars = b->first + b->count,
		.selected = s->selected};
	map_windows(s, text, len);
	for (size_t i = 0; i < s->windows; i++) {
		struct sparse_window *w = &s->window[i];
		uint32_t n = w->grams < 1u << 20 ? w->grams : 1u << 20;
		uint32_t bits = w->hits * FUSE_BITS, ways;

		ways = sparse_log2_choose(n, w->hits <= n ? w->hits : n);
		w->score = bits > ways ? bits - ways : 0;
	}
	return 0;
}
