/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_documents_impl.h"

#include <string.h>

#include "base/mem.h"

/* All records, in chunks: at the start, and whenever there is a new master. */

enum { CHUNK = 256 };

int
documents_master_on(const struct vault_disk *disk, uint64_t *ret_master)
{
	uint8_t head[VAULT_HEAD_LEN];
	size_t got = 0;
	struct rd in;
	int r;

	if ((r = disk->read(disk->ctx, DOCUMENTS_NAME, 0, head, sizeof head, &got)) != 0)
		return r;
	in = rd_of(head, got);
	return vault_head_parse(&in, ret_master);
}

/* What load() has seen so far. */
struct loading {
	bool has_bad;
	uint32_t bad; /* index of the first record that does not open */
};

static int
load_record(struct vault_documents *d, struct loading *l, uint32_t index,
	const uint8_t *record)
{
	struct vault_document document = {0};
	uint32_t start = 0;
	int r;

	r = documents_open(d, index, record, &start, &document);
	if (r == FAIL_ALTERED && !l->has_bad)
		*l = (struct loading){.has_bad = true, .bad = index};
	if (r == FAIL_ALTERED)
		return 0;
	if (r == 0 && l->has_bad)
		r = start > l->bad ? FAIL_ALTERED : 0;
	else if (r == 0 && (r = index_reserve(&d->index, 1)) == 0) {
		index_put(&d->index, document.id, index);
		d->count++;
	}
	mem_wipe(&document, sizeof document);
	return r;
}

/* Is there anything at this record? */
static int
is_record(struct vault_documents *d, uint32_t index, bool *ret_is_record)
{
	uint8_t byte;
	size_t got = 0;
	int r = d->disk->read(
		d->disk->ctx, DOCUMENTS_NAME, documents_offset(index), &byte, 1, &got);

	*ret_is_record = got == 1;
	return r;
}

/*
 * Room for all records of the file at once: growing step by step would leave holes in the heap
 * as large as the index.
 */
static int
reserve_all(struct vault_documents *d)
{
	uint32_t low = 0, high = 1;
	bool is_there;
	int r;

	for (is_there = true; is_there && high < VAULT_DOCUMENTS_MAX; high *= 2)
		if ((r = is_record(d, high, &is_there)) != 0)
			return r;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if ((r = is_record(d, middle, &is_there)) != 0)
			return r;
		if (is_there)
			low = middle + 1;
		else
			high = middle;
	}
	return index_reserve(&d->index, low);
}

int
documents_load(struct vault_documents *d, bool *ret_is_cut)
{
	struct loading l = {0};
	size_t got = (size_t)CHUNK * VAULT_RECORD_LEN, room = got;
	uint32_t index = 0;
	uint8_t *chunk = NULL;
	int r;

	if ((r = reserve_all(d)) != 0 || (r = mem_new(&chunk, room)) != 0)
		return r;
	while (got == room) {
		if ((r = d->disk->read(d->disk->ctx, DOCUMENTS_NAME,
			     documents_offset(index), chunk, room, &got)) != 0)
			goto out;
		for (size_t i = 0; i < got / VAULT_RECORD_LEN; i++, index++)
			if ((r = load_record(
				     d, &l, index, chunk + i * VAULT_RECORD_LEN)) != 0)
				goto out;
	}
	d->durable = d->count;
	*ret_is_cut = l.has_bad || got % VAULT_RECORD_LEN != 0;
out:
	mem_free(chunk);
	return r;
}

/* Writing it anew. */

struct rewriting {
	struct vault_documents *from;
	struct vault_documents *to;
	struct rng *rng;
	uint8_t *chunk; /* CHUNK records of `from` */
	uint32_t at;
	bool is_begun;
};

/* The next records of `from`, as they lie: from the disk or from what is pending. */
static int
read_chunk(struct rewriting *w, uint32_t *ret_count)
{
	struct vault_documents *d = w->from;
	uint32_t end = w->at < d->durable ? d->durable : d->count;
	uint32_t count = end - w->at < CHUNK ? end - w->at : CHUNK;
	size_t len = (size_t)count * VAULT_RECORD_LEN, got = 0;
	int r;

	*ret_count = count;
	if (count == 0)
		return 0;
	if (w->at >= d->durable) {
		memcpy(w->chunk,
			d->pending.data + (size_t)(w->at - d->durable) * VAULT_RECORD_LEN,
			len);
		return 0;
	}
	if ((r = d->disk->read(d->disk->ctx, DOCUMENTS_NAME, documents_offset(w->at),
		     w->chunk, len, &got)) != 0)
		return r;
	return got == len ? 0 : FAIL_ALTERED;
}

static int
move_record(struct rewriting *w, const uint8_t *record, struct buf *piece)
{
	struct vault_document document = {0};
	uint32_t start = 0;
	int r;

	if ((r = documents_open(w->from, w->at, record, &start, &document)) == 0 &&
		(r = documents_seal(w->to, w->rng, w->to->count, w->to->count, &document,
			 piece)) == 0)
		w->to->count++;
	mem_wipe(&document, sizeof document);
	return r;
}

/* A chunk of records from one file into the other; each is an append of its own. */
static int
next_piece(void *arg, struct buf *piece)
{
	struct rewriting *w = arg;
	uint32_t count = 1;
	int r = 0;

	if (!w->is_begun)
		vault_head_write(w->to->master, piece);
	w->is_begun = true;
	/* A chunk of which nothing stays must not look like the end. */
	while (count > 0 && r == 0 && piece->len < VAULT_RECORD_LEN) {
		r = read_chunk(w, &count);
		for (uint32_t i = 0; i < count && r == 0; i++, w->at++)
			if (!index_has(&w->from->gone, w->at))
				r = move_record(w,
					w->chunk + (size_t)i * VAULT_RECORD_LEN, piece);
	}
	return r != 0 ? r : buf_error(piece);
}

static int
write_anew(struct vault_documents *d, struct rng *rng, struct vault_documents *to)
{
	struct rewriting w = {.from = d, .to = to, .rng = rng};
	struct vault_pieces pieces = {.next = next_piece, .arg = &w};
	int r;

	if ((r = mem_new(&w.chunk, (size_t)CHUNK * VAULT_RECORD_LEN)) != 0)
		return r;
	r = d->disk->replace(d->disk->ctx, DOCUMENTS_NAME, &pieces);
	mem_free(w.chunk);
	return r;
}

int
documents_rewrite(
	struct vault_documents *d, struct rng *rng, struct vault_documents *next)
{
	struct vault_index small = next->index;
	int r;

	CHECK(next->count == 0 && next->master != d->master);
	if ((r = write_anew(d, rng, next)) != 0)
		return r;
	next->durable = next->count;
	/* Records keep their order, so the index moves over and needs no second one beside it. */
	next->index = d->index;
	d->index = small;
	index_close_up(&next->index, &d->gone);
	return 0;
}

int
documents_create(struct vault_documents *d)
{
	CHECK(d->count == 0);
	return write_anew(d, NULL, d);
}
