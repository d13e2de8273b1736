/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "leak/sparse_ledger.h"
#include "leak/sparse_scan.h"
#include "leak/sum.h"

/*
 * Input as a set and as a ledger, with the checksum put right so that the parsers behind it
 * are reached.  A set that parses is used: no shape of a filter may make a look-up leave it.
 * A ledger that parses writes as the same bytes.
 */

enum { INPUT_MAX = 1 << 16 };

static void
use(const struct sparse *set)
{
	static const char text[] =
		"the delegation was informed that the second meeting of the group on "
		"fisheries would be held on the fourteenth and that no paper had yet "
		"been sent";
	struct normal *normal = NULL;
	struct sparse_scan *scan = NULL;
	struct sparse_found found;

	CHECK(normal_new(CPU_PORTABLE, &normal) == 0);
	CHECK(sparse_scan_new(set, normal, CPU_PORTABLE, &scan) == 0);
	CHECK(sparse_scan_text(scan, (const uint8_t *)text, sizeof text - 1, &found) ==
		0);
	for (uint64_t i = 0; i < 64; i++)
		(void)sparse_has(set, i * UINT64_C(0x123456789) & GRAM_HASH_MAX);
	sparse_scan_free(scan);
	normal_free(normal);
}

static void
check_ledger(const struct sparse_ledger *l, const uint8_t *data, size_t size)
{
	struct buf b;

	buf_init(&b, INPUT_MAX);
	sparse_ledger_write(l, &b);
	CHECK(buf_error(&b) == 0 && b.len == size && memcmp(b.data, data, size) == 0);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sparse_ledger ledger;
	struct sparse set;
	uint8_t *copy = NULL;
	uint64_t sum;

	if (size < 8 || size > INPUT_MAX)
		return 0;
	CHECK(crypto_init() == 0 && mem_new(&copy, size) == 0);
	memcpy(copy, data, size);
	sum = sum_of(copy, size - 8);
	for (size_t i = 0; i < 8; i++)
		copy[size - 1 - i] = (uint8_t)(sum >> 8 * i);
	if (sparse_parse(copy, size, &set) == 0)
		use(&set);
	if (sparse_ledger_parse(copy, size, &ledger) == 0)
		check_ledger(&ledger, copy, size);
	mem_free(copy);
	return 0;
}
