/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "leak/sighting.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/infile.h"
#include "sys/lines.h"
#include "sys/outfile.h"
#include "valise/home.h"
#include "valise/query_ask.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * sightings: what scans found, kept as lines that are only ever appended.  The file is locked
 * while it grows; a line that a crash cut short is removed by the next one who adds.
 */

enum { LIST_BYTES_MAX = 1 << 30, PIECE = 1 << 16 };

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {
		.verb = "sightings", .attempt = attempt, .object = object};

	if (r == FAIL_FORMAT || r == FAIL_ALTERED)
		report.remedy = "It is no list of sightings, or a line was altered.";
	return report_fail(&report, r);
}

static int
list_path(const struct args *args, char ret_path[DISK_PATH_MAX])
{
	const char *file = args_get(args, "file");
	char dir[DISK_PATH_MAX];
	int r, n;

	if (file != NULL) {
		n = snprintf(ret_path, DISK_PATH_MAX, "%s", file);
		return n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
	}
	if ((r = home_dir(args, dir)) != 0 || (r = disk_make_private_dir(dir)) != 0)
		return r;
	n = snprintf(ret_path, DISK_PATH_MAX, "%s/sightings.jsonl", dir);
	return n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

/* Append what stands in a list to *list; *bytes keeps the text. */
static int
read_list(const char *path, struct buf *bytes, struct sightings *list, size_t *ret_whole)
{
	struct sightings_text text = {0};
	int r;

	if ((r = disk_read_small(path, LIST_BYTES_MAX, bytes)) != 0)
		return r;
	text.ptr = (const char *)bytes->data;
	text.len = bytes->len;
	if ((r = sightings_parse(list, &text)) == 0)
		*ret_whole = text.whole;
	return r;
}

static int
hash_file(const char *path, char ret_hex[2 * HASH_LEN + 1])
{
	uint8_t piece[PIECE], digest[HASH_LEN];
	struct infile *in = NULL;
	struct hash *hash = NULL;
	size_t len = PIECE;
	int r;

	if ((r = hash_new(&hash)) != 0 || (r = infile_new(path, &in)) != 0)
		goto out;
	hash_begin(hash);
	while (len == PIECE) {
		if ((r = infile_read(in, piece, PIECE, &len)) != 0)
			goto out;
		hash_add(hash, piece, len);
	}
	if ((r = infile_check_unchanged(in)) == 0) {
		hash_end(hash, digest);
		text_hex(digest, HASH_LEN, ret_hex);
	}
out:
	infile_free(in);
	hash_free(hash);
	return r;
}

/* What all sightings of one call have in common. */
static int
take_common(const struct args *args, struct sighting *common)
{
	const char *time = args_get(args, "time"), *evidence = args_get(args, "evidence");
	int r;

	common->source = args_get(args, "source");
	common->note = args_get(args, "note") != NULL ? args_get(args, "note") : "";
	common->time_s = clock_now_s();
	if (time != NULL && time_parse_rfc3339(time, strlen(time), &common->time_s) != 0)
		return report_exit(report_usage(
			"sightings", "--time is written as 2026-11-23T02:00:00Z"));
	if (evidence != NULL && (r = hash_file(evidence, common->evidence)) != 0)
		return fail("read the evidence", evidence, r);
	return EXIT_OK;
}

static bool
is_known(const struct sightings *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->item[i].id, id) == 0)
			return true;
	}
	return false;
}

/* Turn a scan's lines into sightings that the list does not have yet. */
static int
take_results(const char *path, const struct sighting *common,
	const struct sightings *known, struct buf *out, uint64_t *ret_added)
{
	struct sightings fresh = {0};
	struct lines *lines = NULL;
	struct sighting s;
	const char *line;
	size_t len;
	bool is_one;
	int r;

	if ((r = lines_new(path, &lines)) != 0)
		return r;
	while ((r = lines_next(lines, &line, &len)) == 0 && line != NULL) {
		if ((r = sighting_take_scan(&fresh, line, len, &s, &is_one)) != 0)
			break;
		if (!is_one)
			continue;
		s.source = common->source;
		s.note = common->note;
		s.time_s = common->time_s;
		memcpy(s.evidence, common->evidence, sizeof s.evidence);
		if ((r = sighting_set_id(&s)) != 0)
			break;
		if (is_known(known, s.id))
			continue;
		if ((r = sighting_write(&s, out)) != 0)
			break;
		(*ret_added)++;
	}
	sightings_done(&fresh);
	lines_free(lines);
	return r;
}

