/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/received.h"
#include "sys/disk.h"

/* Which documents an index host has: put, read again, cut off by a crash. */

static char dir[] = "/tmp/valise-received-XXXXXX", path[sizeof dir + 16];

static const uint8_t *
document(unsigned n)
{
	static uint8_t id[RECEIVED_DOCUMENT_LEN];

	memset(id, 0, sizeof id);
	id[0] = (uint8_t)n;
	id[1] = (uint8_t)(n >> 8);
	return id;
}

static struct received *
open_again(struct received *received)
{
	struct received *again = NULL;

	received_close(received);
	assert_int_equal(received_open(dir, &again), 0);
	return again;
}

static int
begin(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

static void
it_is_there_when_opened_again(void **state)
{
	struct received *rc = open_again(NULL);

	(void)state;
	assert_null(received_find(rc, document(1)));
	assert_int_equal(received_put(rc, document(1), "PT/2026/0001"), 0);
	assert_int_equal(received_put(rc, document(2), "PT/2026/0002"), 0);
	for (int i = 0; i < 2; i++, rc = open_again(rc)) {
		assert_string_equal(received_find(rc, document(1)), "PT/2026/0001");
		assert_string_equal(received_find(rc, document(2)), "PT/2026/0002");
		assert_null(received_find(rc, document(3)));
		assert_true(received_is_taken(rc, "PT/2026/0002"));
		assert_false(received_is_taken(rc, "PT/2026/0003"));
	}
	received_close(rc);
}

static void
the_last_word_counts(void **state)
{
	struct received *rc = open_again(NULL);

	(void)state;
	assert_int_equal(received_put(rc, document(1), "PT/2026/0001"), 0);
	assert_int_equal(received_put(rc, document(1), "-"), 0);
	for (int i = 0; i < 2; i++, rc = open_again(rc)) {
		assert_string_equal(received_find(rc, document(1)), "-");
		/* It is not given to another document. */
		assert_true(received_is_taken(rc, "PT/2026/0001"));
		assert_false(received_is_taken(rc, "-"));
	}
	received_close(rc);
}

static void
many(void **state)
{
	struct received *rc = open_again(NULL);
	char id[32];

	(void)state;
	for (unsigned i = 0; i < 1100; i++) {
		(void)snprintf(id, sizeof id, "PT/2026/%04u", i);
		assert_int_equal(received_put(rc, document(i), id), 0);
	}
	rc = open_again(rc);
	for (unsigned i = 0; i < 1100; i++) {
		(void)snprintf(id, sizeof id, "PT/2026/%04u", i);
		assert_string_equal(received_find(rc, document(i)), id);
	}
	received_close(rc);
}

static void
what_is_none_is_refused(void **state)
{
	char longest[RECEIVED_ID_MAX + 2];
	struct received *rc = open_again(NULL);

	(void)state;
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(received_put(rc, document(1), ""), FAIL_FORMAT);
	assert_int_equal(received_put(rc, document(1), "a\nb"), FAIL_FORMAT);
	assert_int_equal(received_put(rc, document(1), longest), FAIL_FORMAT);
	assert_int_equal(received_put(rc, document(1), longest + 1), 0);
	rc = open_again(rc);
	assert_string_equal(received_find(rc, document(1)), longest + 1);
	received_close(rc);
}

/* Cut at each byte: what was whole is there, and what is put afterwards is, too. */
static void
a_crash_cuts_one_line(void **state)
{
	struct received *rc = open_again(NULL);
	struct buf whole;

	(void)state;
	buf_init(&whole, 4096);
	assert_int_equal(received_put(rc, document(1), "PT/2026/0001"), 0);
	assert_int_equal(received_put(rc, document(2), "PT/2026/0002"), 0);
	received_close(rc);
	assert_int_equal(disk_read_small(path, 4096, &whole), 0);
	for (size_t len = 0; len <= whole.len; len++) {
		assert_int_equal(disk_write_small(path, whole.data, len, true), 0);
		rc = open_again(NULL);
		assert_int_equal(received_put(rc, document(3), "PT/2026/0003"), 0);
		rc = open_again(rc);
		assert_string_equal(received_find(rc, document(3)), "PT/2026/0003");
		if (len >= whole.len / 2)
			assert_string_equal(
				received_find(rc, document(1)), "PT/2026/0001");
		received_close(rc);
	}
	buf_done(&whole);
}

static void
each_call_of_the_disk_fails(void **state)
{
	struct received *rc;
	long n = 0;
	int r;

	(void)state;
	do {
		rc = NULL;
		disk_fail_after(n++, ENOSPC);
		if ((r = received_open(dir, &rc)) == 0)
			r = received_put(rc, document(1), "PT/2026/0001");
		disk_fail_never();
		received_close(rc);
		rc = open_again(NULL);
		assert_int_equal(received_put(rc, document(2), "PT/2026/0002"), 0);
		rc = open_again(rc);
		assert_string_equal(received_find(rc, document(2)), "PT/2026/0002");
		if (r == 0)
			assert_string_equal(
				received_find(rc, document(1)), "PT/2026/0001");
		received_close(rc);
		(void)unlink(path);
	} while (r != 0 && n < 100);
	assert_true(n > 3 && n < 100);
}

static void
memory_runs_out_anywhere(void **state)
{
	struct received *rc = open_again(NULL);
	long n = 0;
	int r;

	(void)state;
	for (unsigned i = 0; i < 600; i++)
		assert_int_equal(received_put(rc, document(i), "PT/2026/0001"), 0);
	received_close(rc);
	do {
		rc = NULL;
		mem_fail_after(n++, true);
		r = received_open(dir, &rc);
		mem_fail_never();
		received_close(rc);
		assert_true(r == 0 || r == FAIL_NOMEM);
	} while (r != 0 && n < 1000);
	assert_true(n > 5 && n < 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_is_there_when_opened_again, begin),
		cmocka_unit_test_setup(the_last_word_counts, begin),
		cmocka_unit_test_setup(many, begin),
		cmocka_unit_test_setup(what_is_none_is_refused, begin),
		cmocka_unit_test_setup(a_crash_cuts_one_line, begin),
		cmocka_unit_test_setup(each_call_of_the_disk_fails, begin),
		cmocka_unit_test_setup(memory_runs_out_anywhere, begin),
	};
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof path, "%s/received", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)rmdir(dir);
	return failed;
}
