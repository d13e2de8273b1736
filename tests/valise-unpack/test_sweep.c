/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/sweep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collect.h"

static void
expect(const char *bytes, size_t len, const char *want)
{
	struct collect c;

	collect_begin(&c);
	sweep_block(&c.prose, (const uint8_t *)bytes, len, 0);
	collect_end(&c);
	assert_string_equal((const char *)c.text.data, want);
	collect_done(&c);
}

#define EXPECT(literal, want) expect(literal, sizeof literal - 1, want)

static void
test_runs(void **state)
{
	(void)state;
	EXPECT("\x80\x81words here\x82\x83", "words here");
	EXPECT("\x01short\x02", "");
	/* close runs continue each other, far ones do not */
	EXPECT("first run\x01\x02second run", "first runsecond run");
	EXPECT("first "
	       "run\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81"
	       "\x81"
	       "second run",
		"first run | second run");
	EXPECT("\x81"
	       "caf\xc3\xa9 noir \xe9t\xe9.\x81",
		"caf\xc3\xa9 noir \xc3\xa9t\xc3\xa9.");
}

static void
test_wide_runs(void **state)
{
	(void)state;
	EXPECT("\x81\x81w\0i\0d\0e\0 \0r\0u\0n\0\x81\x81", " | wide run");
	EXPECT("\x81\x81\0w\0i\0d\0e\0 \0r\0u\0n\x81\x81\x81", " | wide run");
	EXPECT("\x81\x81\x81w\0i\0d\0e\0 \0o\0d\0d\0\x81\x81", " | wide odd");
}

static void
test_zeros_are_skipped(void **state)
{
	static char block[256 * 1024];
	struct collect c;

	(void)state;
	memset(block, 0, sizeof block);
	expect(block, sizeof block, "");
	memcpy(block + 200000, "the only words", 14);
	collect_begin(&c);
	sweep_block(&c.prose, (const uint8_t *)block, sizeof block, 1000000);
	collect_end(&c);
	assert_non_null(strstr((const char *)c.text.data, "the only words"));
	assert_int_equal(c.last_offset, 1200000);
	collect_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_wide_runs),
		cmocka_unit_test(test_zeros_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
