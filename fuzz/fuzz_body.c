/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "envelope/addressing.h"
#include "envelope/body.h"
#include "envelope/box.h"
#include "envelope/core.h"
#include "envelope/segment.h"
#include "envelope/trailer.h"
#include "fuzz.h"

/*
 * The smaller formats, one by one; the first byte says which, the rest is the input:
 *
 *   0 head of a body    1 pair of boxes    2 plaintext of a box    3 trailer
 *   4 heads of segments    5 addressing    6 core
 *
 * What parses is written again as the same bytes.  The plaintext of a box is sealed as an
 * author might, with any padding, and then opened.
 */

static const uint8_t prk[SCHEDULE_LEN] = {1}, header_hash[HASH_LEN] = {2};

static void
check_same(const struct buf *out, struct rd bytes)
{
	CHECK(buf_error(out) == 0);
	CHECK(out->len == bytes.len);
	CHECK(bytes.len == 0 || memcmp(out->data, bytes.ptr, bytes.len) == 0);
}

static void
try_head(struct rd in)
{
	struct body_head *head = NULL;
	struct buf out;
	size_t len, again;

	CHECK(mem_new(&head, sizeof *head) == 0);
	if (body_parse(in, head, &len) == 0) {
		buf_init(&out, 2 * BODY_HEAD_MAX);
		CHECK(body_write(head, &out) == 0);
		check_same(&out, rd_of(in.ptr, len));
		buf_done(&out);
		CHECK(body_parse(rd_of(in.ptr, len - 1), head, &again) == FAIL_TRUNCATED);
	}
	mem_free(head);
}

static void
try_pair(struct rd in)
{
	struct box_at at = {.header_hash = header_hash};
	struct rd boxes[2], all = in;
	struct buf out;

	if (box_parse_pair(&in, boxes) != 0)
		return;
	buf_init(&out, 2 * (BOX_LEN_MAX + 3));
	box_write_pair(boxes, &out);
	check_same(&out, rd_of(all.ptr, all.len - in.len));
	buf_clear(&out);
	CHECK(box_open(at, prk, boxes[0], &out) != 0);
	CHECK(out.len == 0);
	buf_done(&out);
}

/* Commitment and ciphertext over any plaintext. */
static void
seal_plain(struct rd plain, struct buf *out)
{
	uint8_t commitment[HASH_LEN], key[SCHEDULE_LEN], aad[HASH_LEN + 5] = {0};
	const uint8_t nonce[AEAD_NONCE_LEN] = {0};
	struct aead *aead = NULL;
	uint8_t *at;

	memcpy(aad, header_hash, HASH_LEN);
	CHECK(schedule_key(prk, "commit", commitment) == 0);
	CHECK(schedule_key(prk, "box", key) == 0);
	CHECK(aead_new(key, &aead) == 0);
	buf_bytes(out, commitment, HASH_LEN);
	CHECK((at = buf_extend(out, plain.len + AEAD_TAG_LEN)) != NULL);
	CHECK(aead_seal(aead, nonce, aad, sizeof aad, plain.ptr, plain.len, at) == 0);
	aead_free(aead);
}

static void
try_plain(struct rd plain)
{
	struct box_at at = {.header_hash = header_hash};
	struct buf box, text, again;
	int r;

	if (plain.len > BOX_TEXT_MAX)
		return;
	buf_init(&box, BOX_LEN_MAX);
	buf_init(&text, BOX_TEXT_MAX);
	buf_init(&again, BOX_LEN_MAX);
	seal_plain(plain, &box);
	r = box_open(at, prk, rd_of(box.data, box.len), &text);
	CHECK(r == 0 || r == FAIL_FORMAT);
	if (r == 0) {
		CHECK(box_seal(at, prk, rd_of(text.data, text.len), plain.len - 3,
			      &again) == 0);
		check_same(&again, rd_of(box.data, box.len));
	}
	buf_done(&box);
	buf_done(&text);
	buf_done(&again);
}

static void
try_trailer(struct rd in)
{
	struct trailer trailer;
	struct buf out;

	if (trailer_parse(in, &trailer) != 0)
		return;
	buf_init(&out, TRAILER_LEN_MAX);
	CHECK(trailer_write(&trailer, &out) == 0);
	check_same(&out, in);
	buf_done(&out);
}

static void
try_segments(struct rd in)
{
	const uint8_t *head;
	uint32_t index = 0;
	bool is_last;
	size_t len;

	while (rd_bytes(&in, SEGMENT_FRAME_HEAD, &head) == 0) {
		if (segment_head(head, index, &is_last, &len) != 0)
			continue;
		CHECK(len >= AEAD_TAG_LEN && len <= SEGMENT_SEALED_MAX);
		CHECK(is_last || len == SEGMENT_SEALED_MAX);
		CHECK(len > AEAD_TAG_LEN || index == 0);
		index++;
	}
}

static void
try_addressing(struct rd in)
{
	struct addressing *a = NULL;
	struct buf out;

	CHECK(mem_new(&a, sizeof *a) == 0);
	if (addressing_parse(in, a) == 0) {
		buf_init(&out, ADDRESSING_LEN_MAX);
		CHECK(addressing_write(a, &out) == 0);
		check_same(&out, in);
		buf_done(&out);
	}
	mem_free(a);
}

static void
try_core(struct rd in)
{
	struct rd all = in;
	struct core core;
	struct buf out;

	if (core_parse(&in, &core) != 0)
		return;
	buf_init(&out, CORE_LEN_MAX);
	CHECK(core_write(&core, &out) == 0);
	check_same(&out, rd_of(all.ptr, all.len - in.len));
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static void (*const tries[])(struct rd) = {try_head, try_pair, try_plain,
		try_trailer, try_segments, try_addressing, try_core};

	CHECK(crypto_init() == 0);
	if (len > 0 && data[0] < sizeof tries / sizeof tries[0])
		tries[data[0]](rd_of(data + 1, len - 1));
	return 0;
}
