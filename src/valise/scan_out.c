/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/scan_out.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "leak/rarity.h"

/*
 * Numbers with a fraction are printed with six digits, so that the bytes are the same on every
 * machine.  Text of the scanned file never reaches a terminal as it is: control characters
 * become spaces.
 */

enum {
	EXCERPTS_MAX = 3,
	EXCERPT_MAX = 240, /* bytes of a passage */
	CONTEXT = 40,	   /* bytes around it */
};

static int
append(const char *ptr, size_t len, void *out)
{
	buf_bytes(out, ptr, len);
	return 0;
}

static int
put_json(json_t *object, struct buf *out)
{
	int r = FAIL_NOMEM;

	if (object != NULL &&
		json_dump_callback(
			object, append, out, JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0)
		r = 0;
	json_decref(object);
	buf_u8(out, '\n');
	return r != 0 ? r : buf_error(out);
}

static double
score_of(uint64_t strength)
{
	return (double)strength / RARITY_ONE;
}

static double
share_of(const struct scan_found *found)
{
	double share = found->doc.chars == 0
		? 0
		: (double)found->chain->covered / (double)found->doc.chars;

	return share < 1 ? share : 1;
}

static json_t *
json_place(const struct scan_place *place, bool is_from)
{
	if (!place->is_known)
		return json_null();
	return json_integer((json_int_t)(is_from ? place->from : place->to));
}

static json_t *
json_passage(const struct scan_found *found, const struct passage *p)
{
	struct scan_place place;
	uint64_t doc_from = segment_doc_byte(found->segment, &found->doc, p->pos);
	uint64_t doc_to = segment_doc_byte(found->segment, &found->doc, p->pos_end);

	scan_text_place(found->text, p->from, p->to, &place);
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "from",
		json_place(&place, true), "to", json_place(&place, false), "page",
		place.page > 0 ? json_integer(place.page) : json_null(), "text_from",
		(json_int_t)p->from, "text_to", (json_int_t)p->to, "doc_from",
		(json_int_t)doc_from, "doc_to", (json_int_t)doc_to, "words",
		(json_int_t)p->words, "chars", (json_int_t)p->covered, "score",
		score_of(p->strength));
}

static int
put_found_json(const struct scan_found *found, struct buf *out)
{
	const struct chain_doc *c = found->chain;
	json_t *passages = json_array();

	for (size_t i = 0; i < c->kept; i++) {
		if (json_array_append_new(
			    passages, json_passage(found, &c->passage[i])) != 0) {
			json_decref(passages);
			return FAIL_NOMEM;
		}
	}
	return put_json(
		json_pack("{s:s%, s:s%, s:I, s:I, s:f, s:f, s:I, s:o}", "path",
			found->path, found->path_len, "doc",
			segment_doc_id(found->segment, &found->doc),
			(size_t)found->doc.id_len, "matched_words", (json_int_t)c->words,
			"matched_chars", (json_int_t)c->covered, "score",
			score_of(c->strength), "share", share_of(found), "passages_found",
			(json_int_t)c->passages, "passages", passages),
		out);
}

/* One line's worth of text, without what could drive a terminal. */
static void
put_clean(struct buf *out, const uint8_t *text, size_t len)
{
	bool was_space = false;

	for (size_t i = 0; i < len; i++) {
		/* C1 controls are 0xc2 0x80..0x9f in UTF-8. */
		bool is_c1 = text[i] == 0xc2 && i + 1 < len && text[i + 1] < 0xa0;
		bool is_space = text[i] <= ' ' || text[i] == 0x7f || is_c1;

		i += is_c1;
		if (!is_space)
			buf_u8(out, text[i]);
		else if (!was_space)
			buf_u8(out, ' ');
		was_space = is_space;
	}
}

