/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/reader.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "envelope/box.h"
#include "log/tree.h"
#include "member/credential.h"
#include "valise/pipeline.h"

/*
 * The input is read in pieces larger than what is needed, so bytes are left over twice: after
 * the header and after the last segment.  `pending` holds them; every read looks there first.
 */

enum { FIRST_READ = 4096 };

struct reader {
	struct infile *in;
	struct buf front; /* the header and what was read with it */
	struct buf rest;  /* what was read with the last segment */
	struct buf tail;  /* the trailer */
	struct rd pending;
	struct header header;
	size_t header_len;
	const struct reader_body *how;
	struct tree tree;
	struct hash *hash;
	_Atomic uint32_t bad_segment; /* the segment that did not open */
	struct reader_end end;
	char where[48];
};

static int
fail_at(struct reader *reader, const char *where, int r)
{
	(void)snprintf(reader->where, sizeof reader->where, "%s", where);
	return r;
}

static int
read_some(struct reader *reader, uint8_t *out, size_t len, size_t *ret_len)
{
	size_t first = reader->pending.len < len ? reader->pending.len : len, got = 0;
	int r;

	if (first > 0)
		memcpy(out, reader->pending.ptr, first);
	if (first < len &&
		(r = infile_read(reader->in, out + first, len - first, &got)) != 0)
		return r;
	reader->pending = rd_of(reader->pending.ptr + first, reader->pending.len - first);
	*ret_len = first + got;
	return 0;
}

static int
read_all(struct reader *reader, uint8_t *out, size_t len)
{
	size_t got;
	int r;

	if ((r = read_some(reader, out, len, &got)) != 0)
		return r;
	return got == len ? 0 : FAIL_TRUNCATED;
}

/* Double what is there until the header parses, or cannot. */
static int
read_header(struct reader *reader)
{
	struct buf *front = &reader->front;
	size_t want = FIRST_READ, got;
	int r = FAIL_TRUNCATED;

	while (r == FAIL_TRUNCATED) {
		uint8_t *at = buf_extend(front, want);

		if (at == NULL)
			return buf_error(front) == FAIL_LIMIT ? FAIL_FORMAT
							      : buf_error(front);
		if ((r = infile_read(reader->in, at, want, &got)) != 0)
			return r;
		front->len -= want - got;
		r = header_parse(rd_of(front->data, front->len), &reader->header,
			&reader->header_len);
		if (r == FAIL_TRUNCATED && got < want)
			return r;
		want = front->len;
	}
	return r;
}

int
reader_new(struct infile *in, struct reader **ret_reader)
{
	struct reader *reader = NULL;
	int r;

	if ((r = mem_new(&reader, sizeof *reader)) != 0)
		return r;
	reader->in = in;
	buf_init(&reader->front, 2 * (size_t)HEADER_LEN_MAX);
	buf_init(&reader->rest,
		2 * (size_t)HEADER_LEN_MAX + PIPELINE_SEGMENTS_MAX * SEGMENT_FRAME_MAX);
	buf_init(&reader->tail, TRAILER_LEN_MAX + 1);
	atomic_init(&reader->bad_segment, UINT32_MAX);
	tree_init(&reader->tree);
	*ret_reader = reader;
	if ((r = hash_new(&reader->hash)) != 0)
		return r;
	if ((r = read_header(reader)) != 0)
		return fail_at(reader, "header", r);
	reader->pending = rd_of(reader->front.data + reader->header_len,
		reader->front.len - reader->header_len);
	return 0;
}

void
reader_free(struct reader *reader)
{
	if (reader == NULL)
		return;
	buf_done(&reader->front);
	buf_done(&reader->rest);
	buf_done(&reader->tail);
	hash_free(reader->hash);
	mem_free_wiped(reader, sizeof *reader);
}

const struct header *
reader_header(const struct reader *reader)
{
	return &reader->header;
}

size_t
reader_header_len(const struct reader *reader)
{
	return reader->header_len;
}

const struct reader_end *
reader_end(const struct reader *reader)
{
	return &reader->end;
}

const char *
reader_where(const struct reader *reader)
{
	return reader->where;
}

static int
fail_at_segment(struct reader *reader, uint32_t index, int r)
{
	(void)snprintf(reader->where, sizeof reader->where, "segment %u", index);
	return r;
}

