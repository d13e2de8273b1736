/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "envelope/box.h"
#include "envelope/header.h"
#include "envelope/segment.h"
#include "envelope/trailer.h"
#include "fuzz.h"

/*
 * A whole envelope without keys: header, frames, boxes, trailer.
 *
 *   u8 chunk || file         the file is also given to header_parse() in pieces of chunk
 *
 * The addressing hash of the core would stop nearly every mutation, so it is put right first.
 * Asked of every input: what parses is written again as the same bytes; a piece of what parses
 * is "more bytes are needed"; what is refused in a piece is refused as a whole.
 */

enum { COPY_MAX = 1 << 20 };

/* Make the core name the addressing that follows it, where both are there. */
static void
put_right(uint8_t *file, size_t len)
{
	struct rd at = rd_of(file, len), addressing;
	const uint8_t *salt;
	struct core core;

	if (core_parse(&at, &core) != 0)
		return;
	uint8_t *hash = file + (len - at.len) - HASH_LEN;

	if (rd_bytes(&at, ADDRESSING_SALT_LEN, &salt) != 0 ||
		rd_vec32(&at, 0, ADDRESSING_LEN_MAX, &addressing) != 0)
		return;
	CHECK(addressing_hash(salt, addressing.ptr, addressing.len, hash) == 0);
}

static void
check_same(const struct buf *out, struct rd bytes)
{
	CHECK(buf_error(out) == 0);
	CHECK(out->len == bytes.len);
	CHECK(bytes.len == 0 || memcmp(out->data, bytes.ptr, bytes.len) == 0);
}

/* Core and addressing again, from their structs. */
static void
check_canonical(const struct header *header)
{
	struct addressing *a = NULL;
	struct buf out;

	buf_init(&out, ADDRESSING_LEN_MAX);
	CHECK(core_write(&header->core, &out) == 0);
	check_same(&out, header->core_bytes);
	buf_clear(&out);
	CHECK(mem_new(&a, sizeof *a) == 0);
	CHECK(addressing_parse(header->addressing, a) == 0);
	CHECK(addressing_write(a, &out) == 0);
	check_same(&out, header->addressing);
	mem_free(a);
	buf_done(&out);
}

/* Every reader of the header is found where it stands. */
static void
check_slots(const struct header *header)
{
	struct slot slot;
	size_t at;

	for (size_t i = 0; i < header->r.count; i++) {
		slots_at(&header->r, i, &slot);
		CHECK(slots_find(&header->r, slot.key_id, &at) == 0 && at == i);
	}
	CHECK(header->sv.count == (size_t)header->core.custodian_count + 1);
}

static void
check_pieces(struct rd file, size_t chunk, int whole, size_t whole_len)
{
	struct header header;
	size_t len;

	for (size_t have = 0; have < file.len; have += chunk) {
		int r = header_parse(rd_of(file.ptr, have), &header, &len);

		if (whole == 0)
			CHECK(have < whole_len ? r == FAIL_TRUNCATED
					       : r == 0 && len == whole_len);
		else
			CHECK(r == FAIL_TRUNCATED || r == whole);
	}
}

static int
skip_segments(struct rd *in)
{
	const uint8_t *head, *sealed;
	uint32_t index = 0;
	bool is_last = false;
	size_t len;
	int r;

	while (!is_last) {
		if ((r = rd_bytes(in, SEGMENT_FRAME_HEAD, &head)) != 0 ||
			(r = segment_head(head, index++, &is_last, &len)) != 0 ||
			(r = rd_bytes(in, len, &sealed)) != 0)
			return r;
		CHECK(len >= AEAD_TAG_LEN && len <= SEGMENT_SEALED_MAX);
	}
	return 0;
}

static int
skip_boxes(struct rd *in)
{
	struct rd pair[2];
	uint32_t pairs;
	int r;

	if ((r = rd_u32(in, &pairs)) != 0)
		return r;
	for (uint32_t i = 0; i < pairs; i++)
		if ((r = box_parse_pair(in, pair)) != 0)
			return r;
	return 0;
}

static void
try_trailer(struct rd in, const struct header *header)
{
	struct trailer trailer;
	struct buf out;

	if (trailer_parse(in, &trailer) != 0)
		return;
	buf_init(&out, TRAILER_LEN_MAX);
	CHECK(trailer_write(&trailer, &out) == 0);
	check_same(&out, in);
	buf_done(&out);
	for (size_t i = 0; i < trailer.signer_count; i++) {
		int r = trailer_verify_bare(&trailer, i, header->hash);

		CHECK(r == 0 || r == FAIL_SIGNATURE);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct header header;
	uint8_t *file = NULL;
	size_t header_len = 0, chunk;
	struct rd in;
	int r;

	CHECK(crypto_init() == 0);
	if (len < 1 || len > COPY_MAX)
		return 0;
	/* Few pieces, or a long file would be parsed thousands of times. */
	chunk = (size_t)data[0] + 1 + len / 16;
	CHECK(mem_new(&file, len) == 0);
	memcpy(file, data + 1, --len);
	put_right(file, len);
	in = rd_of(file, len);
	r = header_parse(in, &header, &header_len);
	check_pieces(in, chunk, r, header_len);
	if (r == 0) {
		check_canonical(&header);
		check_slots(&header);
		in = rd_of(file + header_len, len - header_len);
		if (skip_segments(&in) == 0 && skip_boxes(&in) == 0)
			try_trailer(in, &header);
	}
	mem_free(file);
	return 0;
}
