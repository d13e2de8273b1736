/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sys/disk.h"
#include "sys/infile.h"
#include "sys/outfile.h"

/* Every test has an empty directory of its own and stands in it. */

static char dir[] = "/tmp/valise-test-XXXXXX";

static int
enter(void **state)
{
	(void)state;
	memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
	return mkdtemp(dir) == NULL || chdir(dir) != 0;
}

/* How many names are in the directory? */
static size_t
count_names(void)
{
	DIR *d = opendir(".");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static int
leave(void **state)
{
	DIR *d = opendir(".");
	struct dirent *e;

	(void)state;
	while (d != NULL && (e = readdir(d)) != NULL)
		(void)unlink(e->d_name);
	closedir(d);
	return chdir("/") != 0 || rmdir(dir) != 0;
}

static void
assert_content(const char *path, const char *want)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_int_equal(disk_read_small(path, 1 << 16, &b), 0);
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.data, want, b.len);
	buf_done(&b);
}

static int
write_text(const char *path, const char *text, bool is_forced)
{
	struct outfile *o = NULL;
	int r;

	if ((r = outfile_new(path, is_forced, &o)) == 0 &&
		(r = outfile_write(o, text, strlen(text))) == 0)
		r = outfile_commit(o);
	outfile_free(o);
	return r;
}

static void
test_appears_at_commit(void **state)
{
	struct outfile *o = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(outfile_new("out", false, &o), 0);
	assert_false(outfile_is_stream(o));
	assert_int_equal(outfile_write(o, "one ", 4), 0);
	assert_int_equal(outfile_write(o, "two", 3), 0);
	assert_int_equal(outfile_write_at(o, "TW", 2, 4), 0);
	assert_false(disk_is_there("out"));
	assert_int_equal(outfile_commit(o), 0);
	outfile_free(o);
	assert_content("out", "one TWo");
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_names(), 1);
}

static void
test_free_leaves_nothing(void **state)
{
	struct outfile *o = NULL;

	(void)state;
	assert_int_equal(outfile_new("out", false, &o), 0);
	assert_int_equal(outfile_write(o, "x", 1), 0);
	outfile_free(o);
	assert_int_equal(count_names(), 0);
}

static void
test_existing_is_refused_and_replaced_by_force(void **state)
{
	struct outfile *o = NULL;

	(void)state;
	assert_int_equal(write_text("out", "old", false), 0);
	assert_int_equal(write_text("out", "new", false), FAIL_EXISTS);
	assert_content("out", "old");
	assert_int_equal(write_text("out", "new", true), 0);
	assert_content("out", "new");

	/* One that comes up in between is noticed at the commit. */
	assert_int_equal(outfile_new("late", false, &o), 0);
	assert_int_equal(outfile_write(o, "mine", 4), 0);
	assert_int_equal(write_text("late", "theirs", false), 0);
	assert_int_equal(outfile_commit(o), FAIL_EXISTS);
	outfile_free(o);
	assert_content("late", "theirs");
	assert_int_equal(count_names(), 2);
}

