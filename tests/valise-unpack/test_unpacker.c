/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/unpacker.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sys/clock.h"

/*
 * The reading side against an unpacker that crashes, hangs, lies, floods and loops (rogue.c, as
 * "valise-unpack" in the directory VALISE_TEST_ROGUE).  What it said before counts; what it
 * did is reported; the next input is examined as if nothing had been.
 */

struct heard {
	struct buf log;
	int stop_at; /* fail at this record; 0: never */
	int count;
};

static int
hear(void *arg, const struct unpack_record *record)
{
	struct heard *h = arg;

	if (++h->count == h->stop_at)
		return FAIL_SPACE;
	if (record->type == UNPACK_MEMBER)
		buf_printf(&h->log, "M %.*s\n", (int)record->member.path_len,
			record->member.path);
	else if (record->type == UNPACK_TEXT && h->log.len < 1000)
		buf_printf(&h->log, "T %.*s\n", (int)record->text.len, record->text.ptr);
	else if (record->type == UNPACK_END)
		buf_printf(&h->log, "E %s\n", unpack_reason_text(record->end.reason));
	else if (record->type == UNPACK_SKIP)
		buf_printf(&h->log, "S %.*s %s\n", (int)record->skip.path_len,
			record->skip.path, unpack_reason_text(record->skip.reason));
	else if (record->type == UNPACK_TOTAL)
		buf_text(&h->log, "=\n");
	return 0;
}

static void
config(struct unpacker_config *c)
{
	unpacker_config_init(c);
	c->helper_dir = getenv("VALISE_TEST_ROGUE");
	assert_non_null(c->helper_dir);
	c->is_ocr = c->is_pdf = false;
}

static int
run(struct unpacker *u, const char *how, struct heard *h)
{
	const struct unpacker_sink sink = {hear, h};
	int fd = memfd_create("input", MFD_CLOEXEC), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, how, strlen(how)), (ssize_t)strlen(how));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	buf_init(&h->log, 1 << 20);
	h->count = 0;
	r = unpacker_run(u, fd, "in", &sink);
	(void)close(fd);
	buf_u8(&h->log, 0);
	return r;
}

#define BEFORE "M in!inner.txt\nT seen before\n"

static void
test_what_a_rogue_does(void **state)
{
	static const struct {
		const char *how, *want;
	} cases[] = {
		{"crash", BEFORE "E damaged\nS in damaged\n=\n"},
		{"kill", BEFORE "E limit\nS in limit\n=\n"},
		{"status", BEFORE "E damaged\nS in damaged\n=\n"},
		{"quiet", BEFORE "E damaged\nS in damaged\n=\n"},
		{"lie", BEFORE "E damaged\nS in damaged\n=\n"},
		{"path", BEFORE "E complete\nS in damaged\n=\n"},
		{"hang", BEFORE "E limit\nS in limit\n=\n"},
	};
	struct unpacker_config c;
	struct unpacker *u = NULL;
	uint64_t start = clock_monotonic_ms();

	(void)state;
	config(&c);
	c.wall_s = 1;
	assert_int_equal(unpacker_new(&c, &u), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct heard h = {0};

		assert_int_equal(run(u, cases[i].how, &h), 0);
		assert_string_equal((const char *)h.log.data, cases[i].want);
		buf_done(&h.log);
	}
	unpacker_free(u);
	assert_true(clock_monotonic_ms() - start < 20000);
}

static void
test_floods_and_loops_end(void **state)
{
	struct unpacker_config c;
	struct unpacker *u = NULL;
	struct heard h = {0};

	(void)state;
	config(&c);
	c.unpacked_max = 1 << 20;
	assert_int_equal(unpacker_new(&c, &u), 0);
	assert_int_equal(run(u, "flood", &h), 0);
	assert_non_null(strstr((const char *)h.log.data, "E limit\nS in limit\n=\n"));
	buf_done(&h.log);
	assert_int_equal(run(u, "loop", &h), 0);
	assert_string_equal((const char *)h.log.data, "S in limit\n=\n");
	buf_done(&h.log);
	unpacker_free(u);
}

static void
test_the_sink_ends_it(void **state)
{
	struct unpacker_config c;
	struct unpacker *u = NULL;
	struct heard h = {0};

	(void)state;
	config(&c);
	c.wall_s = 1;
	assert_int_equal(unpacker_new(&c, &u), 0);
	for (h.stop_at = 1; h.stop_at < 4; h.stop_at++) {
		assert_int_equal(run(u, "hang", &h), FAIL_SPACE);
		buf_done(&h.log);
	}
	unpacker_free(u);
}

/* Without a lock nothing is read, and nothing is called damaged. */
static void
test_no_lock(void **state)
{
	struct unpacker_config c;
	struct unpacker *u = NULL;
	struct heard h = {0};

	(void)state;
	config(&c);
	assert_int_equal(unpacker_new(&c, &u), 0);
	assert_int_equal(run(u, "nolock", &h), FAIL_UNSUPPORTED);
	buf_done(&h.log);
	unpacker_free(u);
}

static void
test_no_helper(void **state)
{
	struct unpacker_config c;
	struct unpacker *u = NULL;
	struct heard h = {0};

	(void)state;
	config(&c);
	c.helper_dir = "/nonexistent";
	assert_int_equal(unpacker_new(&c, &u), 0);
	assert_int_equal(run(u, "x", &h), FAIL_ABSENT);
	buf_done(&h.log);
	unpacker_free(u);
	c.depth_max = UNPACK_DEPTH_MAX + 1;
	assert_int_equal(unpacker_new(&c, &u), FAIL_LIMIT);
}

static void
test_out_of_memory(void **state)
{
	struct unpacker_config c;
	struct unpacker *u = NULL;

	(void)state;
	config(&c);
	assert_int_equal(unpacker_new(&c, &u), 0);
	for (long n = 0;; n++) {
		struct heard h = {.count = 0};
		const struct unpacker_sink sink = {hear, &h};
		int fd = memfd_create("input", MFD_CLOEXEC), r;

		buf_init(&h.log, 1 << 20);
		mem_fail_after(n, false);
		r = unpacker_run(u, fd, "in", &sink);
		mem_fail_never();
		(void)close(fd);
		buf_done(&h.log);
		if (r == 0) {
			assert_true(n > 2);
			break;
		}
		assert_true(r == FAIL_NOMEM || r == FAIL_ABSENT);
	}
	unpacker_free(u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_rogue_does),
		cmocka_unit_test(test_floods_and_loops_end),
		cmocka_unit_test(test_the_sink_ends_it),
		cmocka_unit_test(test_no_lock),
		cmocka_unit_test(test_no_helper),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
