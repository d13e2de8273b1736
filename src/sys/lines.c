/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/lines.h"

#include <stdint.h>
#include <string.h>

#include <zstd.h>

#include "base/mem.h"
#include "sys/infile.h"

/*
 * Two buffers: what was read, and the text it unpacks to, from which lines are cut.  The text
 * buffer grows only when one line is longer than it.
 */

enum { READ_ROOM = 128 * 1024, TEXT_FIRST = 256 * 1024, WINDOW_LOG_MAX = 27 };

static const uint8_t zstd_magic[4] = {0x28, 0xb5, 0x2f, 0xfd};

struct lines {
	struct infile *in;
	ZSTD_DCtx *zstd; /* NULL: plain */
	char *text;
	size_t text_cap, text_len, text_at; /* lines come from [text_at, text_len) */
	size_t searched;		    /* no newline before here */
	bool is_at_end, is_inside_frame;
	size_t raw_len, raw_at;
	uint8_t raw[READ_ROOM];
};

static int
fill_raw(struct lines *l)
{
	l->raw_at = 0;
	return infile_read(l->in, l->raw, sizeof l->raw, &l->raw_len);
}

int
lines_new(const char *path, struct lines **ret_lines)
{
	struct lines *l = NULL;
	int r;

	if ((r = mem_new(&l, sizeof *l)) != 0 || (r = infile_new(path, &l->in)) != 0 ||
		(r = mem_new(&l->text, TEXT_FIRST)) != 0 || (r = fill_raw(l)) != 0)
		goto out;
	l->text_cap = TEXT_FIRST;
	if (l->raw_len >= sizeof zstd_magic &&
		memcmp(l->raw, zstd_magic, sizeof zstd_magic) == 0) {
		r = FAIL_NOMEM;
		if ((l->zstd = ZSTD_createDCtx()) == NULL)
			goto out;
		(void)ZSTD_DCtx_setParameter(
			l->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
		r = 0;
	}
	*ret_lines = l;
	l = NULL;
out:
	lines_free(l);
	return r;
}

void
lines_free(struct lines *l)
{
	if (l == NULL)
		return;
	infile_free(l->in);
	(void)ZSTD_freeDCtx(l->zstd);
	mem_free_wiped(l->text, l->text_cap);
	mem_free_wiped(l, sizeof *l);
}

/* Make room behind the text: move the rest to the front, or grow. */
static int
make_room(struct lines *l)
{
	size_t rest = l->text_len - l->text_at;
	int r;

	if (l->text_at > 0) {
		memmove(l->text, l->text + l->text_at, rest);
		l->searched -= l->text_at;
		l->text_len = rest;
		l->text_at = 0;
	}
	if (l->text_len < l->text_cap)
		return 0;
	if (l->text_cap >= LINES_MAX)
		return FAIL_LIMIT;
	if ((r = mem_grow(&l->text, l->text_cap, l->text_cap * 2)) != 0)
		return r;
	l->text_cap *= 2;
	return 0;
}

static int
unpack(struct lines *l)
{
	ZSTD_outBuffer out = {l->text, l->text_cap, l->text_len};
	ZSTD_inBuffer in = {l->raw, l->raw_len, l->raw_at};
	size_t left = ZSTD_decompressStream(l->zstd, &out, &in);

	if (ZSTD_isError(left))
		return FAIL_FORMAT;
	l->is_inside_frame = left != 0;
	l->text_len = out.pos;
	l->raw_at = in.pos;
	return 0;
}

static int
more_text(struct lines *l)
{
	size_t n, before = l->text_len;
	int r;

	if ((r = make_room(l)) != 0)
		return r;
	before = l->text_len;
	while (l->text_len == before) {
		if (l->raw_at == l->raw_len && (r = fill_raw(l)) != 0)
			return r;
		if (l->raw_len == 0) {
			l->is_at_end = true;
			return l->is_inside_frame ? FAIL_TRUNCATED : 0;
		}
		if (l->zstd != NULL) {
			if ((r = unpack(l)) != 0)
				return r;
			continue;
		}
		n = l->raw_len - l->raw_at;
		n = n < l->text_cap - l->text_len ? n : l->text_cap - l->text_len;
		memcpy(l->text + l->text_len, l->raw + l->raw_at, n);
		l->text_len += n;
		l->raw_at += n;
	}
	return 0;
}

int
lines_next(struct lines *l, const char **ret_line, size_t *ret_len)
{
	const char *end = NULL;
	int r;

	l->searched = l->text_at;
	for (;;) {
		end = memchr(l->text + l->searched, '\n', l->text_len - l->searched);
		if (end != NULL || l->is_at_end)
			break;
		l->searched = l->text_len;
		if ((r = more_text(l)) != 0)
			return r;
	}
	if (end == NULL && l->text_at == l->text_len) {
		*ret_line = NULL;
		*ret_len = 0;
		return 0;
	}
	*ret_line = l->text + l->text_at;
	*ret_len = end != NULL ? (size_t)(end - *ret_line) : l->text_len - l->text_at;
	l->text_at += *ret_len + (end != NULL);
	return 0;
}