static size_t
to_char_start(const uint8_t *text, size_t at)
{
	while (at > 0 && (text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static void
put_excerpt(const struct scan_style *style, const struct scan_found *found,
	const struct passage *p, struct buf *out)
{
	const struct scan_text *t = found->text;
	const uint8_t *text = t->text.data;
	size_t from, to, before, after, end;

	if (p->from < t->base || p->to > t->base + t->text.len)
		return;
	from = (size_t)(p->from - t->base);
	to = (size_t)(p->to - t->base);
	end = to;
	if (to - from > EXCERPT_MAX)
		to = to_char_start(text, from + EXCERPT_MAX);
	before = to_char_start(text, from > CONTEXT ? from - CONTEXT : 0);
	after = end + CONTEXT < t->text.len ? to_char_start(text, end + CONTEXT)
					    : t->text.len;
	buf_text(out, "      ");
	put_clean(out, text + before, from - before);
	buf_text(out, style->has_colour ? "\033[1;31m" : "[");
	put_clean(out, text + from, to - from);
	buf_text(out, to < end ? " ..." : "");
	buf_text(out, style->has_colour ? "\033[0m" : "]");
	put_clean(out, text + end, after - end);
	buf_u8(out, '\n');
}

static void
put_passage(const struct scan_style *style, const struct scan_found *found,
	const struct passage *p, struct buf *out)
{
	struct scan_place place;

	scan_text_place(found->text, p->from, p->to, &place);
	buf_printf(out, "    %" PRIu32 " words", p->words);
	if (place.page > 0)
		buf_printf(out, ", page %" PRIu32, place.page);
	if (place.is_known)
		buf_printf(out, ", bytes %" PRIu64 "-%" PRIu64, place.from, place.to);
	buf_printf(out, ", in the document %" PRIu64 "-%" PRIu64 "\n",
		segment_doc_byte(found->segment, &found->doc, p->pos),
		segment_doc_byte(found->segment, &found->doc, p->pos_end));
	put_excerpt(style, found, p, out);
}

static int
put_found_text(
	const struct scan_style *style, const struct scan_found *found, struct buf *out)
{
	const struct chain_doc *c = found->chain;

	buf_text(out, style->has_colour ? "\033[1m" : "");
	buf_bytes(out, found->path, found->path_len);
	buf_text(out, style->has_colour ? "\033[0m\n  " : "\n  ");
	buf_bytes(out, segment_doc_id(found->segment, &found->doc), found->doc.id_len);
	buf_printf(out, "  %" PRIu64 " words, %.1f %% of it, score %.0f\n", c->words,
		100 * share_of(found), score_of(c->strength));
	for (size_t i = 0; i < c->kept && i < EXCERPTS_MAX; i++)
		put_passage(style, found, &c->passage[i], out);
	if (c->passages > EXCERPTS_MAX)
		buf_printf(out, "    and %" PRIu64 " passages more\n",
			c->passages - EXCERPTS_MAX);
	return buf_error(out);
}

int
scan_out_found(
	const struct scan_style *style, const struct scan_found *found, struct buf *out)
{
	return style->is_json ? put_found_json(found, out)
			      : put_found_text(style, found, out);
}

int
scan_out_skipped(const struct scan_style *style, const struct scan_skipped *skipped,
	struct buf *out)
{
	if (style->is_json)
		return put_json(json_pack("{s:s%, s:s, s:s%}", "path", skipped->path,
					skipped->path_len, "skipped", skipped->reason,
					"detail", skipped->detail, skipped->detail_len),
			out);
	buf_bytes(out, skipped->path, skipped->path_len);
	buf_printf(out, "\n  not examined: %s", skipped->reason);
	if (skipped->detail_len > 0) {
		buf_text(out, " (");
		put_clean(out, (const uint8_t *)skipped->detail, skipped->detail_len);
		buf_text(out, ")");
	}
	buf_u8(out, '\n');
	return buf_error(out);
}

int
scan_out_summary(
	const struct scan_style *style, const struct scan_counts *counts, struct buf *out)
{
	char bytes[TEXT_HUMAN_MAX];

	if (style->is_json)
		return put_json(json_pack("{s:{s:I, s:I, s:I, s:I, s:I, s:I}}", "summary",
					"files", (json_int_t)counts->files, "members",
					(json_int_t)counts->members, "bytes",
					(json_int_t)counts->bytes, "text_bytes",
					(json_int_t)counts->text_bytes, "found",
					(json_int_t)counts->found, "skipped",
					(json_int_t)counts->skipped),
			out);
	text_size(counts->text_bytes, bytes);
	buf_printf(out,
		"%" PRIu64 " file%s, %" PRIu64 " member%s, %s of text: %" PRIu64
		" found, %" PRIu64 " not examined\n",
		counts->files, counts->files == 1 ? "" : "s", counts->members,
		counts->members == 1 ? "" : "s", bytes, counts->found, counts->skipped);
	return buf_error(out);
}

void
scan_counts_add(struct scan_counts *to, const struct scan_counts *more)
{
	to->files += more->files;
	to->members += more->members;
	to->bytes += more->bytes;
	to->text_bytes += more->text_bytes;
	to->found += more->found;
	to->skipped += more->skipped;
}
