/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/index_input.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "leak/jsonl.h"
#include "sys/disk.h"
#include "sys/lines.h"
#include "valise/part_text.h"
#include "valise/walk.h"

struct taking {
	const struct index_input *in;
	struct unpacker *unpacker;
	const char *name;
	struct buf text;
};

static bool
has_suffix(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && strcmp(s + len - n, suffix) == 0;
}

static int
take_line(const struct index_input *in, const char *path, uint64_t number,
	const char *line, size_t len)
{
	struct jsonl_doc parsed;
	struct index_input_doc doc;
	int r;

	if (len == 0)
		return 0;
	if ((r = jsonl_parse(line, len, &parsed)) == FAIL_FORMAT || r == FAIL_LIMIT) {
		in->skipped(in->arg, path, number, "no object with id and body");
		return 0;
	}
	if (r != 0)
		return r;
	doc = (struct index_input_doc){
		parsed.id, parsed.id_len, (const uint8_t *)parsed.body, parsed.body_len};
	r = in->doc(in->arg, &doc);
	jsonl_done(&parsed);
	return r;
}

static int
take_lines(const struct index_input *in, const char *path)
{
	struct lines *lines = NULL;
	const char *line = NULL;
	uint64_t number = 0;
	size_t len;
	int r;

	if ((r = lines_new(path, &lines)) != 0)
		return r;
	do {
		if ((r = lines_next(lines, &line, &len)) == 0 && line != NULL)
			r = take_line(in, path, ++number, line, len);
	} while (r == 0 && line != NULL);
	lines_free(lines);
	return r;
}

static void
note_skipped(void *arg, const char *why)
{
	const struct taking *t = arg;

	t->in->skipped(t->in->arg, t->name, 0, why);
}

static int
take_file(struct taking *t, const struct walk_file *file)
{
	struct part_text part = {&t->text, note_skipped, t};
	struct index_input_doc doc;
	int fd = -1, r;

	if (file->skipped != NULL) {
		t->in->skipped(t->in->arg, file->name, 0, file->skipped);
		return 0;
	}
	if (has_suffix(file->path, ".jsonl") || has_suffix(file->path, ".jsonl.zst"))
		return take_lines(t->in, file->path);
	if ((r = disk_open(AT_FDCWD, file->path, O_RDONLY, 0, &fd)) != 0) {
		t->in->skipped(t->in->arg, file->name, 0, fail_text(r));
		return 0;
	}
	buf_clear(&t->text);
	t->name = file->name;
	r = part_text_take(&part, t->unpacker, fd, file->name);
	disk_close(fd);
	if (r != 0)
		return r;
	doc = (struct index_input_doc){
		file->name, strlen(file->name), t->text.data, t->text.len};
	return t->text.len > 0 ? t->in->doc(t->in->arg, &doc) : 0;
}

int
index_input_take(const struct index_input *in, const char *path)
{
	struct unpacker_config config;
	struct taking t = {.in = in};
	struct walk files = {0};
	int r;

	if (strcmp(path, "-") == 0 || has_suffix(path, ".jsonl") ||
		has_suffix(path, ".jsonl.zst"))
		return take_lines(in, path);
	buf_init(&t.text, INDEX_INPUT_TEXT_MAX);
	unpacker_config_init(&config);
	if ((r = walk_add(&files, path)) != 0 ||
		(r = unpacker_new(&config, &t.unpacker)) != 0)
		goto out;
	for (size_t i = 0; r == 0 && i < files.count; i++)
		r = take_file(&t, &files.file[i]);
out:
	unpacker_free(t.unpacker);
	walk_done(&files);
	buf_done(&t.text);
	return r;
}
