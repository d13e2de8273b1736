/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/walk.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "valise-unpack/office.h"
#include "valise-unpack/prose.h"

/*
 * Containers through libarchive: zip, tar, 7z, rar, iso, cpio, cab, ar, warc, lha, and single
 * compressed files.  Only formats and filters that work on bytes alone are switched on: none
 * that starts a program, and no mtree, which reads other files.
 *
 * Members stream: the archive's block is the child's block.  What must be read from its end
 * (zip, 7z) is held in memory when it is itself a member.
 *
 * An office document is a zip whose XML parts are text of the document itself; its pictures and
 * embedded files are members like any others.
 */

enum { READ_BLOCK = 64 * 1024, EMPTY_BLOCKS = 1000, EMPTY_MAX = 64 };

struct reader {
	struct archive *archive;
	struct walk *walk;
	struct level *level;
	bool is_compressed;
	bool is_office;
	uint64_t entries;
	bool is_odf_encrypted;
	bool has_damaged_part;
	int source_error; /* why our read callback failed, if it did */
};

static la_ssize_t
on_read(struct archive *a, void *arg, const void **ret_block)
{
	struct reader *reader = arg;
	const uint8_t *ptr = NULL;
	uint64_t offset;
	size_t len = 0;
	int r;

	if ((r = walk_check(reader->walk)) == 0)
		r = source_block(&reader->level->source, &offset, &ptr, &len);
	if (r != 0) {
		reader->source_error = r;
		archive_set_error(a, ARCHIVE_FATAL, "source");
		return ARCHIVE_FATAL;
	}
	*ret_block = ptr;
	return (la_ssize_t)len;
}

static la_int64_t
on_seek(struct archive *a, void *arg, la_int64_t offset, int whence)
{
	struct source *s = &((struct reader *)arg)->level->source;
	la_int64_t base = whence == SEEK_END ? (la_int64_t)s->size
		: whence == SEEK_CUR	     ? (la_int64_t)s->pos
					     : 0;

	if ((offset > 0 && base > INT64_MAX - offset) || base + offset < 0) {
		archive_set_error(a, ARCHIVE_FATAL, "seek");
		return ARCHIVE_FATAL;
	}
	source_seek(s, (uint64_t)(base + offset));
	return base + offset;
}

static la_int64_t
on_skip(struct archive *a, void *arg, la_int64_t request)
{
	struct source *s = &((struct reader *)arg)->level->source;

	(void)a;
	if (!s->is_seekable || request <= 0 || s->head_taken < s->head.len)
		return 0;
	if ((uint64_t)request > s->size - s->pos)
		return 0;
	source_seek(s, s->pos + (uint64_t)request);
	return request;
}

typedef int support_fn(struct archive *);

static support_fn *const filters[] = {archive_read_support_filter_bzip2,
	archive_read_support_filter_compress, archive_read_support_filter_gzip,
	archive_read_support_filter_lz4, archive_read_support_filter_lzip,
	archive_read_support_filter_lzma, archive_read_support_filter_rpm,
	archive_read_support_filter_xz, archive_read_support_filter_zstd,
	archive_read_support_format_raw};

static support_fn *const formats[] = {archive_read_support_format_7zip,
	archive_read_support_format_ar, archive_read_support_format_cab,
	archive_read_support_format_cpio, archive_read_support_format_iso9660,
	archive_read_support_format_lha, archive_read_support_format_rar,
	archive_read_support_format_rar5, archive_read_support_format_tar,
	archive_read_support_format_warc, archive_read_support_format_zip};

static int
support(struct archive *a, support_fn *const *functions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (functions[i](a) == ARCHIVE_FATAL)
			return FAIL_NOMEM;
	return 0;
}

/*
 * Is this a compressed stream and not an archive?  Then libarchive only unfolds it, and what
 * comes out is looked at again: its own guess takes a kilobyte of zeros for an empty tar, and
 * everything behind them would go unseen.
 */
static bool
is_compressed(const uint8_t *head, size_t len)
{
	static const struct {
		const char *bytes;
		size_t len;
	} marks[] = {{"\x1f\x8b", 2}, {"BZh", 3}, {"\xfd\x37zXZ", 5},
		{"\x28\xb5\x2f\xfd", 4}, {"\x04\x22\x4d\x18", 4}, {"\x1f\x9d", 2},
		{"LZIP", 4}, {"\xed\xab\xee\xdb", 4}, {"\x5d\0\0", 3}};

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (len >= marks[i].len &&
			memcmp(head, marks[i].bytes, marks[i].len) == 0)
			return true;
	return false;
}

