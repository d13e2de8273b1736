/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/courier.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "sys/disk.h"

/*
 * A station that always names a missing chunk, or acknowledges nothing, must not keep us for
 * ever: each round has to bring it forward, and there are no more rounds than chunks.
 */

int
courier_ask(const struct courier *courier, const struct courier_question *q,
	struct buf *ret_bytes, void *ret_answer)
{
	int r;

	buf_clear(ret_bytes);
	if ((r = courier->ask(courier->ctx, q->path, q->codec, q->message, ret_bytes)) !=
			0 ||
		(r = buf_error(ret_bytes)) != 0 || q->answer_codec == NULL)
		return r;
	r = codec_parse_whole(
		q->answer_codec, rd_of(ret_bytes->data, ret_bytes->len), ret_answer);
	return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
}

static int
send_chunk(const struct courier *courier, const struct envelope_file *file, uint32_t n,
	struct post_arrival *ret_arrival, struct buf *answer)
{
	struct post_chunk chunk = {.document_id = file->document_id, .number = n};
	struct courier_question question = {.path = "chunk",
		.codec = &post_chunk_codec,
		.message = &chunk,
		.answer_codec = &post_arrival_codec};
	uint8_t hash[HASH_LEN];
	struct buf bytes;
	int r;

	buf_init(&bytes, POST_CHUNK_LEN);
	if ((r = envelope_file_chunk(file, n, &bytes)) == 0) {
		hash_sha256(bytes.data, bytes.len, hash);
		chunk.hash = hash;
		chunk.bytes = rd_of(bytes.data, bytes.len);
		r = courier_ask(courier, &question, answer, ret_arrival);
	}
	buf_done(&bytes);
	return r;
}

/* One round: the chunks of one `missing`, which is copied because answers overwrite it. */
static int
send_missing(const struct courier *courier, const struct courier_upload *upload,
	struct post_arrival *arrival, struct buf *answer)
{
	uint32_t total = envelope_file_chunks(upload->file->body_len), n;
	struct rd missing;
	struct buf list;
	int r;

	buf_init(&list, COURIER_ANSWER_MAX);
	buf_bytes(&list, arrival->missing.ptr, arrival->missing.len);
	missing = rd_of(list.data, list.len);
	r = buf_error(&list);
	while (r == 0 && missing.len > 0) {
		if ((r = rd_u32(&missing, &n)) != 0 || n >= total) {
			r = FAIL_FORMAT;
			break;
		}
		if ((r = send_chunk(courier, upload->file, n, arrival, answer)) == 0)
			progress_add(upload->progress,
				n + 1 < total
					? POST_CHUNK_LEN
					: (upload->file->body_len - 1) % POST_CHUNK_LEN +
						1);
	}
	buf_done(&list);
	return r;
}

static int
announce(const struct courier *courier, const struct courier_upload *upload,
	struct post_arrival *ret_arrival, struct buf *answer)
{
	const struct envelope_file *file = upload->file;
	struct post_document document = {
		.header = rd_of(file->header_bytes.data, file->header_bytes.len),
		.body_len = file->body_len,
		.trailer = file->trailer_bytes,
		.send = upload->send,
		.enrols = upload->enrols};
	struct courier_question question = {.path = upload->path,
		.codec = &post_document_codec,
		.message = &document,
		.answer_codec = &post_arrival_codec};
	struct buf body;
	int r = 0;

	if (document.header.len > POST_HEADER_MAX)
		return FAIL_TOO_BIG;
	buf_init(&body, POST_CHUNK_LEN);
	if (file->body_len <= POST_INLINE_MAX &&
		document.header.len + file->body_len + POST_INLINE_MAX <= POST_BODY_MAX) {
		if ((r = envelope_file_chunk(file, 0, &body)) == 0)
			document.body = rd_of(body.data, body.len);
	}
	if (r == 0)
		r = courier_ask(courier, &question, answer, ret_arrival);
	if (r == 0)
		progress_add(upload->progress, document.body.len);
	buf_done(&body);
	return r;
}

int
courier_upload(const struct courier *courier, const struct courier_upload *upload,
	uint64_t *ret_number)
{
	uint32_t rounds = envelope_file_chunks(upload->file->body_len) + 1;
	struct post_arrival arrival = {0};
	struct buf answer;
	int r;

	buf_init(&answer, COURIER_ANSWER_MAX);
	r = announce(courier, upload, &arrival, &answer);
	for (uint32_t i = 0; r == 0 && arrival.state == 0; i++) {
		if (i == rounds || arrival.missing.len == 0)
			r = FAIL_FORMAT;
		else
			r = send_missing(courier, upload, &arrival, &answer);
	}
	if (r == 0)
		*ret_number = arrival.number;
	buf_done(&answer);
	return r;
}

