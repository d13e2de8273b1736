/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "cable/receipt.h"

/* What parses writes as the bytes that were read; what is signed is those bytes, too. */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct receipt r;
	struct buf b;

	if (receipt_parse(rd_of(data, size), &r) != 0)
		return 0;
	CHECK(receipt_kind_text(r.kind) != NULL);
	buf_init(&b, 2 * RECEIPT_LEN_MAX);
	CHECK(receipt_write(&r, &b) == 0);
	CHECK(b.len == size && memcmp(b.data, data, size) == 0);
	buf_clear(&b);
	CHECK(receipt_signed(&r, &b) == 0);
	CHECK(memmem(b.data, b.len, data, size - SIGN_LEN) != NULL);
	buf_done(&b);
	return 0;
}
