/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/scan_sparse.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/text.h"
#include "leak/block.h"
#include "leak/confirm.h"
#include "leak/sparse_scan.h"
#include "sys/disk.h"
#include "sys/outfile.h"
#include "sys/random.h"
#include "sys/unpacker.h"
#include "valise/report.h"
#include "valise/verb.h"
#include "valise/walk.h"

/*
 * The unpacker's records arrive as members of text, as for `valise scan`; the whole text of a
 * member is held, then looked at.  Of the window that is to be asked about, only grams are
 * kept.
 */

struct sparse_scanning {
	const struct args *args;
	struct buf file; /* the set */
	struct sparse set;
	struct normal *normal;
	struct sparse_scan *scan;
	struct unpacker *unpacker;
	struct walk files;
	struct buf path, text;
	bool has_member, is_cut;
	uint64_t members, windows, skipped, bytes;
	/* The window to ask about: the wanted number, or the best. */
	uint64_t wanted;
	uint32_t best;
	bool has_query;
	struct confirm_query query;
};

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {
		.verb = "scan --sparse", .attempt = attempt, .object = object};

	if (strcmp(attempt, "read the set") == 0 && r == FAIL_VERSION)
		report.remedy = "It was made by another version: ask for a new one.";
	else if (strcmp(attempt, "read the set") == 0 && r == FAIL_FORMAT)
		report.remedy = "It is no sparse set, or it was altered.";
	return report_fail(&report, r);
}

static int
print(json_t *object)
{
	int r = object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0
		? FAIL_NOMEM
		: 0;

	(void)putchar('\n');
	json_decref(object);
	return r;
}

static int
print_skipped(struct sparse_scanning *s, const char *path, size_t len, const char *why)
{
	s->skipped++;
	return print(json_pack("{s:s%, s:s}", "path", path, len, "skipped", why));
}

/* Keep the grams of a window that may be asked about. */
static int
note_window(struct sparse_scanning *s, const struct sparse_window *w)
{
	size_t from =
		w->from > SCAN_SPARSE_AROUND ? (size_t)w->from - SCAN_SPARSE_AROUND : 0;
	size_t to = s->text.len - w->to > SCAN_SPARSE_AROUND
		? (size_t)w->to + SCAN_SPARSE_AROUND
		: s->text.len;
	struct confirm_query query;
	int r;

	if (args_get(s->args, "query") == NULL ||
		(s->wanted != 0 ? s->windows != s->wanted : w->score <= s->best))
		return 0;
	if (to - from > BLOCK_SOURCE)
		to = from + BLOCK_SOURCE;
	if ((r = confirm_query_take(&s->set, s->normal,
		     rd_of(s->text.data + from, to - from), &query)) != 0)
		return r == FAIL_LIMIT ? 0 : r;
	s->query = query;
	s->has_query = true;
	s->best = w->score;
	return 0;
}

static int
report_window(struct sparse_scanning *s, const struct sparse_window *w)
{
	int r;

	s->windows++;
	if ((r = note_window(s, w)) != 0)
		return r;
	return print(json_pack("{s:s%, s:[I, I], s:[I, I], s:I}", "path",
		(const char *)s->path.data, s->path.len, "window", (json_int_t)w->from,
		(json_int_t)w->to, "grams", (json_int_t)w->hits, (json_int_t)w->grams,
		"score", (json_int_t)w->score));
}

static int
finish_member(struct sparse_scanning *s)
{
	struct sparse_found found;
	int r;

	if (!s->has_member)
		return 0;
	s->has_member = false;
	s->members++;
	s->bytes += s->text.len;
	if (s->is_cut &&
		(r = print_skipped(
			 s, (const char *)s->path.data, s->path.len, "limit")) != 0)
		return r;
	if ((r = sparse_scan_text(s->scan, s->text.data, s->text.len, &found)) != 0)
		return r;
	for (size_t i = 0; i < found.count; i++) {
		if ((r = report_window(s, &found.window[i])) != 0)
			return r;
	}
	return 0;
}

