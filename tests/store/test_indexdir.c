/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of an index: every failing system call leaves the state of before or after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/indexdir.h"
#include "sys/disk.h"
#include "sys/random.h"

static struct normal *normal;
static char root[256];

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(
		root, sizeof root, "%s/indexdir.XXXXXX", tmp != NULL ? tmp : P_tmpdir);
	(void)state;
	if (mkdtemp(root) == NULL)
		return -1;
	return normal_new(CPU_PORTABLE, &normal);
}

static void
empty_dir(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), e->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

static int
tear_down(void **state)
{
	(void)state;
	normal_free(normal);
	(void)rmdir(root);
	return 0;
}

/* Register documents `first` to `first + count - 1`, removing `dead`. */
static int
commit(struct indexdir *d, unsigned first, unsigned count, const uint32_t *dead,
	size_t dead_count)
{
	struct segment_build *b = NULL;
	char id[16], text[400];
	int r;

	if ((r = segment_build_new(normal, CPU_PORTABLE, &indexdir_index(d)->key, &b)) !=
		0)
		return r;
	for (unsigned i = first; r == 0 && i < first + count; i++) {
		struct segment_text doc = {.id = id, .text = (const uint8_t *)text};

		doc.id_len = (size_t)snprintf(id, sizeof id, "doc-%u", i);
		doc.len = (size_t)snprintf(text, sizeof text,
			"In the year %u the delegation number %u went to the port of "
			"call %u and "
			"met the consul of the %u provinces, who agreed to %u of %u "
			"points.",
			i * 7919, i * 31, i * 17, i * 5, i * 3, i * 11);
		r = segment_build_add(b, &doc);
	}
	if (r == 0)
		r = indexdir_commit(d, b, dead, dead_count);
	segment_build_free(b);
	return r;
}

static unsigned
living(const struct indexdir *d)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < indexdir_index(d)->docs; i++)
		count += !indexdir_is_dead(d, i);
	return count;
}

static unsigned
files_in(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	unsigned count = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		count += e->d_name[0] != '.';
	if (dir != NULL)
		(void)closedir(dir);
	return count;
}

static void
path_of(const char *name, char ret_path[320])
{
	(void)snprintf(ret_path, 320, "%s/%s", root, name);
}