/* zip and 7z keep their directory at the end; everything else is read in one pass. */
static bool
needs_seek(const uint8_t *head, size_t len)
{
	return len >= 4 &&
		(memcmp(head, "PK", 2) == 0 || memcmp(head, "7z\xbc\xaf", 4) == 0);
}

static int
hold(struct walk *w, struct level *l, const uint8_t *head, size_t len)
{
	const uint8_t *ptr = NULL;
	int r;

	if (l->source.is_seekable || !needs_seek(head, len))
		return 0;
	if ((r = source_load(
		     &l->source, (size_t)w->limits.load_max, &l->data, &ptr, &len)) != 0)
		return r;
	source_close(&l->source);
	source_open_mem(&l->source, ptr, len);
	return 0;
}

static int
look_for_office(struct level *l, struct reader *reader)
{
	const uint8_t *head = NULL;
	uint8_t *tail = NULL;
	size_t head_len = 0, tail_len = 0;
	int r;

	if ((r = source_peek(&l->source, 512, &head, &head_len)) != 0)
		return r;
	if (!l->source.is_seekable || head_len < 4 || memcmp(head, "PK\3\4", 4) != 0)
		return 0;
	if ((r = mem_new(&tail, READ_BLOCK)) != 0)
		return r;
	if ((r = source_tail(&l->source, tail, READ_BLOCK, &tail_len)) == 0)
		reader->is_office = magic_is_office(head, head_len, tail, tail_len);
	mem_free(tail);
	return r;
}

static int
fail_of(struct reader *reader)
{
	const char *why = archive_error_string(reader->archive);

	if (reader->source_error != 0)
		return reader->source_error;
	/* Only the words tell a missing passphrase from damage. */
	if (why != NULL &&
		(strstr(why, "ncrypt") != NULL || strstr(why, "assphrase") != NULL))
		return FAIL_NO_KEY;
	return archive_errno(reader->archive) == ENOMEM ? FAIL_NOMEM : FAIL_FORMAT;
}

static void
archive_close(struct level *l)
{
	struct reader *reader = l->state;

	if (reader == NULL)
		return;
	if (reader->archive != NULL)
		(void)archive_read_free(reader->archive);
	mem_free(reader);
	l->state = NULL;
}

static int
archive_open(struct walk *w, struct level *l)
{
	struct reader *reader = NULL;
	const uint8_t *head = NULL;
	size_t len = 0;
	bool is_stream;
	int r;

	if ((r = source_peek(&l->source, 512, &head, &len)) != 0)
		return r;
	is_stream = is_compressed(head, len);
	/* From here on head is gone: holding a member replaces its source. */
	if ((r = hold(w, l, head, len)) != 0 ||
		(r = mem_new(&reader, sizeof *reader)) != 0)
		return r;
	l->state = reader;
	reader->walk = w;
	reader->level = l;
	if ((reader->archive = archive_read_new()) == NULL)
		return FAIL_NOMEM;
	if ((r = look_for_office(l, reader)) != 0)
		return r;
	reader->is_compressed = is_stream;
	r = reader->is_compressed
		? support(reader->archive, filters, sizeof filters / sizeof filters[0])
		: support(reader->archive, formats, sizeof formats / sizeof formats[0]);
	if (r != 0)
		return r;
	/* An archive may hide behind the end of another. */
	(void)archive_read_set_format_option(
		reader->archive, "tar", "read_concatenated_archives", "1");
	if (l->source.is_seekable) {
		source_seek(&l->source, 0);
		(void)archive_read_set_seek_callback(reader->archive, on_seek);
		(void)archive_read_set_skip_callback(reader->archive, on_skip);
	}
	(void)archive_read_set_read_callback(reader->archive, on_read);
	(void)archive_read_set_callback_data(reader->archive, reader);
	if (archive_read_open1(reader->archive) != ARCHIVE_OK)
		return fail_of(reader);
	return 0;
}