static int
begin_member(struct sparse_scanning *s, const struct unpack_member *m)
{
	int r;

	if (s->has_member && s->path.len == m->path_len &&
		(m->path_len == 0 || memcmp(s->path.data, m->path, m->path_len) == 0))
		return 0;
	if ((r = finish_member(s)) != 0)
		return r;
	s->has_member = true;
	s->is_cut = false;
	buf_clear(&s->text);
	buf_clear(&s->path);
	buf_bytes(&s->path, m->path, m->path_len);
	return buf_error(&s->path);
}

static int
add_text(struct sparse_scanning *s, const struct unpack_text *t)
{
	if (SCAN_SPARSE_TEXT_MAX - s->text.len < t->len + 1) {
		s->is_cut = true;
		return 0;
	}
	if ((t->flags & UNPACK_TEXT_BREAK) != 0)
		buf_u8(&s->text, '\n');
	buf_bytes(&s->text, t->ptr, t->len);
	return buf_error(&s->text);
}

static int
hear(void *arg, const struct unpack_record *record)
{
	struct sparse_scanning *s = arg;

	switch (record->type) {
	case UNPACK_MEMBER:
		return begin_member(s, &record->member);
	case UNPACK_TEXT:
		return add_text(s, &record->text);
	case UNPACK_END:
		return record->end.reason == UNPACK_COMPLETE
			? 0
			: print_skipped(s, (const char *)s->path.data, s->path.len,
				  unpack_reason_text(record->end.reason));
	case UNPACK_SKIP:
		return print_skipped(s, record->skip.path, record->skip.path_len,
			unpack_reason_text(record->skip.reason));
	case UNPACK_TOTAL:
		return finish_member(s);
	case UNPACK_HELLO:
	case UNPACK_BLOB:
	case UNPACK_DATA:
	case UNPACK_BLOB_END:
		break;
	}
	return 0;
}

static int
scan_file(struct sparse_scanning *s, const struct walk_file *file)
{
	struct unpacker_sink sink = {hear, s};
	bool is_stdin = strcmp(file->path, "-") == 0;
	int fd = STDIN_FILENO, r;

	if (file->skipped != NULL ||
		(!is_stdin &&
			disk_open(AT_FDCWD, file->path, O_RDONLY | O_NONBLOCK, 0, &fd) !=
				0))
		return print_skipped(s, file->name, strlen(file->name), "unreadable");
	if ((r = unpacker_run(s->unpacker, fd, file->name, &sink)) == 0)
		r = finish_member(s);
	if (!is_stdin)
		disk_close(fd);
	return r;
}

static int
write_query(struct sparse_scanning *s)
{
	const char *out = args_get(s->args, "query");
	struct outfile *file = NULL;
	struct buf b;
	int r;

	if (out == NULL)
		return EXIT_OK;
	if (!s->has_query)
		return fail("ask about", "a window", FAIL_ABSENT);
	buf_init(&b, CONFIRM_FILE_MAX);
	if ((r = confirm_query_write(&s->set, random_system(), &s->query, &b)) == 0 &&
		(r = outfile_new(out, false, &file)) == 0 &&
		(r = outfile_write(file, b.data, b.len)) == 0)
		r = outfile_commit(file);
	outfile_free(file);
	buf_done(&b);
	return r == 0 ? EXIT_OK : fail("write", out, r);
}

