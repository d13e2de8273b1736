/* SPDX-License-Identifier: Apache-2.0 */
#include "member/solo.h"

#include <string.h>

/*
 * The public keys on the wire and in the key file: one layout, so that the agent's answer and
 * the file cannot come to differ.  The lengths follow from the suite and are not written.
 */

static void
write_kem(const struct kem_public *key, struct buf *out)
{
	buf_bytes(out, key->bytes, key->len);
}

void
solo_public_write(const struct solo_public *p, struct buf *out)
{
	buf_u16(out, p->suite);
	buf_u64(out, p->created_s);
	buf_bytes(out, p->sign, sizeof p->sign);
	write_kem(&p->reader, out);
	write_kem(&p->solo, out);
	write_kem(&p->recovery, out);
}

static int
parse_kem(struct rd *in, uint16_t suite, struct kem_public *key)
{
	key->suite = suite;
	key->len = (uint16_t)kem_public_len(suite);
	return rd_copy(in, key->len, key->bytes);
}

int
solo_public_parse(struct rd *in, struct solo_public *ret_public)
{
	struct solo_public *p = ret_public;
	struct rd rest = *in;
	uint16_t suite;
	int r;

	if ((r = rd_u16(&rest, &suite)) != 0)
		return r;
	if (kem_public_len(suite) == 0)
		return FAIL_SUITE;
	p->suite = suite;
	if ((r = rd_u64(&rest, &p->created_s)) != 0 ||
		(r = rd_copy(&rest, sizeof p->sign, p->sign)) != 0 ||
		(r = parse_kem(&rest, suite, &p->reader)) != 0 ||
		(r = parse_kem(&rest, suite, &p->solo)) != 0 ||
		(r = parse_kem(&rest, suite, &p->recovery)) != 0)
		return r;
	*in = rest;
	return 0;
}
