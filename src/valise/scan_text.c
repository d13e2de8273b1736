/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/scan_text.h"

#include <string.h>

#include "base/mem.h"

/* The buffer is a little larger than a piece: it takes the chunk that fills it as a whole. */

void
scan_text_init(struct scan_text *t, struct match *match, bool is_scouting)
{
	*t = (struct scan_text){.match = match, .is_scouting = is_scouting};
	buf_init(&t->text, SCAN_TEXT_PIECE + MATCH_OVERLAP + 2 * UNPACK_TEXT_MAX);
}

void
scan_text_done(struct scan_text *t)
{
	buf_done(&t->text);
	mem_free(t->span);
}

void
scan_text_clear(struct scan_text *t)
{
	buf_clear(&t->text);
	t->base = t->bytes = 0;
	t->fed = t->spans = 0;
	t->is_begun = false;
}

static int
feed(struct scan_text *t, enum match_pass pass)
{
	int r;

	if (!t->is_begun)
		match_begin(t->match, pass);
	t->is_begun = true;
	if ((r = match_feed(t->match, t->text.data, t->text.len)) == 0)
		t->fed = t->text.len;
	return r;
}

/* Keep the overlap only. */
static void
shift(struct scan_text *t)
{
	size_t keep = t->text.len < MATCH_OVERLAP ? t->text.len : MATCH_OVERLAP;
	size_t drop = t->text.len - keep;

	memmove(t->text.data, t->text.data + drop, keep);
	t->text.len = keep;
	t->fed = keep;
	t->base += drop;
}

static int
add_bytes(struct scan_text *t, const char *ptr, size_t len)
{
	int r;

	buf_bytes(&t->text, ptr, len);
	if ((r = buf_error(&t->text)) != 0 || t->text.len < SCAN_TEXT_PIECE)
		return r;
	r = feed(t, t->is_scouting ? MATCH_SCOUT : MATCH_DENSE);
	shift(t);
	return r;
}

int
scan_text_break(struct scan_text *t)
{
	return t->text.len > 0 ? add_bytes(t, "\n\n", 2) : 0;
}

int
scan_text_add(struct scan_text *t, const struct unpack_text *chunk)
{
	size_t cap = t->spans_cap > 0 ? t->spans_cap * 2 : 16;
	int r;

	if ((chunk->flags & UNPACK_TEXT_BREAK) != 0 && (r = scan_text_break(t)) != 0)
		return r;
	if (t->spans == t->spans_cap) {
		if ((r = mem_grow(&t->span, t->spans_cap * sizeof t->span[0],
			     cap * sizeof t->span[0])) != 0)
			return r;
		t->spans_cap = cap;
	}
	t->span[t->spans++] = (struct scan_span){t->base + t->text.len,
		(uint32_t)chunk->len, chunk->page, chunk->offset, chunk->span};
	t->bytes += chunk->len;
	return add_bytes(t, chunk->ptr, chunk->len);
}

int
scan_text_end(struct scan_text *t, const struct chain_result **ret_result)
{
	int r;

	*ret_result = NULL;
	if (t->text.len == 0)
		return 0;
	/* Nothing new behind the overlap: the last piece was the last. */
	if ((!t->is_begun || t->text.len > t->fed) && (r = feed(t, MATCH_DENSE)) != 0)
		return r;
	return match_end(t->match, ret_result);
}

/* The chunk that holds byte `at` of the text, or the one before it. */
static const struct scan_span *
span_at(const struct scan_text *t, uint64_t at)
{
	size_t low = 0, high = t->spans;

	if (t->spans == 0)
		return NULL;
	while (low + 1 < high) {
		size_t mid = (low + high) / 2;

		if (t->span[mid].at <= at)
			low = mid;
		else
			high = mid;
	}
	return &t->span[low];
}

static uint64_t
source_of(const struct scan_span *s, uint64_t at)
{
	uint64_t inside = at > s->at ? at - s->at : 0;

	if (inside > s->len)
		inside = s->len;
	return s->offset + (s->len == 0 ? 0 : inside * s->span / s->len);
}

void
scan_text_place(const struct scan_text *t, uint64_t from, uint64_t to,
	struct scan_place *ret_place)
{
	const struct scan_span *first = span_at(t, from);
	const struct scan_span *last = span_at(t, to > from ? to - 1 : from);

	*ret_place = (struct scan_place){0};
	if (first == NULL)
		return;
	ret_place->page = first->page;
	if (first->offset == UNPACK_OFFSET_NONE || last->offset == UNPACK_OFFSET_NONE)
		return;
	ret_place->is_known = true;
	ret_place->from = source_of(first, from);
	ret_place->to = source_of(last, to);
}