void
courier_document_init(struct courier_document *d)
{
	*d = (struct courier_document){0};
	buf_init(&d->bytes, COURIER_ANSWER_MAX);
}

void
courier_document_done(struct courier_document *d)
{
	buf_done(&d->bytes);
}

int
courier_document(const struct courier *courier, const struct post_which *which,
	struct courier_document *ret_document)
{
	struct courier_question question = {.path = "document",
		.codec = &post_which_codec,
		.message = which,
		.answer_codec = &post_document_codec};
	const struct post_document *d = &ret_document->document;
	int r;

	if ((r = courier_ask(courier, &question, &ret_document->bytes,
		     &ret_document->document)) != 0)
		return r;
	return d->body.len == 0 || d->body.len == d->body_len ? 0 : FAIL_FORMAT;
}

/* What a file holds already: whole chunks after this very header; else nothing. */
static int
find_held(int fd, const struct post_document *d, uint32_t *ret_chunks)
{
	struct stat st;
	struct buf head;
	size_t got = 0;
	uint8_t *at;
	int r = 0;

	*ret_chunks = 0;
	if (fstat(fd, &st) != 0)
		return FAIL_IO;
	if ((uint64_t)st.st_size < d->header.len)
		return 0;
	buf_init(&head, d->header.len);
	if ((at = buf_extend(&head, d->header.len)) == NULL)
		r = buf_error(&head);
	else if ((r = disk_read_at(fd, at, d->header.len, 0, &got)) == 0 &&
		memcmp(at, d->header.ptr, d->header.len) == 0)
		*ret_chunks = (uint32_t)(((uint64_t)st.st_size - d->header.len) /
			POST_CHUNK_LEN);
	buf_done(&head);
	if (*ret_chunks > envelope_file_chunks(d->body_len))
		*ret_chunks = 0;
	return r;
}

static int
fetch_chunk(const struct courier *courier, const struct courier_document *document,
	struct rd document_id, uint32_t n, struct buf *answer, struct rd *ret_bytes)
{
	const struct post_document *d = &document->document;
	struct post_which which = {.document_id = document_id, .chunk = n};
	struct courier_question question = {.path = "chunk-get",
		.codec = &post_which_codec,
		.message = &which,
		.answer_codec = &post_chunk_codec};
	uint64_t left = d->body_len - (uint64_t)n * POST_CHUNK_LEN;
	struct post_chunk chunk;
	int r;

	if ((r = courier_ask(courier, &question, answer, &chunk)) != 0)
		return r;
	if (chunk.number != n ||
		chunk.bytes.len != (left < POST_CHUNK_LEN ? left : POST_CHUNK_LEN))
		return FAIL_FORMAT;
	*ret_bytes = chunk.bytes;
	return 0;
}

static int
fetch_body(const struct courier *courier, const struct courier_document *document,
	struct rd document_id, int fd, struct progress *progress)
{
	const struct post_document *d = &document->document;
	uint32_t total = envelope_file_chunks(d->body_len), first = 0;
	struct buf answer;
	struct rd bytes;
	int r;

	if (d->body.len > 0)
		return disk_write_at(fd, d->body.ptr, d->body.len, d->header.len);
	if ((r = find_held(fd, d, &first)) != 0)
		return r;
	buf_init(&answer, COURIER_ANSWER_MAX);
	/* The header first: it says whose chunks follow. */
	r = disk_write_at(fd, d->header.ptr, d->header.len, 0);
	for (uint32_t n = first; n < total && r == 0; n++) {
		if ((r = fetch_chunk(
			     courier, document, document_id, n, &answer, &bytes)) != 0 ||
			(r = disk_write_at(fd, bytes.ptr, bytes.len,
				 d->header.len + (uint64_t)n * POST_CHUNK_LEN)) != 0)
			break;
		progress_add(progress, bytes.len);
	}
	buf_done(&answer);
	return r;
}

int
courier_download(const struct courier *courier, const struct courier_document *document,
	struct rd document_id, const char *path, struct progress *progress)
{
	const struct post_document *d = &document->document;
	uint64_t end = d->header.len + d->body_len;
	int fd = -1, r;

	if ((r = disk_open(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600, &fd)) !=
		0)
		return r;
	if ((r = fetch_body(courier, document, document_id, fd, progress)) != 0 ||
		(r = disk_write_at(fd, d->header.ptr, d->header.len, 0)) != 0 ||
		(r = disk_write_at(fd, d->trailer.ptr, d->trailer.len, end)) != 0)
		goto out;
	if (ftruncate(fd, (off_t)(end + d->trailer.len)) != 0)
		r = FAIL_IO;
out:
	disk_close(fd);
	return r;
}
