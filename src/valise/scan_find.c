/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/scan_find.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/disk.h"
#include "sys/unpacker.h"
#include "valise/scan_text.h"

/*
 * The unpacker's records arrive as members of text.  A path that opens again at once (the
 * messages of an mbox) goes on as the same member, so that a document is reported once.
 */

struct scan_find {
	struct scan_config config;
	struct match *match;
	struct unpacker *unpacker;
	struct scan_text text;
	struct buf path; /* of the open member */
	bool has_member;
	/* Of the file at hand. */
	struct buf *out;
	struct scan_counts *counts;
};

int
scan_find_new(const struct scan_config *config, struct scan_find **ret_find)
{
	struct unpacker_config unpack;
	struct scan_find *f;
	int r;

	if ((r = mem_new(&f, sizeof *f)) != 0)
		return r;
	f->config = *config;
	buf_init(&f->path, UNPACK_PATH_MAX);
	unpacker_config_init(&unpack);
	unpack.is_ocr = config->is_ocr;
	if ((r = match_new(config->index, config->normal, cpu_best(), &f->match)) != 0 ||
		(r = unpacker_new(&unpack, &f->unpacker)) != 0)
		goto out;
	scan_text_init(&f->text, f->match, config->is_scouting);
	*ret_find = f;
	f = NULL;
out:
	scan_find_free(f);
	return r;
}

void
scan_find_free(struct scan_find *f)
{
	if (f == NULL)
		return;
	scan_text_done(&f->text);
	unpacker_free(f->unpacker);
	match_free(f->match);
	buf_done(&f->path);
	mem_free(f);
}

/* A document to be reported, for sorting. */
struct reported {
	const struct chain_doc *chain;
	const struct segment *segment;
	struct segment_doc doc;
};

/* The strongest first, then by id: nothing of how the index was built shows. */
static int
compare_reported(const void *a, const void *b)
{
	const struct reported *x = a, *y = b;
	size_t len = x->doc.id_len < y->doc.id_len ? x->doc.id_len : y->doc.id_len;
	int order;

	if (x->chain->strength != y->chain->strength)
		return x->chain->strength > y->chain->strength ? -1 : 1;
	order = memcmp(segment_doc_id(x->segment, &x->doc),
		segment_doc_id(y->segment, &y->doc), len);
	if (order != 0)
		return order;
	return x->doc.id_len < y->doc.id_len ? -1 : x->doc.id_len > y->doc.id_len;
}

static int
write_found(struct scan_find *f, const struct reported *reported, size_t count)
{
	struct scan_found found = {.path = (const char *)f->path.data,
		.path_len = f->path.len,
		.text = &f->text};
	int r;

	for (size_t i = 0; i < count; i++) {
		found.chain = reported[i].chain;
		found.segment = reported[i].segment;
		found.doc = reported[i].doc;
		if ((r = scan_out_found(&f->config.style, &found, f->out)) != 0)
			return r;
	}
	f->counts->found += count;
	return 0;
}

static int
report(struct scan_find *f, const struct chain_result *result)
{
	struct reported *reported = NULL;
	size_t count = 0;
	int r;

	if ((r = mem_new_array(&reported, result->count, sizeof reported[0])) != 0)
		return r;
	for (size_t i = 0; i < result->count; i++) {
		struct reported *next = &reported[count];

		if (!chain_is_reported(&result->doc[i], f->config.alert))
			continue;
		next->chain = &result->doc[i];
		if ((r = index_doc(f->config.index, result->doc[i].doc, &next->segment,
			     &next->doc)) != 0)
			goto out;
		count++;
	}
	if (count > 1)
		qsort(reported, count, sizeof reported[0], compare_reported);
	r = write_found(f, reported, count);
out:
	mem_free(reported);
	return r;
}

/* The member at hand is complete: match and report it. */
static int
finish_member(struct scan_find *f)
{
	const struct chain_result *result;
	int r;

	if (!f->has_member)
		return 0;
	f->has_member = false;
	f->counts->text_bytes += f->text.bytes;
	if ((r = scan_text_end(&f->text, &result)) == 0 && result != NULL)
		r = report(f, result);
	scan_text_clear(&f->text);
	return r;
}

static int
begin_member(struct scan_find *f, const struct unpack_member *member)
{
	int r;

	if (f->has_member && f->path.len == member->path_len &&
		(member->path_len == 0 ||
			memcmp(f->path.data, member->path, member->path_len) == 0))
		return scan_text_break(&f->text);
	if ((r = finish_member(f)) != 0)
		return r;
	f->counts->members++;
	f->has_member = true;
	buf_clear(&f->path);
	buf_bytes(&f->path, member->path, member->path_len);
	return buf_error(&f->path);
}

static int
write_skipped(struct scan_find *f, const struct scan_skipped *skipped)
{
	f->counts->skipped++;
	return scan_out_skipped(&f->config.style, skipped, f->out);
}

static int
hear(void *arg, const struct unpack_record *record)
{
	struct scan_find *f = arg;
	struct scan_skipped skipped = {0};

	switch (record->type) {
	case UNPACK_MEMBER:
		return begin_member(f, &record->member);
	case UNPACK_TEXT:
		return scan_text_add(&f->text, &record->text);
	case UNPACK_END:
		if (record->end.reason == UNPACK_COMPLETE)
			return 0;
		skipped = (struct scan_skipped){(const char *)f->path.data, f->path.len,
			unpack_reason_text(record->end.reason), "", 0};
		return write_skipped(f, &skipped);
	case UNPACK_SKIP:
		skipped = (struct scan_skipped){record->skip.path, record->skip.path_len,
			unpack_reason_text(record->skip.reason), record->skip.detail,
			record->skip.detail_len};
		return write_skipped(f, &skipped);
	case UNPACK_TOTAL:
		f->counts->bytes += record->total.bytes;
		return finish_member(f);
	case UNPACK_HELLO:
	case UNPACK_BLOB:
	case UNPACK_DATA:
	case UNPACK_BLOB_END:
		break;
	}
	return 0;
}

static int
write_unread(struct scan_find *f, const struct walk_file *file, const char *why)
{
	struct scan_skipped skipped = {
		file->name, strlen(file->name), "unreadable", why, strlen(why)};

	return write_skipped(f, &skipped);
}

int
scan_find_run(struct scan_find *f, const struct walk_file *file, struct buf *out,
	struct scan_counts *counts)
{
	struct unpacker_sink sink = {hear, f};
	bool is_stdin = strcmp(file->path, "-") == 0;
	int fd = STDIN_FILENO, r;

	f->out = out;
	f->counts = counts;
	counts->files++;
	if (file->skipped != NULL)
		return write_unread(f, file, file->skipped);
	if (!is_stdin &&
		(r = disk_open(AT_FDCWD, file->path, O_RDONLY | O_NONBLOCK, 0, &fd)) != 0)
		return write_unread(f, file, fail_text(r));
	r = unpacker_run(f->unpacker, fd, file->name, &sink);
	if (r == 0)
		r = finish_member(f);
	if (!is_stdin)
		disk_close(fd);
	return r;
}
