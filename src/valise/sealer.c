/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/sealer.h"

#include <string.h>

#include "base/mem.h"
#include "envelope/trailer.h"
#include "log/tree.h"
#include "sys/random.h"
#include "valise/pipeline.h"

/*
 * The body is the head and then the inputs.  Whether a segment is the last one is known only
 * when one byte more has been asked for, so the source reads one byte ahead.
 */

struct source {
	const struct sealer *sealer;
	struct rd head; /* and the text of a cable */
	size_t input;	/* the one being read */
	uint64_t left;	/* bytes still stated for it; BODY_SIZE_REST: up to its end */
	bool has_ahead;
	uint8_t ahead;
};

struct sealing {
	const struct sealer *sealer;
	const uint8_t *header_hash;
	struct source source;
	struct tree tree;
	struct trailer_sums sums;
	size_t segments_per_batch;
};

/* The text of a cable is in memory and goes out with the head; files follow. */
static size_t
parts_in_memory(const struct sealer *sealer)
{
	return sealer->head->parts[0].kind == BODY_TEXT ? 1 : 0;
}

static size_t
input_count(const struct source *source)
{
	return source->sealer->head->part_count - parts_in_memory(source->sealer);
}

/* Stand at the beginning of an input. */
static void
source_go(struct source *source, size_t input)
{
	const struct sealer *sealer = source->sealer;

	source->input = input;
	if (input < input_count(source))
		source->left = sealer->head->parts[input + parts_in_memory(sealer)].size;
}

static void
source_init(struct source *source, const struct sealer *sealer, struct rd head)
{
	*source = (struct source){.sealer = sealer, .head = head};
	source_go(source, 0);
}

/* The current input is at its end: was it as long as stated?  Go to the next one. */
static int
next_input(struct source *source)
{
	struct infile *in = source->sealer->inputs[source->input];
	uint8_t more;
	size_t got;
	int r;

	if (source->left != BODY_SIZE_REST) {
		if (source->left > 0)
			return FAIL_CHANGED;
		if ((r = infile_read(in, &more, 1, &got)) != 0)
			return r;
		if (got > 0)
			return FAIL_CHANGED;
	}
	if ((r = infile_check_unchanged(in)) != 0)
		return r;
	source_go(source, source->input + 1);
	return 0;
}

/* Up to len bytes of the body from where the source stands; 0 bytes only at the very end. */
static int
source_some(struct source *source, uint8_t *out, size_t len, size_t *ret_len)
{
	size_t want, got;
	int r;

	if (source->head.len > 0) {
		got = source->head.len < len ? source->head.len : len;
		memcpy(out, source->head.ptr, got);
		source->head = rd_of(source->head.ptr + got, source->head.len - got);
		*ret_len = got;
		return 0;
	}
	while (source->input < input_count(source)) {
		want = source->left < len ? (size_t)source->left : len;
		if ((r = infile_read(source->sealer->inputs[source->input], out, want,
			     &got)) != 0)
			return r;
		if (source->left != BODY_SIZE_REST)
			source->left -= got;
		if (got > 0) {
			*ret_len = got;
			return 0;
		}
		if ((r = next_input(source)) != 0)
			return r;
	}
	*ret_len = 0;
	return 0;
}

/* Fill len bytes, and find out whether the body ends with them. */
static int
source_read(struct source *source, uint8_t *out, size_t len, size_t *ret_len,
	bool *ret_is_end)
{
	size_t at = 0, got = 1;
	int r;

	if (source->has_ahead) {
		out[at++] = source->ahead;
		source->has_ahead = false;
	}
	while (at < len && got > 0) {
		if ((r = source_some(source, out + at, len - at, &got)) != 0)
			return r;
		at += got;
	}
	if (at == len) {
		if ((r = source_some(source, &source->ahead, 1, &got)) != 0)
			return r;
		source->has_ahead = got > 0;
	}
	*ret_len = at;
	*ret_is_end = !source->has_ahead;
	return 0;
}

static int
take(void *ctx, struct batch *b)
{
	struct sealing *s = ctx;
	int r;

	if ((r = source_read(&s->source, b->in, s->segments_per_batch * SEGMENT_PLAIN_MAX,
		     &b->in_len, &b->is_end)) != 0)
		return r;
	b->count = (b->in_len + SEGMENT_PLAIN_MAX - 1) / SEGMENT_PLAIN_MAX;
	return 0;
}

static int
seal_batch(void *ctx, struct batch *b)
{
	const struct sealing *s = ctx;
	const uint8_t *in = b->in;
	size_t left = b->in_len, frame_len;
	int r;

	b->out_len = 0;
	for (size_t i = 0; i < b->count; i++) {
		size_t len = left < SEGMENT_PLAIN_MAX ? left : SEGMENT_PLAIN_MAX;
		struct segment_at at = {.index = b->first + (uint32_t)i,
			.is_last = b->is_end && i + 1 == b->count};
		uint8_t *frame = b->out + b->out_len;

		if ((r = segment_seal(b->aead, s->header_hash, at, in, len, frame,
			     &frame_len)) != 0)
			return r;
		tree_leaf(b->hash, frame + SEGMENT_FRAME_HEAD,
			frame_len - SEGMENT_FRAME_HEAD, b->leaves[i]);
		in += len;
		left -= len;
		b->out_len += frame_len;
	}
	return 0;
}

