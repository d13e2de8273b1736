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
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/disk.h"
#include "valised/vault_disk.h"

/* The directory of a running station: what the table of functions promises, on a real disk. */

static char path[64];
static struct vault_disk_sys *disk;
static struct vault_disk table;

static const char *
name_of(const char *name)
{
	static char full[128];

	(void)snprintf(full, sizeof full, "%s/custody/%s", path, name);
	return full;
}

static int
setup(void **state)
{
	char custody[128];

	(void)state;
	(void)snprintf(path, sizeof path, "/tmp/valise-vault-XXXXXX");
	if (mkdtemp(path) == NULL)
		return 1;
	(void)snprintf(custody, sizeof custody, "%s/custody", path);
	if (vault_disk_sys_new(custody, &disk) != 0)
		return 1;
	table = vault_disk_sys_table(disk);
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {"a", "b", "a.new", "b.new"};

	(void)state;
	vault_disk_sys_free(disk);
	for (size_t i = 0; i < 4; i++)
		(void)unlink(name_of(names[i]));
	(void)rmdir(name_of(""));
	return rmdir(path);
}

/* Pieces: the letters of a text, one a piece. */
static int
next_letter(void *arg, struct buf *piece)
{
	const char **at = arg;

	if (**at == '!')
		return FAIL_ALTERED;
	if (**at != '\0')
		buf_bytes(piece, (*at)++, 1);
	return 0;
}

static int
put(const char *name, const char *text)
{
	struct vault_pieces pieces = {.next = next_letter, .arg = &text};

	return table.replace(table.ctx, name, &pieces);
}

static void
expect(const char *name, const char *text)
{
	char bytes[64] = {0};
	size_t len = 0;

	assert_int_equal(table.read(table.ctx, name, 0, bytes, sizeof bytes, &len), 0);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(bytes, text, len);
}

static void
files_are_ours_alone(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(name_of(""), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(put("a", "one"), 0);
	assert_int_equal(stat(name_of("a"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(table.append(table.ctx, "b", 0, "x", 1), 0);
	assert_int_equal(stat(name_of("b"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
append_cuts_and_adds(void **state)
{
	char byte;
	size_t len;

	(void)state;
	assert_int_equal(table.read(table.ctx, "a", 0, &byte, 1, &len), FAIL_ABSENT);
	assert_int_equal(table.append(table.ctx, "a", 3, "x", 1), FAIL_ABSENT);
	assert_int_equal(put("a", "one"), 0);
	assert_int_equal(table.append(table.ctx, "a", 3, " two", 4), 0);
	assert_int_equal(table.sync(table.ctx, "a"), 0);
	expect("a", "one two");
	assert_int_equal(table.append(table.ctx, "a", 3, " 3", 2), 0);
	expect("a", "one 3");
	assert_int_equal(table.read(table.ctx, "a", 4, &byte, 1, &len), 0);
	assert_int_equal(byte, '3');
	assert_int_equal(table.read(table.ctx, "a", 5, &byte, 1, &len), 0);
	assert_int_equal(len, 0);
}

/* Two files in turn: the one that is open is always the one that is meant. */
static void
two_files_do_not_mix(void **state)
{
	(void)state;
	assert_int_equal(put("a", "one"), 0);
	assert_int_equal(put("b", "two"), 0);
	assert_int_equal(table.append(table.ctx, "a", 3, "A", 1), 0);
	assert_int_equal(table.append(table.ctx, "b", 3, "B", 1), 0);
	assert_int_equal(put("a", "three"), 0);
	assert_int_equal(table.append(table.ctx, "a", 5, "!", 1), 0);
	expect("b", "twoB");
	expect("a", "three!");
}

/* Whoever has the old file open sees that its bytes are gone. */
static void
what_is_replaced_is_overwritten(void **state)
{
	char bytes[16] = {0};
	int fd;

	(void)state;
	assert_int_equal(put("a", "a secret key"), 0);
	fd = open(name_of("a"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(put("a", "new"), 0);
	assert_int_equal(pread(fd, bytes, sizeof bytes, 0), 12);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(bytes[i], 0);
	(void)close(fd);
	expect("a", "new");
}

/* What stands in the way from a crash is taken away; a piece that fails leaves the old one. */
static void
a_replace_that_fails(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(put("a", "one"), 0);
	assert_int_equal(disk_write_small(name_of("a.new"), "rest", 4, true), 0);
	assert_int_equal(put("a", "two"), 0);
	expect("a", "two");
	assert_int_equal(put("a", "th!ree"), FAIL_ALTERED);
	expect("a", "two");
	assert_int_equal(stat(name_of("a.new"), &st), -1);
}

/* Each call of the system fails in turn: the old file or the new one, never another. */
static void
every_call_may_fail(void **state)
{
	static const int errors[] = {ENOSPC, EIO};
	int r = FAIL_IO;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		r = FAIL_IO;
		for (long n = 0; r != 0 && n < 100; n++) {
			char bytes[8] = {0};
			size_t len = 0;

			assert_int_equal(put("a", "old"), 0);
			disk_fail_after(n, errors[k]);
			r = put("a", "new");
			disk_fail_never();
			assert_true(r == 0 || r == disk_fail_of(errors[k]));
			assert_int_equal(
				table.read(table.ctx, "a", 0, bytes, 8, &len), 0);
			assert_true(memcmp(bytes, "new", 3) == 0 ||
				(r != 0 && memcmp(bytes, "old", 3) == 0));
		}
		assert_int_equal(r, 0);
	}
}

static void
a_sync_that_fails_is_told(void **state)
{
	(void)state;
	assert_int_equal(put("a", "one"), 0);
	assert_int_equal(table.append(table.ctx, "a", 3, "x", 1), 0);
	disk_fail_after(0, EIO);
	assert_int_equal(table.sync(table.ctx, "a"), FAIL_IO);
	disk_fail_never();
	assert_int_equal(table.append(table.ctx, "a", 3, "y", 1), 0);
	assert_int_equal(table.sync(table.ctx, "a"), 0);
	expect("a", "oney");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_are_ours_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(append_cuts_and_adds, setup, teardown),
		cmocka_unit_test_setup_teardown(two_files_do_not_mix, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_replaced_is_overwritten, setup, teardown),
		cmocka_unit_test_setup_teardown(a_replace_that_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(every_call_may_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_sync_that_fails_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
