/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gmime/gmime.h>

#include "base/mem.h"
#include "collect.h"

/* The walk in one process, without locks: what it says, under limits and without memory. */

static const char mail[] =
	"From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n"
	"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
	"text/plain\n\nbody\n"
	"--b\nContent-Type: text/plain; name=n.txt\nContent-Disposition: attachment; "
	"filename=n.txt\n\nattached\n--b--\n";

static volatile sig_atomic_t is_late;

static int
walk(struct collect *c, const void *ptr, size_t len, const struct walk_limits *limits)
{
	struct walk *w = NULL;
	struct source input;
	int r;

	collect_begin_idle(c);
	if ((r = mem_new(&w, sizeof *w)) != 0)
		return r;
	w->limits = *limits;
	w->emit = &c->emit;
	w->is_time_up = &is_late;
	source_open_mem(&input, ptr, len);
	r = walk_run(w, &input, "in.bin");
	mem_free(w);
	return r;
}

static void
expect(const void *ptr, size_t len, const struct walk_limits *limits, const char *records,
	const char *text)
{
	struct collect c;

	assert_int_equal(walk(&c, ptr, len, limits), 0);
	collect_end(&c);
	assert_string_equal((const char *)c.records.data, records);
	if (text != NULL)
		assert_string_equal((const char *)c.text.data, text);
	collect_done(&c);
}

static void
test_what_is_found(void **state)
{
	static const char base64[] = "Before:"
				     "\nVGhlIHRhbGtzIGhhZCBmYWlsZWQgYWdhaW4sIGhlIHNhaWQgd"
				     "G8gbm9ib2R5LCBhbmQgd2VudC4=\n";
	struct walk_limits limits;

	(void)state;
	walk_limits_init(&limits);
	expect("plain", 5, &limits, "M  text\n", "plain");
	expect("", 0, &limits, "M  text\n", "");
	expect(mail, sizeof mail - 1, &limits, "M  mail\nM  text\nM n.txt text\n", NULL);
	expect(base64, sizeof base64 - 1, &limits, "M  text\nM  text\n", NULL);
	expect("%PDF-1.7", 8, &limits, "S  unsupported\n", "");
	expect("\x89PNG\r\n\x1a\n", 8, &limits, "S  no-ocr\n", "");
	limits.is_pdf = true;
	expect("%PDF-1.7", 8, &limits, "B  pdf\n", "");
}

static void
test_limits(void **state)
{
	struct walk_limits limits;

	(void)state;
	walk_limits_init(&limits);
	limits.members_max = 1;
	expect(mail, sizeof mail - 1, &limits, "M  mail\nM  text\nM n.txt text\n", NULL);
	limits.depth_max = 1;
	limits.depth_start = 1;
	expect(mail, sizeof mail - 1, &limits, "M  mail\nM  text\nS n.txt limit\n", NULL);
	walk_limits_init(&limits);
	limits.unpacked_max = 3;
	expect(mail, sizeof mail - 1, &limits, "M  mail\nS  limit\n", NULL);
	walk_limits_init(&limits);
	limits.load_max = 10;
	expect(mail, sizeof mail - 1, &limits, "S  limit\n", NULL);
	walk_limits_init(&limits);
	is_late = 1;
	expect("plain", 5, &limits, "S  limit\n", "");
	is_late = 0;
}

/* A container that is none: said, and its bytes are swept all the same. */
static void
test_damage_is_swept(void **state)
{
	static const char zip[] = "PK\3\4 a damaged container with words in it";
	struct walk_limits limits;

	(void)state;
	walk_limits_init(&limits);
	expect(zip, sizeof zip - 1, &limits, "S  damaged\nM  raw\n", NULL);
}

/*
 * Wherever memory ends: the run fails as a whole, or it says what is missing.  It never claims
 * that everything was examined.
 */
static void
test_out_of_memory(void **state)
{
	static const char text[] = "some text";
	struct walk_limits limits;

	(void)state;
	walk_limits_init(&limits);
	for (long n = 0;; n++) {
		struct collect c;
		bool is_refused;
		int r;

		mem_fail_after(n, true);
		r = walk(&c, text, sizeof text - 1, &limits);
		is_refused = mem_failed_count() > 0;
		mem_fail_never();
		if (r != 0)
			assert_int_equal(r, FAIL_NOMEM);
		else if (is_refused)
			assert_true(c.emit.total.skipped > 0 || buf_error(&c.text) != 0 ||
				buf_error(&c.records) != 0);
		collect_done(&c);
		if (!is_refused) {
			assert_int_equal(r, 0);
			assert_true(n > 3);
			return;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_found),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_damage_is_swept),
		cmocka_unit_test(test_out_of_memory),
	};

	g_mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
