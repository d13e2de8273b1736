/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/walk.h"

#include <string.h>

#include "base/mem.h"
#include "valise-unpack/carve.h"
#include "valise-unpack/html.h"
#include "valise-unpack/prose.h"
#include "valise-unpack/rtf.h"
#include "valise-unpack/sweep.h"

/*
 * Leaves: what has text of its own.  The first next() reads all of it in one stretch; further
 * ones hand out what was carved from it (base64, quoted-printable).
 */

struct leaf {
	struct prose prose;
	struct carve carve;
	struct charset_decoder decoder;
	struct charset_out to;
	union {
		struct html html;
		struct rtf rtf;
	};
	bool is_told;
	bool is_markup;
	uint64_t bytes;
	uint64_t expected; /* offset of the next block, when nothing is skipped */
	size_t next_find;
	bool is_picture_kept;
};

static int
text_open(struct walk *w, struct level *l)
{
	struct leaf *leaf = NULL;
	int r;

	(void)w;
	if ((r = mem_new(&leaf, sizeof *leaf)) != 0)
		return r;
	carve_init(&leaf->carve);
	l->state = leaf;
	return 0;
}

static void
text_close(struct level *l)
{
	struct leaf *leaf = l->state;

	if (leaf == NULL)
		return;
	carve_done(&leaf->carve);
	prose_done(&leaf->prose);
	mem_free(leaf);
}

/* The page names its own charset, unless somebody outside or a mark has named one. */
static enum charset
charset_of(const struct level *l, const uint8_t *head, size_t len, bool is_markup)
{
	const char *name = NULL;
	size_t name_len = 0;
	enum charset named;

	if (!is_markup || l->magic.charset != CHARSET_UTF8 || l->magic.skip > 0 ||
		!html_find_charset(head, len, &name, &name_len))
		return l->magic.charset;
	named = charset_by_name(name, name_len);
	/* A page whose ASCII could be read cannot be in a wide encoding, whatever it says. */
	return named >= CHARSET_TABLES ? named : CHARSET_UTF8;
}

/* Pictures in rich text become finds, like base64 in a text. */
static void
on_picture(void *arg, int byte, uint64_t offset)
{
	struct leaf *leaf = arg;

	if (byte == RTF_PICTURE_BEGIN)
		leaf->is_picture_kept = carve_find_begin(&leaf->carve, offset);
	else if (byte >= 0 && leaf->is_picture_kept)
		carve_find_put(&leaf->carve, (uint8_t)byte);
}

static int
begin(struct walk *w, struct level *l, struct leaf *leaf)
{
	const struct buf path = walk_path(w, l);
	const uint8_t *head = NULL;
	size_t len = 0;
	int r;

	if ((r = source_peek(&l->source, 4096, &head, &len)) != 0)
		return r;
	leaf->is_markup =
		l->magic.kind == UNPACK_KIND_HTML || l->magic.kind == UNPACK_KIND_XML;
	prose_init(&leaf->prose, w->emit, l->flags);
	leaf->prose.page = l->page;
	/* What was decoded on the way is not where it stands in the file of that path. */
	leaf->prose.is_unplaced = l->is_same_path;
	charset_decoder_init(
		&leaf->decoder, charset_of(l, head, len, leaf->is_markup), l->magic.skip);
	leaf->to = (struct charset_out){prose_put, &leaf->prose};
	if (leaf->is_markup) {
		html_init(&leaf->html, &leaf->prose, l->magic.kind == UNPACK_KIND_XML);
		leaf->to = (struct charset_out){html_put, &leaf->html};
	} else if (l->magic.kind == UNPACK_KIND_RTF) {
		rtf_init(&leaf->rtf, &leaf->prose);
		leaf->rtf.picture = on_picture;
		leaf->rtf.picture_arg = leaf;
	} else if (l->magic.kind == UNPACK_KIND_TEXT &&
		(l->flags & UNPACK_TEXT_DECODED) == 0) {
		carve_head(&leaf->carve, head, len);
	}
	l->source.is_skipping_holes = true;
	emit_member(w->emit, l->magic.kind, (const char *)path.data, path.len);
	return 0;
}

static bool
is_eight_bit(const struct leaf *leaf)
{
	return leaf->decoder.charset == CHARSET_UTF8 ||
		leaf->decoder.charset >= CHARSET_TABLES;
}

/* One block of unmarked bytes: text as text, everything else swept. */
static void
feed_block(struct leaf *leaf, const uint8_t *ptr, size_t len, uint64_t offset)
{
	if (is_eight_bit(leaf) && !leaf->is_markup && !magic_is_text(ptr, len)) {
		charset_end(&leaf->decoder, &leaf->to);
		leaf->decoder.offset = offset + len;
		sweep_block(&leaf->prose, ptr, len, offset);
		return;
	}
	if (offset != leaf->decoder.offset + leaf->decoder.carry_len) {
		charset_end(&leaf->decoder, &leaf->to);
		leaf->decoder.offset = offset;
	}
	charset_feed(&leaf->decoder, ptr, len, &leaf->to);
}

static int
read_all(struct walk *w, struct level *l, struct leaf *leaf)
{
	const uint8_t *ptr = NULL;
	uint64_t offset = 0;
	size_t len = 0, skip = l->magic.skip;
	int r;

	for (;;) {
		if ((r = source_block(&l->source, &offset, &ptr, &len)) != 0 ||
			(r = walk_check(w)) != 0)
			return r;
		if (len == 0)
			return 0;
		leaf->bytes += len;
		if (skip > 0 && offset == 0 && len >= skip) {
			ptr += skip;
			len -= skip;
			offset = skip;
		}
		skip = 0;
		if (l->magic.kind == UNPACK_KIND_RTF) {
			rtf_feed(&leaf->rtf, ptr, len, offset);
			continue;
		}
		feed_block(leaf, ptr, len, offset);
		if (is_eight_bit(leaf))
			carve_feed(&leaf->carve, ptr, len, offset);
	}
}