static int
append_lines(int fd, size_t whole, const struct buf *more)
{
	int r;

	if (ftruncate(fd, (off_t)whole) != 0)
		return FAIL_IO;
	if ((r = disk_write_at(fd, more->data, more->len, whole)) != 0)
		return r;
	return disk_sync(fd);
}

static int
add(const struct args *args)
{
	struct sighting common = {.doc = "", .path = ""};
	struct sightings known = {0};
	struct buf bytes, more;
	char path[DISK_PATH_MAX];
	uint64_t added = 0;
	size_t whole = 0;
	int fd = -1, r, status;

	if (args_get(args, "source") == NULL || args->operand_count != 2)
		return report_exit(report_usage("sightings",
			"add needs --source TEXT and the results of a scan"));
	buf_init(&bytes, LIST_BYTES_MAX);
	buf_init(&more, LIST_BYTES_MAX);
	if ((status = take_common(args, &common)) != EXIT_OK)
		goto out;
	if ((r = list_path(args, path)) != 0 ||
		(r = disk_open(AT_FDCWD, path, O_RDWR | O_CREAT, 0600, &fd)) != 0 ||
		(r = flock(fd, LOCK_EX) == 0 ? 0 : FAIL_IO) != 0 ||
		(r = read_list(path, &bytes, &known, &whole)) != 0)
		status = fail("read", path, r);
	else if ((r = take_results(args->operands[1], &common, &known, &more, &added)) !=
		0)
		status = fail("take results from", args->operands[1], r);
	else if ((r = append_lines(fd, whole, &more)) != 0)
		status = fail("write", path, r);
	else if (args_has(args, "json"))
		(void)printf(
			"{\"added\":%" PRIu64 ",\"known\":%zu}\n", added, known.count);
	else
		report_say("%" PRIu64 " added to %zu", added, known.count);
out:
	disk_close(fd);
	sightings_done(&known);
	buf_done(&bytes);
	buf_done(&more);
	return status;
}

static int
print_one(const struct sighting *s, bool is_json)
{
	char time[TIME_TEXT_MAX];
	struct buf b;
	int r;

	buf_init(&b, SIGHTING_LINE_MAX + 1);
	if (is_json && (r = sighting_write(s, &b)) == 0)
		(void)fwrite(b.data, 1, b.len, stdout);
	else if (!is_json && (r = time_rfc3339(s->time_s, time)) == 0)
		(void)printf("%s  %s  %s  %" PRIu64 " words  %s  %s\n", s->id, time,
			s->doc, s->words, s->source, s->path);
	buf_done(&b);
	return r;
}

/* Print all, or the one with this id, in full; *ret_shown counts them. */
static int
print_list(const struct sightings *list, const char *id, bool is_json, size_t *ret_shown)
{
	int r = 0;

	for (size_t i = 0; i < list->count && r == 0; i++) {
		if (id != NULL && strcmp(id, list->item[i].id) != 0)
			continue;
		(*ret_shown)++;
		r = print_one(&list->item[i], id != NULL || is_json);
	}
	return r;
}

/* list, and show ID: the same with a filter. */
static int
show(const struct args *args)
{
	const char *id = args->operand_count > 1 ? args->operands[1] : NULL;
	struct sightings list = {0};
	struct buf bytes;
	char path[DISK_PATH_MAX] = "the list";
	size_t whole, shown = 0;
	int r, status = EXIT_OK;

	buf_init(&bytes, LIST_BYTES_MAX);
	if ((r = list_path(args, path)) != 0 ||
		(r = read_list(path, &bytes, &list, &whole)) != 0 ||
		(r = sightings_sort(&list)) != 0)
		status = fail("read", path, r);
	else if ((r = print_list(&list, id, args_has(args, "json"), &shown)) != 0)
		status = fail("print", path, r);
	else if (id != NULL && shown == 0)
		status = fail("find", id, FAIL_ABSENT);
	sightings_done(&list);
	buf_done(&bytes);
	return status;
}

