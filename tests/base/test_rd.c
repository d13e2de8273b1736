/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t count[18] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};

static void
test_integers_are_big_endian(void **state)
{
	struct rd in = rd_of(count, sizeof count);
	uint64_t v64 = 0;
	uint32_t v24 = 0, v32 = 0;
	uint16_t v16 = 0;
	uint8_t v8 = 0;

	(void)state;
	assert_int_equal(rd_u8(&in, &v8), 0);
	assert_int_equal(rd_u16(&in, &v16), 0);
	assert_int_equal(rd_u24(&in, &v24), 0);
	assert_int_equal(rd_u32(&in, &v32), 0);
	assert_int_equal(rd_u64(&in, &v64), 0);
	assert_int_equal(v8, 0x01);
	assert_int_equal(v16, 0x0203);
	assert_int_equal(v24, 0x040506);
	assert_int_equal(v32, 0x0708090a);
	assert_true(v64 == UINT64_C(0x0b0c0d0e0f101112));
	assert_int_equal(rd_end(&in), 0);
}

/* A reader that fails stands where it stood, and so does the caller's variable. */
static void
test_failure_moves_nothing(void **state)
{
	const uint8_t *p = count;
	struct rd in = rd_of(count, 0), vec = {0};
	uint64_t v64 = 7;
	uint32_t v32 = 7;
	uint16_t v16 = 7;
	uint8_t v8 = 7;

	(void)state;
	assert_int_equal(rd_u8(&in, &v8), FAIL_TRUNCATED);
	in = rd_of(count, 1);
	assert_int_equal(rd_u16(&in, &v16), FAIL_TRUNCATED);
	in = rd_of(count, 2);
	assert_int_equal(rd_u24(&in, &v32), FAIL_TRUNCATED);
	in = rd_of(count, 3);
	assert_int_equal(rd_u32(&in, &v32), FAIL_TRUNCATED);
	in = rd_of(count, 7);
	assert_int_equal(rd_u64(&in, &v64), FAIL_TRUNCATED);
	assert_int_equal(rd_bytes(&in, 8, &p), FAIL_TRUNCATED);
	assert_int_equal(rd_copy(&in, SIZE_MAX, &v64), FAIL_TRUNCATED);
	in = rd_of("\x05tiny", 5);
	assert_int_equal(rd_vec8(&in, 0, 255, &vec), FAIL_TRUNCATED);
	assert_int_equal(in.len, 5);
	assert_null(vec.ptr);
	assert_int_equal(v8 + v16, 14);
	assert_int_equal(v32, 7);
	assert_true(v64 == 7);
	assert_ptr_equal(p, count);
	assert_int_equal(rd_end(&in), FAIL_FORMAT);
}

static void
test_vectors(void **state)
{
	static const uint8_t bytes[] = {1, 'a', 0, 1, 'b', 0, 0, 1, 'c', 0, 0, 0, 1, 'd'};
	struct rd in = rd_of(bytes, sizeof bytes), v[4] = {0};

	(void)state;
	assert_int_equal(rd_vec8(&in, 0, 1, &v[0]), 0);
	assert_int_equal(rd_vec16(&in, 0, 1, &v[1]), 0);
	assert_int_equal(rd_vec24(&in, 1, 9, &v[2]), 0);
	assert_int_equal(rd_vec32(&in, 1, 1, &v[3]), 0);
	assert_int_equal(rd_end(&in), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(v[i].len, 1);
		assert_int_equal(v[i].ptr[0], 'a' + (int)i);
	}
}

static void
test_vector_limits(void **state)
{
	struct rd in = rd_of("\x03"
			     "abc",
			  4),
		  v = {0};

	(void)state;
	assert_int_equal(rd_vec8(&in, 4, 9, &v), FAIL_FORMAT);
	assert_int_equal(rd_vec8(&in, 0, 2, &v), FAIL_FORMAT);
	assert_int_equal(in.len, 4);
	assert_int_equal(rd_vec8(&in, 3, 3, &v), 0);
	assert_memory_equal(v.ptr, "abc", 3);
	/* A length that the bytes cannot hold is no overflow. */
	in = rd_of("\xff\xff\xff\xff"
		   "a",
		5);
	assert_int_equal(rd_vec32(&in, 0, SIZE_MAX, &v), FAIL_TRUNCATED);
	assert_int_equal(in.len, 5);
}

static void
test_copy(void **state)
{
	struct rd in = rd_of(count, 3);
	uint8_t out[3] = {0};

	(void)state;
	assert_int_equal(rd_copy(&in, 0, NULL), 0);
	assert_int_equal(rd_copy(&in, 3, out), 0);
	assert_memory_equal(out, count, 3);
	assert_int_equal(rd_end(&in), 0);
}

static void
test_magic_and_version(void **state)
{
	static const uint8_t magic[RD_MAGIC_LEN] = {'m', 'a', 'g', 'i', 'c', 0, 13, 10};
	static const uint8_t bytes[] = {'m', 'a', 'g', 'i', 'c', 0, 13, 10, 0, 1, 9};
	struct rd in = rd_of(bytes, sizeof bytes);

	(void)state;
	assert_int_equal(rd_magic(&in, magic), 0);
	assert_int_equal(rd_version(&in, 2), FAIL_VERSION);
	assert_int_equal(in.len, 3);
	assert_int_equal(rd_version(&in, 1), 0);
	assert_int_equal(in.len, 1);
	/* Too short and right so far; too short and wrong. */
	in = rd_of(bytes, 5);
	assert_int_equal(rd_magic(&in, magic), FAIL_TRUNCATED);
	in = rd_of(bytes + 1, 4);
	assert_int_equal(rd_magic(&in, magic), FAIL_FORMAT);
	in = rd_of(bytes, 0);
	assert_int_equal(rd_magic(&in, magic), FAIL_TRUNCATED);
	in = rd_of(bytes + 9, 1);
	assert_int_equal(rd_version(&in, 1), FAIL_TRUNCATED);
	assert_int_equal(in.len, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers_are_big_endian),
		cmocka_unit_test(test_failure_moves_nothing),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_vector_limits),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_magic_and_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
