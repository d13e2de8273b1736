/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rd.h"

static void
test_what_is_put_is_read(void **state)
{
	static const uint8_t want[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		16, 17, 18, 'h', 'i', '7', '-', 'x'};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_u8(&b, 0x01);
	buf_u16(&b, 0x0203);
	buf_u24(&b, 0x040506);
	buf_u32(&b, 0x0708090a);
	buf_u64(&b, UINT64_C(0x0b0c0d0e0f101112));
	buf_text(&b, "hi");
	buf_printf(&b, "%d-%s", 7, "x");
	buf_bytes(&b, NULL, 0);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, sizeof want);
	assert_memory_equal(b.data, want, sizeof want);
	buf_done(&b);
	assert_null(b.data);
}

static void
test_vectors_of_each_width(void **state)
{
	static const uint8_t want[] = {1, 'a', 0, 1, 'b', 0, 0, 1, 'c', 0, 0, 0, 1, 'd'};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t width = 1; width <= 4; width++)
		buf_vec(&b, width, &"abcd"[width - 1], 1);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, sizeof want);
	assert_memory_equal(b.data, want, sizeof want);
	buf_done(&b);
}

static void
test_nested_vectors(void **state)
{
	struct buf b;
	size_t outer, inner;

	(void)state;
	buf_init(&b, 100);
	outer = buf_vec_begin(&b, 2);
	inner = buf_vec_begin(&b, 1);
	buf_text(&b, "xyz");
	buf_vec_end(&b, inner, 1);
	buf_vec_end(&b, outer, 2);
	assert_int_equal(buf_error(&b), 0);
	assert_memory_equal(b.data, "\0\4\3xyz", 6);
	buf_done(&b);
}

static void
test_vector_too_long_for_its_length(void **state)
{
	static const uint8_t zeros[256];
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_vec(&b, 1, zeros, 255);
	assert_int_equal(buf_error(&b), 0);
	buf_vec(&b, 1, zeros, 256);
	assert_int_equal(buf_error(&b), FAIL_LIMIT);
	buf_done(&b);
}

static void
test_maximum_sticks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_u32(&b, 1);
	assert_int_equal(buf_error(&b), 0);
	buf_u8(&b, 2);
	assert_int_equal(buf_error(&b), FAIL_LIMIT);
	assert_int_equal(b.len, 4);
	assert_null(buf_extend(&b, 0));
	buf_clear(&b);
	assert_int_equal(buf_error(&b), 0);
	buf_u8(&b, 9);
	assert_int_equal(b.len, 1);
	assert_null(buf_extend(&b, SIZE_MAX));
	assert_int_equal(buf_error(&b), FAIL_LIMIT);
	buf_done(&b);
}

static void
test_grows_over_the_first_block(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (uint32_t i = 0; i < 25000; i++)
		buf_u32(&b, i);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, 100000);
	for (uint32_t i = 0; i < 25000; i++) {
		struct rd in = rd_of(b.data + 4 * i, 4);
		uint32_t v = 0;

		assert_int_equal(rd_u32(&in, &v), 0);
		assert_int_equal(v, i);
	}
	buf_done(&b);
}

static void
test_clear_wipes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_text(&b, "secret");
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	assert_memory_equal(b.data, "\0\0\0\0\0\0", 6);
	buf_done(&b);
}

static void
test_out_of_memory_at_each_growth(void **state)
{
	long n = 0;
	int r;

	(void)state;
	do {
		struct buf b;

		buf_init(&b, 10000);
		mem_fail_after(n++, true);
		for (unsigned i = 0; i < 2000; i++)
			buf_u32(&b, i);
		r = buf_error(&b);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_true(r != 0 || b.len == 8000);
		buf_done(&b);
	} while (r != 0);
	assert_true(n > 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_put_is_read),
		cmocka_unit_test(test_vectors_of_each_width),
		cmocka_unit_test(test_nested_vectors),
		cmocka_unit_test(test_vector_too_long_for_its_length),
		cmocka_unit_test(test_maximum_sticks),
		cmocka_unit_test(test_grows_over_the_first_block),
		cmocka_unit_test(test_clear_wipes),
		cmocka_unit_test(test_out_of_memory_at_each_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
