/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/walk.h"

#include <string.h>

#include "base/mem.h"

/*
 * An mbox is cut into messages here, not in GMime, so that a spool of any size passes through
 * memory one message at a time.  A message begins at a line "From " after an empty line (or at
 * the beginning); the line itself is not part of it.  One larger than MESSAGE_MAX is handed on
 * in pieces: the first as a mail, the others as text.
 */

enum { MESSAGE_MAX = 64 << 20 };

struct mbox {
	struct buf rest; /* read, not yet handed out */
	bool is_over;	 /* the source has no more */
	uint32_t number;
	bool is_piece; /* the last message was cut for its size */
};

static int
mbox_open(struct walk *w, struct level *l)
{
	struct mbox *mbox = NULL;
	int r;

	(void)w;
	if ((r = mem_new(&mbox, sizeof *mbox)) != 0)
		return r;
	buf_init(&mbox->rest, MESSAGE_MAX + 2 * SOURCE_BLOCK);
	l->state = mbox;
	return 0;
}

static void
mbox_close(struct level *l)
{
	struct mbox *mbox = l->state;

	if (mbox == NULL)
		return;
	buf_done(&mbox->rest);
	mem_free(mbox);
	l->state = NULL;
}

/* Where the next message begins, looking from `from`; 0 when it is not there. */
static size_t
find_from(const struct buf *b, size_t from)
{
	const uint8_t *p = b->data;

	for (size_t i = from; i + 6 <= b->len;) {
		const uint8_t *at = memmem(p + i, b->len - i, "\nFrom ", 6);

		if (at == NULL)
			return 0;
		i = (size_t)(at - p);
		if (i > 0 &&
			(p[i - 1] == '\n' ||
				(p[i - 1] == '\r' && i > 1 && p[i - 2] == '\n')))
			return i + 1;
		i++;
	}
	return 0;
}

static int
fill(struct level *l, struct mbox *mbox)
{
	const uint8_t *ptr = NULL;
	uint64_t offset;
	size_t len = 0;
	int r;

	if ((r = source_block(&l->source, &offset, &ptr, &len)) != 0)
		return r;
	mbox->is_over = len == 0;
	buf_bytes(&mbox->rest, ptr, len);
	return buf_error(&mbox->rest);
}

/* How many bytes at the start of rest are the next message, once it is whole. */
static int
message_len(struct level *l, struct mbox *mbox, size_t *ret_len)
{
	size_t from = 0, len;
	int r;

	for (;;) {
		if ((len = find_from(&mbox->rest, from)) > 0)
			break;
		if (mbox->is_over || mbox->rest.len > MESSAGE_MAX) {
			len = mbox->rest.len;
			break;
		}
		from = mbox->rest.len > 8 ? mbox->rest.len - 8 : 0;
		if ((r = fill(l, mbox)) != 0)
			return r;
	}
	*ret_len = len;
	return 0;
}

/* Move the first len bytes to the child, without the "From " line. */
static int
hand_out(struct mbox *mbox, size_t len, struct level *child)
{
	const uint8_t *line_end = memchr(mbox->rest.data, '\n', len);
	size_t skip = 0;
	int r;

	if (!mbox->is_piece && line_end != NULL && len > 5 &&
		memcmp(mbox->rest.data, "From ", 5) == 0)
		skip = (size_t)(line_end - mbox->rest.data) + 1;
	buf_bytes(&child->data, mbox->rest.data + skip, len - skip);
	if ((r = buf_error(&child->data)) != 0)
		return r;
	memmove(mbox->rest.data, mbox->rest.data + len, mbox->rest.len - len);
	mbox->rest.len -= len;
	source_open_mem(&child->source, child->data.data, child->data.len);
	return 0;
}

static int
mbox_next(struct walk *w, struct level *l, bool *ret_is_found)
{
	struct mbox *mbox = l->state;
	struct level *child = NULL;
	bool is_cut;
	size_t len = 0;
	int r;

	if ((r = message_len(l, mbox, &len)) != 0)
		return r;
	if (len == 0)
		return 0;
	if (++w->members > w->limits.members_max) {
		w->is_spent = true;
		return FAIL_LIMIT;
	}
	is_cut = len == mbox->rest.len && !mbox->is_over;
	if ((r = walk_same(w, &child)) != 0 || (r = hand_out(mbox, len, child)) != 0)
		return r;
	if (!mbox->is_piece)
		mbox->number++;
	child->page = mbox->number;
	child->is_kind_given = true;
	child->magic.kind = mbox->is_piece ? UNPACK_KIND_TEXT : UNPACK_KIND_MAIL;
	mbox->is_piece = is_cut;
	*ret_is_found = true;
	return 0;
}

const struct handler handler_mbox = {mbox_open, mbox_next, mbox_close};