/* The bytes of the entry at hand, as libarchive has them. */
static int
next_block(struct source *s, const uint8_t **ret_ptr, size_t *ret_len)
{
	struct reader *reader = s->maker;
	const void *ptr = NULL;
	la_int64_t offset = 0;
	size_t len = 0;
	int r = ARCHIVE_OK;

	/* Some readers hand out empty blocks before the end; a hostile one would for ever. */
	for (int tries = 0; len == 0 && r == ARCHIVE_OK && tries < EMPTY_BLOCKS; tries++)
		r = archive_read_data_block(reader->archive, &ptr, &len, &offset);
	if (r == ARCHIVE_EOF || (r == ARCHIVE_OK && len == 0)) {
		*ret_len = 0;
		return 0;
	}
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
		return fail_of(reader);
	*ret_ptr = ptr;
	*ret_len = len;
	if (offset > 0 && (uint64_t)offset > s->pos)
		s->pos = (uint64_t)offset;
	return walk_charge(reader->walk, len);
}

/* "notes.txt" for the content of notes.txt.gz: the container's own name without its end. */
static void
raw_name(const struct walk *w, const struct level *l, const char **ret_name,
	size_t *ret_len)
{
	const char *name = (const char *)w->path.data + (l->path_len - l->name_len);
	const char *dot;
	size_t len = l->name_len;

	if (l == &w->levels[0]) {
		name = w->hint;
		len = strlen(name);
	}
	for (size_t i = len; i > 0; i--) {
		if (name[i - 1] == '/') {
			name += i;
			len -= i;
			break;
		}
	}
	dot = len > 0 ? memrchr(name, '.', len) : NULL;
	if (dot != NULL && dot != name)
		len = (size_t)(dot - name);
	*ret_name = len > 0 ? name : "data";
	*ret_len = len > 0 ? len : 4;
}

static int
name_of(const struct reader *reader, struct archive_entry *entry, const char **ret_name,
	size_t *ret_len)
{
	struct archive *a = reader->archive;
	const char *name = archive_entry_pathname(entry);

	if (reader->is_compressed) {
		/* Nothing was unfolded: what looked like a compressed file is none. */
		if (archive_filter_count(a) < 2)
			return FAIL_FORMAT;
		raw_name(reader->walk, reader->level, ret_name, ret_len);
		return 0;
	}
	if (name == NULL)
		name = archive_entry_pathname_utf8(entry);
	*ret_name = name != NULL ? name : "";
	*ret_len = strlen(*ret_name);
	return 0;
}

static int
pump_part(struct source *source, struct office *office, uint64_t *ret_bytes)
{
	const uint8_t *ptr = NULL;
	uint64_t offset;
	size_t len = 0;
	int r;

	for (;;) {
		if ((r = source_block(source, &offset, &ptr, &len)) != 0)
			return r;
		if (len == 0)
			return office_end(office);
		*ret_bytes += len;
		if ((r = office_feed(office, ptr, len)) != 0)
			return r;
	}
}

/* An XML part is text of the document, under the document's own path. */
static int
tell_part(struct walk *w, struct level *l, struct reader *reader, enum office_use use,
	uint32_t page)
{
	const struct buf path = walk_path(w, l);
	struct office *office = NULL;
	struct prose *prose = NULL;
	struct source source;
	uint64_t bytes = 0;
	int r;

	if ((r = mem_new(&prose, sizeof *prose)) != 0)
		return r;
	prose_init(prose, w->emit,
		l->flags | (use == OFFICE_META ? (unsigned)UNPACK_TEXT_META : 0));
	prose->page = page;
	/* A part is compressed: its positions are not the document's. */
	prose->is_unplaced = true;
	source_open_stream(&source, next_block, reader, SOURCE_SIZE_UNKNOWN);
	if ((r = office_new(prose, &office)) == 0) {
		emit_member(
			w->emit, UNPACK_KIND_OFFICE, (const char *)path.data, path.len);
		r = pump_part(&source, office, &bytes);
		prose_aside_flush(prose, UNPACK_TEXT_HIDDEN);
		reader->has_damaged_part |= r == FAIL_FORMAT;
		emit_end(w->emit, emit_reason_of(r), bytes);
	}
	office_free(office);
	source_close(&source);
	prose_done(prose);
	mem_free(prose);
	return w->emit->error;
}