static int
write_all(const char *path, const struct sightings *list)
{
	struct outfile *out = NULL;
	struct buf b;
	int r;

	buf_init(&b, SIGHTING_LINE_MAX + 1);
	if ((r = outfile_new(path, false, &out)) != 0)
		goto out;
	for (size_t i = 0; i < list->count; i++) {
		buf_clear(&b);
		if ((r = sighting_write(&list->item[i], &b)) != 0 ||
			(r = outfile_write(out, b.data, b.len)) != 0)
			goto out;
	}
	r = outfile_commit(out);
out:
	outfile_free(out);
	buf_done(&b);
	return r;
}

static int
merge(const struct args *args)
{
	const char *out = args_get(args, "out");
	struct sightings list = {0};
	size_t whole;
	int r = 0, status = EXIT_OK;

	if (out == NULL || args->operand_count < 2)
		return report_exit(report_usage(
			"sightings", "merge needs --out FILE and at least one list"));
	for (size_t i = 1; i < args->operand_count && status == EXIT_OK; i++) {
		struct buf bytes;

		buf_init(&bytes, LIST_BYTES_MAX);
		if ((r = read_list(args->operands[i], &bytes, &list, &whole)) != 0)
			status = fail("read", args->operands[i], r);
		buf_done(&bytes);
	}
	if (status == EXIT_OK &&
		((r = sightings_sort(&list)) != 0 || (r = write_all(out, &list)) != 0))
		status = fail("write", out, r);
	if (status == EXIT_OK && args_has(args, "json"))
		(void)printf("{\"sightings\":%zu}\n", list.count);
	else if (status == EXIT_OK)
		report_say("%zu sightings", list.count);
	sightings_done(&list);
	return status;
}

struct action {
	const char *name;
	int (*run)(const struct args *args);
};

static const struct action actions[] = {{"add", add}, {"list", show}, {"show", show},
	{"merge", merge}, {"confirm", query_ask}};

static int
run(const struct args *args)
{
	const char *name = args->operands[0];

	if (strcmp(name, "show") == 0 && args->operand_count != 2)
		return report_exit(report_usage("sightings", "show needs one id"));
	if (strcmp(name, "list") == 0 && args->operand_count != 1)
		return report_exit(report_usage("sightings", "list takes no more words"));
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		if (strcmp(name, actions[i].name) == 0)
			return actions[i].run(args);
	}
	return report_exit(report_usage("sightings", "there is no action '%s'", name));
}

static const struct arg_option options[] = {
	{"file", "LIST", "the list, instead of sightings.jsonl where the keys live",
		false},
	{"source", "TEXT", "add: where the find comes from", false},
	{"evidence", "FILE", "add: what was found; its SHA-256 is kept", false},
	{"time", "TIME", "add: when it was found; now", false},
	{"note", "TEXT", "add: a line of your own", false},
	{"out", "FILE", "merge: the new list; confirm: the answer", false},
	{"to", "MEMBER", "confirm: whose set found it", false},
	{"wait", "DURATION", "confirm: how long to wait for the answer; 30s", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_sightings = {
	.name = "sightings",
	.synopsis = "add --source TEXT [--evidence FILE] RESULTS|-\n"
		    "list\n"
		    "show ID\n"
		    "merge --out FILE LIST...\n"
		    "confirm --to MEMBER --out ANSWER QUERY",
	.summary = "keep what scans found",
	.text = "RESULTS are the lines of `valise scan --json`.  The same find is kept "
		"once.\n"
		"Merging lists gives the same bytes in any order.\n"
		"`confirm` brings a query of `valise scan --sparse --query` to the "
		"member's index\n"
		"host, over the stations, and has its answer for `valise scan "
		"--answer`.",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
