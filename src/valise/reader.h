/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_READER_H
#define VALISE_READER_H
/*
 * reader: an envelope read once, from front to back, with a key or without.
 *
 *   reader_new()     the header, parsed and checked
 *   reader_body()    the segments: hashed, and opened when there is a key
 *   reader_finish()  boxes and trailer: counts and root compared, signature verified
 *
 * Everything comes from the envelope's bytes alone, so it works from a pipe.  Nothing that
 * reader_body() hands over may be shown before reader_finish() has answered 0.
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_ALTERED, FAIL_SIGNATURE and those of the input;
 *         reader_where() says in words where reading stopped.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "envelope/header.h"
#include "envelope/trailer.h"
#include "sys/infile.h"
#include "sys/progress.h"

struct reader;

/* The reader does not own the input.  *ret_reader is set also on failure, for reader_where(). */
MUST int reader_new(struct infile *in, struct reader **ret_reader);
void reader_free(struct reader *reader);

const struct header *reader_header(const struct reader *reader);

/* Length of the header in bytes. */
size_t reader_header_len(const struct reader *reader);

struct reader_body {
	const uint8_t *key;					/* NULL: hash only */
	int (*sink)(void *ctx, const uint8_t *ptr, size_t len); /* used with a key only */
	void *ctx;
	struct progress *progress; /* may be NULL */
	size_t thread_count;
};

MUST int reader_body(struct reader *reader, const struct reader_body *how);

/* Read the end; then compare, then verify the signature of a solo signer. */
MUST int reader_finish(struct reader *reader);

/* After reader_finish(), also when it failed: how far it came. */
struct reader_end {
	bool has_trailer;   /* the trailer parsed and the file ended with it */
	bool is_consistent; /* counts and root are those that were seen */
	bool is_signed;	    /* every signature verifies with the key its signer brings */
	struct trailer_sums seen;
	struct trailer trailer; /* if has_trailer */
	struct rd trailer_bytes;
	uint8_t envelope_hash[HASH_LEN];
};

const struct reader_end *reader_end(const struct reader *reader);

/* "header", "segment 17", "trailer": where it was when it failed. */
const char *reader_where(const struct reader *reader);

#endif
