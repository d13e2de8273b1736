/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/parcel.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sys/outfile.h"
#include "valise/report.h"

static const uint8_t magic[RD_MAGIC_LEN] = {'V', 'P', 'A', 'R', 'C', 'L', 0x0d, 0x0a};

enum { FRONT_LEN = RD_MAGIC_LEN + 2 + 4 };

static int
read_front(struct parcel *p, uint32_t *ret_len)
{
	uint8_t front[FRONT_LEN];
	struct rd in = rd_of(front, sizeof front);
	size_t got = 0;
	int r;

	if ((r = infile_read(p->file.in, front, sizeof front, &got)) != 0)
		return r;
	in.len = got;
	if ((r = rd_magic(&in, magic)) != 0 ||
		(r = rd_version(&in, PARCEL_VERSION)) != 0 ||
		(r = rd_u32(&in, ret_len)) != 0)
		return r;
	return *ret_len <= POST_BODY_MAX ? 0 : FAIL_FORMAT;
}

static int
read_document(struct parcel *p, uint32_t len)
{
	uint8_t *at = buf_extend(&p->bytes, len);
	size_t got = 0;
	int r;

	if (at == NULL)
		return buf_error(&p->bytes);
	if ((r = infile_read(p->file.in, at, len, &got)) != 0)
		return r;
	if (got < len)
		return FAIL_TRUNCATED;
	if ((r = codec_parse_whole(&post_document_codec, rd_of(at, len), &p->document)) !=
		0)
		return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
	return p->document.body.len == 0 ? 0 : FAIL_FORMAT;
}

/* As the upload takes an envelope: its parts, and where its body lies. */
static int
fill_file(struct parcel *p, uint64_t body_at)
{
	struct envelope_file *file = &p->file;
	struct header header;
	uint64_t size;
	size_t len;
	int r;

	buf_bytes(&file->header_bytes, p->document.header.ptr, p->document.header.len);
	if ((r = buf_error(&file->header_bytes)) != 0 ||
		(r = header_parse(p->document.header, &header, &len)) != 0)
		return r;
	if (!infile_has_size(file->in, &size))
		return FAIL_USAGE;
	if (len != p->document.header.len || size < body_at)
		return FAIL_FORMAT;
	if (size - body_at != p->document.body_len)
		return size - body_at < p->document.body_len ? FAIL_TRUNCATED
							     : FAIL_FORMAT;
	memcpy(file->document_id, header.core.document_id, CORE_DOCUMENT_ID_LEN);
	file->trailer_bytes = p->document.trailer;
	file->body_len = p->document.body_len;
	file->body_at = body_at;
	return 0;
}

int
parcel_open(const char *path, struct parcel *ret_parcel)
{
	uint32_t len;
	int r;

	memset(ret_parcel, 0, sizeof *ret_parcel);
	buf_init(&ret_parcel->bytes, POST_BODY_MAX);
	buf_init(&ret_parcel->file.header_bytes, HEADER_LEN_MAX);
	if ((r = infile_new(path, &ret_parcel->file.in)) != 0 ||
		(r = read_front(ret_parcel, &len)) != 0 ||
		(r = read_document(ret_parcel, len)) != 0)
		return r;
	return fill_file(ret_parcel, (uint64_t)FRONT_LEN + len);
}

void
parcel_done(struct parcel *parcel)
{
	envelope_file_done(&parcel->file);
	buf_done(&parcel->bytes);
}

static int
write_front(const struct post_document *document, struct outfile *out)
{
	struct post_document outside = *document;
	struct buf bytes;
	size_t mark;
	int r;

	outside.body = rd_of(NULL, 0);
	outside.grant = rd_of(NULL, 0);
	buf_init(&bytes, POST_BODY_MAX + FRONT_LEN);
	buf_bytes(&bytes, magic, sizeof magic);
	buf_u16(&bytes, PARCEL_VERSION);
	mark = buf_vec_begin(&bytes, 4);
	codec_write(&post_document_codec, &outside, &bytes);
	buf_vec_end(&bytes, mark, 4);
	if ((r = buf_error(&bytes)) == 0)
		r = outfile_write(out, bytes.data, bytes.len);
	buf_done(&bytes);
	return r;
}

static int
write_body(const struct envelope_file *file, struct outfile *out)
{
	uint32_t total = envelope_file_chunks(file->body_len);
	struct buf chunk;
	int r = 0;

	buf_init(&chunk, POST_CHUNK_LEN);
	for (uint32_t n = 0; n < total && r == 0; n++) {
		buf_clear(&chunk);
		if ((r = envelope_file_chunk(file, n, &chunk)) == 0)
			r = outfile_write(out, chunk.data, chunk.len);
	}
	buf_done(&chunk);
	return r;
}

static int
write_parcel(const struct post_document *document, const struct envelope_file *file,
	const char *path, bool is_forced)
{
	struct outfile *out = NULL;
	int r;

	if ((r = outfile_new(path, is_forced, &out)) != 0)
		return r;
	if ((r = write_front(document, out)) == 0 && (r = write_body(file, out)) == 0)
		r = outfile_commit(out);
	outfile_free(out);
	return r;
}

int
parcel_fetch(struct session *session, const struct sending *sending, const char *out)
{
	struct post_which which = {
		.document_id = rd_of(sending->file.document_id, CORE_DOCUMENT_ID_LEN)};
	struct courier_document document;
	int r, status = EXIT_OK;

	courier_document_init(&document);
	if ((r = courier_document(&session->courier, &which, &document)) != 0) {
		status = session_fail(session, "get the SEND of", sending->word, r);
	} else if (document.document.send.len == 0) {
		status = session_fail_here(
			session, "get the SEND of", sending->word, FAIL_AGAIN);
	} else {
		r = write_parcel(&document.document, &sending->file, out, false);
		if (r != 0)
			status = session_fail_here(session, "write", out, r);
	}
	courier_document_done(&document);
	if (status == EXIT_OK)
		report_say("%s holds it for a station without a network: `valise "
			   "receive %s` there.\n",
			out, out);
	return status;
}
