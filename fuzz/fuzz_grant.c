/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/crypto.h"
#include "envelope/grant.h"
#include "fuzz.h"

/*
 * A grant.  What parses is written again from its parts as the same bytes, and the two
 * messages that are signed over it can be made.
 */

static void
check_again(const struct grant *grant, struct rd in)
{
	struct buf out;

	buf_init(&out, 2 * GRANT_LEN_MAX);
	buf_bytes(&out, grant->signed_bytes.ptr, grant->signed_bytes.len);
	CHECK(grant_sign(&grant->granter, &out) == 0);
	if (grant->is_counted) {
		/* Countersigning starts from what the granter signed. */
		CHECK(out.len - 1 == grant->counted_bytes.len);
		buf_clear(&out);
		CHECK(grant_countersign(grant, grant->countersignature, &out) == 0);
	}
	CHECK(out.len == in.len && memcmp(out.data, in.ptr, in.len) == 0);
	buf_clear(&out);
	CHECK(grant_signed(grant->signed_bytes, &out) == 0);
	buf_clear(&out);
	CHECK(grant_counted(grant, &out) == 0);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct grant grant, cut;
	struct rd in = rd_of(data, len);

	CHECK(crypto_init() == 0);
	if (grant_parse(in, &grant) != 0)
		return 0;
	check_again(&grant, in);
	for (size_t have = 0; have < len; have += 1 + len / 8)
		CHECK(grant_parse(rd_of(data, have), &cut) == FAIL_TRUNCATED);
	return 0;
}
