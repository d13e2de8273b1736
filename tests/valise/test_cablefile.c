/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/cablefile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "valise/editor.h"
#include "valise/inputs.h"
#include "valise/verb.h"

/* A cable in a directory of its own, its attachments, and an editor that is a command. */

static char root[] = "/tmp/valise-cablefile-XXXXXX";

static const char good[] = "To: PT/a\nLabel: SECRET\nAttach: port.txt\n\ntext\n";

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
test_read(void **state)
{
	struct cable_fault fault;
	struct cable *c = NULL;

	(void)state;
	write_file("good.cable", good);
	assert_int_equal(cablefile_read("test", NULL, "good.cable", &c, &fault), EXIT_OK);
	assert_string_equal(fault.what, "");
	assert_int_equal(c->text.len, 5);
	cable_free(c);
	c = NULL;
	write_file("bad.cable", "To: PT/a\nPrec: URGENT\n");
	assert_int_equal(
		cablefile_read("test", NULL, "bad.cable", &c, &fault), EXIT_FAILED);
	assert_int_equal(fault.line, 2);
	assert_int_equal(cablefile_read("test", NULL, "absent", &c, NULL), EXIT_FAILED);
	assert_int_equal(cablefile_read("test", NULL, ".", &c, NULL), EXIT_USAGE);
	assert_null(c);
}

static void
test_paths_count_from_the_cable(void **state)
{
	static const struct {
		const char *cable, *attachment, *want;
	} paths[] = {{"a.cable", "x", "x"}, {"d/a.cable", "x", "d/x"},
		{"/d/a.cable", "e/x", "/d/e/x"}, {"d/a.cable", "/x", "/x"},
		{"-", "x", "x"}, {"d/e/a.cable", "../x", "d/e/../x"}};
	char path[DISK_PATH_MAX], big[DISK_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		assert_int_equal(
			cablefile_attachment_path(paths[i].cable,
				rd_of(paths[i].attachment, strlen(paths[i].attachment)),
				path),
			0);
		assert_string_equal(path, paths[i].want);
	}
	memset(big, 'b', sizeof big);
	assert_int_equal(
		cablefile_attachment_path("a", rd_of(big, sizeof big), path), FAIL_LIMIT);
}

static void
test_look(void **state)
{
	struct cablefile_attachment seen;
	struct label *label = NULL;

	(void)state;
	assert_int_equal(label_from_text("SECRET", 6, &label), 0);
	write_file("port.txt", "port\n");
	write_file("-", "a name\n");
	write_file("stump", "VALISE\r\nand no more");
	assert_int_equal(cablefile_look("port.txt", label, &seen), 0);
	assert_int_equal(seen.size, 5);
	assert_false(seen.is_envelope);
	assert_int_equal(cablefile_look("-", label, &seen), 0);
	assert_int_equal(seen.size, 7);
	assert_int_not_equal(cablefile_look("stump", label, &seen), 0);
	assert_int_equal(cablefile_look("absent", label, &seen), FAIL_ABSENT);
	assert_int_equal(cablefile_look("/dev/null", label, &seen), FAIL_USAGE);
	label_free(label);
}

static int
scenario(void)
{
	struct inputs inputs = {0};
	struct cable *c = NULL;
	int status = cablefile_read("test", NULL, "good.cable", &c, NULL);

	if (status == EXIT_OK) {
		status = inputs_init_cable(&inputs, "test", "good.cable", c);
		if (status == EXIT_OK) {
			assert_int_equal(inputs.head->part_count, 2);
			assert_int_equal(inputs.count, 1);
			assert_int_equal(inputs.total, 10);
		}
		inputs_done(&inputs);
	}
	cable_free(c);
	return status;
}

static void
test_want_of_memory(void **state)
{
	int status = EXIT_FAILED;
	long n;

	(void)state;
	write_file("good.cable", good);
	write_file("port.txt", "port\n");
	for (n = 0; status != EXIT_OK; n++) {
		mem_fail_after(n, true);
		status = scenario();
		mem_fail_never();
		assert_true(status == EXIT_OK || status == EXIT_FAILED);
	}
	assert_true(n > 5);
}

/* The text goes through the editor and nothing of it stays, whatever the editor left. */
static void
test_editor(void **state)
{
	struct editor *e = NULL;
	char path[DISK_PATH_MAX];
	struct buf text;

	(void)state;
	buf_init(&text, 2 * CABLE_LEN_MAX);
	assert_int_equal(setenv("VISUAL", "  cp   good.cable ", 1), 0);
	assert_int_equal(editor_new(&e), 0);
	assert_int_equal(editor_put(e, "old", 3), 0);
	assert_int_equal(editor_run(e), 0);
	assert_int_equal(editor_get(e, &text), 0);
	assert_int_equal(text.len, sizeof good - 1);
	assert_memory_equal(text.data, good, text.len);
	assert_int_equal(setenv("VISUAL", "false", 1), 0);
	assert_int_equal(editor_run(e), FAIL_CLOSED);
	assert_int_equal(setenv("VISUAL", "/nowhere/ed", 1), 0);
	assert_int_equal(editor_run(e), FAIL_ABSENT);
	assert_int_equal(setenv("VISUAL", "   ", 1), 0);
	assert_int_equal(editor_run(e), FAIL_ABSENT);
	(void)snprintf(path, sizeof path, "%s", editor_path(e));
	assert_int_equal(access(path, F_OK), 0);
	editor_free(e);
	assert_int_equal(access(path, F_OK), -1);
	*strrchr(path, '/') = '\0';
	assert_int_equal(access(path, F_OK), -1);
	buf_done(&text);
	assert_int_equal(unsetenv("VISUAL"), 0);
	assert_int_equal(setenv("EDITOR", "ed it", 1), 0);
	assert_string_equal(editor_command(), "ed it");
}

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(root) == NULL || chdir(root) != 0)
		return -1;
	return setenv("XDG_RUNTIME_DIR", root, 1);
}

static int
tear_down(void **state)
{
	static const char *const names[] = {
		"good.cable", "bad.cable", "port.txt", "-", "stump"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unlink(names[i]);
	(void)rmdir("valise");
	return chdir("/") == 0 ? rmdir(root) : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_paths_count_from_the_cable),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_want_of_memory),
		cmocka_unit_test(test_editor),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
