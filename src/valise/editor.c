/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/editor.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cable/cable.h"
#include "sys/disk.h"
#include "sys/spawn.h"
#include "valise/private_dir.h"

enum { WORDS_MAX = 32 };

struct editor {
	struct private_dir dir;
	char path[DISK_PATH_MAX];
	bool is_kept;
};

int
editor_new(struct editor **ret_editor)
{
	struct editor *e = NULL;
	int n, r;

	if ((r = mem_new(&e, sizeof *e)) != 0)
		return r;
	if ((r = private_dir_new("draft", &e->dir)) != 0) {
		mem_free(e);
		return r;
	}
	n = snprintf(e->path, sizeof e->path, "%.3000s/draft.cable", e->dir.path);
	CHECK(n > 0 && n < DISK_PATH_MAX);
	*ret_editor = e;
	return 0;
}

void
editor_free(struct editor *editor)
{
	if (editor == NULL)
		return;
	if (editor->is_kept)
		private_dir_leave(&editor->dir);
	else
		private_dir_wipe(&editor->dir);
	mem_free(editor);
}

int
editor_put(struct editor *editor, const void *ptr, size_t len)
{
	return disk_write_small(editor->path, ptr, len, true);
}

const char *
editor_command(void)
{
	static const char *const usual[] = {"editor", "nano", "vi"};
	const char *command = getenv("VISUAL");
	char path[DISK_PATH_MAX];

	if (command == NULL || command[0] == '\0')
		command = getenv("EDITOR");
	if (command != NULL && command[0] != '\0')
		return command;
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (spawn_find(usual[i], path) == 0)
			return usual[i];
	return usual[0];
}

/* Cut words at spaces, in place; the path of the text comes last. */
static int
split_words(char *command, char *path, char *ret_words[WORDS_MAX + 2])
{
	size_t count = 0;

	for (char *at = command; *at != '\0';) {
		size_t len = strcspn(at, " ");

		if (len > 0) {
			if (count == WORDS_MAX)
				return FAIL_LIMIT;
			ret_words[count++] = at;
		}
		at += len;
		if (*at == ' ')
			*at++ = '\0';
	}
	ret_words[count] = path;
	ret_words[count + 1] = NULL;
	return count > 0 ? 0 : FAIL_ABSENT;
}

/* Wait; what the user types against the editor is not meant for us. */
static int
wait_for(pid_t pid)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old_int, old_quit;
	int r, status = 1;

	(void)sigaction(SIGINT, &ignore, &old_int);
	(void)sigaction(SIGQUIT, &ignore, &old_quit);
	r = spawn_wait(pid, &status);
	(void)sigaction(SIGINT, &old_int, NULL);
	(void)sigaction(SIGQUIT, &old_quit, NULL);
	if (r != 0)
		return r;
	return status == 0 ? 0 : FAIL_CLOSED;
}

int
editor_run(struct editor *editor)
{
	char command[DISK_PATH_MAX], path[DISK_PATH_MAX];
	char *words[WORDS_MAX + 2];
	struct spawn what = {
		.path = path, .argv = words, .fds = {0, 1, 2}, .fd_count = 3};
	int n = snprintf(command, sizeof command, "%s", editor_command());
	pid_t pid;
	int r;

	if (n < 0 || n >= DISK_PATH_MAX)
		return FAIL_LIMIT;
	if ((r = split_words(command, editor->path, words)) != 0)
		return r;
	if (strchr(words[0], '/') != NULL)
		(void)snprintf(path, sizeof path, "%s", words[0]);
	else if ((r = spawn_find(words[0], path)) != 0)
		return r;
	if ((r = spawn_start(&what, &pid)) != 0)
		return r;
	return wait_for(pid);
}

int
editor_get(const struct editor *editor, struct buf *ret_text)
{
	return disk_read_small(editor->path, CABLE_LEN_MAX + 1, ret_text);
}

const char *
editor_path(const struct editor *editor)
{
	return editor->path;
}

void
editor_keep(struct editor *editor)
{
	editor->is_kept = true;
}