static int
print_answer(struct sparse_scanning *s, const char *path)
{
	static const char *const words[] = {"no", "yes", "later"};
	enum { ID_AT = 10 }; /* behind magic and version */
	char hex[2 * CONFIRM_ID_LEN + 1];
	struct confirm_answer a;
	struct buf b;
	int r;

	buf_init(&b, CONFIRM_FILE_MAX);
	if ((r = disk_read_small(path, CONFIRM_FILE_MAX, &b)) == 0)
		r = b.len < ID_AT + CONFIRM_ID_LEN ? FAIL_TRUNCATED : 0;
	if (r == 0)
		r = confirm_answer_open(
			b.data, b.len, b.data + ID_AT, s->set.head.ally_key, &a);
	if (r == 0) {
		text_hex(b.data + ID_AT, CONFIRM_ID_LEN, hex);
		r = print(json_pack("{s:s, s:s, s:s, s:s, s:s}", "query", hex, "answer",
			words[a.kind], "case", a.fact_case, "originator", a.originator,
			"releasability", a.releasability));
	}
	buf_done(&b);
	return r == 0 ? EXIT_OK : fail("read the answer", path, r);
}

/* The set, and all that looking needs. */
static int
prepare(struct sparse_scanning *s)
{
	const char *path = args_get(s->args, "sparse"),
		   *wanted = args_get(s->args, "window");
	struct unpacker_config config;
	int r;

	for (const char *p = wanted; p != NULL && *p != 0; p++) {
		if (*p < '0' || *p > '9' || s->wanted > UINT32_MAX)
			return report_exit(
				report_usage("scan", "--window is the number of a line"));
		s->wanted = s->wanted * 10 + (uint64_t)(*p - '0');
	}
	unpacker_config_init(&config);
	config.is_ocr = !args_has(s->args, "no-ocr");
	if ((r = disk_read_small(path, SIZE_MAX / 4, &s->file)) != 0 ||
		(r = sparse_parse(s->file.data, s->file.len, &s->set)) != 0)
		return fail("read the set", path, r);
	if ((r = normal_new(cpu_best(), &s->normal)) != 0 ||
		(r = sparse_scan_new(&s->set, s->normal, cpu_best(), &s->scan)) != 0 ||
		(r = unpacker_new(&config, &s->unpacker)) != 0)
		return fail("start", "the scan", r);
	return EXIT_OK;
}

static int
scan_all(struct sparse_scanning *s)
{
	int r;

	for (size_t i = 0; i < s->args->operand_count; i++) {
		if ((r = walk_add(&s->files, s->args->operands[i])) != 0)
			return fail("read", s->args->operands[i], r);
	}
	for (size_t i = 0; i < s->files.count; i++) {
		if ((r = scan_file(s, &s->files.file[i])) != 0)
			return fail("scan", s->files.file[i].name, r);
	}
	if ((r = print(json_pack("{s:{s:I, s:I, s:I, s:I, s:I}}", "summary", "files",
		     (json_int_t)s->files.count, "members", (json_int_t)s->members,
		     "text_bytes", (json_int_t)s->bytes, "windows",
		     (json_int_t)s->windows, "skipped", (json_int_t)s->skipped))) != 0)
		return fail("print", "the summary", r);
	if (s->windows > 0 && args_has(s->args, "fail-on-hit"))
		return EXIT_REFUSED;
	return EXIT_OK;
}

int
scan_sparse(const struct args *args)
{
	struct sparse_scanning s = {.args = args};
	int status, written;

	buf_init(&s.file, SPARSE_FILE_MAX);
	buf_init(&s.path, UNPACK_PATH_MAX);
	buf_init(&s.text, SCAN_SPARSE_TEXT_MAX);
	if ((status = prepare(&s)) != EXIT_OK)
		goto out;
	if (args_has(args, "answer")) {
		status = print_answer(&s, args->operands[0]);
		goto out;
	}
	status = scan_all(&s);
	if (status == EXIT_OK || status == EXIT_REFUSED) {
		written = write_query(&s);
		status = written != EXIT_OK ? written : status;
	}
out:
	walk_done(&s.files);
	unpacker_free(s.unpacker);
	sparse_scan_free(s.scan);
	normal_free(s.normal);
	buf_done(&s.text);
	buf_done(&s.path);
	buf_done(&s.file);
	mem_wipe(&s, sizeof s);
	return status;
}
