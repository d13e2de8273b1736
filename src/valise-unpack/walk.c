/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/walk.h"

#include <string.h>

#include "base/mem.h"

/*
 * The loop below is what a recursive descent would be, without its stack: look at the top
 * level, ask its handler for a member, push it or pop the level.  A hostile input decides how
 * deep it nests, so the depth is an array index that is checked and not a call chain.
 */

void
walk_limits_init(struct walk_limits *limits)
{
	*limits = (struct walk_limits){
		.depth_max = 16,
		.members_max = 1000000,
		.unpacked_max = UINT64_C(16) << 30,
		.ratio_max = 200,
		.load_max = 256 << 20,
		.blob_max = 256 << 20,
	};
}

int
walk_check(const struct walk *w)
{
	if (w->emit->error != 0)
		return w->emit->error;
	if (w->is_time_up != NULL && *w->is_time_up)
		return FAIL_TIMEOUT;
	return w->is_spent ? FAIL_LIMIT : 0;
}

int
walk_charge(struct walk *w, uint64_t bytes)
{
	uint64_t in = w->levels[0].source.size;

	w->unpacked += bytes;
	w->emit->total.bytes += bytes;
	if (in == SOURCE_SIZE_UNKNOWN)
		in = w->levels[0].source.pos;
	if (w->unpacked > w->limits.unpacked_max ||
		(w->unpacked > WALK_RATIO_FROM && w->unpacked / w->limits.ratio_max > in))
		w->is_spent = true;
	return walk_check(w);
}

struct buf
walk_path(const struct walk *w, const struct level *l)
{
	struct buf path = w->path;

	path.len = l->path_len;
	return path;
}

static void
skip_at(struct walk *w, size_t path_len, enum unpack_reason reason, const char *detail)
{
	struct buf path = w->path;

	path.len = path_len;
	emit_skip(w->emit, reason, &path, detail);
}

/* Append "!" and the name to the top level's path; FAIL_LIMIT when it gets too long. */
static int
path_append(struct walk *w, size_t base_len, const char *name, size_t name_len)
{
	w->path.len = base_len;
	if (base_len > 0)
		buf_u8(&w->path, '!');
	unpack_name_put(&w->path, name, name_len);
	if (buf_error(&w->path) == FAIL_LIMIT || w->path.len > UNPACK_PATH_MAX) {
		w->path.len = base_len;
		w->path.error = 0;
		return FAIL_LIMIT;
	}
	return buf_error(&w->path);
}

static struct level *
top(struct walk *w)
{
	return &w->levels[w->depth - 1];
}

int
walk_same(struct walk *w, struct level **ret_child)
{
	const struct level *parent = top(w);
	struct level *child = &w->levels[w->depth];

	/* One more than depth_max: a body does not nest, but the walk must end anyway. */
	if (w->depth >= UNPACK_DEPTH_MAX + 1)
		return FAIL_LIMIT;
	memset(child, 0, sizeof *child);
	buf_init(&child->data, (size_t)w->limits.load_max + UNPACK_DATA_MAX);
	child->path_len = parent->path_len;
	child->name_len = parent->name_len;
	child->is_same_path = true;
	child->page = parent->page;
	child->flags = parent->flags;
	*ret_child = child;
	return 0;
}

int
walk_child(struct walk *w, const char *name, size_t name_len, struct level **ret_child)
{
	const struct level *parent = top(w);
	struct level *child = NULL;
	int r;

	if (++w->members > w->limits.members_max) {
		w->is_spent = true;
		return FAIL_LIMIT;
	}
	if ((r = walk_same(w, &child)) != 0 ||
		(r = path_append(w, parent->path_len, name, name_len)) != 0)
		return r;
	child->is_same_path = false;
	child->page = 0;
	child->path_len = w->path.len;
	child->name_len = w->path.len - parent->path_len - (parent->path_len > 0 ? 1 : 0);
	*ret_child = child;
	return 0;
}

int
walk_skip_child(struct walk *w, const char *name, size_t name_len,
	enum unpack_reason reason, const char *detail)
{
	int r;

	if (++w->members > w->limits.members_max) {
		w->is_spent = true;
		return FAIL_LIMIT;
	}
	if ((r = path_append(w, top(w)->path_len, name, name_len)) != 0)
		return r;
	skip_at(w, w->path.len, reason, detail);
	return 0;
}

static const struct handler *
handler_for(const struct magic *magic)
{
	switch (magic->kind) {
	case UNPACK_KIND_ARCHIVE:
	case UNPACK_KIND_OFFICE:
		return &handler_archive;
	case UNPACK_KIND_MAIL:
		return &handler_mail;
	case UNPACK_KIND_MBOX:
		return &handler_mbox;
	case UNPACK_KIND_PDF:
	case UNPACK_KIND_IMAGE:
		return &handler_blob;
	case UNPACK_KIND_RAW:
	case UNPACK_KIND_TEXT:
	case UNPACK_KIND_HTML:
	case UNPACK_KIND_RTF:
	case UNPACK_KIND_XML:
	default:
		return &handler_text;
	}
}

