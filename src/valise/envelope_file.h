/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_ENVELOPE_FILE_H
#define VALISE_ENVELOPE_FILE_H
/*
 * envelope_file: a sealed envelope on disk, taken apart as it travels: header, body, trailer.
 *
 * Opening reads the file once, without a key: canonical form, counts, root and signatures have
 * been verified when it answers 0.  Whether the signer counts is another question.
 * The body is everything between header and trailer, cut into chunks of POST_CHUNK_LEN.
 *
 * Errors  those of valise/reader.h; FAIL_USAGE when it is no regular file.
 */
#include "sys/infile.h"
#include "sys/progress.h"
#include "valise/reader.h"
#include "wire/post.h"

struct envelope_file {
	struct infile *in;
	struct reader *reader;	     /* NULL in a parcel */
	const struct header *header; /* parsed; of the reader */
	struct trailer trailer;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint64_t body_at; /* where the body begins in the file */
	struct buf header_bytes;
	struct rd trailer_bytes;
	uint64_t body_len;
	uint8_t envelope_hash[HASH_LEN];
	char where[48]; /* where it failed */
};

/* progress may be NULL.  envelope_file_done() also after a failure. */
MUST int envelope_file_open(
	const char *path, struct progress *progress, struct envelope_file *ret_file);
void envelope_file_done(struct envelope_file *file);

uint32_t envelope_file_chunks(uint64_t body_len);

/* Chunk n of the body: append it to the empty buffer. */
MUST int envelope_file_chunk(
	const struct envelope_file *file, uint32_t n, struct buf *ret_bytes);

#endif