static int
put(void *ctx, const struct batch *b)
{
	struct sealing *s = ctx;

	for (size_t i = 0; i < b->count; i++)
		tree_push(&s->tree, b->leaves[i]);
	s->sums.body_len += b->in_len;
	s->sums.segments += (uint32_t)b->count;
	progress_add(s->sealer->progress, b->in_len);
	return outfile_write(s->sealer->out, b->out, b->out_len);
}

/* No boxes, then the trailer with our signature. */
static int
write_end(const struct sealer *sealer, const uint8_t header_hash[HASH_LEN],
	const struct trailer_sums *sums)
{
	struct trailer trailer = {.sums = *sums, .signer_count = 1};
	struct own_signing signing = {.sums = *sums};
	struct signer *signer = &trailer.signers[0];
	struct buf out;
	int r;

	memcpy(signing.header_hash, header_hash, HASH_LEN);
	signer->role = SIGNER_AUTHOR;
	signer->kind = SIGNER_CREDENTIAL;
	signer->identity = sealer->credential;
	if (sealer->credential.len == 0) {
		signer->kind = SIGNER_BARE_KEY;
		signer->identity =
			rd_of(keys_public(sealer->keys)->sign, SIGN_PUBLIC_LEN);
	}
	buf_init(&out, TRAILER_LEN_MAX);
	if ((r = keys_sign(sealer->keys, &signing, signer->signature)) != 0)
		goto out;
	buf_u32(&out, 0);
	if ((r = trailer_write(&trailer, &out)) != 0)
		goto out;
	r = outfile_write(sealer->out, out.data, out.len);
out:
	buf_done(&out);
	return r;
}

/* Does the whole body fit into one segment? */
static bool
is_small(const struct sealer *sealer, struct rd head)
{
	uint64_t size;

	if (sealer->head->part_count != 1)
		return false;
	if (parts_in_memory(sealer) == 1)
		return head.len < SEGMENT_PLAIN_MAX;
	return infile_has_size(sealer->inputs[0], &size) &&
		size + head.len < SEGMENT_PLAIN_MAX;
}

static int
seal_body(const struct sealer *sealer, struct header_secrets *secrets, struct rd head,
	struct trailer_sums *ret_sums)
{
	struct sealing s = {.sealer = sealer, .header_hash = secrets->hash};
	struct pipeline pipeline = {.take = take,
		.work = seal_batch,
		.put = put,
		.ctx = &s,
		.key = secrets->body_key,
		.thread_count = sealer->thread_count};
	int r;

	/* What is small needs no more than one segment of memory. */
	s.segments_per_batch = is_small(sealer, head) ? 1 : PIPELINE_SEGMENTS_MAX;
	pipeline.segments_per_batch = s.segments_per_batch;
	source_init(&s.source, sealer, head);
	tree_init(&s.tree);
	if ((r = pipeline_run(&pipeline)) != 0)
		return r;
	tree_root(&s.tree, s.sums.root);
	*ret_sums = s.sums;
	return 0;
}

static int
put_text(const struct sealer *sealer, struct buf *head)
{
	if (parts_in_memory(sealer) == 0)
		return 0;
	CHECK(sealer->text.len == sealer->head->parts[0].size);
	buf_bytes(head, sealer->text.ptr, sealer->text.len);
	return buf_error(head);
}

int
sealer_run(const struct sealer *sealer, struct sealed *ret_sealed)
{
	struct header_secrets secrets = {0};
	struct trailer_sums sums;
	struct buf front, head;
	int r;

	buf_init(&front, HEADER_LEN_MAX);
	buf_init(&head, BODY_HEAD_MAX + 4 + sealer->text.len);
	if ((r = body_write(sealer->head, &head)) != 0 ||
		(r = put_text(sealer, &head)) != 0 ||
		(r = header_seal(sealer->plan, random_system(), &front, &secrets)) != 0 ||
		(r = outfile_write(sealer->out, front.data, front.len)) != 0 ||
		(r = seal_body(sealer, &secrets, rd_of(head.data, head.len), &sums)) !=
			0 ||
		(r = write_end(sealer, secrets.hash, &sums)) != 0)
		goto out;
	memcpy(ret_sealed->document_id, secrets.document_id, CORE_DOCUMENT_ID_LEN);
	trailer_envelope_hash(secrets.hash, &sums, ret_sealed->envelope_hash);
	ret_sealed->size = sums.body_len - head.len + sealer->text.len;
out:
	header_secrets_wipe(&secrets);
	buf_done(&front);
	buf_done(&head);
	return r;
}