/* Programs that unpack themselves, and pictures with a zip behind them, end as a zip ends. */
static int
look_at_tail(struct level *l)
{
	uint8_t tail[1024];
	size_t len;
	int r;

	if (l->magic.kind != UNPACK_KIND_RAW || !l->source.is_seekable)
		return 0;
	if ((r = source_tail(&l->source, tail, sizeof tail, &len)) != 0)
		return r;
	if (memmem(tail, len, "PK\5\6", 4) != NULL)
		l->magic.kind = UNPACK_KIND_ARCHIVE;
	return 0;
}

/* What is it?  Sets the level's handler. */
static int
look(struct walk *w, struct level *l)
{
	const uint8_t *head = NULL;
	enum unpack_kind given = l->magic.kind;
	size_t len = 0;
	int r;

	if ((r = source_peek(&l->source, MAGIC_HEAD, &head, &len)) != 0)
		return r;
	if (l == &w->levels[0])
		magic_guess(head, len, w->hint, strlen(w->hint), &l->magic);
	else
		magic_guess(head, len,
			(const char *)w->path.data + (l->path_len - l->name_len),
			l->name_len, &l->magic);
	if (l->magic.is_encrypted)
		return FAIL_NO_KEY;
	if (l->is_kind_given)
		l->magic.kind = given;
	else if ((r = look_at_tail(l)) != 0)
		return r;
	if (l->has_charset && l->magic.skip == 0 && l->charset != CHARSET_UTF8)
		l->magic.charset = l->charset;
	l->handler = handler_for(&l->magic);
	return 0;
}

static void
pop(struct walk *w)
{
	struct level *l = top(w);

	if (l->handler != NULL && l->is_opened)
		l->handler->close(l);
	if (w->depth == 1)
		w->is_changed = source_is_changed(&l->source);
	source_close(&l->source);
	/* Not wiped: the process dies with its input, and large members would be touched twice. */
	mem_free(l->data.data);
	l->data.data = NULL;
	w->depth--;
	if (w->depth > 0)
		w->path.len = top(w)->path_len;
}

static const char *
detail_of(int r)
{
	switch (r) {
	case FAIL_TIMEOUT:
		return "out of time";
	case FAIL_NOMEM:
		return "out of memory";
	case FAIL_TOO_BIG:
		return "too large to be held in memory";
	case FAIL_LIMIT:
		return "over a limit of size, ratio or count";
	case FAIL_NO_KEY:
		return "needs a passphrase";
	default:
		return "";
	}
}

/* A level failed: say so, and sweep its bytes when that may find more. */
static void
fail_level(struct walk *w, struct level *l, int r)
{
	bool is_sweepable = l->source.is_seekable && !l->is_last && w->emit->error == 0 &&
		(emit_reason_of(r) == UNPACK_DAMAGED ||
			emit_reason_of(r) == UNPACK_UNSUPPORTED);

	if (w->emit->is_in_member)
		emit_end(w->emit, emit_reason_of(r), 0);
	else
		skip_at(w, l->path_len, emit_reason_of(r), detail_of(r));
	if (!is_sweepable) {
		pop(w);
		return;
	}
	if (l->is_opened)
		l->handler->close(l);
	l->is_opened = false;
	l->state = NULL;
	l->is_last = true;
	source_seek(&l->source, 0);
	l->magic = (struct magic){.kind = UNPACK_KIND_RAW};
	l->handler = &handler_text;
}

static int
open_level(struct walk *w, struct level *l)
{
	int r;

	if (l->handler == NULL && (r = look(w, l)) != 0)
		return r;
	l->is_opened = true;
	return l->handler->open(w, l);
}

/* One step of the machine. */
static void
step(struct walk *w)
{
	struct level *l = top(w);
	bool is_found = false;
	int r = walk_check(w);

	if (r == 0 && !l->is_opened)
		r = open_level(w, l);
	if (r == 0)
		r = l->handler->next(w, l, &is_found);
	if (r != 0) {
		fail_level(w, l, r);
		return;
	}
	if (!is_found) {
		pop(w);
		return;
	}
	w->depth++;
	if (!top(w)->is_same_path &&
		w->depth - 1 + w->limits.depth_start > w->limits.depth_max) {
		skip_at(w, top(w)->path_len, UNPACK_LIMIT, "nested too deep");
		pop(w);
	}
}

int
walk_run(struct walk *w, struct source *input, const char *name)
{
	struct level *l = &w->levels[0];

	memset(l, 0, sizeof *l);
	l->source = *input;
	w->members = w->unpacked = 0;
	w->is_spent = w->is_changed = false;
	w->hint = name;
	buf_init(&w->path, 2 * UNPACK_PATH_MAX);
	w->depth = 1;
	buf_init(&l->data, (size_t)w->limits.load_max + UNPACK_DATA_MAX);
	emit_hello(w->emit);
	while (w->depth > 0 && w->emit->error == 0)
		step(w);
	while (w->depth > 0)
		pop(w);
	if (w->is_changed && w->emit->error == 0)
		skip_at(w, 0, UNPACK_CHANGED, "the file changed while it was read");
	if (l->source.size != SOURCE_SIZE_UNKNOWN)
		w->emit->total.bytes += l->source.size;
	if (w->emit->is_in_member)
		emit_end(w->emit, UNPACK_DAMAGED, 0);
	buf_done(&w->path);
	return emit_total(w->emit);
}