/* Keep what was read behind the last segment. */
static int
keep_rest(struct reader *reader, const uint8_t *ptr, size_t len)
{
	buf_bytes(&reader->rest, ptr, len);
	if (reader->pending.len > 0)
		buf_bytes(&reader->rest, reader->pending.ptr, reader->pending.len);
	reader->pending = rd_of(reader->rest.data, reader->rest.len);
	return buf_error(&reader->rest);
}

/* Read frames and find where each ends; the lengths are checked before they are used. */
static int
take(void *ctx, struct batch *b)
{
	struct reader *reader = ctx;
	size_t got, at = 0, sealed_len;
	int r;

	if ((r = read_some(reader, b->in, b->size, &got)) != 0)
		return r;
	while (!b->is_end && at < b->size) {
		uint32_t index = b->first + (uint32_t)b->count;

		if (got - at < SEGMENT_FRAME_HEAD)
			return fail_at_segment(reader, index, FAIL_TRUNCATED);
		if ((r = segment_head(b->in + at, index, &b->is_end, &sealed_len)) != 0)
			return fail_at_segment(reader, index, r);
		if (got - at - SEGMENT_FRAME_HEAD < sealed_len)
			return fail_at_segment(reader, index, FAIL_TRUNCATED);
		at += SEGMENT_FRAME_HEAD + sealed_len;
		b->count++;
	}
	b->in_len = at;
	return b->is_end ? keep_rest(reader, b->in + at, got - at) : 0;
}

/* The first of them in the file counts, whichever thread was quicker. */
static void
note_bad_segment(struct reader *reader, uint32_t index)
{
	uint32_t first = atomic_load(&reader->bad_segment);

	while (index < first &&
		!atomic_compare_exchange_weak(&reader->bad_segment, &first, index))
		;
}

static int
open_batch(void *ctx, struct batch *b)
{
	struct reader *reader = ctx;
	const uint8_t *in = b->in;
	size_t sealed_len;
	bool is_last;
	int r;

	b->out_len = 0;
	for (size_t i = 0; i < b->count; i++) {
		struct segment_at at = {.index = b->first + (uint32_t)i};

		r = segment_head(in, at.index, &is_last, &sealed_len);
		CHECK(r == 0);
		at.is_last = is_last;
		in += SEGMENT_FRAME_HEAD;
		tree_leaf(b->hash, in, sealed_len, b->leaves[i]);
		if (b->aead != NULL &&
			(r = segment_open(b->aead, reader->header.hash, at, in,
				 sealed_len, b->out + b->out_len)) != 0) {
			note_bad_segment(reader, at.index);
			return r;
		}
		b->out_len += sealed_len - AEAD_TAG_LEN;
		in += sealed_len;
	}
	return 0;
}

static int
put(void *ctx, const struct batch *b)
{
	struct reader *reader = ctx;

	for (size_t i = 0; i < b->count; i++)
		tree_push(&reader->tree, b->leaves[i]);
	reader->end.seen.body_len += b->out_len;
	reader->end.seen.segments += (uint32_t)b->count;
	progress_add(reader->how->progress, b->out_len);
	if (b->aead == NULL)
		return 0;
	return reader->how->sink(reader->how->ctx, b->out, b->out_len);
}

int
reader_body(struct reader *reader, const struct reader_body *how)
{
	struct pipeline pipeline = {.take = take,
		.work = open_batch,
		.put = put,
		.ctx = reader,
		.key = how->key,
		.segments_per_batch = PIPELINE_SEGMENTS_MAX,
		.thread_count = how->thread_count};
	uint64_t size;
	int r;

	if (infile_has_size(reader->in, &size) && size < SEGMENT_PLAIN_MAX)
		pipeline.segments_per_batch = 1;
	reader->how = how;
	r = pipeline_run(&pipeline);
	if (r == FAIL_ALTERED)
		return fail_at_segment(reader, atomic_load(&reader->bad_segment), r);
	if (r != 0 && r != FAIL_TRUNCATED && r != FAIL_FORMAT)
		return fail_at(reader, "", r);
	return r;
}

