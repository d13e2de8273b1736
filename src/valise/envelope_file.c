/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/envelope_file.h"

#include <stdio.h>
#include <string.h>

#include "sys/workers.h"

static int
copy_header(struct envelope_file *f, size_t len)
{
	uint8_t *at = buf_extend(&f->header_bytes, len);
	size_t got = 0;
	int r;

	if (at == NULL)
		return buf_error(&f->header_bytes);
	if ((r = infile_read_at(f->in, at, len, 0, &got)) != 0)
		return r;
	return got == len ? 0 : FAIL_CHANGED;
}

static int
read_whole(struct envelope_file *f, struct progress *progress)
{
	struct reader_body how = {
		.progress = progress, .thread_count = workers_cpu_count()};
	const struct reader_end *end;
	uint64_t size;
	int r;

	if (!infile_has_size(f->in, &size))
		return FAIL_USAGE;
	if ((r = reader_new(f->in, &f->reader)) != 0 ||
		(r = reader_body(f->reader, &how)) != 0 ||
		(r = reader_finish(f->reader)) != 0)
		return r;
	end = reader_end(f->reader);
	f->header = reader_header(f->reader);
	f->trailer = end->trailer;
	memcpy(f->document_id, f->header->core.document_id, CORE_DOCUMENT_ID_LEN);
	f->body_at = reader_header_len(f->reader);
	f->trailer_bytes = end->trailer_bytes;
	memcpy(f->envelope_hash, end->envelope_hash, HASH_LEN);
	f->body_len = size - reader_header_len(f->reader) - f->trailer_bytes.len;
	return copy_header(f, reader_header_len(f->reader));
}

int
envelope_file_open(
	const char *path, struct progress *progress, struct envelope_file *ret_file)
{
	int r;

	memset(ret_file, 0, sizeof *ret_file);
	buf_init(&ret_file->header_bytes, HEADER_LEN_MAX);
	if ((r = infile_new(path, &ret_file->in)) != 0)
		return r;
	r = read_whole(ret_file, progress);
	if (r != 0 && ret_file->reader != NULL)
		(void)snprintf(ret_file->where, sizeof ret_file->where, "%s",
			reader_where(ret_file->reader));
	return r;
}

void
envelope_file_done(struct envelope_file *file)
{
	reader_free(file->reader);
	infile_free(file->in);
	buf_done(&file->header_bytes);
}

uint32_t
envelope_file_chunks(uint64_t body_len)
{
	return (uint32_t)((body_len + POST_CHUNK_LEN - 1) / POST_CHUNK_LEN);
}

int
envelope_file_chunk(const struct envelope_file *file, uint32_t n, struct buf *ret_bytes)
{
	uint64_t offset = (uint64_t)n * POST_CHUNK_LEN;
	size_t len = POST_CHUNK_LEN, got = 0;
	uint8_t *at;
	int r;

	if (offset >= file->body_len)
		return FAIL_LIMIT;
	if (file->body_len - offset < len)
		len = (size_t)(file->body_len - offset);
	if ((at = buf_extend(ret_bytes, len)) == NULL)
		return buf_error(ret_bytes);
	if ((r = infile_read_at(file->in, at, len, file->body_at + offset, &got)) != 0)
		return r;
	return got == len ? 0 : FAIL_CHANGED;
}