static void
test_link_is_replaced_not_followed(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(write_text("target", "target", false), 0);
	assert_int_equal(symlink("target", "out"), 0);
	assert_int_equal(write_text("out", "new", false), FAIL_EXISTS);
	assert_int_equal(write_text("out", "new", true), 0);
	assert_int_equal(lstat("out", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_content("target", "target");
	assert_content("out", "new");
}

static void
test_impossible_places(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(write_text("d", "x", true), FAIL_USAGE);
	assert_int_equal(write_text("d/", "x", true), FAIL_USAGE);
	assert_int_equal(write_text("absent/out", "x", false), FAIL_ABSENT);
	assert_int_equal(write_text("", "x", false), FAIL_USAGE);
	assert_int_equal(rmdir("d"), 0);
}

static void
test_device_is_a_stream(void **state)
{
	struct outfile *o = NULL;

	(void)state;
	assert_int_equal(outfile_new("/dev/null", false, &o), 0);
	assert_true(outfile_is_stream(o));
	assert_int_equal(outfile_write(o, "x", 1), 0);
	assert_int_equal(outfile_write_at(o, "x", 1, 0), FAIL_UNSUPPORTED);
	assert_int_equal(outfile_commit(o), 0);
	outfile_free(o);
	assert_int_equal(outfile_new("/dev/full", false, &o), 0);
	assert_int_equal(outfile_write(o, "x", 1), FAIL_SPACE);
	outfile_free(o);
}

/*
 * Fail each call in turn, with each errno that a disk knows: the failure is told, OUT is what
 * it was, and nothing else is in the directory.
 */
static void
fail_everywhere(bool is_forced, int error_number)
{
	long n = 0;

	for (;; n++) {
		int r;

		disk_fail_after(n, error_number);
		r = write_text("out", "new", is_forced);
		disk_fail_never();
		if (r == 0)
			break;
		assert_int_equal(r, disk_fail_of(error_number));
		/* Only the sync of the directory comes after a replacement. */
		if (is_forced && n < 6)
			assert_content("out", "old");
		assert_int_equal(count_names(), is_forced ? 1 : 0);
	}
	/* open dir, open temp, write, sync, link (twice and rename by force), sync dir */
	assert_int_equal(n, is_forced ? 8 : 6);
}

static void
test_every_failing_call(void **state)
{
	static const int errors[] = {ENOSPC, EIO, EDQUOT};

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		fail_everywhere(false, errors[i]);
		assert_int_equal(unlink("out"), 0);
		assert_int_equal(write_text("out", "old", false), 0);
		fail_everywhere(true, errors[i]);
		assert_int_equal(unlink("out"), 0);
	}
}

static void
test_without_unnamed_files(void **state)
{
	(void)state;
	/* The second call opens the unnamed file; this is how a file system without them says. */
	disk_fail_after(1, EOPNOTSUPP);
	assert_int_equal(write_text("out", "named", false), 0);
	assert_int_equal(disk_failed_count(), 1);
	assert_content("out", "named");
	assert_int_equal(count_names(), 1);
	disk_fail_after(1, EOPNOTSUPP);
	assert_int_equal(write_text("out", "again", true), 0);
	assert_content("out", "again");
	assert_int_equal(count_names(), 1);
}

static void
test_out_of_memory(void **state)
{
	struct outfile *o = NULL;

	(void)state;
	mem_fail_after(0, true);
	assert_int_equal(outfile_new("out", false, &o), FAIL_NOMEM);
	mem_fail_never();
	assert_null(o);
}

static int
put_many(struct outbatch *b, size_t count)
{
	char name[32];

	for (size_t i = 0; i < count; i++) {
		struct outfile *o = NULL;
		int r;

		(void)snprintf(name, sizeof name, "f%zu", i);
		if ((r = outbatch_open(b, name, &o)) != 0)
			return r;
		if ((r = outfile_write(o, name, strlen(name))) != 0) {
			outfile_free(o);
			return r;
		}
		if ((r = outbatch_put(b, o)) != 0)
			return r;
	}
	return outbatch_commit(b);
}

static void
test_batch(void **state)
{
	enum { COUNT = OUTBATCH_GROUP + 10 };
	struct outbatch *b = NULL;
	struct outfile *o = NULL;

	(void)state;
	assert_int_equal(outbatch_new(".", false, &b), 0);
	assert_int_equal(put_many(b, COUNT), 0);
	assert_int_equal(count_names(), COUNT);
	assert_content("f0", "f0");
	assert_content("f265", "f265");
	assert_int_equal(outbatch_open(b, "f0", &o), FAIL_EXISTS);
	assert_int_equal(outbatch_open(b, "../f0", &o), FAIL_USAGE);
	assert_int_equal(outbatch_open(b, "..", &o), FAIL_USAGE);
	outbatch_free(b);
}

static void
test_batch_every_failing_call(void **state)
{
	enum { COUNT = 3, CALLS = 1 + COUNT * 2 + 1 + COUNT + 1 };
	struct outbatch *b;
	long n = 0;
	int r = -1;

	(void)state;
	for (; r != 0; n++) {
		b = NULL;
		disk_fail_after(n, ENOSPC);
		if ((r = outbatch_new(".", false, &b)) == 0)
			r = put_many(b, COUNT);
		disk_fail_never();
		outbatch_free(b);
		if (r == 0)
			break;
		assert_int_equal(r, FAIL_SPACE);
		/* Files before the sync of all: none.  Afterwards whole ones, in order. */
		if (n < 1 + COUNT * 2 + 1)
			assert_int_equal(count_names(), 0);
		for (size_t i = count_names(); i > 0; i--) {
			char name[32];

			(void)snprintf(name, sizeof name, "f%zu", i - 1);
			assert_content(name, name);
			assert_int_equal(unlink(name), 0);
		}
	}
	assert_int_equal(n, CALLS);
}

static void
test_infile_notices_change(void **state)
{
	struct infile *in = NULL;
	uint64_t size = 0;
	char text[8];
	size_t len;
	int fd;

	(void)state;
	assert_int_equal(write_text("in", "abcdef", false), 0);
	assert_int_equal(infile_new("in", &in), 0);
	assert_true(infile_has_size(in, &size));
	assert_int_equal(size, 6);
	assert_int_equal(infile_read(in, text, sizeof text, &len), 0);
	assert_int_equal(len, 6);
	assert_int_equal(infile_read_at(in, text, 2, 4, &len), 0);
	assert_memory_equal(text, "ef", 2);
	assert_int_equal(infile_check_unchanged(in), 0);

	/* Same size, and the modification time put back: the change time tells. */
	fd = open("in", O_WRONLY);
	assert_int_equal(write(fd, "X", 1), 1);
	assert_int_equal(futimens(fd, (struct timespec[]){{0, UTIME_NOW}, {1, 0}}), 0);
	close(fd);
	assert_int_equal(infile_check_unchanged(in), FAIL_CHANGED);
	infile_free(in);

	assert_int_equal(infile_new("absent", &in), FAIL_ABSENT);
	assert_int_equal(infile_new(".", &in), FAIL_USAGE);
}

static void
test_infile_pipe(void **state)
{
	int ends[2], saved = dup(0);
	struct infile *in = NULL;
	char text[8];
	size_t len;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_int_equal(dup2(ends[0], 0), 0);
	assert_int_equal(infile_new("-", &in), 0);
	assert_false(infile_has_size(in, NULL));
	close(ends[1]);
	assert_int_equal(infile_read(in, text, sizeof text, &len), 0);
	assert_int_equal(len, 3);
	assert_int_equal(infile_read_at(in, text, 1, 0, &len), FAIL_UNSUPPORTED);
	assert_int_equal(infile_check_unchanged(in), 0);
	infile_free(in);
	close(ends[0]);
	assert_int_equal(dup2(saved, 0), 0);
	close(saved);
}

static void
test_small_files(void **state)
{
	struct buf b;

	(void)state;
	assert_int_equal(disk_write_small("key", "12345", 5, false), 0);
	assert_int_equal(disk_write_small("key", "67890", 5, false), FAIL_EXISTS);
	assert_int_equal(disk_write_small("key", "67890", 5, true), 0);
	assert_content("key", "67890");
	buf_init(&b, 1 << 16);
	assert_int_equal(disk_read_small("key", 4, &b), FAIL_LIMIT);
	buf_clear(&b);
	assert_int_equal(disk_read_small("key", 5, &b), 0);
	/* A buffer that holds just the file is enough. */
	buf_done(&b);
	buf_init(&b, 5);
	assert_int_equal(disk_read_small("key", 5, &b), 0);
	assert_int_equal(b.len, 5);
	buf_done(&b);
}

static void
test_private_dir(void **state)
{
	(void)state;
	assert_int_equal(disk_make_private_dir("a/b"), 0);
	assert_int_equal(disk_make_private_dir("a/b"), 0);
	assert_int_equal(chmod("a/b", 0777), 0);
	assert_int_equal(disk_make_private_dir("a/b"), FAIL_REFUSED);
	assert_int_equal(rmdir("a/b"), 0);
	assert_int_equal(disk_write_small("a/b", "", 0, false), 0);
	assert_int_equal(disk_make_private_dir("a/b"), FAIL_REFUSED);
	assert_int_equal(unlink("a/b"), 0);
	assert_int_equal(rmdir("a"), 0);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(test_appears_at_commit),
		IN_DIR(test_free_leaves_nothing),
		IN_DIR(test_existing_is_refused_and_replaced_by_force),
		IN_DIR(test_link_is_replaced_not_followed),
		IN_DIR(test_impossible_places),
		IN_DIR(test_device_is_a_stream),
		IN_DIR(test_every_failing_call),
		IN_DIR(test_without_unnamed_files),
		IN_DIR(test_out_of_memory),
		IN_DIR(test_batch),
		IN_DIR(test_batch_every_failing_call),
		IN_DIR(test_infile_notices_change),
		IN_DIR(test_infile_pipe),
		IN_DIR(test_small_files),
		IN_DIR(test_private_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
