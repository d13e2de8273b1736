/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_memory_is_zeroed(void **state)
{
	uint8_t *p = NULL;

	(void)state;
	assert_int_equal(mem_new(&p, 4096), 0);
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
	assert_int_equal(mem_new(&p, 0), 0);
	assert_non_null(p);
	mem_free_wiped(p, 0);
	mem_free(NULL);
	mem_free_wiped(NULL, 0);
}

static void
test_array_does_not_overflow(void **state)
{
	uint32_t *p = NULL;

	(void)state;
	assert_int_equal(mem_new_array(&p, SIZE_MAX / 4 + 1, sizeof *p), FAIL_LIMIT);
	assert_int_equal(mem_new_array(&p, 2, SIZE_MAX / 2 + 1), FAIL_LIMIT);
	assert_null(p);
	assert_int_equal(mem_new_array(&p, 7, sizeof *p), 0);
	p[6] = 1;
	mem_free(p);
	assert_int_equal(mem_new_array(&p, 7, 0), 0);
	mem_free(p);
}

static void
test_grow_keeps_and_zeroes(void **state)
{
	uint8_t *p = NULL;

	(void)state;
	assert_int_equal(mem_grow(&p, 0, 4), 0);
	memcpy(p, "abcd", 4);
	assert_int_equal(mem_grow(&p, 4, 4), 0);
	assert_int_equal(mem_grow(&p, 4, 9), 0);
	assert_memory_equal(p, "abcd\0\0\0\0\0", 9);
	mem_free(p);
}

static void
test_wipe(void **state)
{
	char key[8] = "secret!";

	(void)state;
	mem_wipe(key, 6);
	assert_memory_equal(key, "\0\0\0\0\0\0!\0", 8);
	mem_wipe(NULL, 0);
}

static void
test_failures_come_on_demand(void **state)
{
	uint8_t *p = NULL, *q = NULL, *before;

	(void)state;
	mem_fail_after(1, true);
	assert_int_equal(mem_new(&p, 8), 0);
	assert_int_equal(mem_new(&q, 8), FAIL_NOMEM);
	assert_null(q);
	assert_int_equal(mem_failed_count(), 1);
	assert_int_equal(mem_new(&q, 8), 0);
	mem_fail_after(0, false);
	before = p;
	assert_int_equal(mem_grow(&p, 8, 16), FAIL_NOMEM);
	assert_ptr_equal(p, before);
	assert_int_equal(mem_new_array(&p, 2, 8), FAIL_NOMEM);
	assert_int_equal(mem_failed_count(), 2);
	mem_fail_never();
	assert_int_equal(mem_grow(&p, 8, 16), 0);
	mem_free(p);
	mem_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed),
		cmocka_unit_test(test_array_does_not_overflow),
		cmocka_unit_test(test_grow_keeps_and_zeroes),
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_failures_come_on_demand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
