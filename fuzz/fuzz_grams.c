/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/crypto.h"
#include "envelope/grams.h"
#include "fuzz.h"

/*
 * Text for an index host: an object, or a blob.  An object that parses is written again from
 * its parts as the same bytes; a blob that parses has a place that makes sense, and bytes that
 * nobody sealed open under no key.
 */

static void
check_object(const struct grams *g, struct rd in)
{
	struct rd parts = g->parts;
	struct grams_part part;
	struct buf out;
	int r;

	buf_init(&out, GRAMS_LEN_MAX);
	grams_begin(g, &out);
	while ((r = grams_next(&parts, &part)) == 0)
		grams_put(&part, &out);
	CHECK(r == FAIL_ABSENT && buf_error(&out) == 0);
	CHECK(out.len == in.len && memcmp(out.data, in.ptr, in.len) == 0);
	buf_done(&out);
}

static void
check_blob(const struct grams_blob *blob)
{
	static const uint8_t key[SLOT_SECRET_LEN] = {1};
	struct buf out;

	CHECK(blob->place.piece < blob->place.pieces);
	CHECK(blob->place.pieces <= GRAMS_PIECES_MAX);
	buf_init(&out, GRAMS_LEN_MAX);
	CHECK(grams_blob_open(blob, key, &out) == FAIL_ALTERED);
	CHECK(out.len == 0);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct grams_blob blob;
	struct grams grams;
	struct rd in = rd_of(data, len);

	CHECK(crypto_init() == 0);
	if (grams_parse(in, &grams) == 0)
		check_object(&grams, in);
	else if (grams_blob_parse(in, &blob) == 0)
		check_blob(&blob);
	return 0;
}