/* ODF says in its manifest that its parts are encrypted; they then look damaged. */
static int
read_manifest(struct walk *w, struct reader *reader)
{
	const uint8_t *ptr = NULL;
	struct source source;
	struct buf bytes;
	size_t len = 0;
	int r;

	(void)w;
	buf_init(&bytes, 1 << 20);
	source_open_stream(&source, next_block, reader, SOURCE_SIZE_UNKNOWN);
	r = source_load(&source, 1 << 19, &bytes, &ptr, &len);
	if (r == 0 && len > 0 && memmem(ptr, len, "encryption-data", 15) != NULL)
		reader->is_odf_encrypted = true;
	source_close(&source);
	buf_done(&bytes);
	return 0;
}

/* Does an archive come out of the compressed stream (notes.tar.gz)?  It shares the path. */
static int
open_unfolded(struct walk *w, struct reader *reader, const char *name, size_t name_len)
{
	struct level *child = NULL;
	const uint8_t *head = NULL;
	struct source source;
	struct magic magic;
	size_t len = 0;
	int r;

	source_open_stream(&source, next_block, reader, SOURCE_SIZE_UNKNOWN);
	if ((r = source_peek(&source, MAGIC_HEAD, &head, &len)) != 0) {
		source_close(&source);
		return r;
	}
	magic_guess(head, len, name, name_len, &magic);
	if (magic.kind == UNPACK_KIND_ARCHIVE && !is_compressed(head, len) &&
		!needs_seek(head, len))
		r = walk_same(w, &child);
	else
		r = walk_child(w, name, name_len, &child);
	if (r == 0)
		child->source = source;
	else
		source_close(&source);
	return r;
}

static int
open_member(struct walk *w, struct reader *reader, struct archive_entry *entry,
	const char *name, size_t name_len)
{
	struct level *child = NULL;
	uint64_t size = archive_entry_size_is_set(entry)
		? (uint64_t)archive_entry_size(entry)
		: SOURCE_SIZE_UNKNOWN;
	int r;

	if (reader->is_compressed)
		return open_unfolded(w, reader, name, name_len);
	if ((r = walk_child(w, name, name_len, &child)) != 0)
		return r;
	source_open_stream(&child->source, next_block, reader, size);
	return 0;
}

/* One entry: text of an office document, a member, or nothing (folders, links). */
static int
take_entry(
	struct walk *w, struct level *l, struct archive_entry *entry, bool *ret_is_found)
{
	struct reader *reader = l->state;
	enum office_use use = OFFICE_CHILD;
	const char *name = NULL;
	size_t len = 0;
	uint32_t page = 0;
	int r;

	if ((r = name_of(reader, entry, &name, &len)) != 0)
		return r;
	if (archive_entry_filetype(entry) != AE_IFREG ||
		archive_entry_hardlink(entry) != NULL)
		return 0;
	if (archive_entry_is_encrypted(entry))
		return walk_skip_child(w, name, len, UNPACK_ENCRYPTED, "");
	if (reader->is_office)
		use = office_part(name, len, &page);
	switch (use) {
	case OFFICE_IGNORE:
		return 0;
	case OFFICE_TEXT:
	case OFFICE_META:
		return tell_part(w, l, reader, use, page);
	case OFFICE_MANIFEST:
		return read_manifest(w, reader);
	case OFFICE_CHILD:
	default:
		*ret_is_found = true;
		return open_member(w, reader, entry, name, len);
	}
}

static int
archive_end(struct walk *w, const struct level *l)
{
	const struct reader *reader = l->state;
	const struct buf path = walk_path(w, l);

	if (reader->is_odf_encrypted)
		emit_skip(w->emit, UNPACK_ENCRYPTED, &path, "");
	/* Bytes that hold no entry are no archive, whatever they begin with. */
	return reader->entries == 0 && l->source.size > EMPTY_MAX ? FAIL_FORMAT : 0;
}

static int
archive_next(struct walk *w, struct level *l, bool *ret_is_found)
{
	struct reader *reader = l->state;
	struct archive_entry *entry = NULL;
	int r;

	while (!*ret_is_found) {
		if ((r = walk_check(w)) != 0)
			return r;
		r = archive_read_next_header(reader->archive, &entry);
		if (r == ARCHIVE_EOF)
			return archive_end(w, l);
		if (r == ARCHIVE_RETRY)
			continue;
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			return fail_of(reader);
		reader->entries++;
		if ((r = take_entry(w, l, entry, ret_is_found)) != 0) {
			*ret_is_found = false;
			return r;
		}
	}
	return 0;
}

const struct handler handler_archive = {archive_open, archive_next, archive_close};