static void
tell_lost(struct walk *w, const struct level *l, const struct leaf *leaf)
{
	const struct buf path = walk_path(w, l);

	if (leaf->carve.lost > 0)
		emit_skip(w->emit, UNPACK_LIMIT, &path,
			"more encoded text than is decoded");
}

static int
tell(struct walk *w, struct level *l, struct leaf *leaf)
{
	int r, carve_r;

	if ((r = begin(w, l, leaf)) != 0)
		return r;
	r = read_all(w, l, leaf);
	charset_end(&leaf->decoder, &leaf->to);
	if (leaf->is_markup)
		html_end(&leaf->html);
	else if (l->magic.kind == UNPACK_KIND_RTF && !rtf_end(&leaf->rtf) && r == 0)
		r = FAIL_FORMAT;
	prose_flush(&leaf->prose);
	if ((carve_r = carve_end(&leaf->carve)) != 0 && r == 0)
		r = carve_r;
	emit_end(w->emit, emit_reason_of(r), leaf->bytes);
	tell_lost(w, l, leaf);
	return 0;
}

/* Text that was decoded belongs to the text it stood in; other things get a name. */
static int
open_find(struct walk *w, const struct level *l, struct carve_find *find,
	struct level **ret_child)
{
	struct level *child = NULL;
	struct magic magic;
	struct buf name;
	int r;

	magic_guess(find->data.data, find->data.len, "", 0, &magic);
	if (find->is_text || magic.kind == UNPACK_KIND_TEXT ||
		magic.kind == UNPACK_KIND_HTML ||
		(magic.kind == UNPACK_KIND_RAW && !magic.is_encrypted)) {
		r = walk_same(w, &child);
	} else {
		buf_init(&name, 64);
		buf_printf(&name, "%s@%llu",
			l->magic.kind == UNPACK_KIND_RTF ? "picture" : "base64",
			(unsigned long long)find->offset);
		r = buf_error(&name) != 0
			? buf_error(&name)
			: walk_child(w, (const char *)name.data, name.len, &child);
		buf_done(&name);
	}
	if (r == 0)
		*ret_child = child;
	return r;
}

static int
text_next(struct walk *w, struct level *l, bool *ret_is_found)
{
	struct leaf *leaf = l->state;
	struct carve_find *find;
	struct level *child = NULL;
	int r;

	if (!leaf->is_told) {
		leaf->is_told = true;
		if ((r = tell(w, l, leaf)) != 0)
			return r;
	}
	while (leaf->next_find < leaf->carve.count &&
		leaf->carve.finds[leaf->next_find].data.len == 0)
		leaf->next_find++;
	if (leaf->next_find == leaf->carve.count)
		return 0;
	find = &leaf->carve.finds[leaf->next_find++];
	if ((r = open_find(w, l, find, &child)) != 0 ||
		(r = walk_charge(w, find->data.len)) != 0)
		return r;
	child->flags |= UNPACK_TEXT_DECODED;
	/* The find's bytes move to the level that reads them. */
	child->data = find->data;
	buf_init(&find->data, 0);
	source_open_mem(&child->source, child->data.data, child->data.len);
	*ret_is_found = true;
	return 0;
}

const struct handler handler_text = {text_open, text_next, text_close};

static int
blob_open(struct walk *w, struct level *l)
{
	(void)w;
	(void)l;
	return 0;
}

static void
blob_close(struct level *l)
{
	(void)l;
}

static int
send_blob(struct walk *w, struct level *l)
{
	const uint8_t *ptr = NULL;
	uint64_t offset, sent = 0;
	size_t len = 0;
	int r;

	/* The input itself: whoever listens has it. */
	if (l == &w->levels[0] && l->source.is_seekable)
		return 0;
	for (;;) {
		if ((r = source_block(&l->source, &offset, &ptr, &len)) != 0 ||
			(r = walk_check(w)) != 0)
			return r;
		if (len == 0)
			return 0;
		if ((sent += len) > w->limits.blob_max)
			return FAIL_TOO_BIG;
		emit_blob_data(w->emit, ptr, len);
	}
}

static int
blob_next(struct walk *w, struct level *l, bool *ret_is_found)
{
	const struct buf path = walk_path(w, l);
	bool is_pdf = l->magic.kind == UNPACK_KIND_PDF;
	struct unpack_blob blob = {
		.helper = is_pdf ? UNPACK_HELPER_PDF : UNPACK_HELPER_OCR,
		.kind = l->magic.kind,
		.depth = w->limits.depth_start + w->depth - 1,
		.page = l->page,
		.path = (const char *)path.data,
		.path_len = path.len,
	};
	int r;

	(void)ret_is_found;
	if (is_pdf ? !w->limits.is_pdf : !w->limits.is_ocr) {
		emit_skip(w->emit, is_pdf ? UNPACK_UNSUPPORTED : UNPACK_NO_OCR, &path,
			is_pdf ? "no PDF helper" : "no character recognition");
		return 0;
	}
	if (blob.depth > UNPACK_DEPTH_MAX)
		return FAIL_LIMIT;
	emit_blob(w->emit, &blob);
	r = send_blob(w, l);
	emit_blob_end(w->emit);
	/* The helper reports on the bytes it got; that they were not all is ours to say. */
	if (r != 0)
		emit_skip(w->emit, emit_reason_of(r), &path, "handed on in part");
	return 0;
}

const struct handler handler_blob = {blob_open, blob_next, blob_close};
