/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "unpack_check.h"
#include "valise-unpack/carve.h"
#include "valise-unpack/charset.h"
#include "valise-unpack/encword.h"
#include "valise-unpack/magic.h"
#include "valise-unpack/sweep.h"

/*
 * Bytes in any encoding: decoded in the one that the first byte names and in the one that is
 * guessed, cut where the second byte says; swept; carved; read as a mail header.
 */

static void
decode(enum charset charset, const uint8_t *ptr, size_t len, size_t cut)
{
	struct unpack_check c;
	struct charset_decoder d;
	const struct charset_out out = {prose_put, &c.prose};

	unpack_check_member(&c);
	charset_decoder_init(&d, charset, 0);
	charset_feed(&d, ptr, cut, &out);
	charset_feed(&d, ptr + cut, len - cut, &out);
	charset_end(&d, &out);
	CHECK(d.offset == len);
	unpack_check_end(&c, len);
}

static void
carve(const uint8_t *ptr, size_t len, size_t cut)
{
	struct carve c;

	carve_init(&c);
	carve_head(&c, ptr, len);
	carve_feed(&c, ptr, cut, 0);
	carve_feed(&c, ptr + cut, len - cut, cut);
	CHECK(carve_end(&c) == 0);
	for (size_t i = 0; i < c.count; i++)
		CHECK(c.finds[i].offset <= len && c.finds[i].data.len <= len);
	carve_done(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unpack_check c;
	struct magic magic;
	struct buf header;
	size_t cut, skip = 0;

	if (size < 2)
		return 0;
	cut = data[1] < size - 2 ? data[1] : size - 2;
	decode((enum charset)(data[0] % CHARSET_COUNT), data + 2, size - 2, cut);
	decode(charset_guess(data + 2, size - 2, &skip), data + 2, size - 2, cut);
	CHECK(skip <= size - 2);
	magic_guess(data + 2, size - 2, "a.eml", 5, &magic);
	carve(data + 2, size - 2, cut);
	unpack_check_member(&c);
	sweep_block(&c.prose, data + 2, size - 2, 0);
	unpack_check_end(&c, size);
	buf_init(&header, 8 * ENCWORD_MAX);
	encword_put(&header, (const char *)data + 2, size - 2);
	CHECK(buf_error(&header) == 0);
	buf_done(&header);
	return 0;
}
