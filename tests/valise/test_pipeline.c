/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "valise/pipeline.h"

/*
 * A source of numbered batches: batch i carries the byte i, work turns it into i + 1 after a
 * wait that is longer for even ones, so that they finish out of order.
 */

struct line {
	uint32_t batches;
	uint32_t taken;
	uint32_t put;
	uint32_t fail_take, fail_work,
		fail_put; /* the batch at which it fails; UINT32_MAX never */
	int is_in_order;
};

static int
take(void *ctx, struct batch *b)
{
	struct line *line = ctx;

	if (line->taken == line->fail_take)
		return FAIL_IO;
	b->in[0] = (uint8_t)line->taken;
	b->in_len = 1;
	b->count = 1;
	line->taken++;
	b->is_end = line->taken == line->batches;
	return 0;
}

static int
work(void *ctx, struct batch *b)
{
	const struct line *line = ctx;

	for (int i = 0; b->first % 2 == 0 && i < 20; i++)
		(void)sched_yield();
	if (b->first == line->fail_work)
		return FAIL_ALTERED;
	b->out[0] = (uint8_t)(b->in[0] + 1);
	b->out_len = 1;
	return 0;
}

static int
put(void *ctx, const struct batch *b)
{
	struct line *line = ctx;

	if (line->put == line->fail_put)
		return FAIL_SPACE;
	if (b->first != line->put || b->out[0] != (uint8_t)(line->put + 1))
		line->is_in_order = 0;
	line->put++;
	return 0;
}

static struct line
line_of(uint32_t batches)
{
	return (struct line){.batches = batches,
		.fail_take = UINT32_MAX,
		.fail_work = UINT32_MAX,
		.fail_put = UINT32_MAX,
		.is_in_order = 1};
}

static int
run(struct line *line, size_t threads)
{
	struct pipeline p = {.take = take,
		.work = work,
		.put = put,
		.ctx = line,
		.segments_per_batch = 1,
		.thread_count = threads};

	return pipeline_run(&p);
}

static void
batches_are_put_in_order_by_any_number_of_threads(void **state)
{
	(void)state;
	for (size_t threads = 1; threads <= 8; threads++) {
		for (uint32_t batches = 1; batches < 200; batches += 66) {
			struct line line = line_of(batches);

			assert_int_equal(run(&line, threads), 0);
			assert_int_equal(line.put, batches);
			assert_true(line.is_in_order);
		}
	}
}

/* Whatever comes after it in the file must not be put, however early it was ready. */
static void
nothing_is_put_after_a_failure(void **state)
{
	(void)state;
	for (uint32_t at = 0; at < 40; at++) {
		struct line line = line_of(100);

		line.fail_work = at;
		assert_int_equal(run(&line, 4), FAIL_ALTERED);
		assert_int_equal(line.put, at);
		line = line_of(100);
		line.fail_take = at;
		assert_int_equal(run(&line, 4), FAIL_IO);
		assert_int_equal(line.put, at);
		line = line_of(100);
		line.fail_put = at;
		assert_int_equal(run(&line, 4), FAIL_SPACE);
		assert_int_equal(line.put, at);
	}
}

/* The failure that is told is the first in the file, not the first in time. */
static void
the_first_failure_in_the_file_is_told(void **state)
{
	(void)state;
	for (uint32_t at = 1; at < 40; at++) {
		struct line line = line_of(100);

		line.fail_work = at;
		line.fail_take = at + 1;
		assert_int_equal(run(&line, 4), FAIL_ALTERED);
		assert_int_equal(line.put, at);
	}
}

static void
want_of_memory_is_told_and_ends(void **state)
{
	(void)state;
	for (long n = 0;; n++) {
		struct line line = line_of(50);
		int r;

		mem_fail_after(n, false);
		r = run(&line, 3);
		if (mem_failed_count() == 0) {
			mem_fail_never();
			assert_int_equal(r, 0);
			assert_true(n > 4);
			return;
		}
		mem_fail_never();
		assert_int_equal(r, FAIL_NOMEM);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_are_put_in_order_by_any_number_of_threads),
		cmocka_unit_test(nothing_is_put_after_a_failure),
		cmocka_unit_test(the_first_failure_in_the_file_is_told),
		cmocka_unit_test(want_of_memory_is_told_and_ends),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
