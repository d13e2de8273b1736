/* SPDX-License-Identifier: Apache-2.0 */
#include "papers.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/mem.h"

/*
 * JSON lines to files.  The input is read in blocks and, when its first bytes are those of a
 * zstd frame, decompressed on the way; lines are gathered in one buffer, so that memory is
 * bounded by the longest line and not by the file.
 */
enum { BLOCK_LEN = 1 << 17 };

struct cables {
	FILE *in;
	ZSTD_DCtx *zstd; /* NULL: plain text */
	struct buf line;
	const char *dir;
	size_t count;
	size_t count_max;
};

static int
write_file(const char *path, const char *ptr, size_t len)
{
	FILE *out = fopen(path, "wb");
	if (out == NULL)
		return FAIL_IO;
	size_t written = fwrite(ptr, 1, len, out);
	if (fclose(out) != 0 || written != len)
		return FAIL_IO;
	return 0;
}

/* One line, without its end.  Empty lines are passed over; "body" must be there. */
static int
take_line(struct cables *c)
{
	char name[32], path[PAPERS_PATH_MAX];
	int r;

	if (c->line.len == 0 || c->count == c->count_max)
		return 0;
	json_t *object = json_loadb((const char *)c->line.data, c->line.len, 0, NULL);
	const json_t *body = json_object_get(object, "body");
	if (!json_is_string(body)) {
		fprintf(stderr, "papers: line %zu is no JSON object with a \"body\"\n",
			c->count + 1);
		json_decref(object);
		return FAIL_FORMAT;
	}
	snprintf(name, sizeof name, "%05zu.txt", c->count + 1);
	if ((r = papers_path(c->dir, name, path)) == 0)
		r = write_file(path, json_string_value(body), json_string_length(body));
	json_decref(object);
	if (r == 0)
		c->count++;
	buf_clear(&c->line);
	return r;
}

static int
take_bytes(struct cables *c, const char *ptr, size_t len)
{
	while (len > 0 && c->count < c->count_max) {
		const char *end = memchr(ptr, '\n', len);
		size_t part = end != NULL ? (size_t)(end - ptr) : len;
		int r;

		buf_bytes(&c->line, ptr, part);
		if ((r = buf_error(&c->line)) != 0)
			return r;
		if (end == NULL)
			return 0;
		if ((r = take_line(c)) != 0)
			return r;
		ptr += part + 1;
		len -= part + 1;
	}
	return 0;
}

static int
take_block(struct cables *c, const char *block, size_t len, char *plain)
{
	ZSTD_inBuffer in = {block, len, 0};
	int r = 0;

	if (c->zstd == NULL)
		return take_bytes(c, block, len);
	while (in.pos < in.size && r == 0) {
		ZSTD_outBuffer out = {plain, BLOCK_LEN, 0};
		if (ZSTD_isError(ZSTD_decompressStream(c->zstd, &out, &in)))
			return FAIL_FORMAT;
		r = take_bytes(c, plain, out.pos);
	}
	return r;
}

static int
is_zstd(FILE *in, bool *ret_is_zstd)
{
	static const unsigned char magic[4] = {0x28, 0xb5, 0x2f, 0xfd};
	unsigned char head[4] = {0};
	size_t len = fread(head, 1, sizeof head, in);

	if (fseek(in, 0, SEEK_SET) != 0)
		return FAIL_IO;
	*ret_is_zstd = len == sizeof head && memcmp(head, magic, sizeof head) == 0;
	return 0;
}

static int
read_all(struct cables *c)
{
	char *block = NULL, *plain = NULL;
	size_t len;
	int r;

	if ((r = mem_new(&block, BLOCK_LEN)) != 0 ||
		(r = mem_new(&plain, BLOCK_LEN)) != 0)
		goto out;
	while (c->count < c->count_max && (len = fread(block, 1, BLOCK_LEN, c->in)) > 0)
		if ((r = take_block(c, block, len, plain)) != 0)
			goto out;
	/* The last line may lack its end. */
	r = ferror(c->in) ? FAIL_IO : take_line(c);
out:
	mem_free(block);
	mem_free(plain);
	return r;
}

int
papers_cables(const char *file, const char *dir, size_t count_max, size_t *ret_count)
{
	struct cables c = {.dir = dir, .count_max = count_max};
	bool compressed;
	int r;

	buf_init(&c.line, PAPERS_LINE_MAX);
	if ((c.in = fopen(file, "rb")) == NULL) {
		r = FAIL_ABSENT;
		goto out;
	}
	if ((r = is_zstd(c.in, &compressed)) != 0)
		goto out;
	if (compressed && (c.zstd = ZSTD_createDCtx()) == NULL) {
		r = FAIL_NOMEM;
		goto out;
	}
	if ((r = read_all(&c)) == 0)
		*ret_count = c.count;
out:
	ZSTD_freeDCtx(c.zstd);
	if (c.in != NULL)
		fclose(c.in);
	buf_done(&c.line);
	return r;
}