static void
test_made_changed_and_read_again(void **state)
{
	struct indexdir *d = NULL;
	uint64_t segment;
	uint32_t dead[] = {1};
	struct stat st;
	char path[320];

	(void)state;
	path_of("first", path);
	assert_int_equal(indexdir_open(path, INDEXDIR_READ, NULL, &d), FAIL_ABSENT);
	assert_int_equal(indexdir_open(path, INDEXDIR_CREATE, random_system(), &d), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(commit(d, 1, 3, NULL, 0), 0);
	assert_int_equal(commit(d, 4, 2, dead, 1), 0);
	assert_int_equal(living(d), 4);
	assert_true(indexdir_is_dead(d, 1));
	indexdir_close(d);
	assert_int_equal(indexdir_open(path, INDEXDIR_READ, NULL, &d), 0);
	assert_int_equal(living(d), 4);
	assert_int_equal(indexdir_verify(d, &segment), 0);
	indexdir_close(d);
	assert_int_equal(indexdir_open(path, INDEXDIR_WRITE, NULL, &d), 0);
	assert_int_equal(indexdir_merge(d), 0);
	assert_int_equal(indexdir_index(d)->docs, 4);
	assert_int_equal(indexdir_manifest(d)->segments, 1);
	/* key, lock, manifest, one segment: the old ones are gone. */
	assert_int_equal(files_in(path), 4);
	indexdir_close(d);
	empty_dir(path);
}

static void
test_one_writer_many_readers(void **state)
{
	struct indexdir *writer = NULL, *other = NULL, *reader = NULL;
	char path[320];

	(void)state;
	path_of("locked", path);
	assert_int_equal(
		indexdir_open(path, INDEXDIR_CREATE, random_system(), &writer), 0);
	assert_int_equal(commit(writer, 1, 2, NULL, 0), 0);
	assert_int_equal(indexdir_open(path, INDEXDIR_WRITE, NULL, &other), FAIL_AGAIN);
	assert_int_equal(indexdir_open(path, INDEXDIR_READ, NULL, &reader), 0);
	/* The reader's segments are gone from the directory, and still mapped. */
	assert_int_equal(commit(writer, 3, 2, NULL, 0), 0);
	assert_int_equal(indexdir_merge(writer), 0);
	assert_int_equal(living(reader), 2);
	indexdir_close(reader);
	indexdir_close(writer);
	empty_dir(path);
}

static void
test_what_no_manifest_names_is_swept(void **state)
{
	struct indexdir *d = NULL;
	char path[320], stray[384];
	int fd;

	(void)state;
	path_of("swept", path);
	assert_int_equal(indexdir_open(path, INDEXDIR_CREATE, random_system(), &d), 0);
	assert_int_equal(commit(d, 1, 2, NULL, 0), 0);
	indexdir_close(d);
	(void)snprintf(stray, sizeof stray, "%s/seg-00000000000000ff", path);
	fd = open(stray, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(indexdir_open(path, INDEXDIR_READ, NULL, &d), 0);
	indexdir_close(d);
	assert_int_equal(access(stray, F_OK), 0);
	assert_int_equal(indexdir_open(path, INDEXDIR_WRITE, NULL, &d), 0);
	indexdir_close(d);
	assert_int_not_equal(access(stray, F_OK), 0);
	empty_dir(path);
}

/* One step of work on an index with documents 1 and 2: adds 3, removes 1, merges. */
static int
work(const char *path)
{
	struct indexdir *d = NULL;
	uint32_t dead[] = {0};
	int r;

	if ((r = indexdir_open(path, INDEXDIR_WRITE, NULL, &d)) != 0)
		return r;
	if ((r = commit(d, 3, 1, dead, 1)) == 0)
		r = indexdir_merge(d);
	indexdir_close(d);
	return r;
}

static void
expect_before_or_after(const char *path)
{
	struct indexdir *d = NULL;
	uint64_t segment;

	assert_int_equal(indexdir_open(path, INDEXDIR_READ, NULL, &d), 0);
	assert_int_equal(indexdir_verify(d, &segment), 0);
	/* Before: 1 and 2.  After the commit, and after the merge: 2 and 3. */
	assert_int_equal(living(d), 2);
	indexdir_close(d);
}

static void
begin(const char *path)
{
	struct indexdir *d = NULL;

	empty_dir(path);
	assert_int_equal(indexdir_open(path, INDEXDIR_CREATE, random_system(), &d), 0);
	assert_int_equal(commit(d, 1, 2, NULL, 0), 0);
	indexdir_close(d);
}

static void
test_every_failing_call(void **state)
{
	static const int errors[] = {EIO, ENOSPC};
	char path[320];

	(void)state;
	path_of("failing", path);
	for (size_t e = 0; e < 2; e++) {
		for (long n = 0;; n++) {
			int r;

			begin(path);
			disk_fail_after(n, errors[e]);
			r = work(path);
			disk_fail_never();
			expect_before_or_after(path);
			if (r == 0)
				break;
			/* And the next one simply works. */
			assert_int_equal(work(path), 0);
		}
	}
	empty_dir(path);
}

static void
test_out_of_memory_at_every_point(void **state)
{
	char path[320];

	(void)state;
	path_of("memory", path);
	for (long n = 0;; n++) {
		int r;

		begin(path);
		mem_fail_after(n, false);
		r = work(path);
		mem_fail_never();
		expect_before_or_after(path);
		if (r == 0)
			break;
		assert_int_equal(r, FAIL_NOMEM);
	}
	empty_dir(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_changed_and_read_again),
		cmocka_unit_test(test_one_writer_many_readers),
		cmocka_unit_test(test_what_no_manifest_names_is_swept),
		cmocka_unit_test(test_every_failing_call),
		cmocka_unit_test(test_out_of_memory_at_every_point),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