static int
read_box(struct reader *reader, struct buf *box)
{
	uint8_t length[3];
	uint8_t *at;
	size_t len;
	int r;

	if ((r = read_all(reader, length, sizeof length)) != 0)
		return r;
	len = (size_t)length[0] << 16 | (size_t)length[1] << 8 | length[2];
	if (len < BOX_LEN_MIN || len > BOX_LEN_MAX)
		return FAIL_FORMAT;
	buf_clear(box);
	if ((at = buf_extend(box, len)) == NULL)
		return buf_error(box);
	return read_all(reader, at, len);
}

/* The boxes count for the root; only a copy's keys open them, and solo has none. */
static int
read_boxes(struct reader *reader)
{
	uint8_t leaf[HASH_LEN], word[4];
	size_t first_len = 0;
	uint64_t count;
	struct buf box;
	int r;

	if ((r = read_all(reader, word, sizeof word)) != 0)
		return r;
	count = (uint64_t)word[0] << 24 | (uint64_t)word[1] << 16 |
		(uint64_t)word[2] << 8 | word[3];
	if (count > BOX_PAIRS_MAX)
		return FAIL_FORMAT;
	count *= 2;
	buf_init(&box, BOX_LEN_MAX);
	for (uint64_t i = 0; i < count && r == 0; i++) {
		if ((r = read_box(reader, &box)) != 0)
			break;
		if (i % 2 == 1 && box.len != first_len)
			r = FAIL_FORMAT;
		first_len = box.len;
		tree_leaf(reader->hash, box.data, box.len, leaf);
		tree_push(&reader->tree, leaf);
	}
	reader->end.seen.boxes = (uint32_t)count;
	buf_done(&box);
	return r;
}

/* The trailer is the rest of the file. */
static int
read_trailer(struct reader *reader)
{
	uint8_t *at = buf_extend(&reader->tail, TRAILER_LEN_MAX + 1);
	size_t got;
	int r;

	if (at == NULL)
		return buf_error(&reader->tail);
	if ((r = read_some(reader, at, TRAILER_LEN_MAX + 1, &got)) != 0)
		return r;
	if (got > TRAILER_LEN_MAX)
		return FAIL_FORMAT;
	reader->end.trailer_bytes = rd_of(at, got);
	return trailer_parse(reader->end.trailer_bytes, &reader->end.trailer);
}

/*
 * A bare key signs solo envelopes and no others.  A credential brings the key of its device;
 * whether it counts is for the roster and the log to say, not for a reader without them.
 */
static int
verify_signer(const struct reader *reader, size_t i)
{
	const struct signer *signer = &reader->end.trailer.signers[i];
	struct credential credential;
	int r;

	if (core_is_solo(&reader->header.core) != (signer->kind == SIGNER_BARE_KEY))
		return FAIL_FORMAT;
	if (signer->kind == SIGNER_BARE_KEY)
		return trailer_verify_bare(&reader->end.trailer, i, reader->header.hash);
	if ((r = credential_parse(
		     signer->identity.ptr, signer->identity.len, &credential)) != 0)
		return r == FAIL_NOMEM ? r : FAIL_FORMAT;
	return trailer_verify(
		&reader->end.trailer, i, reader->header.hash, credential.subject.sign);
}

static int
verify_signers(const struct reader *reader)
{
	int r = 0;

	for (size_t i = 0; i < reader->end.trailer.signer_count && r == 0; i++)
		r = verify_signer(reader, i);
	return r;
}

static int
check_end(struct reader *reader)
{
	struct reader_end *end = &reader->end;
	int r;

	end->has_trailer = true;
	trailer_envelope_hash(
		reader->header.hash, &end->trailer.sums, end->envelope_hash);
	/* The signature first: it says whether the counts that follow are the sender's. */
	r = verify_signers(reader);
	end->is_signed = r == 0;
	if (trailer_compare(&end->trailer.sums, &end->seen) != 0)
		return fail_at(reader, "counts and root", FAIL_ALTERED);
	end->is_consistent = true;
	return r == 0 ? 0 : fail_at(reader, "signer", r);
}

int
reader_finish(struct reader *reader)
{
	int r;

	if ((r = read_boxes(reader)) != 0)
		return fail_at(reader, "boxes", r);
	tree_root(&reader->tree, reader->end.seen.root);
	if ((r = read_trailer(reader)) != 0)
		return fail_at(reader, "trailer", r);
	return check_end(reader);
}
